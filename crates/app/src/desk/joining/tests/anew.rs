//! The host goes back to an earlier state. The copy from before is kept, and what it has that the
//! new one lacks is offered, until it is back or its person does not want it.

mod files;
mod kept_open;
mod stopped;
mod together;

use std::fs;

use hearth_protocol::id::{CallId, SessionId};

use super::*;

/// What comes back of itself is waited for this often.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

async fn create(link: &Link, title: &str, body: &str) -> Value {
    let room = room(link).await;
    let note = json!({ "room": room, "title": title, "body": body });
    let made = link.call("note:create", note).await.expect("made");
    made["note"]["key"].clone()
}

async fn write(link: &Link, key: &Value, body: &str) {
    let read = link.call("note:read", json!({ "key": key })).await;
    let version = read.expect("it is there")["note"]["version"].clone();
    let update = json!({ "key": key, "version": version, "body": body });
    link.call("note:update", update).await.expect("written");
}

async fn text(link: &Link, key: &Value) -> String {
    let read = link.call("note:read", json!({ "key": key })).await;
    let read = read.expect("it is there");
    read["note"]["body"].as_str().expect("a text").to_owned()
}

async fn until_text(link: &Link, key: &Value, body: &str) {
    let read = async {
        loop {
            let read = link.call("note:read", json!({ "key": key })).await;
            if read.is_ok_and(|read| read["note"]["body"] == body) {
                return;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    };
    timeout(DEADLINE, read).await.expect("in time");
}

/// What is offered, once both copies can be compared.
async fn offered(link: &Link) -> Vec<Value> {
    let offered = async {
        loop {
            let list = link.call("earlier:list", json!({})).await;
            let list = list.expect("a list");
            if list["waits"] == json!(false) {
                return list["items"].as_array().expect("items").clone();
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    };
    timeout(DEADLINE, offered).await.expect("in time")
}

/// Kind, what it is or says, and how it comes back.
fn in_short(items: &[Value]) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let short = |item: &Value| {
        let what = match item.get("title") {
            Some(title) => text(title),
            None => text(&item["text"]),
        };
        format!("{} {what}: {}", text(&item["kind"]), text(&item["best"]))
    };
    let mut all: Vec<_> = items.iter().map(short).collect();
    all.sort();
    all
}

async fn whole(link: &Link, item: &Value) -> Value {
    let read = json!({ "item": item["item"] });
    link.call("earlier:read", read).await.expect("whole")
}

async fn bring(link: &Link, item: &Value) {
    make(link, &whole(link, item).await).await;
}

async fn make(link: &Link, whole: &Value) {
    for call in whole["again"].as_array().expect("calls") {
        let name = call["name"].as_str().expect("a name");
        let made = link.call(name, call["payload"].clone()).await;
        made.expect("it is taken");
    }
}

fn find<'a>(items: &'a [Value], what: &str) -> &'a Value {
    let is_it = |item: &&Value| item["title"] == what || item["text"] == what;
    items.iter().find(is_it).expect("it is offered")
}

impl Person {
    /// Puts a backup in the place of a session of this person's, and hosts that.
    async fn go_back_to(&self, session: SessionId, backup: &str) -> (WindowAccess, u16) {
        self.desk.stop().await;
        let name = format!("sessions/{session}.hearth");
        let place = self.somewhere(&name);
        for ending in ["-wal", "-shm", ".search", ".search-wal", ".search-shm"] {
            // They belong to what was there before, and are not always there.
            let _ = fs::remove_file(self.somewhere(&format!("{name}{ending}")));
        }
        fs::copy(self.somewhere(backup), place).expect("copied");
        let opened = self.desk.open_session(session).await.expect("hosted");
        let OpenSession::Hosting(hosting) = opened else {
            panic!("it is hers");
        };
        (hosting.window, hosting.invitation.port)
    }

    /// Joins again, and answers what is open once the copy was begun anew.
    async fn joins_what_went_back(&self, port: u16) -> Joined {
        let mut changes = self.desk.changes();
        self.joined(port).await;
        let changed = timeout(DEADLINE, changes.changed()).await;
        changed.expect("in time").expect("the desk is open");
        match self.desk.open_now().await {
            Some(OpenSession::Joined(joined)) => joined,
            other => panic!("not a copy: {other:?}"),
        }
    }
}

/// A session of Mina's that Ben has a copy of.
struct Tea {
    mina: Person,
    ben: Person,
    session: SessionId,
    /// Ben's window.
    his: Link,
}

/// What the backup is called.
const BACKUP: &str = "backup.hearth";

impl Tea {
    async fn begun() -> Self {
        let (mina, ben) = (Person::new(), Person::new());
        let (_, port) = mina.host("Tea", None).await;
        let session = mina.desk.hosting().await.expect("hosted").session;
        let (his, _) = ben.window(&ben.joined(port).await.window).await;
        Self {
            mina,
            ben,
            session,
            his,
        }
    }

    /// Ben says something, leaves, and Mina goes back to before that. Answers where she hosts then.
    async fn forgets_a_word(&self) -> u16 {
        self.mina.keeps(self.session).await;
        say(&self.his, "his").await.expect("said");
        self.ben.desk.leave(true).await.expect("left");
        self.mina.go_back_to(self.session, BACKUP).await.1
    }
}

impl Person {
    /// Makes a backup of a session of this person's.
    async fn keeps(&self, session: SessionId) {
        let backup = self.somewhere(BACKUP);
        self.desk.back_up(session, &backup).await.expect("written");
    }

    /// The copy that was set aside.
    fn aside(&self) -> SessionId {
        let recent = self.desk.start_info(false).recent;
        let aside = recent.iter().find(|one| one.kind == Kind::ReadOnly);
        aside.expect("it is listed").id
    }
}

/// Until a window is told that the host is away.
async fn until_missed(heard: &mut Events) {
    let missed = async {
        while let Some(event) = heard.recv().await {
            if event.name == event::LINK && event.payload["state"] == "away" {
                return;
            }
        }
    };
    timeout(DEADLINE, missed).await.expect("she is missed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_copy_from_before_has_is_offered_and_comes_back() {
    let (mina, ben) = (Person::new(), Person::new());
    let (access, port) = mina.host("Tea", None).await;
    let session = mina.desk.hosting().await.expect("hosted").session;
    let (hers, _) = mina.window(&access).await;
    let (his, mut heard) = ben.window(&ben.joined(port).await.window).await;
    let plan = create(&his, "Plan", "one\n").await;
    let shared = create(&his, "Shared", "a\n").await;
    mina.keeps(session).await;

    say(&his, "his").await.expect("said");
    say(&hers, "hers").await.expect("said");
    write(&his, &plan, "one\ntwo\n").await;
    write(&his, &shared, "a\nb\n").await;
    create(&his, "New", "new").await;
    let shed = json!({ "id": CallId::new(), "name": "Shed" });
    let shed = his.call("room:create", shed).await.expect("made")["room"]["id"].clone();
    let there = json!({ "room": shed, "body": "in the shed" });
    his.call("message:send", there).await.expect("said");
    mina.desk.stop().await;
    until_missed(&mut heard).await;
    say(&his, "unsent").await.expect("kept");
    assert_eq!(said(&his).await, ["his", "hers", "unsent"]);
    ben.desk.leave(true).await.expect("left");

    let (access, port) = mina.go_back_to(session, BACKUP).await;
    let (hers, _) = mina.window(&access).await;
    write(&hers, &shared, "a\nmina\n").await;
    let anew = ben.joins_what_went_back(port).await;
    assert_eq!((anew.session, anew.read_only), (session, false));
    let names = [(Kind::Joined, "Tea"), (Kind::ReadOnly, "Tea")];
    assert_eq!(
        ben.recent(),
        names.map(|(kind, name)| (kind, name.to_owned()))
    );
    let (his, _) = ben.window(&anew.window).await;
    let items = offered(&his).await;
    assert_eq!(
        in_short(&items),
        [
            "message hers: ask",
            "message his: again",
            "message in the shed: again",
            "message unsent: again",
            "note New: again",
            "note Plan: again",
            "note Shared: beside",
            "room Shed: again",
        ]
    );
    assert_eq!(find(&items, "unsent")["unsent"], json!(true));
    assert_eq!(find(&items, "his")["unsent"], json!(false));
    assert!(said(&his).await.is_empty(), "nothing comes by itself");

    for item in items.iter().filter(|item| item["best"] == "again") {
        bring(&his, item).await;
    }
    // What others wrote meanwhile stays.
    bring(&his, find(&items, "Shared")).await;
    assert_eq!(text(&hers, &plan).await, "one\ntwo\n");
    let merged = text(&hers, &shared).await;
    assert!(
        merged.contains("mina\n") && merged.contains("b\n"),
        "{merged}"
    );
    assert_eq!(said(&hers).await, ["his", "unsent"]);
    let list = json!({ "room": shed });
    let list = hers.call("message:list", list).await.expect("messages");
    assert_eq!(list["messages"][0]["body"], "in the shed");

    let left = offered(&his).await;
    assert_eq!(in_short(&left), ["message hers: ask"]);
    let discard = json!({ "item": left[0]["item"] });
    his.call("earlier:discard", discard).await.expect("no more");
    assert!(offered(&his).await.is_empty());
    assert_eq!(ben.recent().len(), 2, "and it is still there to be read");
    ben.desk.close().await;
    mina.desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_somebody_else_to_a_host_that_went_back_is_offered_their_own_words() {
    let (mina, ben) = (Person::new(), Person::new());
    let (_, port) = mina.host("Tea", None).await;
    let session = mina.desk.hosting().await.expect("hosted").session;
    mina.keeps(session).await;
    let (his, _) = ben.window(&ben.joined(port).await.window).await;
    let before = his.welcome().you.id;
    say(&his, "his").await.expect("said");
    ben.desk.leave(true).await.expect("left");
    let (access, port) = mina.go_back_to(session, BACKUP).await;
    let joined = ben.joined(port).await;
    let (his, _) = ben.window(&joined.window).await;
    assert_ne!(his.welcome().you.id, before, "nobody knows him there");
    let items = offered(&his).await;
    assert_eq!(in_short(&items), ["message his: again"]);
    assert_eq!(items[0]["by"], json!(his.welcome().you.id));
    bring(&his, &items[0]).await;
    let (hers, _) = mina.window(&access).await;
    assert_eq!(said(&hers).await, ["his"]);
    assert!(offered(&his).await.is_empty());
    for person in [&ben, &mina] {
        person.desk.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_sign_in_was_ended_is_offered_nothing_of_what_is_still_there() {
    let (mina, ben) = (Person::new(), Person::new());
    let (access, port) = mina.host("Tea", None).await;
    let (hers, _) = mina.window(&access).await;
    let (his, _) = ben.window(&ben.joined(port).await.window).await;
    let before = his.welcome().you.id;
    // As somebody else he may not see it any more, and it is not missing.
    let den = json!({ "id": CallId::new(), "name": "Den", "private": true });
    his.call("room:create", den).await.expect("made");
    ben.desk.leave(true).await.expect("left");
    let devices = hers.call("session:devices", json!({})).await;
    let devices = devices.expect("devices")["devices"].clone();
    let of_his = |device: &&Value| device["member"] == json!(before);
    let device = devices.as_array().expect("a list").iter().find(of_his);
    let device = json!({ "device": device.expect("his")["id"] });
    hers.call("device:revoke", device).await.expect("revoked");
    let joined = ben.joined(port).await;
    let (his, _) = ben.window(&joined.window).await;
    assert_ne!(his.welcome().you.id, before, "he came in anew");
    assert_eq!(ben.recent().len(), 2, "what was his before is kept");
    assert!(offered(&his).await.is_empty());
    for person in [&ben, &mina] {
        person.desk.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_is_only_read_throws_no_offer_away() {
    let tea = Tea::begun().await;
    let port = tea.forgets_a_word().await;
    let Tea {
        mina, ben, session, ..
    } = tea;
    let access = ben.joins_what_went_back(port).await.window;
    let (his, _) = ben.window(&access).await;
    let item = offered(&his).await[0]["item"].clone();
    let read_only = ben.somewhere("copy.hearth");
    ben.desk
        .back_up(session, &read_only)
        .await
        .expect("written");
    ben.desk.leave(true).await.expect("left");

    let opened = ben.desk.open_backup(&read_only, true).await;
    let OpenSession::Joined(opened) = opened.expect("opened") else {
        panic!("it is only looked at");
    };
    let (his, _) = ben.window(&opened.window).await;
    let discard = his.call("earlier:discard", json!({ "item": item })).await;
    let refused = discard.expect_err("nothing changes in it");
    assert!(matches!(refused, CallFailure::Refused(error) if error.code == Code::Forbidden));
    for person in [&ben, &mina] {
        person.desk.close().await;
    }
}
