//! A session with a long past, as it would have been written down.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hearth_protocol::name::Color;
use hearth_protocol::{
    CallId, Fact, FactKind, Member, MemberId, Message, MessageId, Name, Note, NoteKey, Role,
    RoomId, Timestamp, Title,
};
use hearth_store::{Batch, NewFact, open};

use crate::yjs::{self, Id};

/// What a past is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Past {
    pub(crate) notes: u64,
    pub(crate) messages: u64,
    /// Letters typed at the end of one note after the other.
    pub(crate) edits: u64,
}

impl Past {
    pub(crate) fn facts(self) -> u64 {
        1 + self.notes + self.messages + self.edits
    }
}

/// As many as the host commits together at most.
const BATCH: usize = 512;

/// Appends a past to the session in `file` that nobody has open; answers how many facts a second.
pub(crate) async fn append(file: &Path, past: Past) -> Result<f64> {
    let (mut writer, reader) = open(file).await?;
    let loaded = writer.load().await?;
    let room = loaded.rooms.first().context("it has no room")?.room.id;
    let mut facts = Facts::new(past, room)?;
    let by = facts.by.id;
    let mut seq = loaded.head;
    // Making them is not what is measured.
    let mut took = 0.0;
    loop {
        let kinds = facts.by_ref().take(BATCH);
        let facts: Vec<_> = kinds
            .map(|kind| {
                seq += 1;
                numbered(seq, by, room, kind)
            })
            .collect();
        if facts.is_empty() {
            break;
        }
        let batch = Batch {
            facts,
            other: vec![],
        };
        let begun = Instant::now();
        writer.commit(&batch).await?;
        took += begun.elapsed().as_secs_f64();
    }
    drop(reader);
    writer.close().await?;
    Ok(past.facts() as f64 / took)
}

/// The facts of a past, in order.
struct Facts {
    past: Past,
    room: RoomId,
    by: Member,
    keys: Vec<NoteKey>,
    told: u64,
}

impl Facts {
    fn new(past: Past, room: RoomId) -> Result<Self> {
        let by = Member {
            id: MemberId::new(),
            name: Name::new("Ada").map_err(anyhow::Error::msg)?,
            color: Color::from_palette(3),
            role: Role::Editor,
            guest: true,
            removed: None,
        };
        Ok(Self {
            past,
            room,
            by,
            keys: (0..past.notes).map(|_| NoteKey::new()).collect(),
            told: 0,
        })
    }

    fn note(&self, number: u64) -> Option<Note> {
        let key = self.keys[number as usize];
        Some(Note {
            id: key,
            key,
            room: self.room,
            title: Title::new(&format!("Note {number}")).ok()?,
            version: 0,
            created_at: Timestamp(0),
            created_by: self.by.id,
            updated_at: Timestamp(0),
            updated_by: self.by.id,
            trashed_at: None,
            body: None,
            pending: None,
        })
    }

    fn message(&self, number: u64) -> Message {
        Message {
            id: MessageId::new(),
            seq: 0,
            room: self.room,
            body: format!("Message {number}, about as long as what people say to each other is."),
            at: Timestamp(number as i64),
            by: self.by.id,
            edited_at: None,
            note: None,
            made_at: None,
        }
    }

    /// A typed letter. All notes get their first one, then all their second, and so on.
    fn edited(&self, number: u64) -> FactKind {
        let (round, note) = (number / self.past.notes, number % self.past.notes);
        let id = |clock: u64| Id {
            client: 3_654_321_987,
            clock: clock as u32,
        };
        let left = round.checked_sub(1).map(id);
        FactKind::NoteEdited {
            key: self.keys[note as usize],
            version: round + 1,
            update: STANDARD.encode(yjs::insertion(id(round), left, None, "x")),
        }
    }
}

impl Iterator for Facts {
    type Item = FactKind;

    fn next(&mut self) -> Option<FactKind> {
        let Past {
            notes, messages, ..
        } = self.past;
        let number = self.told;
        if number == self.past.facts() {
            return None;
        }
        self.told += 1;
        let Some(number) = number.checked_sub(1) else {
            let member = self.by.clone();
            return Some(FactKind::MemberJoined { member });
        };
        if let Some(note) = (number < notes).then(|| self.note(number)) {
            return Some(FactKind::NoteCreated { note: note? });
        }
        let number = number - notes;
        Some(match number.checked_sub(messages) {
            None => FactKind::MessagePosted {
                message: self.message(number),
            },
            Some(number) => self.edited(number),
        })
    }
}

fn numbered(seq: u64, by: MemberId, room: RoomId, mut kind: FactKind) -> NewFact {
    if let FactKind::MessagePosted { message } = &mut kind {
        message.seq = seq;
    }
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
