//! Changing calls: recognised as repeats, authorized, decided.

use std::time::Instant;

use hearth_protocol::call::Call;
use hearth_protocol::error::{CallError, Code};
use hearth_protocol::{Fact, Message, MessageId, NoteKey, RoomId};
use hearth_store::{PastCall, SignInRow, Write};
use hearth_text::{Pen, Text};

use super::Writer;
use super::inbox::{Begun, CallJob};
use super::round::{Answer, Decided, Round};
use crate::decide::{self, Context, Reply};
use crate::failure::told as told_error;
use crate::feed::Cut;
use crate::notes::{Merged, NotMerged};
use crate::prepare::Prepared;
use crate::state::State;

impl Writer {
    pub(super) async fn take_call(
        &mut self,
        mut job: Box<CallJob>,
        past: &[PastCall],
        round: &mut Round,
    ) {
        let earlier = past
            .iter()
            .find(|past| past.member == job.me && past.id == job.id);
        let recent = self.answers.get(job.me, job.id).cloned();
        let result = match (recent, earlier) {
            (Some((digest, _)), _) if digest != job.digest => Err(other_contents()),
            (Some((_, answer)), _) => {
                self.abandon_unused(&mut job);
                let again = Answer::Again {
                    to: job.answer_to,
                    answer,
                };
                return round.answers.push(again);
            }
            (None, Some(earlier)) if earlier.digest != job.digest => Err(other_contents()),
            (None, Some(earlier)) => Ok(repeated(&job, &earlier.facts, &round.state)),
            (None, None) => self.decide(&mut job, round).await,
        };
        self.abandon_unused(&mut job);
        round.answers.push(Answer::Call {
            job,
            result: Box::new(result),
        });
    }

    /// A write that was worked out and not merged gives its pen back.
    fn abandon_unused(&mut self, job: &mut CallJob) {
        if let Some(Prepared::Write { key, pen, .. }) = job.prepared.take() {
            self.abandon(key, &pen);
        }
    }

    pub(super) fn abandon(&mut self, key: NoteKey, pen: &Pen) {
        // Nothing is merged, so there is nothing to be said about it.
        let _ = self.notes.finish_write(key, pen, None);
    }

    /// Authorizes and decides a call, and appends its facts.
    async fn decide(&mut self, job: &mut CallJob, round: &mut Round) -> Result<Decided, CallError> {
        if let Some(error) = &job.refused {
            return Err(error.clone());
        }
        self.shared.check_room_on_disk()?;
        let me = crate::authorize::caller(&round.state, job.me)?;
        let message = self.message_of(job, round).await?;
        let device = self.device_of(job, round).await?;
        crate::authorize::authorize(&round.state, &me, &job.call, message.as_ref())?;
        self.check_new_id(job, round).await?;
        let update = self.merged(job, round).await?;
        let at = self.now();
        let context = Context {
            state: &round.state,
            me,
            now: at,
            id: job.id,
            message,
            device,
            next_seq: round.state.head() + 1,
            update,
            message_chars: self.limits.message_chars,
        };
        let decision = decide::decide(&job.call, &context)?;
        let known_room = match &job.call {
            Call::RoomDirect(call) => round.state.direct(job.me, call.member).map(|r| r.room.id),
            _ => None,
        };
        let reply = decide::reply(&job.call, job.me, &decision.facts, known_room);
        let mut seq = round.state.head();
        for (index, kind) in decision.facts.into_iter().enumerate() {
            let digest = (index == 0).then_some(job.digest);
            seq = round.append(kind, at, Some((job.me, job.id)), digest);
        }
        for write in decision.writes {
            // A later call of this round may count on it.
            if let Write::Pin(pin) = &write {
                round.state.pin = pin.clone();
            }
            if let Write::DeviceGone { device } = &write {
                round.devices_gone.insert(*device);
            }
            round.writes.push(write);
        }
        let body = match &reply {
            Reply::Note { key, body: true } => self.notes.body(*key),
            _ => None,
        };
        Ok(Decided {
            reply,
            seq: Some(seq),
            then: round.state.clone(),
            body,
        })
    }

    /// What is made gets an id that nothing ever had, not even something that is gone for good.
    ///
    /// Looked at before a text is merged: what is refused then has changed nothing.
    pub(super) async fn check_new_id(
        &mut self,
        job: &CallJob,
        round: &Round,
    ) -> Result<(), CallError> {
        let makes = matches!(job.call, Call::RoomCreate(_) | Call::NoteCreate(_));
        if !(makes && job.own_id) {
            return Ok(());
        }
        let State { notes, rooms, .. } = &round.state;
        let id = job.id.0;
        if notes.contains_key(&NoteKey::from(id)) || rooms.contains_key(&RoomId::from(id)) {
            return Err(decide::taken());
        }
        match self.store.knows(job.id.0).await {
            Ok(false) => Ok(()),
            Ok(true) => Err(decide::taken()),
            Err(error) => Err(told_error(&error.into())),
        }
    }

