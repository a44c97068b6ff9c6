//! What a fact does to the projections.
//!
//! The same function serves a commit and a rebuild, so both come to the same rows. A copy may know
//! of something only that it is there: what is about a room or a note that has no row changes
//! nothing.

use std::collections::{BTreeMap, HashSet};

use hearth_protocol::http::StoredFile;
use hearth_protocol::{Fact, FactKind};
use sqlx::SqliteConnection;

use crate::error::StoreError;
use crate::fact_log::column;
use crate::ids::Ids;
use crate::notes::LastEdit;
use crate::{checkpoints, fact_log, files, members, messages, notes, reads, rooms, runs, session};

/// Edits not yet written to their notes' rows. Of many edits of one note, as typing makes them,
/// only the last one's row counts.
type Edits = BTreeMap<i64, LastEdit>;

/// Projects facts, in order, that are in the log already.
pub(crate) async fn facts(
    connection: &mut SqliteConnection,
    ids: &Ids,
    facts: impl Iterator<Item = &Fact>,
) -> Result<(), StoreError> {
    let mut projector = Projector::new(ids, HashSet::new());
    for fact in facts {
        projector.take(connection, fact).await?;
    }
    projector.finish(connection).await
}

/// Takes facts one by one. Nothing is certain to be written before [`Projector::finish`].
pub(crate) struct Projector<'a> {
    ids: &'a Ids,
    edits: Edits,
    /// Rooms and notes of a copy whose past is not whole: they are not made, and what is about
    /// something that is not there changes nothing.
    pub(crate) hidden: HashSet<i64>,
}

impl<'a> Projector<'a> {
    pub(crate) fn new(ids: &'a Ids, hidden: HashSet<i64>) -> Self {
        Self {
            ids,
            edits: Edits::new(),
            hidden,
        }
    }

    pub(crate) async fn take(
        &mut self,
        connection: &mut SqliteConnection,
        fact: &Fact,
    ) -> Result<(), StoreError> {
        let ids = self.ids;
        if let Some((note, edit)) = LastEdit::of(ids, fact)? {
            self.edits.insert(note, edit);
            return Ok(());
        }
        if is_about_notes(&fact.kind) {
            write_edits(connection, &mut self.edits).await?;
        }
        match self.makes_hidden(&fact.kind)? {
            true => Ok(()),
            false => project(connection, ids, fact).await,
        }
    }

    pub(crate) async fn finish(
        mut self,
        connection: &mut SqliteConnection,
    ) -> Result<(), StoreError> {
        write_edits(connection, &mut self.edits).await
    }

    fn makes_hidden(&self, kind: &FactKind) -> Result<bool, StoreError> {
        let made = match kind {
            FactKind::RoomCreated { room } => room.id.0,
            FactKind::NoteCreated { note } | FactKind::NoteMoved { note } => note.key.0,
            _ => return Ok(false),
        };
        Ok(!self.hidden.is_empty() && self.hidden.contains(&self.ids.known(made)?))
    }
}

fn is_about_notes(kind: &FactKind) -> bool {
    matches!(
        kind,
        FactKind::NoteCreated { .. }
            | FactKind::NoteUpdated { .. }
            | FactKind::NoteMoved { .. }
            | FactKind::NoteDestroyed { .. }
            | FactKind::NoteRestored { .. }
            | FactKind::NotePurged { .. }
            | FactKind::RoomPurged { .. }
    )
}

async fn write_edits(
    connection: &mut SqliteConnection,
    edits: &mut Edits,
) -> Result<(), StoreError> {
    while let Some((note, edit)) = edits.pop_first() {
        notes::edited(connection, note, edit).await?;
    }
    Ok(())
}

async fn project(
    connection: &mut SqliteConnection,
    ids: &Ids,
    fact: &Fact,
) -> Result<(), StoreError> {
    let seq = column(fact.seq.unwrap_or_default());
    match &fact.kind {
        FactKind::SessionHosted { run } => runs::insert(connection, seq, *run).await,
        FactKind::SessionUpdated { session } => session::update_settings(connection, session).await,
        FactKind::MemberJoined { member }
        | FactKind::MemberUpdated { member }
        | FactKind::RoleChanged { member }
        | FactKind::MemberRemoved { member }
        | FactKind::MemberUnbanned { member } => {
            members::put(connection, ids.known(member.id.0)?, member).await
        }
        FactKind::RoomCreated { room } => rooms::insert(connection, ids, room, fact.by).await,
        FactKind::RoomUpdated { room }
        | FactKind::RoomDestroyed { room }
        | FactKind::RoomRestored { room } => {
            rooms::update(connection, ids.known(room.id.0)?, room).await
        }
        FactKind::RoomPurged { room } => purge_room(connection, ids.known(room.0)?).await,
        FactKind::RoomJoined { room, member } => {
            rooms::join(connection, ids.known(room.0)?, ids.known(member.0)?, seq).await
        }
        FactKind::RoomLeft { room, member } => {
            rooms::leave(connection, ids.known(room.0)?, ids.known(member.0)?).await
        }
        FactKind::NoteCreated { note } => notes::insert(connection, ids, note).await,
        FactKind::NoteMoved { note } => notes::put(connection, ids, note).await,
        FactKind::NoteUpdated { note }
        | FactKind::NoteDestroyed { note, .. }
        | FactKind::NoteRestored { note, .. } => notes::update(connection, ids, note).await,
        FactKind::NotePurged { key } => purge_note(connection, ids.known(key.0)?).await,
        FactKind::NoteEdited { .. }
        | FactKind::NoteLeft { .. }
        | FactKind::DeviceRevoked { .. }
        | FactKind::Unknown(_) => Ok(()),
        FactKind::MessagePosted { message } => {
            messages::insert(connection, ids, seq, message).await
        }
        FactKind::FileAdded {
            room,
            hash,
            file_name,
            r#type,
            size,
        } => {
            let file = StoredFile {
                hash: *hash,
                name: file_name.clone(),
                r#type: *r#type,
                size: *size,
            };
            files::insert(connection, ids.known(room.0)?, &file, seq).await
        }
        FactKind::MessageEdited { message } => messages::update(connection, message).await,
        FactKind::MessageDestroyed { message } => {
            messages::destroy(connection, message.id).await?;
            fact_log::blank_message(connection, column(message.seq)).await
        }
    }
}

async fn purge_note(connection: &mut SqliteConnection, note: i64) -> Result<(), StoreError> {
    fact_log::blank_note(connection, note).await?;
    checkpoints::delete_of_note(connection, note).await?;
    notes::delete(connection, note).await
}

async fn purge_room(connection: &mut SqliteConnection, room: i64) -> Result<(), StoreError> {
    for note in notes::in_room(connection, room).await? {
        purge_note(connection, note).await?;
    }
    fact_log::blank_messages_of_room(connection, room).await?;
    messages::delete_of_room(connection, room).await?;
    // Not their bytes: on a rebuild a later fact may speak of the same ones.
    fact_log::blank_files_of_room(connection, room).await?;
    files::delete_of_room(connection, room).await?;
    reads::delete_of_room(connection, room).await?;
    rooms::delete(connection, room).await
}
