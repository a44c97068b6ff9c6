//! `note:open`: a note for writing together.
//!
//! The text is put together beside the writer, as of a version; the writer then adds the edits that
//! came meanwhile and lets the socket hear the next ones in the same step.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearth_protocol::answer::NoteOpened;
use hearth_protocol::call::NoteOpen;
use hearth_protocol::error::{CallError, Code};
use hearth_protocol::{Note, RunId};

use crate::catch_up::{Asker, MAX_TRIES, hand_over};
use crate::failure::told;
use crate::handle::Shared;
use crate::state::State;
use crate::writer::Wanted;

/// The most edits that are merged into one answer; beyond that the whole text is shorter.
const MAX_EDITS: u64 = 2_000;
/// The most notes one socket has open at once.
const MAX_OPEN: usize = 32;

/// Answers `note:open` and lets the socket hear the note's edits.
pub(crate) async fn open(shared: &Shared, asker: &Asker, call: &NoteOpen) -> Result<(), CallError> {
    check_socket(shared, asker, call)?;
    shared.pace.check_catch_up(asker.member)?;
    for _ in 0..MAX_TRIES {
        let state = shared.state();
        let note = state
            .visible_note(asker.member, call.key)
            .ok_or_else(|| CallError::not_found("note"))?;
        let since = call.since_version.unwrap_or(0);
        check_history(shared, &state, note, since, call.run).await?;
        let waiting = crate::texts::waiting_edits(&state, call.key);
        let update = since_version(shared, note, since, waiting).await?;
        let answer = NoteOpened {
            note: note.as_ref().clone(),
            version: note.version,
            update: STANDARD.encode(update),
        };
        let answer = serde_json::to_value(answer).expect("answers have string keys only");
        let answer = crate::writer::ok(answer, None);
        if hand_over(shared, asker, state.head(), Wanted::Note(call.key), answer).await? {
            if let Some(joined) = &shared.joined {
                crate::joined::open_at_host(shared, joined, call.key);
            }
            return Ok(());
        }
    }
    Err(CallError::internal())
}

fn check_socket(shared: &Shared, asker: &Asker, call: &NoteOpen) -> Result<(), CallError> {
    let sockets = shared.hub.lock();
    let Some(socket) = sockets.by_id.get(&asker.connection) else {
        return Ok(());
    };
    if socket.live.is_none() {
        return Err(CallError::bad_request(
            "Say `thanks` first, until the answer says that you are live.",
        ));
    }
    if socket.open.len() >= MAX_OPEN && !socket.open.contains_key(&call.key) {
        return Err(CallError::new(
            Code::TooLarge,
            format!("You have {MAX_OPEN} notes open. Close one with `note:close` first."),
        ));
    }
    Ok(())
}

/// Refuses a version from another history of this session.
async fn check_history(
    shared: &Shared,
    state: &State,
    note: &Note,
    since: u64,
    run: Option<RunId>,
) -> Result<(), CallError> {
    let end = match run.map(|run| state.end_of(run)) {
        None => Some(state.head()),
        Some(end) => end,
    };
    let known = match end {
        None => false,
        Some(end) if end == state.head() => since <= note.version,
        Some(end) => {
            let at_end = shared.reader.note_version_at(note.key, end).await;
            since <= at_end.map_err(|error| told(&error.into()))?
        }
    };
    if known {
        return Ok(());
    }
    Err(CallError::new(
        Code::Diverged,
        "This note has another history than the one you saw. Open it without `since_version`.",
    ))
}

/// Everything since that version, and what waits for the host of a joined session, as one update.
async fn since_version(
    shared: &Shared,
    note: &Note,
    since: u64,
    waiting: Vec<Vec<u8>>,
) -> Result<Vec<u8>, CallError> {
    if since > 0 && note.version - since <= MAX_EDITS {
        let edits = shared
            .reader
            .note_edits(note.key, since, note.version)
            .await;
        let edits = edits.map_err(|error| told(&error.into()))?;
        let edits = edits.into_iter().map(|edit| edit.update);
        return merged(edits.chain(waiting).collect()).await;
    }
    let (key, version) = (note.key, note.version);
    let whole = shared.whole_texts.get(key, version, || whole(shared, note));
    let whole = whole.await?;
    if waiting.is_empty() {
        return Ok(whole.to_vec());
    }
    merged([whole.to_vec()].into_iter().chain(waiting).collect()).await
}

/// All that was ever written into the note, as one update.
async fn whole(shared: &Shared, note: &Note) -> Result<Vec<u8>, CallError> {
    let log = shared.reader.note_log(note.key, note.version).await;
    let log = log.map_err(|error| told(&error.into()))?;
    let checkpoint = log.checkpoint.map(|checkpoint| checkpoint.state);
    let updates = log.updates.into_iter().map(|(_, update)| update);
    merged(checkpoint.into_iter().chain(updates).collect()).await
}

/// One update of many. They are put one behind the other as they were logged; building the text
/// that they make would take many times as long.
async fn merged(mut updates: Vec<Vec<u8>>) -> Result<Vec<u8>, CallError> {
    if updates.len() == 1 {
        return Ok(updates.remove(0));
    }
    let merged = tokio::task::spawn_blocking(move || {
        hearth_text::merge(updates.iter().map(|update| update.as_slice()))
    });
    let merged = merged.await.map_err(|_| CallError::internal())?;
    merged.map_err(|error| told(&error.into()))
}
