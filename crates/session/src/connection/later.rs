//! Calls whose answers do not keep the order: what they wait for is a person, the host of a joined
//! session, or another file. The calls behind them do not wait.

use std::sync::Arc;

use hearth_protocol::call::{Call, MemberAsk};
use hearth_protocol::error::CallError;
use serde_json::Value;

use super::signals::value;
use super::task::Task;
use crate::feed::{Out, Ticket};
use crate::joined::Joined;

impl Task {
    /// What only the host knows or does.
    pub(super) fn pass_to_host(&self, joined: Arc<Joined>, call: Call, ticket: Option<Ticket>) {
        let asked = crate::joined::ask_host(&joined, &call);
        self.answer_later(ticket, asked);
    }

    /// Asks somebody.
    pub(super) fn ask(&self, call: MemberAsk, ticket: Option<Ticket>) {
        if let Err(error) = self.check_ask(&call) {
            return self.answer(ticket, crate::writer::error(&error));
        }
        let (shared, member) = (self.shared.clone(), self.member);
        self.answer_later(ticket, async move {
            let asked = shared.asks.ask(&shared.hub, member, call);
            asked.await.map(value)
        });
    }

    fn check_ask(&self, call: &MemberAsk) -> Result<(), CallError> {
        if call.member.is_none() && call.socket.is_none() {
            return Err(CallError::bad_request(
                "Say whom to ask: `member` or `socket`.",
            ));
        }
        self.check_length(&call.message)
    }

    /// Looks into a copy from before, which is opened for it and may be long.
    pub(super) fn look_at_earlier(&self, call: Call, ticket: Option<Ticket>) {
        let shared = self.shared.clone();
        self.answer_later(ticket, async move {
            match call {
                Call::EarlierList(_) => crate::earlier::list(&shared).await.map(value),
                Call::EarlierRead(call) => crate::earlier::read(&shared, &call).await.map(value),
                Call::EarlierFile(call) => crate::earlier::file(&shared, &call).await.map(value),
                Call::EarlierDiscard(call) => crate::earlier::discard(&shared, &call.item)
                    .await
                    .map(value),
                _ => Err(CallError::internal()),
            }
        });
    }

    /// Answers when `work` is done, or the session stops.
    fn answer_later(
        &self,
        ticket: Option<Ticket>,
        work: impl Future<Output = Result<Value, CallError>> + Send + 'static,
    ) {
        let Some(permit) = self.asking() else {
            let error = CallError::rate_limited(1_000);
            return self.answer(ticket, crate::writer::error(&error));
        };
        let (stopping, feed) = (self.shared.stopping.clone(), self.feed.clone());
        self.shared.tasks.spawn(async move {
            let _permit = permit;
            let answer = tokio::select! {
                answer = work => answer,
                () = stopping.cancelled() => Err(crate::failure::closing()),
            };
            let answer = match answer {
                Ok(answer) => crate::writer::ok(answer, None),
                Err(error) => crate::writer::error(&error),
            };
            if let Some(ticket) = ticket {
                feed.send(Out::Answer { ticket, answer });
            }
        });
    }

    /// One of the answers that may be waited for at once.
    fn asking(&self) -> Option<Arc<()>> {
        let permit = self.asks_open.clone();
        // One count is the task's own, one this permit's.
        let open = Arc::strong_count(&permit).saturating_sub(2) as u64;
        (open < self.shared.limits.outstanding_calls).then_some(permit)
    }
}
