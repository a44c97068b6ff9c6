//! Calls that are not answered yet.

use std::collections::HashMap;
use std::sync::Mutex;

use hearth_protocol::{CallError, Code};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::CallFailure;

/// What a call came to.
pub(super) type Answer = Result<Value, CallFailure>;

/// Calls that were sent, by the mark that their answers carry.
#[derive(Debug, Default)]
pub(super) struct Calls {
    // Never held across an `.await`; nothing that is called while holding it waits.
    sent: Mutex<Sent>,
}

#[derive(Debug, Default)]
struct Sent {
    last: u64,
    waiting: HashMap<u64, Waiting>,
    is_over: bool,
}

#[derive(Debug)]
struct Waiting {
    answer: oneshot::Sender<Answer>,
    /// Held until the host has answered, also when nobody waits any more: it counts them so too.
    _place: OwnedSemaphorePermit,
}

#[derive(Deserialize)]
struct Reply {
    re: String,
    ok: Option<Value>,
    error: Option<Refusal>,
}

/// A refusal whose code this build may not know.
#[derive(Deserialize)]
struct Refusal {
    code: Value,
    #[serde(default)]
    message: String,
    retry_after_ms: Option<u64>,
    tries_left: Option<u32>,
}

impl Calls {
    /// Enters a call that is about to be sent; the mark that it is to carry.
    pub(super) fn enter(
        &self,
        answer: oneshot::Sender<Answer>,
        place: OwnedSemaphorePermit,
    ) -> String {
        let mut sent = self.sent.lock().expect("nothing panics while holding it");
        sent.last += 1;
        let mark = sent.last;
        if !sent.is_over {
            let waiting = Waiting {
                answer,
                _place: place,
            };
            sent.waiting.insert(mark, waiting);
        }
        mark.to_string()
    }

    /// A `reply` came. One that answers nothing is left alone.
    pub(super) fn answer(&self, reply: Value) {
        let Ok(reply) = serde_json::from_value::<Reply>(reply) else {
            return;
        };
        let Ok(mark) = reply.re.parse() else {
            return;
        };
        let mut sent = self.sent.lock().expect("nothing panics while holding it");
        let waiting = sent.waiting.remove(&mark);
        drop(sent);
        if let Some(waiting) = waiting {
            let answer = match reply.error {
                None => Ok(reply.ok.unwrap_or_default()),
                Some(refusal) => Err(CallFailure::Refused(refusal.read())),
            };
            // Whoever called may have given up.
            let _ = waiting.answer.send(answer);
        }
    }

    /// The link is over: nothing will be answered any more.
    pub(super) fn end(&self) {
        let mut sent = self.sent.lock().expect("nothing panics while holding it");
        sent.is_over = true;
        let waiting = std::mem::take(&mut sent.waiting);
        drop(sent);
        for (_, waiting) in waiting {
            let _ = waiting.answer.send(Err(CallFailure::Unanswered));
        }
    }
}

impl Refusal {
    fn read(self) -> CallError {
        let code = serde_json::from_value(self.code);
        CallError {
            // A newer host's code; what it means stands in its sentence.
            code: code.unwrap_or(Code::Internal),
            message: self.message,
            retry_after_ms: self.retry_after_ms,
            tries_left: self.tries_left,
        }
    }
}
