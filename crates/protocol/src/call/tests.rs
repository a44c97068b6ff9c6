use super::*;
use serde_json::json;

#[track_caller]
fn refused(name: &str, payload: Value, part: &str) {
    let error = Call::parse(name, payload).unwrap_err();
    assert_eq!(error.code, Code::BadRequest);
    assert!(error.message.contains(part), "{}", error.message);
    assert!(!error.message.ends_with(".."), "{}", error.message);
}

#[test]
fn a_call_that_cannot_be_read_says_what_is_wrong() {
    refused("no:such", json!({}), "no call named `no:such`");
    refused("room:create", json!({}), "missing field `name`");
    refused("room:create", json!([]), "takes one object");
    refused("room:create", json!({ "name": "" }), "cannot be empty");
    refused("room:join", json!({ "room": "not-an-id" }), "room:join");
    refused("note:list", json!({ "limit": -1 }), "note:list");
}

#[test]
fn unknown_fields_are_ignored_and_absent_payloads_are_empty() {
    assert!(Call::parse("thanks", Value::Null).is_ok());
    assert!(Call::parse("room:list", json!({ "later": true })).is_ok());
}

#[test]
fn every_name_of_the_table_can_be_parsed_and_none_stands_twice() {
    let mut names: Vec<_> = Call::TABLE.iter().map(|info| info.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Call::TABLE.len());
    for info in Call::TABLE {
        if let Err(error) = Call::parse(info.name, json!({})) {
            assert!(error.message.contains("missing field"), "{}", error.message);
        }
    }
}
