//! A session file in a folder of its own, and short ways to write facts into it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearth_protocol::id::{DeviceId, InviteId, NoteKey};
use hearth_protocol::name::Color;
use hearth_protocol::object::{Admission, Browsers};
use hearth_protocol::{
    CallId, Fact, FactKind, FileHash, FileName, FileType, Member, MemberId, Message, MessageId,
    Name, Note, Role, Room, RoomId, SessionId, Timestamp, Title, Topic,
};
use hearth_store::{
    Batch, InviteRow, NewCopy, NewFact, NewSession, Reader, SignInRow, StoreError, Write, Writer,
};
use sqlx::{ConnectOptions, Connection, Row, SqliteConnection};
use tempfile::TempDir;

pub(crate) struct SessionFile {
    pub(crate) writer: Writer,
    pub(crate) reader: Reader,
    pub(crate) head: u64,
    folder: TempDir,
}

pub(crate) fn new_session() -> NewSession {
    NewSession {
        id: SessionId::new(),
        name: Name::new("Garden").unwrap(),
        admission: Admission::Ask,
        guests: Role::Editor,
        browsers: Browsers::Plain,
    }
}

impl SessionFile {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("garden.hearth");
        let (writer, reader) = hearth_store::create(&path, &new_session()).await.unwrap();
        Self {
            writer,
            reader,
            head: 0,
            folder,
        }
    }

    pub(crate) async fn copy(new: &NewCopy) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("garden.hearth");
        let (writer, reader) = hearth_store::create_copy(&path, new).await.unwrap();
        Self {
            writer,
            reader,
            head: 0,
            folder,
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("garden.hearth")
    }

    /// The file in this folder that another test made, under the name of a backup.
    pub(crate) async fn at(folder: TempDir) -> Self {
        let path = folder.path().join("garden.hearth");
        std::fs::rename(folder.path().join("backup.hearth"), &path).unwrap();
        let (mut writer, reader) = hearth_store::open(&path).await.unwrap();
        let head = writer.load().await.unwrap().head;
        Self {
            writer,
            reader,
            head,
            folder,
        }
    }

    /// Closes the file and gives its folder.
    pub(crate) async fn close(self) -> TempDir {
        self.writer.close().await.unwrap();
        self.folder
    }

    /// Closes the file and opens it again.
    pub(crate) async fn reopen(self) -> Self {
        let (path, head) = (self.path(), self.head);
        let folder = self.close().await;
        let (writer, reader) = hearth_store::open(&path).await.unwrap();
        Self {
            writer,
            reader,
            head,
            folder,
        }
    }

    /// The number that the next fact will have.
    pub(crate) fn next(&self) -> u64 {
        self.head + 1
    }

    /// One more fact, numbered on from `facts`.
    pub(crate) fn number(&self, place: usize, new: NewFact) -> NewFact {
        let mut fact = Fact::clone(&new.fact);
        fact.seq = Some(self.head + 1 + place as u64);
        NewFact {
            fact: Arc::new(fact),
            ..new
        }
    }

    pub(crate) async fn try_commit(
        &mut self,
        facts: Vec<NewFact>,
        other: Vec<Write>,
    ) -> Result<(), StoreError> {
        let facts: Vec<_> = facts
            .into_iter()
            .enumerate()
            .map(|(place, new)| self.number(place, new))
            .collect();
        let count = facts.len() as u64;
        self.writer.commit(&Batch { facts, other }).await?;
        self.head += count;
        Ok(())
    }

    pub(crate) async fn commit(&mut self, facts: Vec<NewFact>) {
        self.try_commit(facts, Vec::new()).await.unwrap();
    }

    pub(crate) async fn write(&mut self, other: Vec<Write>) {
        self.try_commit(Vec::new(), other).await.unwrap();
    }

    /// A member who came in.
    pub(crate) async fn member(&mut self, name: &str) -> MemberId {
        let member = member(name);
        let id = member.id;
        self.commit(vec![fact(None, None, FactKind::MemberJoined { member })])
            .await;
        id
    }

    /// A public room that `by` made and joined.
    pub(crate) async fn room(&mut self, by: MemberId, name: &str) -> RoomId {
        let room = room(name);
        let id = room.id;
        self.commit(vec![
            fact(Some(by), None, FactKind::RoomCreated { room }),
            fact(
                Some(by),
                Some(id),
                FactKind::RoomJoined {
                    room: id,
                    member: by,
                },
            ),
        ])
        .await;
        id
    }

    /// An empty note.
    pub(crate) async fn note(&mut self, by: MemberId, room: RoomId, title: &str) -> Note {
        let note = note(by, room, title);
        self.commit(vec![fact(
            Some(by),
            Some(room),
            FactKind::NoteCreated { note: note.clone() },
        )])
        .await;
        note
    }

    /// A message.
    pub(crate) async fn message(&mut self, by: MemberId, room: RoomId, body: &str) -> Message {
        let message = message(by, room, self.next(), body);
        let kind = FactKind::MessagePosted {
            message: message.clone(),
        };
        self.commit(vec![fact(Some(by), Some(room), kind)]).await;
        message
    }

    /// Everything in the log.
    pub(crate) async fn facts(&self) -> Vec<Fact> {
        self.reader
            .facts(0, self.head, usize::MAX, |_| true)
            .await
            .unwrap()
            .facts
    }

    /// Every row of these tables, as text.
    pub(crate) async fn dump(&self, tables: &[&str]) -> String {
        let mut connection = raw(&self.path()).await;
        let mut dump = String::new();
        for table in tables {
            let mut columns: Vec<String> =
                sqlx::query_scalar("select name from pragma_table_info(?) order by cid")
                    .bind(*table)
                    .fetch_all(&mut connection)
                    .await
                    .unwrap();
            columns
                .iter_mut()
                .for_each(|column| *column = format!("quote(\"{column}\")"));
            let sql = format!(
                "select {} as line from {table} order by 1",
                columns.join(" || ' | ' || ")
            );
            let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
                .fetch_all(&mut connection)
                .await
                .unwrap();
            for row in rows {
                dump += &format!("{table}: {}\n", row.get::<String, _>("line"));
            }
        }
        connection.close().await.unwrap();
        dump
    }
}

