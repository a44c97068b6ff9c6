//! Which versions of notes were shown with more in them than the host has under that number.
//!
//! A client without Yjs writes against the version that it has read. While an edit waits, the note
//! is shown with it and keeps its version: the host makes the next one. Once the host has it,
//! nobody knows any longer which of the two texts a client has read under that number, and taking
//! one for the other would double words or remove them. So such a client is asked to read again.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use hearth_protocol::call::Call;
use hearth_protocol::error::{CallError, Code};
use hearth_protocol::{FactKind, NoteKey};

use super::inbox::CallJob;
use crate::outbox::Outbox;
use crate::state::State;

/// By note; what lies between two such versions counts as one.
#[derive(Debug, Default)]
pub(super) struct Mixed(HashMap<NoteKey, RangeInclusive<u64>>);

impl Mixed {
    /// What waits is shown on top of what was `confirmed`.
    pub(super) fn show(&mut self, outbox: &Outbox, confirmed: &State) {
        for fact in outbox.facts() {
            if let FactKind::NoteEdited { key, .. } = &fact.kind {
                let version = confirmed.notes.get(key).map_or(0, |note| note.version);
                let shown = self.0.entry(*key).or_insert(version..=version);
                *shown = version.min(*shown.start())..=version.max(*shown.end());
            }
        }
    }

    /// Whether it is not known what a call's client has read before it wrote.
    pub(super) fn is_doubtful(&self, job: &CallJob, confirmed: &State) -> bool {
        let Call::NoteUpdate(call) = &job.call else {
            return false;
        };
        let present = confirmed
            .notes
            .get(&call.key)
            .map_or(0, |note| note.version);
        let writes = call.body.is_some() || call.changes.is_some();
        let version = call.version.filter(|version| writes && *version < present);
        let shown = self.0.get(&call.key);
        version.is_some_and(|version| shown.is_some_and(|shown| shown.contains(&version)))
    }
}

pub(super) fn read_again() -> CallError {
    CallError::new(
        Code::Conflict,
        "When this note was read it was not yet known what the host would make of it. Read it \
         again, then write.",
    )
}
