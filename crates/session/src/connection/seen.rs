//! What a socket has seen of notes that wait for the host.
//!
//! While edits wait, a note keeps its version, and several texts are shown under that number one
//! after the other. Whoever writes without Yjs says only the number. So it is remembered for each
//! socket which of those texts it had before it, and what it writes is worked out against that:
//! against a newer one it would take away what others wrote meanwhile.

use std::collections::HashMap;

use hearth_protocol::{CallId, NoteKey};

use crate::state::State;

/// More notes than anybody writes in turn; what is forgotten is read again.
const MAX_NOTES: usize = 256;

/// What a socket knows of one note.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    /// The version that it has read, and the last edit that waited then.
    pub(crate) read: Option<(u64, Option<CallId>)>,
    /// Its own last call since; the answer had all that came before.
    pub(crate) wrote: Option<CallId>,
}

/// By note.
#[derive(Debug, Default)]
pub(super) struct SeenNotes(HashMap<NoteKey, Seen>);

impl SeenNotes {
    /// It is answered with the note as it is shown.
    pub(super) fn read(&mut self, key: NoteKey, state: &State) {
        let version = state.notes.get(&key).map_or(0, |note| note.version);
        let last = state.pending_edits(key).last().and_then(|(id, _)| id);
        let read = Some((version, last));
        self.put(key, Seen { read, wrote: None });
    }

    /// It writes by this call.
    pub(super) fn wrote(&mut self, key: NoteKey, id: CallId) {
        let read = self.0.get(&key).and_then(|seen| seen.read);
        let wrote = Some(id);
        self.put(key, Seen { read, wrote });
    }

    pub(super) fn of(&self, key: NoteKey) -> Option<Seen> {
        self.0.get(&key).copied()
    }

    fn put(&mut self, key: NoteKey, seen: Seen) {
        if self.0.len() >= MAX_NOTES && !self.0.contains_key(&key) {
            self.0.clear();
        }
        self.0.insert(key, seen);
    }
}

impl Seen {
    /// How many of these edits, which wait on top of `version`, were in the last text that it had
    /// before it; nothing where that is not known.
    pub(crate) fn count(
        &self,
        version: u64,
        waiting: &[Option<CallId>],
        steps: impl Fn(CallId) -> [CallId; 2],
    ) -> Option<usize> {
        let own = self.wrote.map(steps);
        let read = self.read.filter(|(read, _)| *read == version);
        let last = read.and_then(|(_, last)| last);
        let had = |id: &Option<CallId>| {
            id.is_some_and(|id| Some(id) == last || own.is_some_and(|own| own.contains(&id)))
        };
        match waiting.iter().rposition(had) {
            Some(at) => Some(at + 1),
            None => matches!(read, Some((_, None))).then_some(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_socket_had_before_it_is_what_it_read_or_was_answered_last() {
        let ids = [CallId::new(), CallId::new(), CallId::new()];
        let waiting = ids.map(Some);
        let seen = |read, wrote| Seen { read, wrote };
        let count = |seen: Seen| seen.count(3, &waiting, |id| [id, id]);
        assert_eq!(count(seen(Some((3, None)), None)), Some(0));
        assert_eq!(count(seen(Some((3, Some(ids[0]))), None)), Some(1));
        assert_eq!(count(seen(Some((3, None)), Some(ids[1]))), Some(2));
        assert_eq!(count(seen(Some((3, Some(ids[2]))), Some(ids[1]))), Some(3));
        assert_eq!(count(seen(None, Some(ids[2]))), Some(3));
        assert_eq!(count(seen(None, None)), None);
        assert_eq!(count(seen(Some((2, None)), None)), None, "another version");
        let gone = Some((3, Some(CallId::new())));
        assert_eq!(count(seen(gone, None)), None, "it was taken out");
    }
}
