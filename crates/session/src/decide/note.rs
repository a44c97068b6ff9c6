//! Notes: made, retitled, written, put into the trash and taken out again.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearth_protocol::call::{NoteCreate, NoteDestroy, NoteEdit, NoteMove, NoteRestore, NoteUpdate};
use hearth_protocol::error::{CallError, Code};
use hearth_protocol::{FactKind, Note, NoteKey, Title};

use super::{Context, Decision, TRASH_MS, room::taken};

fn find<'a>(context: &'a Context<'_>, key: NoteKey) -> Result<&'a Arc<Note>, CallError> {
    context
        .state
        .visible_note(context.me.id, key)
        .ok_or_else(|| CallError::not_found("note"))
}

fn edited(key: NoteKey, version: u64, update: &[u8]) -> FactKind {
    FactKind::NoteEdited {
        key,
        version,
        update: STANDARD.encode(update),
    }
}

pub(super) fn create(call: &NoteCreate, context: &Context<'_>) -> Result<Decision, CallError> {
    let key = NoteKey::from(context.id.0);
    if context.state.notes.contains_key(&key) {
        return Err(taken());
    }
    let note = Note {
        id: key,
        key,
        room: call.room,
        title: call.title.clone(),
        version: 0,
        created_at: context.now,
        created_by: context.me.id,
        updated_at: context.now,
        updated_by: context.me.id,
        trashed_at: None,
        body: None,
        pending: None,
    };
    let mut facts = vec![FactKind::NoteCreated { note }];
    facts.extend(context.update.as_ref().map(|update| edited(key, 1, update)));
    Ok(Decision::facts(facts))
}

pub(super) fn update(call: &NoteUpdate, context: &Context<'_>) -> Result<Decision, CallError> {
    let note = find(context, call.key)?;
    let mut facts = Vec::new();
    if let Some(title) = call.title.as_ref().filter(|title| **title != note.title) {
        facts.push(FactKind::NoteUpdated {
            note: retitled(note, title, context),
        });
    }
    facts.extend(
        context
            .update
            .as_ref()
            .map(|update| edited(note.key, note.version + 1, update)),
    );
    Ok(Decision::facts(facts))
}

fn retitled(note: &Note, title: &Title, context: &Context<'_>) -> Note {
    Note {
        title: title.clone(),
        updated_at: context.now,
        updated_by: context.me.id,
        ..note.clone()
    }
}

pub(super) fn edit(call: &NoteEdit, context: &Context<'_>) -> Result<Decision, CallError> {
    let note = find(context, call.key)?;
    let facts: Vec<_> = context
        .update
        .iter()
        .map(|update| edited(note.key, note.version + 1, update))
        .collect();
    Ok(Decision::facts(facts))
}

/// Into another room. Members of the old room who cannot see a private new one lose sight of it.
pub(super) fn put_into(call: &NoteMove, context: &Context<'_>) -> Result<Decision, CallError> {
    let note = find(context, call.key)?;
    if note.room == call.room {
        return Ok(Decision::nothing());
    }
    let is_private = context
        .state
        .rooms
        .get(&call.room)
        .is_some_and(|room| room.room.private);
    let moved = Note {
        room: call.room,
        ..Note::clone(note)
    };
    let mut facts = vec![FactKind::NoteMoved { note: moved }];
    if is_private {
        facts.push(FactKind::NoteLeft {
            key: note.key,
            room: note.room,
        });
    }
    Ok(Decision::facts(facts))
}

pub(super) fn destroy(call: &NoteDestroy, context: &Context<'_>) -> Result<Decision, CallError> {
    let note = find(context, call.key)?;
    if note.trashed_at.is_some() {
        return Ok(Decision::nothing());
    }
    let note = Note {
        trashed_at: Some(context.now),
        ..Note::clone(note)
    };
    Ok(Decision::facts([FactKind::NoteDestroyed {
        key: note.key,
        note,
    }]))
}

pub(super) fn restore(call: &NoteRestore, context: &Context<'_>) -> Result<Decision, CallError> {
    let note = find(context, call.key)?;
    match note.trashed_at {
        None => Ok(Decision::nothing()),
        Some(at) if context.now.0 - at.0 > TRASH_MS => Err(CallError::new(
            Code::Gone,
            "This note has been in the trash for more than 30 days and cannot come back.",
        )),
        Some(_) => {
            let note = Note {
                trashed_at: None,
                ..Note::clone(note)
            };
            Ok(Decision::facts([FactKind::NoteRestored {
                key: note.key,
                note,
            }]))
        }
    }
}
