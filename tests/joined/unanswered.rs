//! What the host has, and whose answer was lost.

use anyhow::Result;
use hearth_tests::hearthd::Hearthd;
use hearth_tests::proxy::{Proxy, Weather};
use serde_json::json;

use crate::copy::{Copy, OPEN, Person, id, target};

#[tokio::test]
async fn what_is_written_on_top_of_what_the_host_took_without_an_answer_fits_there() -> Result<()> {
    let host = Hearthd::start(OPEN)?;
    let proxy = Proxy::open(host.address()).await?;
    let ben = Copy::join_at(target(&host, proxy.address())?, "Ben").await?;
    let ann = Person::at(&host, "Ann").await?;
    let window = ben.window().await?;
    let room = window.general().await?;
    let plan = json!({ "room": room, "title": "Plan", "body": "one " });
    let plan = window.call("note:create", plan).await?["note"]["key"].clone();
    let read = window.call("note:read", json!({ "key": plan })).await?["note"].clone();

    // What Ben says to the host arrives there, and its answers do not.
    proxy.set(Weather {
        mute: true,
        ..Weather::default()
    });
    let update = json!({
        "id": id(), "key": plan, "version": read["version"], "title": "The plan", "body": "one two ",
    });
    let list = id();
    let create = json!({ "id": list, "room": room, "title": "List", "body": "milk " });
    let said = json!({ "id": id(), "room": room, "body": "Have a look" });
    tokio::try_join!(
        window.call("note:update", update),
        window.call("note:create", create),
        window.call("message:send", said),
    )?;
    let read = window.call("note:read", json!({ "key": plan })).await?["note"].clone();
    assert_eq!(read["body"], "one two ");
    for (key, version, body) in [
        (&plan, &read["version"], "one two three "),
        (&list, &json!(0), "milk tea "),
    ] {
        let more = json!({ "id": id(), "key": key, "version": version, "body": body });
        window.call("note:update", more).await?;
    }

    proxy.set(Weather::default());
    ben.retry()?;
    ben.until_live().await?;
    ben.until_sent().await?;
    for who in [&window, &ann] {
        assert_eq!(who.text(&plan).await?, "one two three ");
        assert_eq!(who.text(&list).await?, "milk tea ");
        let named = who.call("note:read", json!({ "key": plan })).await?;
        assert_eq!(named["note"]["title"], "The plan");
        let messages = who.call("message:list", json!({ "room": room })).await?;
        assert_eq!(messages["messages"].as_array().map(Vec::len), Some(1));
    }
    let outbox = window.call("outbox:list", json!({})).await?;
    assert_eq!(outbox["refused"], json!([]));
    Ok(())
}
