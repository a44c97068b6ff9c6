//! Requests from one person to another: come to this note, let us talk.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hearth_protocol::MemberId;
use hearth_protocol::answer::AskAnswer;
use hearth_protocol::call::MemberAsk;
use hearth_protocol::error::{CallError, Code};
use hearth_protocol::id::AskId;
use hearth_protocol::signal::Request;
use serde_json::Value;
use tokio::sync::oneshot;

use crate::feed::{Out, to_raw};
use crate::tell::Hub;

/// An answer that takes longer is not waited for.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);
/// The largest answer that is passed on.
const MAX_ANSWER_BYTES: usize = 16 * 1_024;

/// Requests that wait for an answer. The first answer counts.
#[derive(Clone, Default)]
pub(crate) struct Asks(Arc<Mutex<HashMap<AskId, Waiting>>>);

struct Waiting {
    of: MemberId,
    answer: oneshot::Sender<Value>,
}

impl Asks {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<AskId, Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks, and waits for the answer.
    pub(crate) async fn ask(
        &self,
        hub: &Hub,
        from: MemberId,
        call: MemberAsk,
    ) -> Result<AskAnswer, CallError> {
        let ask = AskId::new();
        let receiver = self.deliver(hub, ask, from, call)?;
        let answer = tokio::time::timeout(ANSWER_WITHIN, receiver).await;
        self.lock().remove(&ask);
        match answer {
            Ok(Ok(answer)) => Ok(AskAnswer {
                answer: Some(answer),
                delivered: None,
            }),
            _ => Ok(AskAnswer {
                answer: None,
                delivered: Some(true),
            }),
        }
    }

    fn deliver(
        &self,
        hub: &Hub,
        ask: AskId,
        from: MemberId,
        call: MemberAsk,
    ) -> Result<oneshot::Receiver<Value>, CallError> {
        let sockets = hub.lock();
        let asked: Vec<_> = sockets
            .main()
            .map(|(_, socket)| socket)
            .filter(|socket| match (&call.member, &call.socket) {
                (Some(member), None) => socket.member == *member,
                (_, Some(name)) => {
                    socket.name == *name && call.member.is_none_or(|m| m == socket.member)
                }
                (None, None) => false,
            })
            .collect();
        let Some(of) = asked.first().map(|socket| socket.member) else {
            return Err(CallError::new(
                Code::Absent,
                "This person is not connected just now.",
            ));
        };
        let payload = to_raw(&Request {
            ask,
            from,
            message: call.message,
            about: call.about,
        });
        let (answer, receiver) = oneshot::channel();
        self.lock().insert(ask, Waiting { of, answer });
        for socket in asked {
            socket.feed.send(Out::Request {
                ask,
                payload: payload.clone(),
            });
        }
        Ok(receiver)
    }

    /// Somebody answers. Only the one who was asked may, and only the first answer counts.
    pub(crate) fn answer(&self, ask: AskId, by: MemberId, answer: Value) -> Result<(), CallError> {
        if answer.to_string().len() > MAX_ANSWER_BYTES {
            return Err(CallError::new(
                Code::TooLarge,
                "An answer may have at most 16 KiB.",
            ));
        }
        let mut waiting = self.lock();
        if waiting.get(&ask).is_none_or(|waiting| waiting.of != by) {
            return Err(CallError::new(
                Code::Gone,
                "Nobody waits for this answer any more.",
            ));
        }
        if let Some(waiting) = waiting.remove(&ask) {
            // The one who asked may have gone; then nobody is left to tell.
            let _ = waiting.answer.send(answer);
        }
        Ok(())
    }
}
