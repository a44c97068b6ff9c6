//! While the host is away its people go on; when it is back everything is there, each once.

use anyhow::{Context as _, Result};
use hearth_tests::hearthd::Hearthd;
use serde_json::json;

use crate::copy::{Copy, OPEN, Person, id};

#[tokio::test]
async fn what_is_written_while_the_host_is_away_is_shown_kept_and_sent() -> Result<()> {
    let mut host = Hearthd::start(OPEN)?;
    let mut ben = Copy::join(&host, "Ben").await?;
    let window = ben.window().await?;
    let room = window.general().await?;
    let note = json!({ "room": room, "title": "Plan", "body": "one\n" });
    let key = window.call("note:create", note).await?["note"]["key"].clone();

    host.kill()?;
    ben.until_away().await?;
    let mut window = ben.window().await?;
    let link = window.hears("link", |_| true).await?;
    assert_eq!(
        (&link["state"], &link["pending"]),
        (&json!("away"), &json!(0))
    );

    let call = json!({ "id": id(), "room": room, "body": "while away" });
    let sent = window.call("message:send", call.clone()).await?;
    assert_eq!(sent["pending"], true, "{sent}");
    assert!(sent.get("seq").is_none(), "{sent}");
    let told = window.hears("messageposted", |_| true).await?;
    assert_eq!((&told["pending"], &told["id"]), (&json!(true), &call["id"]));
    assert!(told.get("seq").is_none(), "{told}");

    let made = json!({ "id": id(), "room": room, "title": "New", "body": "made away" });
    let new = window.call("note:create", made).await?["note"]["key"].clone();
    let version = window.call("note:read", json!({ "key": key })).await?["note"]["version"].clone();
    let wrote = json!({ "key": key, "version": version, "body": "one\ntwo\n" });
    let wrote = window.call("note:update", wrote).await?;
    assert_eq!(wrote["note"]["body"], "one\ntwo\n");
    let rooms = json!({ "id": id(), "name": "Shed" });
    let shed = window.call("room:create", rooms).await?["room"]["id"].clone();
    window
        .call(
            "message:send",
            json!({ "room": shed, "body": "in the shed" }),
        )
        .await?;
    let only_host = window
        .call("session:update", json!({ "name": "Mine" }))
        .await;
    let refused = only_host.err().context("a refusal")?.to_string();
    assert!(
        refused.contains("forbidden") || refused.contains("offline"),
        "{refused}"
    );

    assert_eq!(window.messages(&room).await?, ["while away"]);
    assert_eq!(window.text(&new).await?, "made away");
    assert_eq!(window.text(&key).await?, "one\ntwo\n");

    // The computer is restarted meanwhile.
    ben.stop().await?;
    ben.start().await?;
    let window = ben.window().await?;
    assert_eq!(window.messages(&room).await?, ["while away"]);
    assert_eq!(window.messages(&shed).await?, ["in the shed"]);
    assert_eq!(window.text(&new).await?, "made away");
    assert_eq!(window.text(&key).await?, "one\ntwo\n");

    host.start_again()?;
    ben.until_live().await?;
    ben.until_sent().await?;
    let ann = Person::at(&host, "Ann").await?;
    assert_eq!(ann.messages(&room).await?, ["while away"]);
    assert_eq!(ann.messages(&shed).await?, ["in the shed"]);
    assert_eq!(ann.text(&new).await?, "made away");
    assert_eq!(ann.text(&key).await?, "one\ntwo\n");
    assert_eq!(window.messages(&room).await?, ["while away"]);
    assert_eq!(window.text(&key).await?, "one\ntwo\n");
    Ok(())
}
