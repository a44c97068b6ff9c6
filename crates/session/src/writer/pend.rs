//! A call that has to wait for the host: decided on what is shown, written into the outbox, and
//! shown as what it will become.

use hearth_protocol::call::{Call, NoteCreate, NoteUpdate};
use hearth_protocol::error::{CallError, Code};
use hearth_protocol::{FactKind, Message, MessageId, NoteKey};
use hearth_text::{ClientId, Text};

use super::Writer;
use super::inbox::CallJob;
use super::joined::Following;
use super::mixed::read_again;
use super::round::{Answer, Decided, Round, take_in_pending};
use super::settle::answer_written;
use super::steps::{payload, step_ids, steps};
use crate::connection::Seen;
use crate::decide::{self, Context};
use crate::failure::told as told_error;
use crate::joined::offline;
use crate::notes::{Merged, NotMerged};
use crate::outbox::Waiting;
use crate::prepare::Prepared;
use crate::state::State;

/// Messages that wait are counted from here on, so that they stand behind all others. Below
/// 2^53, which is as far as numbers in JavaScript go.
const PENDING_SEQ: u64 = 1 << 52;

impl Writer {
    /// Writes a call down for later, if it is one that can wait.
    pub(super) async fn pend(
        &mut self,
        mut job: Box<CallJob>,
        following: &mut Following,
        round: &mut Round,
    ) {
        let result = match following.outbox.get(job.id).cloned() {
            Some(waiting) => Ok(again(&job, &waiting, round)),
            None => match self.made(&job).await {
                Some(ok) => return answer_written(self.shared.clone(), *job, ok),
                None => self.decide_pending(&mut job, following, round).await,
            },
        };
        round.answers.push(Answer::Call {
            job,
            result: Box::new(result),
        });
    }

    async fn decide_pending(
        &mut self,
        job: &mut CallJob,
        following: &mut Following,
        round: &mut Round,
    ) -> Result<Decided, CallError> {
        if !may_wait(&job.call) {
            return Err(offline());
        }
        self.shared.check_room_on_disk()?;
        let me = crate::authorize::caller_whose_calls_may_wait(&round.state, job.me)?;
        let message = self.pending_message(job, round).await?;
        crate::authorize::authorize(&round.state, &me, &job.call, message.as_ref())?;
        let is_made = Self::is_made(job, round);
        if !is_made {
            self.check_new_id(job, round).await?;
        }
        let update = self.pending_text(job, round).await?;
        let context = Context {
            state: &round.state,
            me,
            now: self.now(),
            id: job.id,
            message,
            device: None,
            next_seq: PENDING_SEQ + following.outbox.made(),
            update: update.clone(),
            message_chars: self.limits.message_chars,
        };
        let now = context.now;
        let decision = decide::decide(&job.call, &context)?;
        let kinds: Vec<_> = decision
            .facts
            .into_iter()
            .map(|kind| with_present_version(kind, round))
            .collect();
        let reply = decide::reply(&job.call, job.me, &kinds, None);
        let writes = update.is_some();
        let (edits, others): (Vec<_>, Vec<_>) = kinds
            .into_iter()
            .partition(|kind| matches!(kind, FactKind::NoteEdited { .. }));
        for step in steps(job, update.as_deref(), now) {
            let kinds = if step.is_text { &edits } else { &others };
            if kinds.is_empty() || (is_made && !step.is_text) {
                continue;
            }
            let pending =
                |kind: &FactKind| take_in_pending(kind.clone(), now, job.me, step.id, round);
            let waiting = Waiting {
                id: step.id,
                name: step.name.to_owned(),
                needs: following.outbox.needs(&step.payload),
                facts: kinds.iter().map(pending).collect(),
                payload: step.payload,
                made_at: now,
                taken: None,
            };
            following.keep(waiting, round);
        }
        if writes {
            following
                .mixed
                .show(&following.outbox, &following.confirmed);
        }
        let body = match &reply {
            decide::Reply::Note { key, body: true } => self.notes.body(*key),
            _ => None,
        };
        Ok(Decided {
            reply,
            seq: None,
            then: round.state.clone(),
            body,
        })
    }

    /// Whether the note that this call makes is here: the host had the call, the answer was lost.
    fn is_made(job: &CallJob, round: &Round) -> bool {
        let made = round.state.notes.get(&NoteKey::from(job.id.0));
        let was_sent = matches!(job.prepared, Some(Prepared::Sent { .. }));
        was_sent && made.is_some_and(|note| note.created_by == job.me)
    }

    /// The message a call is about, as it is shown.
    async fn pending_message(
        &mut self,
        job: &CallJob,
        round: &Round,
    ) -> Result<Option<Message>, CallError> {
        let id = match &job.call {
            Call::MessageEdit(call) => call.message,
            Call::MessageDestroy(call) => call.message,
            Call::MessageSend(_) => MessageId::from(job.id.0),
            _ => return Ok(None),
        };
        if let Some(message) = round.state.pending_message(id) {
            return Ok(Some(message.clone()));
        }
        let found = self.store.message(id).await;
        found.map_err(|error| told_error(&error.into()))
    }

