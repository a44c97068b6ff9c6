//! What was read while something waited is not taken for what the host has under that number.

use anyhow::{Context as _, Result};
use hearth_protocol::Code;
use hearth_replica::CallFailure;
use hearth_tests::hearthd::Hearthd;
use serde_json::json;

use crate::copy::{Copy, OPEN, id};

#[tokio::test]
async fn a_text_that_was_read_before_the_host_had_all_of_it_is_read_again_before_it_is_written()
-> Result<()> {
    let mut host = Hearthd::start(OPEN)?;
    let ben = Copy::join(&host, "Ben").await?;
    let window = ben.window().await?;
    let note = json!({ "room": window.general().await?, "title": "Plan", "body": "one " });
    let key = window.call("note:create", note).await?["note"]["key"].clone();
    let before = window.call("note:read", json!({ "key": key })).await?["note"].clone();
    host.kill()?;
    ben.until_away().await?;
    let first = json!({
        "id": id(), "key": key, "version": before["version"], "body": "one two ",
    });
    window.call("note:update", first).await?;
    let read = window.call("note:read", json!({ "key": key })).await?["note"].clone();
    assert_eq!(read["body"], "one two ");
    host.start_again()?;
    ben.until_live().await?;
    ben.until_sent().await?;

    let second = json!({
        "id": id(), "key": key, "version": read["version"], "body": "one two three ",
    });
    let refused = window.call("note:update", second).await;
    let refused = refused.err().context("a refusal")?;
    let Some(CallFailure::Refused(refused)) = refused.downcast_ref() else {
        return Err(refused);
    };
    assert_eq!(refused.code, Code::Conflict);

    let read = window.call("note:read", json!({ "key": key })).await?["note"].clone();
    let third = json!({
        "id": id(), "key": key, "version": read["version"], "body": "one two three ",
    });
    window.call("note:update", third).await?;
    assert_eq!(window.text(&key).await?, "one two three ");
    Ok(())
}
