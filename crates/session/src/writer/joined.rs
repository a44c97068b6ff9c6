//! Rounds of a joined session's writer: calls go to the host or into the outbox, the host's facts
//! come in.

use std::collections::{BTreeMap, HashMap, HashSet};

use futures::FutureExt as _;
use hearth_protocol::error::{CallError, Code};
use hearth_protocol::signal::LinkState;
use hearth_protocol::{CallId, MemberId, NoteKey};
use hearth_store::{CopyState, PastOf, Write};

use super::Writer;
use super::admit::sign_in;
use super::inbox::{CallJob, Job, JoinedJob};
use super::mixed::{Mixed, read_again};
use super::pend::waits_for_room;
use super::round::{Answer, Round};
use super::settle::answer_written;
use super::steps::{payload, send, steps};
use crate::authority::Answering;
use crate::failure::own_disk;
use crate::joined::{Joined, Sent, offline, tell_link};
use crate::outbox::{Outbox, Waiting};
use crate::prepare::Prepared;
use crate::state::State;
use crate::tell::Told;

/// What the writer of a joined session knows beyond what is shown.
pub(super) struct Following {
    /// What has been copied, without what waits.
    pub(super) confirmed: State,
    /// How far it goes, and how to come back to the host.
    pub(super) copy: CopyState,
    pub(super) outbox: Outbox,
    pub(super) mixed: Mixed,
    /// Calls that are with the host, by number.
    in_flight: BTreeMap<u64, Box<CallJob>>,
    /// Answers that are held back.
    held: BTreeMap<u64, HeldBack>,
    next: u64,
    /// What came into sight and whose past is not whole yet.
    pub(super) fetching: HashSet<PastOf>,
    /// What was copied meanwhile and is told when it is.
    pub(super) unsaid: Vec<Told>,
    /// How often notes were edited since they were checkpointed.
    pub(super) edited: HashMap<NoteKey, u64>,
    /// Calls may be sent: the copy is up to date and nothing that was sent before is lost.
    open: bool,
}

pub(super) struct HeldBack {
    pub(super) id: CallId,
    pub(super) seq: u64,
    pub(super) answers: Box<dyn FnOnce() + Send + Sync>,
}

impl Following {
    pub(super) fn new(confirmed: State, waiting: Vec<Waiting>, copy: CopyState) -> Self {
        let outbox = Outbox::new(waiting);
        let mut mixed = Mixed::default();
        mixed.show(&outbox, &confirmed);
        Self {
            confirmed,
            outbox,
            mixed,
            in_flight: BTreeMap::new(),
            held: BTreeMap::new(),
            next: 0,
            fetching: copy.pasts.iter().map(|past| past.of).collect(),
            copy,
            unsaid: Vec::new(),
            edited: HashMap::new(),
            open: false,
        }
    }

    /// The copy with what waits on top.
    pub(super) fn shown(&self) -> State {
        let mut state = self.confirmed.clone();
        for fact in self.outbox.facts() {
            state.apply_pending(fact);
        }
        state
    }

    /// Lets a call wait: on the disk with the round's commit.
    pub(super) fn keep(&mut self, waiting: Waiting, round: &mut Round) {
        round.writes.push(Write::Outbox(waiting.to_kept()));
        self.outbox.push(waiting);
    }

    /// Those of these calls that waited.
    pub(super) fn waiting_of(
        &self,
        calls: &[(Option<MemberId>, CallId)],
        me: MemberId,
    ) -> Vec<CallId> {
        let mut found: Vec<_> = calls
            .iter()
            .filter(|(by, id)| *by == Some(me) && self.outbox.get(*id).is_some())
            .map(|(_, id)| *id)
            .collect();
        found.dedup();
        found
    }

    /// Answers whose facts are here: of these calls, and up to this number.
    pub(super) fn release(&mut self, ids: &[(Option<MemberId>, CallId)], me: MemberId) {
        let head = self.confirmed.head();
        let here = |held: &HeldBack| held.seq <= head && ids.contains(&(Some(me), held.id));
        let free: Vec<_> = self
            .held
            .iter()
            .filter(|(_, held)| here(held))
            .map(|(no, _)| *no)
            .collect();
        free.into_iter().for_each(|no| self.release_one(no));
    }

    /// Holds an answer back until its facts are here.
    pub(super) fn hold(&mut self, no: u64, held: HeldBack) {
        self.held.insert(no, held);
    }

