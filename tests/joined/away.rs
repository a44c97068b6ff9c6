//! While the host is away its people go on; when it is back everything is there, each once.

use std::time::Duration;

use anyhow::{Context as _, Result};
use hearth_tests::hearthd::Hearthd;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::copy::{Copy, DEADLINE, OPEN, Person, id};

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

#[tokio::test]
async fn what_waits_is_found_and_marked_also_after_coming_back() -> Result<()> {
    let mut host = Hearthd::start(OPEN)?;
    let mut ben = Copy::join(&host, "Ben").await?;
    let window = ben.window().await?;
    let room = window.general().await?;
    let note = json!({ "room": room, "title": "Plan", "body": "apples\n" });
    let plan = window.call("note:create", note).await?["note"]["key"].clone();
    let said = json!({ "id": id(), "room": room, "body": "walnuts" });
    window.call("message:send", said.clone()).await?;
    until_found(&window, "walnuts").await?;
    host.kill()?;
    ben.until_away().await?;

    let window = ben.window().await?;
    let call = json!({ "id": id(), "room": room, "body": "pears for everybody" });
    window.call("message:send", call.clone()).await?;
    let edit = json!({ "message": said["id"], "body": "almonds" });
    window.call("message:edit", edit).await?;
    let made = json!({ "id": id(), "room": room, "title": "Cellar", "body": "quinces, pears" });
    let cellar = window.call("note:create", made).await?["note"]["key"].clone();
    let wrote = json!({ "key": plan, "version": 1, "body": "cherries\n" });
    window.call("note:update", wrote).await?;
    let shed = json!({ "id": id(), "name": "Shed" });
    let shed = window.call("room:create", shed).await?["room"]["id"].clone();

    ben.stop().await?;
    ben.start().await?;
    let window = ben.window().await?;
    let found = search(&window, "pears").await?;
    assert_eq!(
        found,
        [cellar.clone(), call["id"].clone()],
        "in a note and in a message"
    );
    let cherries = search(&window, "cherries").await?;
    assert_eq!(cherries, std::slice::from_ref(&plan));
    assert!(
        search(&window, "apples").await?.is_empty(),
        "it reads otherwise now"
    );
    assert_eq!(search(&window, "almonds").await?, [said["id"].clone()]);
    assert!(search(&window, "walnuts").await?.is_empty());
    let rooms = window.call("room:list", json!({})).await?;
    assert_eq!(waiting(&rooms["rooms"], "id"), [shed]);
    let notes = window.call("note:list", json!({})).await?;
    let mut both = [plan, cellar];
    both.sort_by_key(ToString::to_string);
    assert_eq!(waiting(&notes["notelist"], "key"), both);

    host.start_again()?;
    ben.until_live().await?;
    ben.until_sent().await?;
    until_found(&window, "quinces").await?;
    assert_eq!(
        search(&window, "pears").await?,
        found,
        "once, from the index"
    );
    let notes = window.call("note:list", json!({})).await?;
    assert!(waiting(&notes["notelist"], "key").is_empty());
    Ok(())
}

/// Ids of the notes and messages found.
async fn search(window: &Person, query: &str) -> Result<Vec<Value>> {
    let found = window.call("search", json!({ "query": query })).await?;
    let notes = found["notes"].as_array().context("notes")?.iter();
    let messages = found["messages"].as_array().context("messages")?.iter();
    Ok(notes.chain(messages).map(|one| one["id"].clone()).collect())
}

/// Notes' texts are indexed when nobody has typed for a moment.
async fn until_found(window: &Person, query: &str) -> Result<()> {
    let found = async {
        while search(window, query).await?.is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    };
    timeout(DEADLINE, found).await?
}

/// The ids of those that are marked, in order.
fn waiting(list: &Value, id: &str) -> Vec<Value> {
    let all = list.as_array().into_iter().flatten();
    let marked = all.filter(|one| one["pending"] == true);
    let mut ids: Vec<_> = marked.map(|one| one[id].clone()).collect();
    ids.sort_by_key(ToString::to_string);
    ids
}

#[tokio::test]
async fn a_message_says_when_it_was_written_if_that_was_long_ago() -> Result<()> {
    let mut host = Hearthd::start(OPEN)?;
    let ben = Copy::join(&host, "Ben").await?;
    host.kill()?;
    ben.until_away().await?;
    let window = ben.window().await?;
    let room = window.general().await?;
    let written = "2026-01-02T10:00:00.000Z";
    let call = json!({ "room": room, "body": "long ago", "made_at": written });
    window.call("message:send", call).await?;
    window
        .call("message:send", json!({ "room": room, "body": "just now" }))
        .await?;
    let ahead = json!({ "room": room, "body": "never", "made_at": "2999-01-01T00:00:00Z" });
    window.call("message:send", ahead).await?;
    host.start_again()?;
    ben.until_live().await?;
    ben.until_sent().await?;
    let ann = Person::at(&host, "Ann").await?;
    let list = ann.call("message:list", json!({ "room": room })).await?;
    let made_at: Vec<_> = (0..3)
        .map(|at| list["messages"][at].get("made_at"))
        .collect();
    let expected: hearth_protocol::Timestamp = serde_json::from_value(json!(written))?;
    assert_eq!(made_at, [Some(&json!(expected)), None, None], "{list}");
    Ok(())
}

#[tokio::test]
async fn a_picture_that_is_added_while_the_host_is_away_is_seen_at_once_and_brought_later()
-> Result<()> {
    let mut host = Hearthd::start(OPEN)?;
    let mut ben = Copy::join(&host, "Ben").await?;
    let window = ben.window().await?;
    let general = window.general().await?;
    host.kill()?;
    ben.until_away().await?;
    let window = ben.window().await?;
    let shed = json!({ "id": id(), "name": "Shed" });
    let shed = window.call("room:create", shed).await?["room"]["id"].clone();
    let bytes: Vec<u8> = (0..700_000_u32).map(|at| (at % 251) as u8).collect();
    let mut hashes = Vec::new();
    for room in [&general, &shed] {
        let stored = ben.upload(room, "a b.bin", &bytes).await?;
        assert_eq!(
            (&stored["size"], &stored["name"]),
            (&json!(700_000), &json!("a b.bin"))
        );
        hashes.push(stored["hash"].as_str().context("a hash")?.to_owned());
    }
    let said = json!({ "room": general, "body": "look at it" });
    window.call("message:send", said).await?;
    assert_eq!(ben.fetch(&shed, &hashes[1]).await?, bytes);

    // The bytes are on the disk, and stay there as long as they wait.
    ben.stop().await?;
    ben.start().await?;
    assert_eq!(ben.fetch(&general, &hashes[0]).await?, bytes);
    assert_eq!(
        ben.window().await?.messages(&general).await?,
        ["look at it"]
    );
    host.start_again()?;
    ben.until_live().await?;
    ben.until_sent().await?;
    let mut ann = Copy::join(&host, "Ann").await?;
    for (room, hash) in [&general, &shed].into_iter().zip(&hashes) {
        let fetched = async {
            loop {
                if let Ok(found) = ann.fetch(room, hash).await
                    && found == bytes
                {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(DEADLINE, fetched).await?;
        assert_eq!(ben.fetch(room, hash).await?, bytes);
    }
    ann.stop().await?;
    ben.stop().await
}
