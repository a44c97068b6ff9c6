//! Pictures come back with the words that speak of them.

use hearth_replica::{Ask, HttpFailure, Told, ask};
use http::Method;

use super::*;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

impl Person {
    async fn http(&self, access: &WindowAccess, request: Ask) -> Result<Told, HttpFailure> {
        let identity = Identity::open(self.folder.path()).expect("an identity");
        let place: Invitation = access.url.parse().expect("an address");
        let link = identity.link().expect("it can be shown");
        ask(&place.target, &link, request.token(&access.token)).await
    }

    /// Puts a picture into the room, and answers a link to it.
    async fn draw(&self, access: &WindowAccess, room: &Value, what: &str) -> String {
        let room = room.as_str().expect("an id");
        let bytes = [PNG, what.as_bytes()].concat();
        let path = format!("/files?room={room}&name={what}.png");
        let post = Ask::new(Method::POST, path).body(bytes.into());
        let told = self.http(access, post).await.expect("it is taken");
        let file: Value = serde_json::from_slice(&told.body).expect("a file");
        let hash = file["hash"].as_str().expect("a hash");
        format!("/files/{room}/{hash}")
    }

    /// Whether this is the picture.
    async fn sees(&self, access: &WindowAccess, link: &str, what: &str) -> bool {
        let told = self.http(access, Ask::new(Method::GET, link)).await;
        told.is_ok_and(|told| told.body == [PNG, what.as_bytes()].concat())
    }
}

/// How many files are brought by what brings this back, and beside it.
fn files(whole: &Value) -> (usize, usize) {
    let again = whole["again"].as_array().expect("calls").iter();
    let brought = again.filter(|call| call["name"] == "earlier:file").count();
    (brought, whole["files"].as_array().expect("calls").len())
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_come_back_with_what_speaks_of_them() {
    let (mina, ben) = (Person::new(), Person::new());
    let (access, port) = mina.host("Tea", None).await;
    let session = mina.desk.hosting().await.expect("hosted").session;
    let (hers, _) = mina.window(&access).await;
    let joined = ben.joined(port).await.window;
    let (his, mut heard) = ben.window(&joined).await;
    let general = room(&his).await;
    let old = ben.draw(&joined, &general, "old").await;
    let shared = create(&his, "Shared", "a\n").await;
    mina.keeps(session).await;

    let new = ben.draw(&joined, &general, "new").await;
    let body = format!("![]({old}) ![]({new}) ![]({new}) ![](/files/{session}/12)");
    create(&his, "New", &body).await;
    write(&his, &shared, &format!("a\n![]({new})\n")).await;
    let shed = json!({ "id": CallId::new(), "name": "Shed" });
    let shed = his.call("room:create", shed).await.expect("made")["room"]["id"].clone();
    let there = ben.draw(&joined, &shed, "there").await;
    let say = json!({ "room": shed, "body": format!("![]({there})") });
    his.call("message:send", say).await.expect("said");
    mina.desk.stop().await;
    until_missed(&mut heard).await;
    let unsent = ben.draw(&joined, &general, "unsent").await;
    let say = json!({ "room": general, "body": format!("unsent ![]({unsent})") });
    his.call("message:send", say).await.expect("kept");
    ben.desk.leave(true).await.expect("left");
    drop(hers);

    let (access, port) = mina.go_back_to(session, BACKUP).await;
    let (hers, _) = mina.window(&access).await;
    write(&hers, &shared, "a\nmina\n").await;
    let joined = ben.joins_what_went_back(port).await.window;
    let (his, _) = ben.window(&joined).await;
    let items = offered(&his).await;
    let note = whole(&his, find(&items, "New")).await;
    assert_eq!(files(&note), (1, 1), "the old one is there: {note}");
    let beside = whole(&his, find(&items, "Shared")).await;
    assert_eq!(files(&beside), (1, 1));
    for item in &items {
        // In the order in which they are listed: the room first.
        bring(&his, item).await;
    }
    for (link, what) in [
        (old, "old"),
        (new, "new"),
        (there, "there"),
        (unsent, "unsent"),
    ] {
        assert!(mina.sees(&access, &link, what).await, "{what}");
    }
    assert!(offered(&his).await.is_empty());
    for person in [&ben, &mina] {
        person.desk.close().await;
    }
}
