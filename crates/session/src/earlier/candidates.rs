//! What may be missing: what happened in the copy from before after the last number that both
//! histories have in common, and what had waited there. However large a session is, only that is
//! looked at.

use std::collections::HashSet;
use std::fmt;

use hearth_protocol::{CallId, FactKind, MessageId, NoteKey, RoomId};
use uuid::Uuid;

use super::compared::Compared;
use crate::failure::SessionError;

/// How much of the log is read at once.
const PAGE_BYTES: usize = 1 << 20;

/// One thing of the copy from before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Of {
    Room(RoomId),
    Note(NoteKey),
    Message(MessageId),
    /// A call that had waited and brings no words.
    Change(CallId),
}

impl fmt::Display for Of {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Room(id) => write!(f, "room/{id}"),
            Self::Note(key) => write!(f, "note/{key}"),
            Self::Message(id) => write!(f, "message/{id}"),
            Self::Change(id) => write!(f, "change/{id}"),
        }
    }
}

impl Of {
    pub(super) fn read(text: &str) -> Option<Self> {
        let (kind, id) = text.split_once('/')?;
        let id: Uuid = id.parse().ok()?;
        match kind {
            "room" => Some(Self::Room(id.into())),
            "note" => Some(Self::Note(id.into())),
            "message" => Some(Self::Message(id.into())),
            "change" => Some(Self::Change(id.into())),
            _ => None,
        }
    }

    /// What a fact may have brought.
    fn brought_by(kind: &FactKind) -> Option<Self> {
        match kind {
            FactKind::RoomCreated { room } | FactKind::RoomRestored { room } => {
                Some(Self::Room(room.id))
            }
            FactKind::NoteCreated { note }
            | FactKind::NoteUpdated { note }
            | FactKind::NoteRestored { note, .. }
            | FactKind::NoteMoved { note } => Some(Self::Note(note.key)),
            FactKind::NoteEdited { key, .. } => Some(Self::Note(*key)),
            FactKind::MessagePosted { message } | FactKind::MessageEdited { message } => {
                Some(Self::Message(message.id))
            }
            _ => None,
        }
    }

    /// What is needed by others comes first.
    fn rank(self) -> u8 {
        match self {
            Self::Room(_) => 0,
            Self::Note(_) => 1,
            Self::Message(_) => 2,
            Self::Change(_) => 3,
        }
    }
}

impl Compared<'_> {
    /// Everything that may be missing, each once: rooms, notes, messages, changes.
    pub(super) async fn candidates(&self) -> Result<Vec<Of>, SessionError> {
        let (reader, state) = (&self.before.reader, &self.before.state);
        let common = state.common_with(&self.now);
        let mut found = Vec::new();
        let mut since = common;
        while since < state.head() {
            let until = state.head();
            let page = reader
                .facts_but_edits(since, until, PAGE_BYTES, |_| true)
                .await?;
            found.extend(
                page.facts
                    .iter()
                    .filter_map(|fact| Of::brought_by(&fact.kind)),
            );
            since = page.next;
        }
        let edited = reader.notes_edited(common).await?;
        found.extend(edited.into_iter().map(Of::Note));
        found.extend(
            state
                .pending
                .iter()
                .filter_map(|fact| Of::brought_by(&fact.kind)),
        );
        let waiting = self.before.waiting.iter();
        found.extend(waiting.map(|one| Of::Change(one.id)));
        let mut seen = HashSet::new();
        found.retain(|of| seen.insert(*of));
        found.sort_by_key(|of| of.rank());
        Ok(found)
    }
}