/// What a rebuild makes.
pub(crate) const PROJECTIONS: [&str; 8] = [
    "settings",
    "runs",
    "members",
    "rooms",
    "room_members",
    "notes",
    "messages",
    "files",
];

/// What a rebuild leaves alone.
pub(crate) const THE_REST: [&str; 10] = [
    "ids",
    "facts",
    "session",
    "sign_ins",
    "link_keys",
    "invites",
    "reads",
    "checkpoints",
    "file_contents",
    "file_parts",
];

/// Closes the file and looks for `secret` in every byte of it.
pub(crate) async fn assert_is_nowhere(file: SessionFile, secret: &str) {
    let path = file.path();
    let folder = file.close().await;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap().path();
        let bytes = std::fs::read(&entry).unwrap();
        let found = bytes
            .windows(secret.len())
            .any(|window| window == secret.as_bytes());
        assert!(!found, "{} still holds it", entry.display());
    }
    assert!(path.exists());
}

/// A file with bytes of this hash comes into a room.
pub(crate) fn file_added(by: Option<MemberId>, room: RoomId, hash: u8, file_name: &str) -> NewFact {
    let kind = FactKind::FileAdded {
        room,
        hash: FileHash([hash; 32]),
        file_name: FileName::new(file_name).unwrap(),
        r#type: FileType::Png,
        size: 4,
    };
    fact(by, Some(room), kind)
}

/// A connection past the store, to look at what it wrote or to break it.
pub(crate) async fn raw(path: &Path) -> SqliteConnection {
    sqlx::sqlite::SqliteConnectOptions::new()
        .filename(path)
        .connect()
        .await
        .unwrap()
}

pub(crate) fn fact(by: Option<MemberId>, room: Option<RoomId>, kind: FactKind) -> NewFact {
    let fact = Fact {
        seq: None,
        at: at(1),
        by,
        id: by.map(|_| CallId::new()),
        pending: None,
        kind,
    };
    NewFact {
        fact: Arc::new(fact),
        room,
        digest: None,
    }
}

/// A fact as the first of a call.
pub(crate) fn called(by: MemberId, room: Option<RoomId>, call: CallId, kind: FactKind) -> NewFact {
    let new = fact(Some(by), room, kind);
    let fact = Fact {
        id: Some(call),
        ..Fact::clone(&new.fact)
    };
    NewFact {
        fact: Arc::new(fact),
        digest: Some([7; 8]),
        ..new
    }
}

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp(1_700_000_000_000 + seconds * 1_000)
}

pub(crate) fn member(name: &str) -> Member {
    Member {
        id: MemberId::new(),
        name: Name::new(name).unwrap(),
        color: Color::from_palette(3),
        role: Role::Editor,
        guest: true,
        removed: None,
    }
}

/// Made at moment 1, and used at 2.
pub(crate) fn sign_in(member: MemberId) -> SignInRow {
    SignInRow {
        device: DeviceId::new(),
        member,
        app: false,
        address: Some("192.0.2.7".to_owned()),
        created_at: at(1),
        used_at: at(2),
    }
}

/// One that is good until moment 90.
pub(crate) fn invite(hash: u8, uses: u32) -> InviteRow {
    InviteRow {
        hash: [hash; 32],
        id: InviteId::new(),
        role: Role::Editor,
        uses,
        uses_left: uses,
        expires_at: at(90),
        made_at: at(0),
    }
}

pub(crate) fn room(name: &str) -> Room {
    Room {
        id: RoomId::new(),
        name: Name::new(name).unwrap(),
        topic: Topic::new("").unwrap(),
        private: false,
        direct: None,
        destroyed_at: None,
    }
}

pub(crate) fn note(by: MemberId, room: RoomId, title: &str) -> Note {
    let key = NoteKey::new();
    Note {
        id: key,
        key,
        room,
        title: Title::new(title).unwrap(),
        version: 0,
        created_at: at(2),
        created_by: by,
        updated_at: at(2),
        updated_by: by,
        trashed_at: None,
        body: None,
        pending: None,
    }
}

pub(crate) fn edit(
    by: MemberId,
    room: RoomId,
    key: NoteKey,
    version: u64,
    update: &[u8],
) -> NewFact {
    let update = STANDARD.encode(update);
    fact(
        Some(by),
        Some(room),
        FactKind::NoteEdited {
            key,
            version,
            update,
        },
    )
}

pub(crate) fn message(by: MemberId, room: RoomId, seq: u64, body: &str) -> Message {
    Message {
        id: MessageId::new(),
        seq,
        room,
        body: body.to_owned(),
        at: at(seq as i64),
        by,
        edited_at: None,
        note: None,
        made_at: None,
    }
}
