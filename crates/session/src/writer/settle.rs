//! What the host said to calls of a joined session: their answers, and what becomes of those that
//! had waited.

use std::sync::Arc;
use std::time::Duration;

use hearth_protocol::CallId;
use hearth_protocol::error::CallError;
use hearth_protocol::signal::{Refused, RefusedCall, event};
use hearth_store::Write;
use serde_json::Value;

use super::Writer;
use super::inbox::{CallJob, Job, JoinedJob, Settled};
use super::joined::{Following, HeldBack};
use super::round::{Round, answer_with};
use super::steps::text_id;
use crate::feed::{Out, to_raw};
use crate::handle::Shared;
use crate::prepare::Prepared;
use crate::tell::Space;

/// How long an answer is held back for the facts it speaks of. They follow it on the same
/// connection, so only calls that changed nothing wait this long.
const HOLD_BACK: Duration = Duration::from_millis(100);

impl Writer {
    /// What the host made of calls that had waited; answers whether they are gone from the outbox.
    pub(super) fn settle(
        &mut self,
        ids: &[CallId],
        outcome: Settled,
        following: &mut Following,
        round: &mut Round,
    ) -> bool {
        let head = following.confirmed.head();
        match outcome {
            // It is shown as waiting until its own facts are here, so that nothing vanishes in
            // between.
            Settled::Taken(seq) if seq > head => {
                ids.iter()
                    .for_each(|id| following.outbox.set_taken(*id, seq));
                false
            }
            Settled::Taken(_) | Settled::Done => {
                let gone = ids
                    .iter()
                    .filter(|id| following.outbox.take(**id).is_some());
                round
                    .writes
                    .extend(gone.map(|id| Write::OutboxDone { id: *id }));
                true
            }
            Settled::Refused(error) => {
                ids.iter()
                    .for_each(|id| self.refused(*id, &error, following, round));
                true
            }
        }
    }

    /// The host's answer, held back until what it speaks of is here: a read after it sees that.
    pub(super) fn hold_back(
        &mut self,
        no: u64,
        job: CallJob,
        ok: Value,
        following: &mut Following,
    ) {
        let seq = ok.get("seq").and_then(Value::as_u64).unwrap_or_default();
        let id = match &job.prepared {
            Some(Prepared::Sent { .. }) => text_id(&job.call, job.id),
            _ => job.id,
        };
        let answers = answers(self.shared.clone(), job, ok);
        if seq <= following.confirmed.head() {
            return answers();
        }
        following.hold(no, HeldBack { id, seq, answers });
        let shared = self.shared.clone();
        self.shared.tasks.spawn(async move {
            tokio::select! {
                () = tokio::time::sleep(HOLD_BACK) => {
                    // A writer that has stopped answers nobody.
                    let _ = shared.send(Job::Joined(JoinedJob::Release { no })).await;
                }
                () = shared.stopping.cancelled() => {}
            }
        });
    }

    /// What a repeated call has made before, if it is here. Should it not be to be found out, the
    /// call is carried out: the host knows it again.
    pub(super) async fn made(&self, job: &CallJob) -> Option<Value> {
        if !job.own_id {
            return None;
        }
        let made = crate::written::made(&self.shared, job.me, &job.call, job.id).await;
        made.ok().flatten()
    }

    /// The host did not accept what had waited: it is set aside, with all that builds on it, and
    /// people are told so that they can have their words back.
    fn refused(
        &mut self,
        id: CallId,
        error: &CallError,
        following: &mut Following,
        round: &mut Round,
    ) {
        let bundle = following.outbox.take_with_dependents(id);
        if bundle.is_empty() {
            return;
        }
        tracing::info!(
            code = error.code.as_str(),
            calls = bundle.len(),
            "the host refused what had waited"
        );
        round.writes.push(Write::OutboxRefused {
            id,
            error: error.clone(),
        });
        for one in bundle {
            let refused = Refused {
                id: one.id,
                call: RefusedCall {
                    name: one.name,
                    payload: one.payload,
                },
                error: error.clone(),
            };
            let out = Out::signal(event::REFUSED, &refused);
            self.shared.hub.send_to_all(Space::Main, &out);
        }
    }
}

/// Answers a call with what the host said of it.
pub(super) fn answers(
    shared: Arc<Shared>,
    job: CallJob,
    ok: Value,
) -> Box<dyn FnOnce() + Send + Sync> {
    let Some(Prepared::Sent { key, client, .. }) = job.prepared else {
        return Box::new(move || answer_with(job.answer_to, super::ok(ok, None)));
    };
    let made = ok.get("version").and_then(Value::as_u64);
    if let (Some(joined), Some(version)) = (&shared.joined, made) {
        joined.pens.give_back(key, client, version);
    }
    Box::new(move || answer_written(shared, job, ok))
}

/// Answers what a client without Yjs wrote, from the copy.
pub(super) fn answer_written(shared: Arc<Shared>, job: CallJob, ok: Value) {
    let tasks = shared.tasks.clone();
    tasks.spawn(async move {
        let answer = crate::written::answer(&shared, &job.call, job.id, &ok).await;
        answer_with(job.answer_to, to_raw(&answer));
    });
}