    fn release_one(&mut self, no: u64) {
        if let Some(held) = self.held.remove(&no) {
            (held.answers)();
        }
    }
}

impl Writer {
    /// Takes what waits. Answers how many sockets were told something.
    pub(super) async fn joined_round(&mut self, mut following: Following) -> usize {
        let Some(joined) = self.shared.joined.clone() else {
            return 0;
        };
        let mut sockets = 0;
        let mut round = Round::new(following.shown());
        while let Some(job) = self.waiting.pop_front() {
            match job {
                Job::Call(job) => {
                    self.take_joined_call(job, &joined, &mut following, &mut round)
                        .await
                }
                Job::Joined(job) => {
                    sockets += self
                        .take_joined(job, &joined, &mut following, &mut round)
                        .await;
                }
                Job::Admit(admission) => self.take_own_sign_in(*admission, &joined, &mut round),
                Job::Attach(attach) => round.attaches.push(attach),
                Job::Write { write, done } => {
                    round.writes.push(write);
                    round.answers.push(Answer::Written { done });
                }
                Job::Loaded { done, .. } => drop(done),
                Job::BeginWrite { done, .. } => drop(done.send(Err(CallError::internal()))),
                Job::File(job) => self.pend_file(job, &mut following, &mut round).await,
                Job::SweepFiles { done } => drop(done.send(self.sweep_files().await)),
                // The host does that, and its facts say so.
                Job::AbandonWrite { .. } | Job::CheckNotes | Job::Tidy => {}
                Job::Stop => {
                    self.stopping = true;
                    self.waiting.clear();
                }
            }
        }
        sockets += self.finish_joined(round, &joined, &mut following).await;
        self.following = Some(following);
        sockets
    }

    /// Commits what the round came to. When that fails, nothing of it is shown any longer.
    pub(super) async fn finish_joined(
        &mut self,
        round: Round,
        joined: &Joined,
        following: &mut Following,
    ) -> usize {
        let sockets = self.finish(round).await;
        self.catch_up_with_store(following).await;
        tell_link(&self.shared, joined, None, following.outbox.len());
        sockets
    }

    /// After a failure: what is in the file counts, and nothing else.
    async fn catch_up_with_store(&mut self, following: &mut Following) {
        if !std::mem::take(&mut self.reloaded) {
            return;
        }
        match (
            self.store.load().await,
            crate::outbox::load(&self.reader).await,
        ) {
            (Ok(loaded), Ok(waiting)) => {
                following.copy = loaded
                    .copy
                    .clone()
                    .unwrap_or_else(|| following.copy.clone());
                following.confirmed = State::new(loaded);
                following.outbox = Outbox::new(waiting);
                self.shared.publish(following.shown());
            }
            (Err(error), _) | (_, Err(error)) => {
                tracing::error!(%error, "the copy could not be read again");
            }
        }
    }

    async fn take_joined_call(
        &mut self,
        job: Box<CallJob>,
        joined: &Joined,
        following: &mut Following,
        round: &mut Round,
    ) {
        if joined.is_read_only {
            return self.answer_error(job.answer_to, &crate::look::read_only());
        }
        let passes = following.open && following.outbox.is_empty();
        let is_doubtful = self.is_doubtful(&job, following).await;
        if !passes && following.in_flight.is_empty() {
            return match is_doubtful {
                true => self.answer_error(job.answer_to, &read_again()),
                false => self.pend(job, following, round).await,
            };
        }
        following.next += 1;
        let no = following.next;
        let answering = match passes {
            // In its turn, like any answer.
            _ if is_doubtful => std::future::ready(Err(read_again())).boxed(),
            true => self.sends(&job, joined),
            // Behind what was sent and may come back unanswered.
            false => std::future::ready(Err(offline())).boxed(),
        };
        following.in_flight.insert(no, job);
        joined.send(Sent::Call { no, answering });
    }

    fn sends(&mut self, job: &CallJob, joined: &Joined) -> Answering {
        let Some(Prepared::Sent { update, .. }) = &job.prepared else {
            return joined.authority.call(job.call.info().name, payload(job));
        };
        let steps = steps(job, Some(update), self.now());
        send(joined.authority.clone(), steps)
    }

    /// A repeat is answered like the first time, whatever came between.
    async fn is_doubtful(&mut self, job: &CallJob, following: &Following) -> bool {
        if !following.mixed.is_doubtful(job, &following.confirmed)
            || following.outbox.get(job.id).is_some()
        {
            return false;
        }
        self.made(job).await.is_none()
    }