    /// What the call writes into a note, merged into its text as it is shown.
    async fn pending_text(
        &mut self,
        job: &CallJob,
        round: &Round,
    ) -> Result<Option<Vec<u8>>, CallError> {
        let (key, update) = match &job.call {
            _ if let Some(Prepared::Sent { key, update, .. }) = &job.prepared => {
                (*key, update.clone())
            }
            Call::NoteEdit(edit) => (edit.key, crate::prepare::update_of(edit)?),
            Call::NoteCreate(NoteCreate {
                body: Some(body), ..
            }) => {
                let edit = hearth_text::Edit::Body(body.clone());
                let written = self.write_under_new_id(Text::new(), edit).await?;
                let Some(update) = written else {
                    return Ok(None);
                };
                (NoteKey::from(job.id.0), update)
            }
            Call::NoteUpdate(update) => match self.rewritten(update, job.seen, round).await? {
                Some(written) => (update.key, written),
                None => return Ok(None),
            },
            _ => return Ok(None),
        };
        self.hold_shown(key, job, round).await?;
        match self.notes.edit(key, job.me, &update) {
            Ok(Merged::Update(update)) => Ok(Some(update)),
            Ok(Merged::Nothing) => Ok(None),
            Err(NotMerged::Refused(error)) => Err(error),
            Err(NotMerged::Broke) => Err(CallError::internal()),
        }
    }

    /// What `note:update` writes, against the text as its client has seen it.
    async fn rewritten(
        &self,
        update: &NoteUpdate,
        seen: Option<Seen>,
        round: &Round,
    ) -> Result<Option<Vec<u8>>, CallError> {
        let Some((version, edit)) = crate::prepare::text_edit(update)? else {
            return Ok(None);
        };
        let present = round.state.notes.get(&update.key).map_or(0, |n| n.version);
        if version > present {
            return Err(CallError::bad_request(format!(
                "There is no version {version} of this note yet; read it again."
            )));
        }
        let base = match version == present {
            true => {
                let (state, key) = (&round.state, update.key);
                let had = had_before_it(seen, state, key, version).ok_or_else(read_again)?;
                crate::texts::shown_text_with(&self.reader, state, key, had).await
            }
            false => crate::texts::text_at(&self.reader, update.key, version).await,
        };
        let base = base.map_err(|error| told_error(&error))?;
        self.write_under_new_id(base, edit).await
    }

    /// Under an id that nobody has used: the host's own ids are the host's.
    async fn write_under_new_id(
        &self,
        base: Text,
        edit: hearth_text::Edit,
    ) -> Result<Option<Vec<u8>>, CallError> {
        crate::prepare::work_out(&self.shared, base, ClientId::random(), edit).await
    }

    /// Sees to it that the note is in memory as it is shown: the copy's text, and what waits.
    async fn hold_shown(
        &mut self,
        key: NoteKey,
        job: &CallJob,
        round: &Round,
    ) -> Result<(), CallError> {
        let copied = round.state.notes.get(&key).map_or(0, |note| note.version);
        let waiting = crate::texts::waiting_edits(&round.state, key);
        if self.notes.is_open_at(key, copied + waiting.len() as u64) {
            return Ok(());
        }
        self.notes.let_go(key);
        let opened = self.notes.open(&self.reader, key, copied).await;
        opened.map_err(|error| told_error(&error))?;
        for update in waiting {
            // It went in when it was written down; the copy may have it by now.
            if let Err(NotMerged::Broke) = self.notes.edit(key, job.me, &update) {
                return Err(CallError::internal());
            }
        }
        Ok(())
    }
}

/// How many of the edits that wait on top of this version a socket had before it when it wrote;
/// nothing where that is not known.
fn had_before_it(seen: Option<Seen>, state: &State, key: NoteKey, version: u64) -> Option<usize> {
    let waiting: Vec<_> = state.pending_edits(key).map(|(id, _)| id).collect();
    match waiting.is_empty() {
        true => Some(0),
        false => seen?.count(version, &waiting, step_ids),
    }
}

/// What can be decided by the host later. Who may come in, who may do what and who is in which
/// private room is not promised before the host has said it.
fn may_wait(call: &Call) -> bool {
    matches!(
        call,
        Call::RoomCreate(_)
            | Call::RoomUpdate(_)
            | Call::RoomDestroy(_)
            | Call::RoomRestore(_)
            | Call::RoomJoin(_)
            | Call::RoomLeave(_)
            | Call::NoteCreate(_)
            | Call::NoteUpdate(_)
            | Call::NoteDestroy(_)
            | Call::NoteRestore(_)
            | Call::NoteMove(_)
            | Call::NoteEdit(_)
            | Call::MessageSend(_)
            | Call::MessageEdit(_)
            | Call::MessageDestroy(_)
            | Call::MemberUpdate(_)
    )
}

/// Whether a call that the host refused waits until there is room on its disk; so does what builds
/// on one that waits for that.
pub(super) fn waits_for_room(error: &CallError, job: &CallJob, following: &Following) -> bool {
    let waits = match error.code {
        Code::StorageFull => error.is_disk_full(),
        Code::NotFound => !following.outbox.needs(&payload(job)).is_empty(),
        _ => false,
    };
    waits && may_wait(&job.call)
}

/// The version stays what it is: the host makes the next one.
fn with_present_version(kind: FactKind, round: &Round) -> FactKind {
    match kind {
        FactKind::NoteEdited { key, update, .. } => FactKind::NoteEdited {
            key,
            version: round.state.notes.get(&key).map_or(0, |note| note.version),
            update,
        },
        other => other,
    }
}

/// The answer to a call that waits already.
fn again(job: &CallJob, waiting: &Waiting, round: &Round) -> Decided {
    let kinds: Vec<_> = waiting.facts.iter().map(|fact| fact.kind.clone()).collect();
    Decided {
        reply: decide::reply(&job.call, job.me, &kinds, None),
        seq: None,
        then: round.state.clone(),
        body: None,
    }
}
