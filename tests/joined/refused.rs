//! What the host does not accept of what had waited is set aside whole, and offered.

use anyhow::{Context as _, Result};
use hearth_tests::hearthd::Hearthd;
use serde_json::json;

use crate::copy::{Copy, OPEN, Person, id};

#[tokio::test]
async fn what_was_written_in_a_room_that_is_gone_is_kept_in_one_piece() -> Result<()> {
    let mut host = Hearthd::start(OPEN)?;
    let ann = Person::at(&host, "Ann").await?;
    let general = ann.general().await?;
    let room = json!({ "name": "Shed" });
    let room = ann.call("room:create", room).await?["room"]["id"].clone();
    let mut ben = Copy::join(&host, "Ben").await?;
    let joined = ben.window().await?;
    joined.call("room:join", json!({ "room": room })).await?;
    drop(joined);
    ben.stop().await?;

    // The room goes while the copy is closed, and the copy is opened while the host is away.
    ann.call("room:destroy", json!({ "room": room })).await?;
    host.kill()?;
    ben.start().await?;
    let mut window = ben.window().await?;
    let note = json!({ "id": id(), "room": room, "title": "Tools", "body": "rake" });
    let made = window.call("note:create", note.clone()).await?;
    let key = made["note"]["key"].clone();
    let about = json!({ "id": id(), "room": general, "note": key, "body": "see the tools" });
    window.call("message:send", about.clone()).await?;
    let other = json!({ "id": id(), "room": general, "body": "hello" });
    window.call("message:send", other).await?;

    host.start_again()?;
    ben.until_live().await?;
    ben.until_sent().await?;
    let refused = window
        .hears("refused", |refused| refused["id"] == note["id"])
        .await?;
    assert_eq!(refused["call"]["payload"]["title"], "Tools");
    assert_eq!(refused["error"]["code"], "not_found");

    let list = window.call("outbox:list", json!({})).await?;
    assert_eq!(list["waiting"], 0);
    let [bundle] = list["refused"].as_array().context("a list")?.as_slice() else {
        anyhow::bail!("one bundle: {list}");
    };
    assert_eq!(bundle["id"], note["id"]);
    let with: Vec<_> = bundle["with"].as_array().context("a list")?.clone();
    let names: Vec<_> = with.iter().map(|one| one["name"].clone()).collect();
    assert_eq!(names, ["note:edit", "message:send"], "{list}");
    // What stood by itself is there, and what was refused is shown no longer.
    assert_eq!(window.messages(&general).await?, ["hello"]);
    assert!(
        window
            .call("note:read", json!({ "key": key }))
            .await
            .is_err()
    );
    let ann = Person::at(&host, "Ann").await?;
    assert_eq!(ann.messages(&general).await?, ["hello"]);

    let discard = json!({ "id": bundle["id"] });
    window.call("outbox:discard", discard.clone()).await?;
    let list = window.call("outbox:list", json!({})).await?;
    assert_eq!(list["refused"], json!([]));
    assert!(window.call("outbox:discard", discard).await.is_err());
    Ok(())
}
