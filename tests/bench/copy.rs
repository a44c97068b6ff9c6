//! Copying a session's log by pages, as a joined app does, beside appending the same facts here.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use hearth_protocol::name::Color;
use hearth_protocol::object::{Admission, Browsers};
use hearth_protocol::{
    CallId, Fact, FactKind, Member, MemberId, Message, MessageId, Name, Note, NoteKey, Role, Room,
    RoomId, SessionId, Timestamp, Title, Topic,
};
use hearth_store::{
    Batch, CopyBatch, CopyHost, NewCopy, NewFact, NewSession, Reader, Writer, create, create_copy,
};

use crate::Bench;
use crate::machine::Folder;
use crate::numbers::{Rounds, target};

const FACTS: u64 = 100_000;
/// One in so many is a message, the others are letters typed into notes.
const MESSAGE_EVERY: u64 = 6;
const NOTES: u64 = 200;
/// As many as the host commits together at most.
const BATCH: usize = 512;
const PAGE_BYTES: usize = 1 << 20;
const ROUNDS: usize = 3;

pub(crate) async fn copy(bench: &Bench) -> Result<()> {
    println!("\n{FACTS} facts copied by pages, beside appending them here");
    let (mut appended, mut copied, mut decoded) =
        (Rounds::default(), Rounds::default(), Rounds::default());
    for _ in 0..ROUNDS {
        let folder = Folder::new(&bench.folder)?;
        let (mut writer, reader) = create(&folder.path().join("host"), &session()?).await?;
        appended.push(append(&mut writer).await?);
        let head = writer.load().await?.head;
        copied.push(pull(&reader, &mut writer, folder.path(), head, false).await?);
        decoded.push(pull(&reader, &mut writer, folder.path(), head, true).await?);
    }
    println!("  appended in batches of {BATCH}: {appended} facts/s");
    println!("  copied by pages of 1 MiB: {copied} facts/s");
    println!("  the same by way of JSON, both ends on one core: {decoded} facts/s");
    let share = appended.median() / copied.median();
    target("time to copy, of that to append", share, 1.0, "");
    Ok(())
}

/// Writes the facts and gives how many in a second.
async fn append(writer: &mut Writer) -> Result<f64> {
    let all = facts()?;
    let started = Instant::now();
    for facts in all.chunks(BATCH) {
        let batch = Batch {
            facts: facts.to_vec(),
            other: vec![],
        };
        writer.commit(&batch).await?;
    }
    Ok(all.len() as f64 / started.elapsed().as_secs_f64())
}

/// Copies everything into a new file and gives how many facts in a second.
async fn pull(
    reader: &Reader,
    host: &mut Writer,
    folder: &Path,
    head: u64,
    as_json: bool,
) -> Result<f64> {
    let loaded = host.load().await?;
    let new = NewCopy {
        session: loaded.session,
        member: loaded.members.first().context("nobody is in it")?.id,
        host: CopyHost {
            addresses: vec![],
            fingerprint: None,
            token: String::new(),
        },
    };
    let (mut writer, _reader) = create_copy(&folder.join(format!("copy-{as_json}")), &new).await?;
    let started = Instant::now();
    let (mut next, mut count) = (0, 0);
    while next < head {
        let page = reader.facts(next, head, PAGE_BYTES, |_| true).await?;
        next = page.next;
        let facts = match as_json {
            true => serde_json::from_str(&serde_json::to_string(&page.facts)?)?,
            false => page.facts,
        };
        let batch = CopyBatch {
            facts,
            next,
            ..CopyBatch::default()
        };
        count += writer.copy(&batch).await?.new.len();
    }
    let rate = count as f64 / started.elapsed().as_secs_f64();
    ensure!(count as u64 == head, "{count} of {head} facts were copied");
    writer.close().await?;
    Ok(rate)
}

fn session() -> Result<NewSession> {
    Ok(NewSession {
        id: SessionId::new(),
        name: name("Garden")?,
        admission: Admission::Ask,
        guests: Role::Editor,
        browsers: Browsers::Plain,
    })
}

fn name(text: &str) -> Result<Name> {
    Name::new(text).map_err(anyhow::Error::msg)
}

fn facts() -> Result<Vec<NewFact>> {
    let member = Member {
        id: MemberId::new(),
        name: name("Ada")?,
        color: Color::from_palette(3),
        role: Role::Editor,
        guest: true,
        removed: None,
    };
    let room = Room {
        id: RoomId::new(),
        name: name("Kitchen")?,
        topic: Topic::new("").map_err(anyhow::Error::msg)?,
        private: false,
        direct: None,
        destroyed_at: None,
    };
    let (by, place) = (member.id, room.id);
    let mut kinds = vec![
        FactKind::MemberJoined { member },
        FactKind::RoomCreated { room },
    ];
    let notes: Vec<Note> = (0..NOTES)
        .map(|number| note(by, place, number))
        .collect::<Result<_>>()?;
    let created = notes.iter().cloned();
    kinds.extend(created.map(|note| FactKind::NoteCreated { note }));
    let mut versions = vec![0; notes.len()];
    while (kinds.len() as u64) < FACTS {
        let seq = kinds.len() as u64 + 1;
        kinds.push(match seq % MESSAGE_EVERY {
            0 => FactKind::MessagePosted {
                message: message(by, place, seq),
            },
            _ => {
                let at = (seq % NOTES) as usize;
                versions[at] += 1;
                FactKind::NoteEdited {
                    key: notes[at].key,
                    version: versions[at],
                    update: letter(versions[at]),
                }
            }
        });
    }
    Ok((1..)
        .zip(kinds)
        .map(|(seq, kind)| numbered(seq, by, place, kind))
        .collect())
}

fn note(by: MemberId, room: RoomId, number: u64) -> Result<Note> {
    let key = NoteKey::new();
    Ok(Note {
        id: key,
        key,
        room,
        title: Title::new(&format!("Note {number}")).map_err(anyhow::Error::msg)?,
        version: 0,
        created_at: Timestamp(0),
        created_by: by,
        updated_at: Timestamp(0),
        updated_by: by,
        trashed_at: None,
        body: None,
    })
}

fn message(by: MemberId, room: RoomId, seq: u64) -> Message {
    Message {
        id: MessageId::new(),
        seq,
        room,
        body: format!("Message {seq}, about as long as what people say to each other is."),
        at: Timestamp(seq as i64),
        by,
        edited_at: None,
        note: None,
        made_at: None,
    }
}

/// A typed letter, as Yjs says it.
fn letter(version: u64) -> String {
    use base64::Engine as _;
    let client = [0xd2, 0x84, 0x91, 0xfa, 0x0b];
    let clock = [version as u8 | 0x80, (version >> 7) as u8 & 0x7f];
    let mut update = vec![1, 1];
    for part in [&client[..], &clock, &[0x84], &client, &clock, &[1, b'x', 0]] {
        update.extend(part);
    }
    base64::engine::general_purpose::STANDARD.encode(update)
}

fn numbered(seq: u64, by: MemberId, room: RoomId, kind: FactKind) -> NewFact {
    let fact = Fact {
        seq: Some(seq),
        at: Timestamp(seq as i64),
        by: Some(by),
        id: Some(CallId::new()),
        pending: None,
        kind,
    };
    let room = fact.kind.concerned_room(|_| false, |_| Some(room));
    NewFact {
        fact: Arc::new(fact),
        room,
        digest: Some(seq.to_be_bytes()),
    }
}
