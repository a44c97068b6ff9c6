//! However much everybody writes apart, when they are together again there is one session, with
//! everything in it once.

use anyhow::{Context as _, Result};
use hearth_tests::hearthd::Hearthd;
use serde_json::{Value, json};

use crate::copy::{Copy, OPEN, Person, id};

/// What each person writes.
const EDITS: usize = 1_000;
const MESSAGES: usize = 100;

/// Writes alone: into the note that all have, messages, and rooms and notes of one's own.
async fn write(window: &Person, who: &str, room: &Value, key: &Value) -> Result<Vec<Value>> {
    let version = window.call("note:read", json!({ "key": key })).await?["note"]["version"].clone();
    let mut text = window.text(key).await?;
    for edit in 0..EDITS {
        let from = text.encode_utf16().count();
        let insert = format!("<{who}{edit}>");
        let change = json!({
            "key": key, "version": version,
            "changes": [{ "from": from, "insert": insert }],
        });
        let answer = window.call("note:update", change).await?;
        assert_eq!(answer["pending"], true);
        text = answer["note"]["body"]
            .as_str()
            .context("a body")?
            .to_owned();
    }
    for message in 0..MESSAGES {
        let message = json!({ "id": id(), "room": room, "body": format!("{who} says {message}") });
        window.call("message:send", message).await?;
    }
    let mut made = Vec::new();
    for number in 0..3 {
        let name = format!("{who}'s room {number}");
        let own = json!({ "id": id(), "name": name });
        let own = window.call("room:create", own).await?["room"]["id"].clone();
        let note = json!({
            "id": id(), "room": own, "title": format!("{who}'s note"), "body": format!("by {who}"),
        });
        made.push(window.call("note:create", note).await?["note"]["key"].clone());
    }
    Ok(made)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_wrote_apart_from_the_host_come_to_one_session_with_the_host() -> Result<()> {
    let mut host = Hearthd::start(OPEN)?;
    let ann = Person::at(&host, "Ann").await?;
    let room = ann.general().await?;
    let note = json!({ "room": room, "title": "Plan", "body": "start " });
    let key = ann.call("note:create", note).await?["note"]["key"].clone();
    drop(ann);
    let ben = Copy::join(&host, "Ben").await?;
    let cleo = Copy::join(&host, "Cleo").await?;
    host.kill()?;
    ben.until_away().await?;
    cleo.until_away().await?;

    let (bens, cleos) = (ben.window().await?, cleo.window().await?);
    let (by_ben, by_cleo) = tokio::try_join!(
        write(&bens, "Ben", &room, &key),
        write(&cleos, "Cleo", &room, &key)
    )?;

    host.start_again()?;
    for copy in [&ben, &cleo] {
        copy.until_live().await?;
        copy.until_sent().await?;
    }
    let ann = Person::at(&host, "Ann").await?;
    let facts = ann.log().await?;
    let last = facts.last().context("a fact")?["seq"]
        .as_u64()
        .context("a number")?;
    for copy in [&ben, &cleo] {
        copy.until_copied(last).await?;
    }
    let text = ann.text(&key).await?;
    for who in ["Ben", "Cleo"] {
        for edit in 0..EDITS {
            let mark = format!("<{who}{edit}>");
            assert_eq!(text.matches(&mark).count(), 1, "{mark}");
        }
    }
    let said = ann.messages(&room).await?;
    assert_eq!(said.len(), 2 * MESSAGES);
    for window in [&bens, &cleos] {
        assert_eq!(window.text(&key).await?, text);
        assert_eq!(window.messages(&room).await?, said);
        for (who, keys) in [("Ben", &by_ben), ("Cleo", &by_cleo)] {
            for key in keys {
                assert_eq!(window.text(key).await?, format!("by {who}"));
                assert_eq!(ann.text(key).await?, format!("by {who}"));
            }
        }
        assert_eq!(window.log().await?, facts);
        let outbox = window.call("outbox:list", json!({})).await?;
        assert_eq!(outbox["refused"], json!([]));
    }
    Ok(())
}
