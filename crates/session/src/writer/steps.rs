//! What the host is sent of a call. A text goes as the very edit that is shown while it waits, so
//! that what is typed on top of it here fits there; so a call that brings a text beside something
//! else becomes two.
//!
//! It goes that way from the first time on: when the answer is lost nobody knows whether the host
//! has it, and had the host made an edit of its own of it, what was typed on top of ours would fit
//! nowhere.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearth_protocol::call::{Call, MessageSend, NoteCreate, NoteEdit, NoteUpdate};
use hearth_protocol::{CallId, NoteKey, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::inbox::CallJob;
use crate::authority::{Answering, Authority};

/// One call as the host is sent it.
pub(super) struct Step {
    pub(super) id: CallId,
    pub(super) name: &'static str,
    pub(super) payload: Value,
    /// The edit of a note's text; otherwise everything else.
    pub(super) is_text: bool,
}

/// What the host is sent: the call with its id, so that sending it again is safe.
pub(super) fn payload(job: &CallJob) -> Value {
    let mut payload = job.call.to_payload();
    payload["id"] = json!(job.id);
    payload
}

/// Everything but the text first. `update` is what the call writes into a text, `now` when it was
/// made.
pub(super) fn steps(job: &CallJob, update: Option<&[u8]>, now: Timestamp) -> Vec<Step> {
    let rest = rest(&job.call, now);
    let id = text_id(&job.call, job.id);
    let first = rest.map(|rest| {
        let mut payload = rest.to_payload();
        payload["id"] = json!(job.id);
        Step {
            id: job.id,
            name: rest.info().name,
            payload,
            is_text: false,
        }
    });
    let text = update.zip(key_of(job)).map(|(update, key)| Step {
        id,
        name: "note:edit",
        payload: match &job.call {
            // As it came: the host trims it like any other.
            Call::NoteEdit(_) => payload(job),
            _ => edit(id, key, update),
        },
        is_text: true,
    });
    first.into_iter().chain(text).collect()
}

/// The id under which a call's text is sent.
pub(super) fn text_id(call: &Call, id: CallId) -> CallId {
    match is_all_text(call) {
        true => id,
        false => second_id(id),
    }
}

/// The ids that the steps of a call may have.
pub(crate) fn step_ids(call: CallId) -> [CallId; 2] {
    [call, second_id(call)]
}

/// Sends these, each once the one before it was accepted: an edit must not go into a note that
/// somebody else has made under the same id. Answered like the last one.
pub(super) fn send(authority: Arc<dyn Authority>, steps: Vec<Step>) -> Answering {
    let mut steps = steps.into_iter();
    // Its place among other calls is taken at once.
    let first = steps
        .next()
        .map(|step| authority.call(step.name, step.payload));
    Box::pin(async move {
        let mut last = match first {
            Some(answering) => answering.await?,
            None => Value::Null,
        };
        for step in steps {
            last = authority.call(step.name, step.payload).await?;
        }
        Ok(last)
    })
}

fn is_all_text(call: &Call) -> bool {
    match call {
        Call::NoteEdit(_) => true,
        Call::NoteUpdate(call) => call.title.is_none(),
        _ => false,
    }
}

fn rest(call: &Call, now: Timestamp) -> Option<Call> {
    if is_all_text(call) {
        return None;
    }
    Some(match call {
        Call::NoteUpdate(call) => Call::NoteUpdate(NoteUpdate {
            version: None,
            body: None,
            changes: None,
            ..call.clone()
        }),
        Call::NoteCreate(call) => Call::NoteCreate(NoteCreate {
            body: None,
            ..call.clone()
        }),
        // By the time the host hears of it that may be long ago.
        Call::MessageSend(call) => Call::MessageSend(MessageSend {
            made_at: call.made_at.or(Some(now)),
            ..call.clone()
        }),
        other => other.clone(),
    })
}

/// The note whose text a call may write.
fn key_of(job: &CallJob) -> Option<NoteKey> {
    match &job.call {
        Call::NoteEdit(call) => Some(call.key),
        Call::NoteUpdate(call) => Some(call.key),
        Call::NoteCreate(_) => Some(NoteKey::from(job.id.0)),
        _ => None,
    }
}

fn edit(id: CallId, key: NoteKey, update: &[u8]) -> Value {
    Call::NoteEdit(NoteEdit {
        id: Some(id),
        key,
        update: STANDARD.encode(update),
    })
    .to_payload()
}

/// The id of the second half of a call: always the same for the same call.
fn second_id(first: CallId) -> CallId {
    let hash = Sha256::digest(format!("{first} text"));
    let bytes = std::array::from_fn(|at| hash[at]);
    CallId(uuid::Builder::from_random_bytes(bytes).into_uuid())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_second_half_of_a_call_has_an_id_of_its_own_that_stays() {
        let first = CallId(Uuid::new_v4());
        assert_eq!(second_id(first), second_id(first));
        assert_ne!(second_id(first), first);
    }
}
