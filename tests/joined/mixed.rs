//! What was read while something waited is not taken for what the host has under that number.

use anyhow::{Context as _, Result};
use hearth_protocol::Code;
use hearth_replica::CallFailure;
use hearth_tests::hearthd::Hearthd;
use serde_json::{Value, json};

use crate::copy::{Copy, OPEN, Person, id};

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

/// Writes a whole text against this version, and answers what became of it.
async fn write(window: &Person, key: &Value, version: &Value, body: &str) -> Result<Value> {
    let whole = json!({ "id": id(), "key": key, "version": version, "body": body });
    window.call("note:update", whole).await
}

#[tokio::test]
async fn two_who_write_whole_texts_while_the_host_is_away_keep_each_others_words() -> Result<()> {
    let mut host = Hearthd::start(OPEN)?;
    let ben = Copy::join(&host, "Ben").await?;
    let (first, second) = (ben.window().await?, ben.window().await?);
    let note = json!({ "room": first.general().await?, "title": "Plan", "body": "one\n" });
    let key = first.call("note:create", note).await?["note"]["key"].clone();
    let read = json!({ "key": key });
    let version = first.call("note:read", read.clone()).await?["note"]["version"].clone();
    let same = second.call("note:read", read.clone()).await?["note"]["version"].clone();
    assert_eq!(version, same);
    host.kill()?;
    ben.until_away().await?;

    write(&first, &key, &version, "one\nfirst\n").await?;
    // It has not read that, and takes nothing of it away.
    let merged = write(&second, &key, &version, "zero\none\n").await?;
    assert_eq!(merged["note"]["body"], "zero\none\nfirst\n");
    // Neither does the first, which knows no more than what it was answered.
    write(&first, &key, &version, "one\nfirst\nagain\n").await?;
    assert_eq!(first.text(&key).await?, "zero\none\nfirst\nagain\n");
    // Who has read it may take it away.
    second.call("note:read", read).await?;
    write(&second, &key, &version, "zero\none\nagain\n").await?;

    // Nobody knows what this one has before it.
    let third = ben.window().await?;
    let refused = write(&third, &key, &version, "none").await;
    let refused = refused.err().context("a refusal")?;
    let Some(CallFailure::Refused(refused)) = refused.downcast_ref() else {
        return Err(refused);
    };
    assert_eq!(refused.code, Code::Conflict);
    host.start_again()?;
    ben.until_live().await?;
    ben.until_sent().await?;
    assert_eq!(third.text(&key).await?, "zero\none\nagain\n");
    Ok(())
}
