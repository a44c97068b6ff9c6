//! The texts of notes as the log has them: at any version, beside the writer.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearth_protocol::limits::Limits;
use hearth_protocol::{MemberId, NoteKey};
use hearth_store::{NoteLog, Reader, Write};
use hearth_text::{Checkpoint, DoorLimits, Note, Text};

use crate::failure::SessionError;
use crate::handle::Shared;
use crate::state::State;

/// The text of `key` at `version`, put together from the nearest checkpoint and the log behind it.
pub(crate) async fn text_at(
    reader: &Reader,
    key: NoteKey,
    version: u64,
) -> Result<Text, SessionError> {
    text_with(reader, key, version, Vec::new()).await
}

/// The text of `key` as it is shown: its present version, and what waits for the host.
pub(crate) async fn shown_text(
    reader: &Reader,
    state: &State,
    key: NoteKey,
) -> Result<Text, SessionError> {
    shown_text_with(reader, state, key, usize::MAX).await
}

/// The same with only the first so many of what waits.
pub(crate) async fn shown_text_with(
    reader: &Reader,
    state: &State,
    key: NoteKey,
    most: usize,
) -> Result<Text, SessionError> {
    let version = state.notes.get(&key).map_or(0, |note| note.version);
    let mut waiting = waiting_edits(state, key);
    waiting.truncate(most);
    text_with(reader, key, version, waiting).await
}

/// The edits of `key` that wait for the host, in order.
pub(crate) fn waiting_edits(state: &State, key: NoteKey) -> Vec<Vec<u8>> {
    state
        .pending_edits(key)
        .filter_map(|(_, update)| STANDARD.decode(update).ok())
        .collect()
}

async fn text_with(
    reader: &Reader,
    key: NoteKey,
    version: u64,
    more: Vec<Vec<u8>>,
) -> Result<Text, SessionError> {
    let log = reader.note_log(key, version).await?;
    // Merging a long history takes the processor for a while; the writer and the sockets go on.
    let loaded = tokio::task::spawn_blocking(move || {
        let checkpoint = log
            .checkpoint
            .as_ref()
            .map(|checkpoint| checkpoint.state.as_slice());
        let logged = log.updates.iter().map(|(_, update)| update.as_slice());
        let more = more.iter().map(Vec::as_slice);
        Text::load(checkpoint, logged.chain(more))
    });
    Ok(loaded.await.map_err(|_| SessionError::Closed)??)
}

/// The note `key` at `version`, its present one: text and door.
pub(crate) async fn note_at(
    reader: &Reader,
    key: NoteKey,
    version: u64,
    limits: DoorLimits,
) -> Result<Note, SessionError> {
    let log = reader.note_log(key, version).await?;
    if !reaches(&log, version) {
        return Err(SessionError::Behind);
    }
    let loaded = tokio::task::spawn_blocking(move || {
        let checkpoint = log.checkpoint.map(|checkpoint| Checkpoint {
            update: checkpoint.state,
            owners: checkpoint.owners,
        });
        let updates = log.updates.iter();
        let updates = updates.map(|(by, update)| (author(*by), update.as_slice()));
        Note::load(checkpoint.as_ref(), updates, limits)
    });
    Ok(loaded.await.map_err(|_| SessionError::Closed)??)
}

/// Whether the log has all edits up to `version`. Each made exactly one. A note that lacks some of
/// what was told would refuse all that builds on it, and its next checkpoint would lose it for good.
fn reaches(log: &NoteLog, version: u64) -> bool {
    let from = log.checkpoint.as_ref().map_or(0, |one| one.version);
    from + log.updates.len() as u64 == version
}

/// Writes down the text of a note of a copy, so that opening it replays little.
pub(crate) async fn checkpoint(
    shared: &Shared,
    key: NoteKey,
    version: u64,
) -> Result<(), SessionError> {
    let note = note_at(&shared.reader, key, version, door_limits(&shared.limits)).await?;
    let made = tokio::task::spawn_blocking(move || note.checkpoint()).await;
    let Checkpoint { update, owners } = made.map_err(|_| SessionError::Closed)?;
    let write = Write::Checkpoint {
        note: key,
        version,
        state: update,
        owners,
    };
    // What cannot be written now is written another time; it only saves work.
    let _ = shared.write(write).await;
    Ok(())
}

/// A member as the door knows them.
pub(crate) fn author(member: MemberId) -> hearth_text::MemberId {
    hearth_text::MemberId::new(member.0.as_u128())
}

/// What notes may become, for the door.
pub(crate) fn door_limits(limits: &Limits) -> DoorLimits {
    DoorLimits {
        body_bytes: limits.note_bytes,
        ..DoorLimits::default()
    }
}
