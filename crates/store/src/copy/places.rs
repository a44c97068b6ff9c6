//! In which room a copied fact happened. The host knows; what it tells does not say so of every
//! fact, and the copy's own log needs it as the host's does.

use std::collections::HashMap;

use hearth_protocol::{Fact, FactKind, NoteKey, RoomId};
use sqlx::SqliteConnection;
use uuid::Uuid;

use crate::error::StoreError;

/// What is known of rooms and notes before the next fact.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Rooms, and whether each is private.
    rooms: HashMap<RoomId, bool>,
    /// The room that each note is in.
    notes: HashMap<NoteKey, RoomId>,
}

impl Places {
    /// What these facts need.
    pub(super) async fn load(
        connection: &mut SqliteConnection,
        facts: &[&Fact],
    ) -> Result<Self, StoreError> {
        let mut places = Self::default();
        let kinds = || facts.iter().map(|fact| &fact.kind);
        let rooms = kinds().filter_map(room_asked).map(|room| room.0);
        let notes = kinds().filter_map(note_asked).map(|note| note.0);
        if let Some(asked) = hex_list(rooms) {
            let found: Vec<(Uuid, bool)> = sqlx::query_as(
                "select ids.id, rooms.private
                    from json_each(?) as asked
                    join ids on ids.id = unhex(asked.value)
                    join rooms using (no)",
            )
            .bind(asked)
            .fetch_all(&mut *connection)
            .await?;
            let found = found.into_iter().map(|(id, private)| (RoomId(id), private));
            places.rooms.extend(found);
        }
        if let Some(asked) = hex_list(notes) {
            let found: Vec<(Uuid, Uuid)> = sqlx::query_as(
                "select ids.id, room.id
                    from json_each(?) as asked
                    join ids on ids.id = unhex(asked.value)
                    join notes using (no)
                    join ids as room on room.no = notes.room",
            )
            .bind(asked)
            .fetch_all(connection)
            .await?;
            let found = found
                .into_iter()
                .map(|(id, room)| (NoteKey(id), RoomId(room)));
            places.notes.extend(found);
        }
        Ok(places)
    }

    /// The room whose members the next fact concerns.
    pub(super) fn take(&mut self, kind: &FactKind) -> Option<RoomId> {
        // One that is not here is a private one whose past has not come yet.
        let is_private = |room| self.rooms.get(&room).copied().unwrap_or(true);
        let room = kind.concerned_room(is_private, |note| self.notes.get(&note).copied());
        match kind {
            FactKind::RoomCreated { room } => {
                self.rooms.insert(room.id, room.private);
            }
            FactKind::NoteCreated { note } | FactKind::NoteMoved { note } => {
                self.notes.insert(note.key, note.room);
            }
            _ => {}
        }
        room
    }
}

fn room_asked(kind: &FactKind) -> Option<RoomId> {
    match kind {
        FactKind::NoteMoved { note } => Some(note.room),
        FactKind::RoomPurged { room } => Some(*room),
        _ => None,
    }
}

fn note_asked(kind: &FactKind) -> Option<NoteKey> {
    match kind {
        FactKind::NoteEdited { key, .. } | FactKind::NotePurged { key } => Some(*key),
        FactKind::Unknown(unknown) => unknown.note(),
        _ => None,
    }
}

/// Ids, each once, as one parameter: a JSON list of them in hex, for `unhex`. `None`: there are
/// none to ask for.
fn hex_list(ids: impl Iterator<Item = Uuid>) -> Option<String> {
    let mut ids: Vec<Uuid> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    let ids: Vec<String> = ids
        .iter()
        .map(|id| format!("\"{}\"", id.simple()))
        .collect();
    (!ids.is_empty()).then(|| format!("[{}]", ids.join(",")))
}
