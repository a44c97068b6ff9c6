//! One round of the writer: decide, commit, answer, tell.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use hearth_protocol::error::CallError;
use hearth_protocol::http::StoredFile;
use hearth_protocol::id::DeviceId;
use hearth_protocol::signal::{NoteCheck, event};
use hearth_protocol::{
    CallId, Fact, FactKind, FileHash, MemberId, Message, MessageId, NoteKey, RoomId,
};
use hearth_store::{Batch, InviteRow, NewFact, PastCall, Write};
use tokio::sync::oneshot;

use super::inbox::{Admitted, Attach, CallJob, FileJob, Job};
use super::{AnswerTo, Writer, attach, close_out_of_sight, tell_all};
use crate::bundle::FactMessage;
use crate::decide::Reply;
use crate::failure::{SessionError, told as told_error};
use crate::feed::{Cut, Out};
use crate::notes::OpenNotes;
use crate::state::State;
use crate::tell::{Audience, Told, audience, room_of};

/// What a round has come to so far. Nobody has heard of any of it.
pub(super) struct Round {
    pub(super) state: State,
    pub(super) facts: Vec<NewFact>,
    pub(super) told: Vec<Told>,
    pub(super) writes: Vec<Write>,
    pub(super) answers: Vec<Answer>,
    pub(super) attaches: Vec<Attach>,
    /// Calls of this round; a repeat waits for the next one, when the first has its answer.
    calls: HashSet<(MemberId, CallId)>,
    /// Messages as this round leaves them; the file has them only after the commit.
    pub(super) messages: HashMap<MessageId, Message>,
    /// Files this round adds, for the same reason.
    pub(super) files: HashMap<(RoomId, FileHash), StoredFile>,
    /// Invitations as this round leaves them; `None`: revoked.
    pub(super) invites: HashMap<[u8; 32], Option<InviteRow>>,
    /// Sign-ins that this round ends.
    pub(super) devices_gone: HashSet<DeviceId>,
    /// A note broke: what waits is decided once this round is written down.
    pub(super) ends_here: bool,
    /// Those who have a note open are to be told what its text must come to.
    checks_notes: bool,
}

/// Who is to be answered after the commit, and how.
pub(super) enum Answer {
    Call {
        job: Box<CallJob>,
        result: Box<Result<Decided, CallError>>,
    },
    /// The very answer of the first time.
    Again {
        to: AnswerTo,
        answer: Arc<serde_json::value::RawValue>,
    },
    Admitted {
        done: oneshot::Sender<Result<Admitted, CallError>>,
        result: Result<Admitted, CallError>,
    },
    File {
        job: Box<FileJob>,
        result: Result<StoredFile, CallError>,
    },
    Written {
        done: oneshot::Sender<Result<(), CallError>>,
    },
}

/// What a call came to.
pub(super) struct Decided {
    pub(super) reply: Reply,
    /// The number of its last fact; none while it waits for the host.
    pub(super) seq: Option<u64>,
    /// The session right after it: calls of one round are answered together, and none shows what
    /// a later one did.
    pub(super) then: State,
    /// The text of the note it is about, right after it, where that is in memory.
    pub(super) body: Option<String>,
}

impl Round {
    pub(super) fn new(state: State) -> Self {
        Self {
            state,
            facts: Vec::new(),
            told: Vec::new(),
            writes: Vec::new(),
            answers: Vec::new(),
            attaches: Vec::new(),
            calls: HashSet::new(),
            messages: HashMap::new(),
            files: HashMap::new(),
            invites: HashMap::new(),
            devices_gone: HashSet::new(),
            ends_here: false,
            checks_notes: false,
        }
    }

