//! What is generated from the declarations is never older than they are.

#[test]
fn the_typescript_types_are_those_of_the_event_api() {
    let committed = include_str!("../../../ui/src/lib/protocol/index.ts");
    assert!(
        committed == hearth_protocol::typescript::generate(),
        "stale: run `cargo run -p hearth-protocol --bin generate`"
    );
}

#[test]
fn the_interface_is_held_against_the_words_and_pictures_of_today() {
    let committed = include_str!("../../../ui/src/lib/protocol/fingerprints.json");
    assert!(
        committed == hearth_protocol::typescript::fingerprints(),
        "stale: run `cargo run -p hearth-protocol --bin generate`"
    );
}
