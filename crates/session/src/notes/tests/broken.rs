//! An edit that breaks its note costs its sender the connection, and nobody else a word.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearth_protocol::object::{Admission, Browsers};
use hearth_protocol::{CallId, MemberId, Name, NoteKey, Role, SessionId};
use hearth_store::NewSession;
use hearth_text::{ClientId, Edit, Limits, Text};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::break_next;
use crate::door::Newcomer;
use crate::writer::Who;
use crate::{Connection, Cut, FeedReceiver, Handle, Options, Out, Ticket};

/// A session in a folder of its own.
async fn session() -> (TempDir, Handle) {
    let folder = tempfile::tempdir().unwrap();
    let new = NewSession {
        id: SessionId::new(),
        name: Name::new("Garden").unwrap(),
        admission: Admission::Ask,
        guests: Role::Editor,
        browsers: Browsers::Plain,
    };
    let path = folder.path().join("garden.hearth");
    let (writer, reader) = hearth_store::create(&path, &new).await.unwrap();
    let options = Options::default();
    let handle = Handle::open(writer, reader, options).await.unwrap();
    (folder, handle)
}

/// Somebody with a socket.
struct Client {
    member: MemberId,
    connection: Connection,
    feed: FeedReceiver,
    tickets: u64,
}

impl Client {
    async fn enter(handle: &Handle, name: &str) -> Self {
        let newcomer = Newcomer {
            name: Name::new(name).unwrap(),
            color: None,
            role: Role::Editor,
            guest: true,
            key: None,
            address: None,
        };
        let (signed_in, _) = handle.0.admit(Who::New(newcomer), None).await.unwrap();
        let credential = handle.authenticate(&signed_in.token).await.unwrap();
        let (connection, feed) = handle.connect(credential, name.to_owned()).unwrap();
        let mut client = Self {
            member: signed_in.member.id,
            connection,
            feed,
            tickets: 0,
        };
        client.call("thanks", json!({})).await.unwrap();
        client
    }

    /// Asks, and does not wait for the answer.
    fn send(&mut self, name: &str, payload: Value) -> u64 {
        self.tickets += 1;
        let ticket = Some(Ticket(self.tickets));
        self.connection.receive(name, payload, ticket).unwrap();
        self.tickets
    }

    /// The same, and sees to it that it lies in the writer's inbox: behind what the writer is
    /// writing down, and so in one round with what else comes meanwhile.
    async fn put(&mut self, name: &str, payload: Value) -> u64 {
        let sent = self.send(name, payload);
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        sent
    }

    async fn answer(&mut self, to: u64) -> Result<Value, Cut> {
        loop {
            if let Out::Answer { ticket, answer } = self.feed.recv().await?
                && ticket == Ticket(to)
            {
                return Ok(serde_json::from_str(answer.get()).unwrap());
            }
        }
    }

    async fn call(&mut self, name: &str, payload: Value) -> Result<Value, Cut> {
        let sent = self.send(name, payload);
        self.answer(sent).await
    }

    async fn body(&mut self, key: NoteKey) -> Value {
        let read = self.call("note:read", json!({ "key": key })).await.unwrap();
        read["ok"]["note"]["body"].clone()
    }
}

/// What somebody's Yjs makes of a text.
struct Writing {
    text: Text,
    client: ClientId,
}

impl Writing {
    async fn open(client: &mut Client, key: NoteKey) -> Self {
        let opened = client.call("note:open", json!({ "key": key })).await;
        let opened = opened.unwrap();
        let update = STANDARD.decode(opened["ok"]["update"].as_str().unwrap());
        Self {
            text: Text::load(Some(&update.unwrap()), []).unwrap(),
            client: ClientId::random(),
        }
    }

    fn edit(&mut self, key: NoteKey, body: &str) -> Value {
        let limits = Limits {
            body_bytes: 1_000,
            changes: 10,
        };
        let edit = Edit::Body(body.to_owned());
        let update = hearth_text::write(&self.text, self.client, &edit, limits).unwrap();
        let update = update.expect("it is another body");
        self.text.apply(&update).unwrap();
        json!({ "key": key, "update": STANDARD.encode(update) })
    }
}

#[tokio::test]
async fn an_edit_that_breaks_a_note_costs_its_sender_the_connection_and_nobody_a_word() {
    let (_folder, handle) = session().await;
    let mut ada = Client::enter(&handle, "Ada").await;
    let mut eve = Client::enter(&handle, "Eve").await;
    let room = handle.state().rooms.keys().next().copied();
    let key = NoteKey::from(CallId::default().0);
    let note = json!({ "id": key, "room": room, "title": "Plan", "body": "one" });
    ada.call("note:create", note).await.unwrap();
    let mut words = Writing::open(&mut ada, key).await;
    let mut harm = Writing::open(&mut eve, key).await;

    let first = ada.send("note:edit", words.edit(key, "one two"));
    assert_eq!(ada.answer(first).await.unwrap()["ok"]["version"], 2);
    break_next(eve.member);
    let broken = eve.send("note:edit", harm.edit(key, "none"));
    assert_eq!(eve.answer(broken).await, Err(Cut::Overrun));
    let second = ada.send("note:edit", words.edit(key, "one two three"));
    assert_eq!(ada.answer(second).await.unwrap()["ok"]["version"], 3);
    assert_eq!(ada.body(key).await, "one two three");

    // And whoever broke it comes back like anybody else.
    let mut eve = Client::enter(&handle, "Eve").await;
    let mut again = Writing::open(&mut eve, key).await;
    let more = again.edit(key, "one two three four");
    let edited = eve.call("note:edit", more).await.unwrap();
    assert_eq!(edited["ok"]["version"], 4);
    assert_eq!(ada.body(key).await, "one two three four");
    handle.stop().await;
}

#[tokio::test]
async fn those_who_type_while_a_note_breaks_lose_nothing_that_was_acknowledged() {
    let (_folder, handle) = session().await;
    let mut ada = Client::enter(&handle, "Ada").await;
    let room = handle.state().rooms.keys().next().copied();
    for _ in 0..10 {
        let key = NoteKey::from(CallId::default().0);
        let note = json!({ "id": key, "room": room, "title": "Plan", "body": "a" });
        ada.call("note:create", note).await.unwrap();
        let mut eve = Client::enter(&handle, "Eve").await;
        let mut words = Writing::open(&mut ada, key).await;
        let mut harm = Writing::open(&mut eve, key).await;
        let mut body = String::from("a");
        let mut sent = Vec::new();
        break_next(eve.member);
        let mut broken = 0;
        for (index, letter) in "bcdefgh".chars().enumerate() {
            body.push(letter);
            sent.push(ada.put("note:edit", words.edit(key, &body)).await);
            if index == 3 {
                broken = eve.put("note:edit", harm.edit(key, "")).await;
            }
        }
        assert_eq!(eve.answer(broken).await, Err(Cut::Overrun));
        for (index, ticket) in sent.into_iter().enumerate() {
            let answer = ada.answer(ticket).await.unwrap();
            assert_eq!(answer["ok"]["version"], index + 2, "{answer}");
        }
        assert_eq!(ada.body(key).await, body.as_str());
    }
    handle.stop().await;
}