    /// Appends a fact to what this round will commit.
    pub(super) fn append(
        &mut self,
        kind: FactKind,
        at: hearth_protocol::Timestamp,
        by: Option<(MemberId, CallId)>,
        digest: Option<[u8; 8]>,
    ) -> u64 {
        let seq = self.state.head() + 1;
        let fact = Arc::new(Fact {
            seq: Some(seq),
            at,
            by: by.map(|(member, _)| member),
            id: by.map(|(_, id)| id),
            pending: None,
            kind,
        });
        let (room, told) = take_in(&fact, &mut self.state);
        self.note_message(&fact);
        self.told.push(told);
        self.facts.push(NewFact { fact, room, digest });
        seq
    }

    fn note_message(&mut self, fact: &Fact) {
        if let FactKind::MessagePosted { message }
        | FactKind::MessageEdited { message }
        | FactKind::MessageDestroyed { message } = &fact.kind
        {
            self.messages.insert(message.id, message.clone());
        }
    }
}

/// Puts the next fact over `state`. Answers the room whose members it concerns, and what is told.
pub(super) fn take_in(fact: &Arc<Fact>, state: &mut State) -> (Option<RoomId>, Told) {
    let room = room_of(&fact.kind, state);
    let purged = match &fact.kind {
        FactKind::RoomPurged { room } => state.rooms.get(room).cloned(),
        _ => None,
    };
    state.apply(fact);
    let audience = match purged.filter(|purged| purged.room.private) {
        Some(purged) => Audience::Room {
            members: purged.members.clone(),
            also: Vec::new(),
            public: false,
        },
        None => audience(fact, room, state),
    };
    let told = Told {
        message: Arc::new(FactMessage::new(fact)),
        fact: fact.clone(),
        audience,
    };
    (room, told)
}

/// Shows what a call will become that waits for the host.
pub(super) fn take_in_pending(
    kind: FactKind,
    at: hearth_protocol::Timestamp,
    me: MemberId,
    id: CallId,
    round: &mut Round,
) -> Arc<Fact> {
    let fact = Arc::new(Fact {
        seq: None,
        at,
        by: Some(me),
        id: Some(id),
        pending: Some(true),
        kind,
    });
    let (_, told) = take_in(&fact, &mut round.state);
    round.state.pending.push_back(fact.clone());
    round.told.push(told);
    fact
}

impl Writer {
    /// Takes what waits, up to the first repeat of a call of this same round.
    /// Answers how many sockets were told something.
    pub(super) async fn round(&mut self) -> usize {
        let mut round = Round::new(self.shared.state().as_ref().clone());
        let past = match self.past_calls().await {
            Ok(past) => past,
            Err(error) => {
                self.refuse_all(&error);
                return 0;
            }
        };
        while !round.ends_here
            && let Some(job) = self.waiting.pop_front()
        {
            match job {
                Job::Call(job) => {
                    if !round.calls.insert((job.me, job.id)) {
                        self.waiting.push_front(Job::Call(job));
                        break;
                    }
                    self.take_call(job, &past, &mut round).await;
                }
                Job::File(job) => {
                    if !round.calls.insert((job.me, job.id)) {
                        self.waiting.push_front(Job::File(job));
                        break;
                    }
                    self.take_file(job, &past, &mut round).await;
                }
                Job::SweepFiles { done } => drop(done.send(self.sweep_files().await)),
                Job::Admit(admission) => self.take_admission(*admission, &mut round).await,
                Job::Attach(attach) => round.attaches.push(attach),
                Job::Write { write, done } => {
                    if let Write::InviteGone { hash } = &write {
                        round.invites.insert(*hash, None);
                    }
                    round.writes.push(write);
                    round.answers.push(Answer::Written { done });
                }
                Job::BeginWrite { key, base, done } => {
                    let begun = self.begin_write(key, base, &round).await;
                    // Whoever asked may have disconnected; the pen is then kept for nobody, until
                    // the note is let go of.
                    let _ = done.send(begun);
                }
                Job::Loaded { loaded, done } => {
                    let note = round.state.notes.get(&loaded.key);
                    let present = note.map_or(0, |note| note.version);
                    self.notes.take_in(&self.reader, *loaded, present).await;
                    // Whoever loaded it may have disconnected; others may write to it.
                    let _ = done.send(());
                }
                Job::AbandonWrite { key, pen } => self.abandon(key, &pen),
                // Nobody asks that of a host.
                Job::Joined(_) => {}
                Job::CheckNotes => round.checks_notes = true,
                Job::Tidy => self.tidy(&mut round),
                Job::Stop => {
                    self.stopping = true;
                    self.waiting.clear();
                }
            }
        }
        self.finish(round).await
    }