    /// The sign-in a call is about, unless this round ended it.
    async fn device_of(
        &mut self,
        job: &CallJob,
        round: &Round,
    ) -> Result<Option<SignInRow>, CallError> {
        let Call::DeviceRevoke(call) = &job.call else {
            return Ok(None);
        };
        if round.devices_gone.contains(&call.device) {
            return Ok(None);
        }
        let found = self.store.device(call.device).await;
        found.map_err(|error| told_error(&error.into()))
    }

    /// The message a call is about: from this round, or else from the file.
    async fn message_of(
        &mut self,
        job: &CallJob,
        round: &Round,
    ) -> Result<Option<Message>, CallError> {
        let id = match &job.call {
            Call::MessageEdit(call) => call.message,
            Call::MessageDestroy(call) => call.message,
            Call::MessageSend(_) if job.own_id => MessageId::from(job.id.0),
            _ => return Ok(None),
        };
        if let Some(message) = round.messages.get(&id) {
            return Ok(Some(message.clone()));
        }
        self.store
            .message(id)
            .await
            .map_err(|error| told_error(&error.into()))
    }

    /// Merges a prepared change of a note's text: applied first, then written down, then told. A
    /// failed commit lets go of every text in memory.
    async fn merged(
        &mut self,
        job: &mut CallJob,
        round: &mut Round,
    ) -> Result<Option<Vec<u8>>, CallError> {
        let Some(prepared) = job.prepared.take() else {
            return Ok(None);
        };
        let key = prepared.key();
        if let Err(error) = self.shared.pace.check_merging(job.me) {
            if let Prepared::Write { pen, .. } = &prepared {
                self.abandon(key, pen);
            }
            return Err(error);
        }
        let version = round.state.notes.get(&key).map_or(0, |note| note.version);
        let opened = self.notes.open(&self.reader, key, version).await;
        opened.map_err(|error| told_error(&error))?;
        let begun = Instant::now();
        let merged = match prepared {
            Prepared::First { update: None, .. } => Ok(Merged::Nothing),
            Prepared::First {
                update: Some(update),
                ..
            } => self.notes.first(key, &update),
            Prepared::Write { pen, update, .. } => {
                self.notes.finish_write(key, &pen, update.as_deref())
            }
            Prepared::Edit { update, .. } | Prepared::Sent { update, .. } => {
                self.notes.edit(key, job.me, &update)
            }
        };
        self.shared.pace.merged(job.me, begun.elapsed());
        match merged {
            Ok(Merged::Update(update)) => Ok(Some(update)),
            Ok(Merged::Nothing) => Ok(None),
            Err(NotMerged::Refused(error)) => Err(error),
            Err(NotMerged::Broke) => {
                tracing::error!(note.id = %key, member.id = %job.me, "an edit broke a note");
                // The note comes back from the log, which does not have this round yet.
                round.ends_here = true;
                job.answer_to.feed.cut(Cut::Overrun);
                Err(CallError::internal())
            }
        }
    }

    /// Answers a pen of the host's to write with.
    pub(super) async fn begin_write(
        &mut self,
        key: NoteKey,
        base: Box<Text>,
        round: &Round,
    ) -> Result<Begun, CallError> {
        let note = round
            .state
            .notes
            .get(&key)
            .ok_or_else(|| CallError::not_found("note"))?;
        let opened = self.notes.open(&self.reader, key, note.version).await;
        opened.map_err(|error| told_error(&error))?;
        let pen = self
            .notes
            .begin_write(key, &base)
            .ok_or_else(CallError::internal)?;
        Ok((pen, base))
    }
}

pub(crate) fn other_contents() -> CallError {
    CallError::new(
        Code::Conflict,
        "Something else was sent with this id before. Make a new id and send it again.",
    )
}

/// What a call came to that is answered once more. Its facts, put over the session as it is now,
/// make everything they speak of what it was right after them.
fn repeated(job: &CallJob, facts: &[Fact], now: &State) -> Decided {
    let kinds: Vec<_> = facts.iter().map(|fact| fact.kind.clone()).collect();
    let mut then = now.clone();
    facts.iter().for_each(|fact| then.apply(fact));
    Decided {
        reply: decide::reply(&job.call, job.me, &kinds, None),
        seq: Some(facts.last().and_then(|fact| fact.seq).unwrap_or_default()),
        then,
        body: None,
    }
}
