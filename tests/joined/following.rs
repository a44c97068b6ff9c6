//! While the host is there a copy shows what the host has, and its person's calls are the host's
//! to decide.

use anyhow::Result;
use hearth_tests::hearthd::Hearthd;
use serde_json::json;

use crate::copy::{Copy, OPEN, Person, id};

#[tokio::test]
async fn what_was_written_before_and_after_joining_is_in_the_copy() -> Result<()> {
    let host = Hearthd::start(OPEN)?;
    let mut ann = Person::at(&host, "Ann").await?;
    let room = ann.general().await?;
    let note = json!({ "room": room, "title": "Plan", "body": "one\n" });
    let key = ann.call("note:create", note).await?["note"]["key"].clone();
    ann.call("message:send", json!({ "room": room, "body": "before" }))
        .await?;

    let ben = Copy::join(&host, "Ben").await?;
    let mut window = ben.window().await?;
    assert_eq!(window.text(&key).await?, "one\n");
    assert_eq!(window.messages(&room).await?, ["before"]);

    let sent = json!({ "room": room, "body": "after" });
    ann.call("message:send", sent).await?;
    let heard = window.hears("messageposted", |_| true).await?;
    assert_eq!(heard["message"]["body"], "after");

    let answer = window
        .call(
            "message:send",
            json!({ "room": room, "body": "from the copy" }),
        )
        .await?;
    assert!(answer.get("pending").is_none(), "{answer}");
    assert!(answer["seq"].as_u64().is_some(), "{answer}");
    // The answer comes when the copy has it.
    assert_eq!(
        window.messages(&room).await?,
        ["before", "after", "from the copy"]
    );
    let at_host = ann
        .hears("messageposted", |fact| {
            fact["message"]["body"] == "from the copy"
        })
        .await?;
    let own = window
        .hears("messageposted", |fact| {
            fact["message"]["body"] == "from the copy"
        })
        .await?;
    assert_eq!(at_host, own);
    Ok(())
}

#[tokio::test]
async fn a_private_room_comes_into_sight_with_its_past_and_leaves_nothing_behind() -> Result<()> {
    let host = Hearthd::start(OPEN)?;
    let ann = Person::at(&host, "Ann").await?;
    let ben = Copy::join(&host, "Ben").await?;
    let mut window = ben.window().await?;
    let me = window.link.welcome().you.id;

    let secret = json!({ "name": "Attic", "private": true });
    let room = ann.call("room:create", secret).await?["room"]["id"].clone();
    let note = json!({ "room": room, "title": "Hidden", "body": "old text" });
    let key = ann.call("note:create", note).await?["note"]["key"].clone();
    ann.call("message:send", json!({ "room": room, "body": "psst" }))
        .await?;
    let unseen = window.call("room:open", json!({ "room": room })).await;
    assert!(unseen.is_err());

    ann.call("room:invite", json!({ "room": room, "member": me }))
        .await?;
    window
        .hears("roomjoined", |fact| fact["room"] == room)
        .await?;
    let opened = window.call("room:open", json!({ "room": room })).await?;
    assert_eq!(opened["messages"][0]["body"], "psst");
    assert_eq!(window.text(&key).await?, "old text");

    let out = ann
        .call("room:remove", json!({ "room": room, "member": me }))
        .await?;
    window
        .hears("roomleft", |fact| fact["room"] == room)
        .await?;
    ben.until_copied(out["seq"].as_u64().unwrap_or_default())
        .await?;
    assert!(
        window
            .call("room:open", json!({ "room": room }))
            .await
            .is_err()
    );
    assert!(
        window
            .call("note:read", json!({ "key": key }))
            .await
            .is_err()
    );
    let titles = window.call("note:list", json!({})).await?;
    assert_eq!(titles["notelist"], json!([]));
    Ok(())
}

#[tokio::test]
async fn a_call_that_is_repeated_is_answered_like_the_first_time() -> Result<()> {
    let host = Hearthd::start(OPEN)?;
    let ben = Copy::join(&host, "Ben").await?;
    let window = ben.window().await?;
    let room = window.general().await?;
    let call = json!({ "id": id(), "room": room, "body": "once" });
    let first = window.call("message:send", call.clone()).await?;
    assert_eq!(window.call("message:send", call).await?, first);
    assert_eq!(window.messages(&room).await?, ["once"]);
    Ok(())
}

#[tokio::test]
async fn a_text_that_is_written_again_is_there_once_with_the_host_and_without() -> Result<()> {
    let mut host = Hearthd::start(OPEN)?;
    let ben = Copy::join(&host, "Ben").await?;
    let window = ben.window().await?;
    let key = id();
    let room = window.general().await?;
    let create = json!({ "id": key, "room": room, "title": "Plan", "body": "one " });
    let created = window.call("note:create", create.clone()).await?;
    assert_eq!(window.call("note:create", create).await?, created);
    let update = json!({ "id": id(), "key": key, "version": 1, "body": "one two " });
    let first = window.call("note:update", update.clone()).await?;
    assert_eq!(first["note"]["body"], "one two ");
    let after = json!({ "id": id(), "key": key, "version": 2, "body": "one two three " });
    window.call("note:update", after).await?;
    for is_away in [false, true] {
        if is_away {
            host.kill()?;
            ben.until_away().await?;
        }
        let again = window.call("note:update", update.clone()).await?;
        assert_eq!(again["seq"], first["seq"]);
        assert_eq!(again["note"]["version"], first["note"]["version"]);
        assert_eq!(again["note"]["body"], first["note"]["body"]);
        assert_eq!(window.text(&key).await?, "one two three ");
    }
    Ok(())
}