    async fn take_joined(
        &mut self,
        job: JoinedJob,
        joined: &Joined,
        following: &mut Following,
        round: &mut Round,
    ) -> usize {
        match job {
            JoinedJob::Relayed { no, result } => {
                let Some(call) = following.in_flight.remove(&no) else {
                    return 0;
                };
                match result {
                    Ok(ok) => self.hold_back(no, *call, ok, following),
                    Err(error) if error.code == Code::Offline => {
                        following.open = false;
                        self.pend(call, following, round).await;
                    }
                    Err(error) if waits_for_room(&error, &call, following) => {
                        self.pend(call, following, round).await;
                    }
                    // The edit that a call comes to is another one each time.
                    Err(error) if error.code == Code::Conflict => match self.made(&call).await {
                        Some(ok) => answer_written(self.shared.clone(), *call, ok),
                        None => self.answer_error(call.answer_to, &error),
                    },
                    Err(error) => self.answer_error(call.answer_to, &error),
                }
                0
            }
            JoinedJob::Release { no } => {
                following.release_one(no);
                0
            }
            JoinedJob::First { limit, done } => {
                // What waits is sent only once it is on the disk.
                let sockets = self.begin_anew(round, joined, following).await;
                let _ = done.send(following.outbox.first(limit));
                sockets
            }
            JoinedJob::Link(state) => {
                following.open = state == LinkState::Live;
                let pending = following.outbox.len();
                tell_link(&self.shared, joined, Some(state), pending);
                0
            }
            JoinedJob::Copy { copied, done } => {
                let mut sockets = self.begin_anew(round, joined, following).await;
                let arrived = self.copy(copied, joined, following).await;
                sockets += arrived.as_ref().map_or(0, |arrived| arrived.sockets);
                self.catch_up_with_store(following).await;
                // Whoever copies may have stopped.
                let _ = done.send(arrived.map(|arrived| arrived.pasts));
                round.state = following.shown();
                sockets
            }
            JoinedJob::CopyPast { copied, done } => {
                let sockets = self.begin_anew(round, joined, following).await;
                let copied = self.copy_past(copied, following).await;
                self.catch_up_with_store(following).await;
                let _ = done.send(copied);
                round.state = following.shown();
                sockets
            }
            JoinedJob::GiveUpPast { of, done } => {
                let sockets = self.begin_anew(round, joined, following).await;
                let _ = done.send(self.give_up_past(of, following).await);
                round.state = following.shown();
                sockets
            }
            JoinedJob::CopyState { done } => {
                let _ = done.send(following.copy.clone());
                0
            }
            JoinedJob::SetHost { host, done } => {
                following.copy.host = host.clone();
                round.writes.push(Write::CopyHost(host));
                round.answers.push(Answer::Written { done });
                0
            }
            JoinedJob::Settle { ids, outcome, done } => {
                let mut sockets = self.begin_anew(round, joined, following).await;
                let gone = self.settle(&ids, outcome, following, round);
                round.state = following.shown();
                sockets += self.begin_anew(round, joined, following).await;
                // A commit that failed puts them back.
                let is_back = |id: &CallId| following.outbox.get(*id).is_some();
                let settled = match gone && ids.iter().any(is_back) {
                    true => Err(own_disk()),
                    false => Ok(gone),
                };
                // Whoever empties the outbox may have stopped.
                let _ = done.send(settled);
                sockets
            }
        }
    }

    /// Commits the round so far and begins another.
    async fn begin_anew(
        &mut self,
        round: &mut Round,
        joined: &Joined,
        following: &mut Following,
    ) -> usize {
        let state = round.state.clone();
        let so_far = std::mem::replace(round, Round::new(state));
        let sockets = self.finish_joined(so_far, joined, following).await;
        round.state = following.shown();
        sockets
    }

    /// The person at this computer comes to the own window; nobody else comes in here.
    fn take_own_sign_in(
        &mut self,
        admission: super::Admission,
        joined: &Joined,
        round: &mut Round,
    ) {
        let result = match round.state.present(joined.me).cloned() {
            Some(member) => {
                let at = self.now();
                round.writes.push(sign_in(&admission, joined.me, at));
                Ok(super::inbox::Admitted {
                    member,
                    seq: round.state.head(),
                })
            }
            None => Err(crate::failure::removed()),
        };
        round.answers.push(Answer::Admitted {
            done: admission.done,
            result,
        });
    }
}
