//! Answers to changing calls, filled in from what has been committed: each with what its own call
//! left.

use std::sync::Arc;

use hearth_protocol::answer::{
    MemberView, MessageAnswer, NoteAnswer, RoomAnswer, SessionAnswer, VersionAnswer,
};
use hearth_protocol::error::CallError;
use hearth_protocol::{MemberId, Note};
use hearth_store::Reader;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::Writer;
use super::round::Decided;
use crate::decide::Reply;
use crate::failure::SessionError;
use crate::feed::to_raw;
use crate::state::State;

/// `{"ok": …}` with the number of the last fact the call made. `now` is the session after the whole
/// round.
pub(super) async fn render(
    writer: &Writer,
    decided: &Decided,
    me: MemberId,
    now: &State,
) -> Result<Arc<RawValue>, SessionError> {
    let reader = &writer.reader;
    let state = &decided.then;
    let answer = match &decided.reply {
        Reply::Done(done) => value(done),
        Reply::Room(id) => match state.rooms.get(id) {
            Some(room) => value(&RoomAnswer {
                room: crate::read::room_view(reader, state, me, room).await?,
            }),
            None => json!({}),
        },
        Reply::Contents(id) => match state.rooms.get(id) {
            Some(room) => value(&crate::read::contents(reader, state, me, room).await?),
            None => json!({}),
        },
        Reply::Note { key, body: false } => match state.notes.get(key) {
            Some(note) => value(&NoteAnswer {
                note: Note::clone(note),
            }),
            None => json!({}),
        },
        Reply::Version { key, made } => {
            let present = || state.notes.get(key).map_or(0, |note| note.version);
            value(&VersionAnswer {
                version: made.unwrap_or_else(present),
            })
        }
        // One that was purged since has no text to answer.
        Reply::Note { key, body: true } if now.notes.contains_key(key) => {
            match state.notes.get(key) {
                Some(note) => value(&NoteAnswer {
                    note: with_body(reader, note, decided.body.as_ref()).await?,
                }),
                None => json!({}),
            }
        }
        Reply::Note { body: true, .. } => json!({}),
        Reply::Message(message) => value(&MessageAnswer {
            message: message.as_ref().clone(),
        }),
        Reply::Member(id) => match state.member(*id) {
            Some(member) => value(&MemberView {
                member: member.as_ref().clone(),
            }),
            None => json!({}),
        },
        Reply::Session => value(&SessionAnswer {
            session: state.session().clone(),
        }),
    };
    Ok(match decided.seq {
        Some(seq) => ok(answer, Some(seq)),
        None => waits(answer),
    })
}

async fn with_body(
    reader: &Reader,
    note: &Note,
    body: Option<&String>,
) -> Result<Note, SessionError> {
    let body = match body {
        Some(body) => body.clone(),
        None => crate::texts::text_at(reader, note.key, note.version)
            .await?
            .body(),
    };
    Ok(Note {
        body: Some(body),
        ..note.clone()
    })
}

fn value(answer: &impl Serialize) -> Value {
    serde_json::to_value(answer).expect("answers have string keys only")
}

/// An acknowledgement that says it went well.
pub(crate) fn ok(mut answer: Value, seq: Option<u64>) -> Arc<RawValue> {
    if let (Some(fields), Some(seq)) = (answer.as_object_mut(), seq) {
        fields.insert("seq".to_owned(), seq.into());
    }
    to_raw(&json!({ "ok": answer }))
}

/// An acknowledgement that says it waits for the host.
fn waits(mut answer: Value) -> Arc<RawValue> {
    if let Some(fields) = answer.as_object_mut() {
        fields.insert("pending".to_owned(), true.into());
    }
    to_raw(&json!({ "ok": answer }))
}

/// An acknowledgement that says why not.
pub(crate) fn error(error: &CallError) -> Arc<RawValue> {
    to_raw(&json!({ "error": error }))
}
