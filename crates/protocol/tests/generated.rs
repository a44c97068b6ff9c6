//! What is generated from the declarations is never older than they are.

#[test]
fn the_typescript_types_are_those_of_the_event_api() {
    let committed = include_str!("../../../ui/src/lib/protocol/index.ts");
    assert!(
        committed == hearth_protocol::typescript::generate(),
        "stale: run `cargo run -p hearth-protocol --bin generate`"
    );
}