    async fn past_calls(&mut self) -> Result<Vec<PastCall>, SessionError> {
        let ids: Vec<_> = self
            .waiting
            .iter()
            .filter_map(|job| match job {
                Job::Call(job) if job.own_id && self.answers.get(job.me, job.id).is_none() => {
                    Some((job.me, job.id))
                }
                Job::File(job) if job.own_id && self.answers.get(job.me, job.id).is_none() => {
                    Some((job.me, job.id))
                }
                _ => None,
            })
            .collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.store.past_calls(&ids).await?)
    }

    /// The file cannot even be read: everybody who waits hears of it.
    fn refuse_all(&mut self, error: &SessionError) {
        let error = told_error(error);
        let jobs: Vec<_> = self.waiting.drain(..).collect();
        for job in jobs {
            match job {
                Job::Call(job) => self.answer_error(job.answer_to, &error),
                Job::Admit(admission) => drop(admission.done.send(Err(error.clone()))),
                Job::Write { done, .. } => drop(done.send(Err(error.clone()))),
                Job::Attach(attach) => drop(attach.done.send(false)),
                Job::BeginWrite { done, .. } => drop(done.send(Err(error.clone()))),
                Job::File(job) => drop(job.done.send(Err(error.clone()))),
                Job::SweepFiles { done } => drop(done.send(false)),
                Job::Tidy
                | Job::AbandonWrite { .. }
                | Job::CheckNotes
                | Job::Loaded { .. }
                | Job::Joined(_) => {}
                Job::Stop => self.stopping = true,
            }
        }
    }

    /// Commits the round, then answers and tells.
    pub(super) async fn finish(&mut self, mut round: Round) -> usize {
        round
            .writes
            .extend(self.checkpoints(OpenNotes::due_checkpoints));
        let batch = Batch {
            facts: std::mem::take(&mut round.facts),
            other: std::mem::take(&mut round.writes),
        };
        let before = self.shared.state().head();
        if !(batch.facts.is_empty() && batch.other.is_empty()) {
            if let Err(error) = self.store.commit(&batch).await {
                self.fail(round, error.into()).await;
                return 0;
            }
            self.shared.publish(round.state.clone());
        }
        for answer in round.answers {
            self.answer(answer, &round.state).await;
        }
        let sockets = self.tell(&round.told, &round.state);
        if round.checks_notes {
            self.check_notes();
        }
        self.ring.extend(&round.told, before);
        for one in round.attaches {
            let attached = attach(self, &one, &round.state);
            // Whoever asked may have disconnected meanwhile.
            let _ = one.done.send(attached);
        }
        self.notes.evict();
        sockets
    }

    async fn fail(&mut self, round: Round, error: SessionError) {
        let error = self.shared.told(&error);
        for answer in round.answers {
            match answer {
                Answer::Call { job, .. } => self.answer_error(job.answer_to, &error),
                Answer::Again { to, answer } => answer_with(to, answer),
                Answer::Admitted { done, .. } => drop(done.send(Err(error.clone()))),
                Answer::File { job, .. } => drop(job.done.send(Err(error.clone()))),
                Answer::Written { done } => drop(done.send(Err(error.clone()))),
            }
        }
        self.reload().await;
        for one in round.attaches {
            let _ = one.done.send(false);
        }
    }

    async fn answer(&mut self, answer: Answer, state: &State) {
        match answer {
            Answer::Again { to, answer } => answer_with(to, answer),
            Answer::Admitted { done, result } => drop(done.send(result)),
            Answer::File { job, result } => self.answer_file(*job, result),
            Answer::Written { done } => drop(done.send(Ok(()))),
            Answer::Call { job, result } => self.answer_call(*job, *result, state).await,
        }
    }

    async fn answer_call(&mut self, job: CallJob, result: Result<Decided, CallError>, now: &State) {
        let decided = match result {
            Ok(decided) => decided,
            Err(error) => return self.answer_error(job.answer_to, &error),
        };
        match super::answer::render(self, &decided, job.me, now).await {
            Ok(answer) => {
                if job.own_id {
                    self.answers.put(job.me, job.id, job.digest, answer.clone());
                }
                answer_with(job.answer_to, answer);
            }
            Err(error) => self.answer_error(job.answer_to, &told_error(&error)),
        }
    }

    pub(super) fn answer_error(&self, to: AnswerTo, error: &CallError) {
        answer_with(to, super::answer::error(error));
    }

    pub(super) fn tell(&self, told: &[Told], state: &State) -> usize {
        if told.is_empty() {
            return 0;
        }
        let sockets = tell_all(&self.shared, told);
        let mut notes: Vec<NoteKey> = Vec::new();
        let (mut titles, mut other) = (false, false);
        for one in told {
            match &one.fact.kind {
                FactKind::NoteEdited { key, .. } => notes.push(*key),
                FactKind::MessagePosted { .. }
                | FactKind::MessageEdited { .. }
                | FactKind::MessageDestroyed { .. } => other = true,
                FactKind::FileAdded { .. } => {}
                FactKind::DeviceRevoked { device } => self.shared.hub.end_device(*device),
                FactKind::MemberRemoved { member } => {
                    titles = true;
                    let gone = member.id;
                    // Whoever reads a copy of their own goes on.
                    let stays = state.present(gone).is_some();
                    let hub = &self.shared.hub;
                    hub.cut(Cut::Removed, |socket| socket.member == gone && !stays);
                }
                FactKind::RoomPurged { .. } => {
                    titles = true;
                    self.shared.files.loose.notify_one();
                }
                // Anything else may change which titles somebody sees.
                _ => titles = true,
            }
        }
        self.shared.search.heard(!notes.is_empty(), other || titles);
        if titles {
            close_out_of_sight(&self.shared, state);
        }
        self.shared.mark_dirty(titles, notes);
        sockets
    }

    /// Tells those who have a note open what its text must come to at this version.
    fn check_notes(&mut self) {
        let open: HashSet<NoteKey> = {
            let sockets = self.shared.hub.lock();
            let sockets = sockets.main().map(|(_, socket)| socket);
            sockets.flat_map(|one| one.open.keys().copied()).collect()
        };
        // Not under the lock: long texts are read through.
        let checks: HashMap<NoteKey, Out> = open
            .into_iter()
            .filter_map(|key| {
                let (version, crc32) = self.notes.check(key)?;
                let check = NoteCheck {
                    key,
                    version,
                    crc32,
                };
                Some((key, Out::signal(event::NOTE_CHECK, &check)))
            })
            .collect();
        for (_, socket) in self.shared.hub.lock().main() {
            let checks = socket.open.keys().filter_map(|key| checks.get(key));
            for out in checks {
                if socket.feed.has_room_for_signals() {
                    socket.feed.send(out.clone());
                }
            }
        }
    }
}

pub(super) fn answer_with(to: AnswerTo, answer: Arc<serde_json::value::RawValue>) {
    if let Some(ticket) = to.ticket {
        to.feed.send(crate::feed::Out::Answer { ticket, answer });
    }
    // The socket may be gone; then nobody waits for this.
    let _ = to.done.send(());
}
