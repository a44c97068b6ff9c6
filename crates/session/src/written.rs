//! What clients without Yjs write in a joined session while its host is there.
//!
//! The host is sent the very edit that would wait if its answer were lost
//! ([`steps`](crate::writer)), so it is worked out here.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use hearth_protocol::answer::NoteAnswer;
use hearth_protocol::call::{Call, NoteCreate};
use hearth_protocol::error::CallError;
use hearth_protocol::{CallId, MemberId, Note, NoteKey};
use hearth_text::{ClientId, Edit, Text};
use serde_json::{Value, json};

use crate::failure::told;
use crate::handle::Shared;
use crate::joined::Joined;
use crate::prepare::{Prepared, text_edit, work_out};
use crate::texts::text_at;
use crate::writer::step_ids;

/// More notes than are written in turn by any script; each costs some bytes.
const MAX_PENS: usize = 256;

/// Under which Yjs id each note is written. A text remembers every id that ever typed in it, so
/// one goes on being used for as long as it is certain where its clock stands.
#[derive(Default)]
pub(crate) struct Pens(Mutex<HashMap<NoteKey, Pen>>);

struct Pen {
    client: ClientId,
    /// The version with all that it wrote; none while something is on its way.
    wrote: Option<u64>,
}

impl Pens {
    /// An id for writing on top of this version.
    fn take(&self, key: NoteKey, version: u64) -> ClientId {
        let mut pens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = pens.remove(&key);
        let free = known.filter(|pen| pen.wrote.is_some_and(|wrote| wrote <= version));
        let client = free.map_or_else(ClientId::random, |pen| pen.client);
        if pens.len() >= MAX_PENS {
            pens.clear();
        }
        let wrote = None;
        pens.insert(key, Pen { client, wrote });
        client
    }

    /// The host has what was written with it, as this version.
    pub(crate) fn give_back(&self, key: NoteKey, client: ClientId, version: u64) {
        let mut pens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pen) = pens.get_mut(&key).filter(|pen| pen.client == client) {
            pen.wrote = Some(version);
        }
    }
}

/// The edit that a call comes to. Nothing where that is for others to say: the host where the call
/// cannot be carried out, the writer where it has to wait.
pub(crate) async fn prepare(
    shared: &Shared,
    joined: &Joined,
    call: &Call,
    id: CallId,
) -> Option<Prepared> {
    if !joined.is_live() || *joined.pending().borrow() > 0 {
        return None;
    }
    let (key, version, edit) = written_by(call, id)?;
    if matches!(call, Call::NoteUpdate(_)) {
        let state = shared.state();
        let present = state.visible_note(joined.me, key)?.version;
        (version <= present).then_some(())?;
    }
    let base = match version {
        0 => Text::new(),
        version => text_at(&shared.reader, key, version).await.ok()?,
    };
    let client = joined.pens.take(key, version);
    let update = work_out(shared, base, client, edit).await.ok()??;
    Some(Prepared::Sent {
        key,
        client,
        update,
    })
}

/// Which version such a call has made, and by which fact, if the host has carried it out before and
/// this copy has heard of it.
pub(crate) async fn made(
    shared: &Shared,
    me: MemberId,
    call: &Call,
    id: CallId,
) -> Result<Option<Value>, CallError> {
    let Some((key, version, _)) = written_by(call, id) else {
        return Ok(None);
    };
    let found = shared.reader.edit_of_call(key, version, me, step_ids(id));
    let found = found.await.map_err(|error| told(&error.into()))?;
    Ok(found.map(|(version, seq)| json!({ "version": version, "seq": seq })))
}

/// The note that a call writes into, on top of which version, and what.
fn written_by(call: &Call, id: CallId) -> Option<(NoteKey, u64, Edit)> {
    match call {
        Call::NoteCreate(NoteCreate {
            body: Some(body), ..
        }) => Some((NoteKey::from(id.0), 0, Edit::Body(body.clone()))),
        Call::NoteUpdate(call) => {
            let (version, edit) = text_edit(call).ok()??;
            Some((call.key, version, edit))
        }
        _ => None,
    }
}

/// The answer to such a call, once the copy has what the host said that it did.
pub(crate) async fn answer(shared: &Shared, call: &Call, id: CallId, ok: &Value) -> Value {
    let key = written_by(call, id).map_or(NoteKey::from(id.0), |(key, _, _)| key);
    let state = shared.state();
    let Some(note) = state.notes.get(&key) else {
        return json!({ "ok": {} });
    };
    let made = ok.get("version").and_then(Value::as_u64);
    let version = made.map_or(note.version, |made| made.min(note.version));
    let body = match call {
        Call::NoteUpdate(_) => match text_at(&shared.reader, key, version).await {
            Ok(text) => Some(text.body()),
            Err(error) => return json!({ "error": told(&error) }),
        },
        _ => None,
    };
    let note = Note {
        version,
        body,
        ..note.as_ref().clone()
    };
    let mut answer =
        serde_json::to_value(NoteAnswer { note }).expect("answers have string keys only");
    if let Some(seq) = ok.get("seq") {
        answer["seq"] = seq.clone();
    }
    json!({ "ok": answer })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_written_under_again_only_on_top_of_all_that_was_written_under_it() {
        let (pens, key) = (Pens::default(), NoteKey::new());
        let first = pens.take(key, 3);
        assert_ne!(pens.take(key, 3), first, "it is on its way");
        pens.give_back(key, first, 4);
        let second = pens.take(key, 4);
        assert_ne!(second, first, "it was given up");
        pens.give_back(key, second, 6);
        assert_eq!(pens.take(key, 7), second);
        pens.give_back(key, second, 8);
        assert_ne!(pens.take(key, 7), second, "on top of what it has not seen");
        assert_ne!(pens.take(NoteKey::new(), 9), second);
    }
}
