//! Two desks: at one a session is hosted, at the other it is joined, left, opened again and backed
//! up. The windows are links to what each desk serves its own.

mod anew;
mod leaving;

use std::path::{Path, PathBuf};
use std::time::Duration;

use hearth_protocol::error::Code;
use hearth_protocol::name::Name;
use hearth_protocol::object::{Admission, Browsers, Role};
use hearth_protocol::signal::event;
use hearth_protocol::window::{
    HostRequest, JoinFailure, JoinRequest, JoinStep, Joined, Kind, OpenSession, WindowAccess,
};
use hearth_replica::{CallFailure, Events, Invitation, Link};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::timeout;

use super::super::Desk;
use crate::identity::Identity;

/// Nothing on one machine takes this long, even when it is busy with other things.
const DEADLINE: Duration = Duration::from_secs(60);

/// A person at a computer of their own.
struct Person {
    desk: Desk,
    folder: TempDir,
}

impl Person {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let desk = Desk::open(folder.path(), folder.path()).expect("a desk");
        Self { desk, folder }
    }

    async fn host(&self, name: &str, pin: Option<&str>) -> (WindowAccess, u16) {
        let request = HostRequest {
            session: None,
            name: Name::new(name).expect("a name"),
            admission: match pin {
                Some(_) => Admission::Pin,
                None => Admission::Anyone,
            },
            pin: pin.map(|pin| hearth_protocol::name::Pin::new(pin).expect("a PIN")),
            guests: Role::Editor,
            browsers: Browsers::Encrypted,
        };
        let hosting = self.desk.host(request).await.expect("hosted");
        (hosting.window, hosting.invitation.port)
    }

    /// Joins and answers how that ended.
    async fn join(&self, port: u16, pin: Option<&str>) -> JoinStep {
        let request = JoinRequest {
            address: format!("127.0.0.1:{port}"),
            also: Vec::new(),
            key: None,
            pin: pin.map(str::to_owned),
        };
        let mut step = self.desk.join(request).await.expect("it began");
        while matches!(
            step,
            JoinStep::Connecting | JoinStep::Waiting { .. } | JoinStep::Copying { .. }
        ) {
            let progress = timeout(DEADLINE, self.desk.join_progress()).await;
            step = progress.expect("in time").expect("it goes on");
        }
        step
    }

    async fn joined(&self, port: u16) -> Joined {
        match self.join(port, None).await {
            JoinStep::Joined(joined) => joined,
            other => panic!("not joined: {other:?}"),
        }
    }

    /// What the window hears and asks.
    async fn window(&self, access: &WindowAccess) -> (Link, Events) {
        let identity = Identity::open(self.folder.path()).expect("an identity");
        let place: Invitation = access.url.parse().expect("an address");
        let link = identity.link().expect("it can be shown");
        let opened = Link::open(&place.target, &link, &access.token).await;
        opened.expect("the window's listener lets its window in")
    }

    fn recent(&self) -> Vec<(Kind, String)> {
        let recent = self.desk.start_info(false).recent;
        let named = |name: Name| name.as_str().to_owned();
        recent
            .into_iter()
            .map(|one| (one.kind, named(one.name)))
            .collect()
    }

    fn somewhere(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// The room that everybody is in.
async fn room(link: &Link) -> Value {
    let rooms = link.call("room:list", json!({})).await.expect("rooms");
    rooms["rooms"][0]["id"].clone()
}

async fn say(link: &Link, body: &str) -> Result<Value, CallFailure> {
    let room = room(link).await;
    link.call("message:send", json!({ "room": room, "body": body }))
        .await
}

async fn said(link: &Link) -> Vec<String> {
    let room = room(link).await;
    let list = link.call("message:list", json!({ "room": room })).await;
    let list = list.expect("messages");
    let bodies = list["messages"].as_array().expect("a list").iter();
    bodies
        .map(|one| one["body"].as_str().expect("a body").to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_joined_session_is_left_and_opened_again_without_its_host() {
    let (mina, ben) = (Person::new(), Person::new());
    let (access, port) = mina.host("Tea", None).await;
    let (hers, _) = mina.window(&access).await;
    say(&hers, "hello").await.expect("said");
    let joined = ben.joined(port).await;
    assert_eq!(joined.name.as_str(), "Tea");
    assert!(joined.fingerprint.is_some() && !joined.read_only);
    let (his, _) = ben.window(&joined.window).await;
    assert_eq!(said(&his).await, ["hello"]);
    ben.desk.leave(true).await.expect("left");
    assert!(ben.desk.open_now().await.is_none());
    mina.desk.stop().await;

    assert_eq!(ben.recent(), [(Kind::Joined, "Tea".to_owned())]);
    let opened = ben.desk.open_session(joined.session).await.expect("opened");
    let OpenSession::Joined(opened) = opened else {
        panic!("a copy is not hosted");
    };
    let (his, _) = ben.window(&opened.window).await;
    let waiting = say(&his, "are you there?").await.expect("kept");
    assert_eq!(waiting["pending"], json!(true));
    assert_eq!(said(&his).await, ["hello", "are you there?"]);
    ben.desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ones_own_session_is_hosted_again_as_it_was() {
    let mina = Person::new();
    mina.host("Tea", Some("2468")).await;
    let first = mina.desk.hosting().await.expect("hosted");
    mina.desk.stop().await;
    let again = mina.desk.open_session(first.session).await.expect("hosted");
    let OpenSession::Hosting(again) = again else {
        panic!("her own session is hosted");
    };
    assert_eq!((again.name, again.pin), (first.name, first.pin));
    mina.desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_is_asked_for_and_counted() {
    let (mina, ben) = (Person::new(), Person::new());
    let (_, port) = mina.host("Tea", Some("2468")).await;
    let asked = ben.join(port, None).await;
    assert!(
        matches!(&asked, JoinStep::Pin { session, tries_left: None } if session.as_str() == "Tea"),
        "{asked:?}"
    );
    let wrong = ben.join(port, Some("1111")).await;
    assert!(
        matches!(
            wrong,
            JoinStep::Pin {
                tries_left: Some(4),
                ..
            }
        ),
        "{wrong:?}"
    );
    let right = ben.join(port, Some("2468")).await;
    assert!(matches!(right, JoinStep::Joined(_)), "{right:?}");
    ben.desk.close().await;
    mina.desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_session_at_a_time_is_open_wherever_it_is_hosted() {
    let (mina, ben) = (Person::new(), Person::new());
    let (_, port) = mina.host("Tea", None).await;
    let joined = ben.joined(port).await;
    let request = HostRequest {
        session: None,
        name: Name::new("Coffee").expect("a name"),
        admission: Admission::Anyone,
        pin: None,
        guests: Role::Editor,
        browsers: Browsers::Encrypted,
    };
    let hosted = ben.desk.host(request).await;
    assert_eq!(hosted.expect_err("refused").code, Code::Conflict);
    let again = ben.desk.open_session(joined.session).await;
    assert_eq!(again.expect_err("refused").code, Code::Conflict);
    let forgotten = ben.desk.forget(joined.session).await;
    assert_eq!(forgotten.expect_err("refused").code, Code::Conflict);
    let now = ben.desk.open_now().await;
    assert_eq!(now, Some(OpenSession::Joined(joined)));
    ben.desk.close().await;
    mina.desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn joining_that_is_given_up_leaves_the_door() {
    let (mina, ben) = (Person::new(), Person::new());
    let (access, port) = mina.host("Tea", None).await;
    let (hers, mut heard) = mina.window(&access).await;
    let ask = json!({ "admission": "ask" });
    hers.call("session:update", ask).await.expect("changed");
    let request = JoinRequest {
        address: format!("127.0.0.1:{port}"),
        also: Vec::new(),
        key: None,
        pin: None,
    };
    let mut step = ben.desk.join(request).await.expect("it began");
    while !matches!(step, JoinStep::Waiting { .. }) {
        let progress = timeout(DEADLINE, ben.desk.join_progress()).await;
        step = progress.expect("in time").expect("it goes on");
    }
    let gone = async {
        while let Some(event) = heard.recv().await {
            if event.name == event::KNOCK && event.payload["state"] == "gone" {
                return;
            }
        }
    };
    ben.desk.cancel_join().await;
    timeout(DEADLINE, gone).await.expect("he has gone");
    assert!(ben.recent().is_empty());
    mina.desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_read_and_nothing_in_it_changes() {
    let mina = Person::new();
    let (access, _) = mina.host("Tea", None).await;
    let (hers, _) = mina.window(&access).await;
    say(&hers, "before").await.expect("said");
    let session = mina.desk.hosting().await.expect("hosted").session;
    let file = mina.somewhere("backup.hearth");
    mina.desk.back_up(session, &file).await.expect("written");
    let twice = mina.desk.back_up(session, &file).await;
    assert_eq!(
        twice.expect_err("nothing is overwritten").code,
        Code::Conflict
    );
    say(&hers, "after").await.expect("said");
    mina.desk.stop().await;

    let as_own = mina.desk.open_backup(&file, false).await;
    assert_eq!(as_own.expect_err("it is here already").code, Code::Conflict);
    let opened = mina.desk.open_backup(&file, true).await.expect("opened");
    let OpenSession::Joined(opened) = opened else {
        panic!("it is only looked at");
    };
    assert!(opened.read_only);
    let (hers, _) = mina.window(&opened.window).await;
    assert_eq!(said(&hers).await, ["before"]);
    let refused = say(&hers, "no").await.expect_err("nothing changes");
    assert!(matches!(refused, CallFailure::Refused(error) if error.code == Code::Forbidden));
    mina.desk.close().await;
    let kinds: Vec<Kind> = mina.recent().into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, [Kind::ReadOnly, Kind::Hosted]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_goes_on_as_ones_own_elsewhere_and_cannot_be_joined_there() {
    let (mina, laptop) = (Person::new(), Person::new());
    let (access, port) = mina.host("Tea", None).await;
    let (hers, _) = mina.window(&access).await;
    say(&hers, "hello").await.expect("said");
    let session = mina.desk.hosting().await.expect("hosted").session;
    let file = mina.somewhere("backup.hearth");
    mina.desk.back_up(session, &file).await.expect("written");
    let opened = laptop.desk.open_backup(&file, false).await.expect("opened");
    let OpenSession::Hosting(opened) = opened else {
        panic!("it is her own");
    };
    assert_eq!(opened.session, session);
    let (there, _) = laptop.window(&opened.window).await;
    assert_eq!(said(&there).await, ["hello"]);
    laptop.desk.stop().await;
    let joined = laptop.join(port, None).await;
    let JoinStep::Failed { error } = joined else {
        panic!("joined: {joined:?}");
    };
    assert_eq!(error.reason, JoinFailure::HostedHere);
    mina.desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_goes_on_as_ones_own_with_what_had_waited_for_its_host() {
    let (mina, ben, laptop) = (Person::new(), Person::new(), Person::new());
    let (access, port) = mina.host("Tea", None).await;
    let (hers, _) = mina.window(&access).await;
    say(&hers, "hello").await.expect("said");
    let joined = ben.joined(port).await;
    mina.desk.stop().await;
    let (his, _) = ben.window(&joined.window).await;
    say(&his, "later").await.expect("kept");
    let file = ben.somewhere("copy.hearth");
    ben.desk
        .back_up(joined.session, &file)
        .await
        .expect("written");
    ben.desk.leave(true).await.expect("left");

    let opened = laptop.desk.open_backup(&file, false).await;
    let OpenSession::Hosting(opened) = opened.expect("opened") else {
        panic!("it is his own");
    };
    let (there, _) = laptop.window(&opened.window).await;
    assert_eq!(there.welcome().you.role, Role::Host);
    assert_eq!(said(&there).await, ["hello", "later"]);
    let room = room(&there).await;
    let list = there.call("message:list", json!({ "room": room })).await;
    let seq = list.expect("messages")["messages"][1]["seq"].as_u64();
    assert!(
        seq.is_some_and(|seq| seq < 1_000),
        "a number of this log: {seq:?}"
    );
    laptop.desk.close().await;
    ben.desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_address_and_what_does_not_answer_are_told_apart() {
    let ben = Person::new();
    let request = |address: &str| JoinRequest {
        address: address.to_owned(),
        also: Vec::new(),
        key: None,
        pin: None,
    };
    let step = ben
        .desk
        .join(request("not an address"))
        .await
        .expect("answered");
    assert!(
        matches!(&step, JoinStep::Failed { error } if error.reason == JoinFailure::Address),
        "{step:?}"
    );
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let port = taken.local_addr().expect("an address").port();
    drop(taken);
    let step = ben.join(port, None).await;
    assert!(
        matches!(&step, JoinStep::Failed { error } if error.reason == JoinFailure::NoAnswer),
        "{step:?}"
    );
}
