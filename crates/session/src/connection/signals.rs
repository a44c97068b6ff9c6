//! Calls and signals about now: who is where, who asks whom, who waits at the door.

use std::sync::Arc;

use hearth_protocol::answer::{Done, KnocksAnswer, UnreadAnswer};
use hearth_protocol::call::{AchtungSend, Call, KnockAnswer, NoteClose, RoomRead};
use hearth_protocol::error::{CallError, Code};
use hearth_protocol::signal::{Achtung, PresenceReport, event};
use hearth_protocol::{Member, Role};
use hearth_store::Write;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::task::{Task, digest};
use crate::door::{Newcomer, Outcome};
use crate::failure::told;
use crate::feed::{Out, Ticket};
use crate::tell::Space;
use crate::writer::{Who, other_contents};

pub(super) fn value(answer: impl Serialize) -> Value {
    serde_json::to_value(answer).expect("answers have string keys only")
}

impl Task {
    /// Where this socket's person is. What cannot be read or comes too fast is dropped.
    pub(super) fn report_presence(&self, payload: Value) {
        let Ok(report) = serde_json::from_value::<PresenceReport>(payload) else {
            return tracing::debug!("a presence that cannot be read was dropped");
        };
        if self.presence_pace.check().is_err() {
            return;
        }
        let state = self.shared.state();
        if let Some(socket) = self.shared.hub.lock().by_id.get_mut(&self.id) {
            socket.place.report(&report, self.member, &state);
        }
        if let Some(joined) = &self.shared.joined {
            joined.authority.signal(event::PRESENCE, value(&report));
        }
    }

    /// Where this socket's cursor is. What cannot be read or comes too fast is dropped.
    pub(super) fn report_cursor(&self, payload: Value, bytes: usize) {
        if self.presence_pace.check().is_err() {
            return;
        }
        // Before everybody's sockets are locked: a client may send megabytes.
        let Some(report) = crate::cursors::read(payload, bytes) else {
            return tracing::debug!("a cursor that cannot be read was dropped");
        };
        if let Some(joined) = &self.shared.joined {
            joined.authority.signal(event::CURSOR, value(&report));
        }
        crate::cursors::report(&mut self.shared.hub.lock(), self.id, report);
    }

    /// This socket closes a note; the others no longer see its cursor there.
    fn close_note(&self, call: &NoteClose) {
        let state = self.shared.state();
        let closed = self
            .shared
            .hub
            .lock()
            .by_id
            .get_mut(&self.id)
            .and_then(|socket| crate::cursors::close(socket, call.key, &state));
        match &self.shared.joined {
            Some(joined) => crate::joined::close_at_host(&self.shared, joined, call.key),
            None => {
                let closed = closed.map(|cursor| (call.key, cursor));
                self.shared.dirty().cursors.extend(closed);
            }
        }
    }

    pub(super) async fn signal(&mut self, call: Call, ticket: Option<Ticket>) {
        self.settle().await;
        if let Some(joined) = self.shared.joined.clone()
            && crate::joined::is_the_hosts(&call)
        {
            return self.pass_to_host(joined, call, ticket);
        }
        let me = match self.authorize(&call) {
            Ok(me) => me,
            Err(error) => return self.refuse(ticket, &error).await,
        };
        let answer = match call {
            Call::MemberAsk(call) => return self.ask(call, ticket),
            Call::MemberAnswer(call) => {
                let answered = self.shared.asks.answer(call.ask, self.member, call.answer);
                answered.map(|()| value(Done {}))
            }
            Call::NoteClose(call) => {
                self.close_note(&call);
                Ok(value(Done {}))
            }
            Call::RoomRead(call) => self.mark_read(&call).await,
            Call::OutboxList(_) => crate::outbox::list(&self.shared).await.map(value),
            Call::OutboxDiscard(call) => crate::outbox::discard(&self.shared, call.id)
                .await
                .map(value),
            Call::EarlierList(_)
            | Call::EarlierRead(_)
            | Call::EarlierFile(_)
            | Call::EarlierDiscard(_) => {
                return self.look_at_earlier(call, ticket);
            }
            Call::SessionKnocks(_) => Ok(value(KnocksAnswer {
                knocks: self.shared.door.knocks.waiting(),
            })),
            Call::SessionInvites(_) => self.list_invites().await,
            Call::SessionInvite(_) | Call::SessionUninvite(_) | Call::SessionInvitation(_) => {
                return self.change_invites(call, ticket).await;
            }
            Call::KnockAnswer(call) => return self.answer_door(call, ticket).await,
            Call::AchtungSend(call) => return self.announce_once(call, ticket, &me),
            _ => Err(CallError::bad_request("This call is not about now.")),
        };
        match answer {
            Ok(answer) => self.answer(ticket, crate::writer::ok(answer, None)),
            Err(error) => self.answer(ticket, crate::writer::error(&error)),
        }
    }

    pub(super) fn check_length(&self, text: &str) -> Result<(), CallError> {
        let max = self.shared.limits.message_chars;
        if text.trim().is_empty() {
            return Err(CallError::bad_request(
                "Say something: the message is empty.",
            ));
        }
        if text.chars().count() as u64 > max {
            return Err(CallError::new(
                Code::TooLarge,
                format!("This may have at most {max} characters."),
            ));
        }
        Ok(())
    }

    async fn mark_read(&self, call: &RoomRead) -> Result<Value, CallError> {
        let (member, room) = (self.member, call.room);
        let seq = call.seq.min(self.shared.state().head());
        self.shared.write(Write::Read { member, room, seq }).await?;
        if let Some(joined) = &self.shared.joined {
            crate::joined::tell_read(joined, call);
        }
        let unread = self.shared.reader.unread(member, &[room]).await;
        let unread = unread.map_err(|error| told(&error.into()))?;
        Ok(value(UnreadAnswer {
            unread: unread.get(&room).copied().unwrap_or_default(),
        }))
    }

    /// Answers somebody who waits; a repeat is answered like the first time.
    async fn answer_door(&self, call: KnockAnswer, ticket: Option<Ticket>) {
        let whole = Call::KnockAnswer(call.clone());
        let answer = match self.earlier(&whole) {
            Some(earlier) => earlier,
            None => self
                .answer_knock(&call)
                .await
                .map(|ok| self.keep(&whole, ok)),
        };
        self.answer_with(ticket, answer);
    }

    /// Announces; a repeat is answered like the first time and announces nothing.
    fn announce_once(&self, call: AchtungSend, ticket: Option<Ticket>, me: &Member) {
        let whole = Call::AchtungSend(call.clone());
        let answer = match self.earlier(&whole) {
            Some(earlier) => earlier,
            None => self.announce(call, me).map(|ok| self.keep(&whole, ok)),
        };
        self.answer_with(ticket, answer);
    }

    /// What this very call was answered before.
    pub(super) fn earlier(&self, call: &Call) -> Option<Result<Arc<RawValue>, CallError>> {
        let (same, answer) = self.shared.door.answered(self.member, call.id()?)?;
        Some(if same == digest(call) {
            Ok(answer)
        } else {
            Err(other_contents())
        })
    }

    /// Keeps the answer for a repeat of the call.
    pub(super) fn keep(&self, call: &Call, ok: Value) -> Arc<RawValue> {
        let answer = crate::writer::ok(ok, None);
        if let Some(id) = call.id() {
            let kept = (digest(call), answer.clone());
            self.shared.door.remember_answer(self.member, id, kept);
        }
        answer
    }

    pub(super) fn answer_with(
        &self,
        ticket: Option<Ticket>,
        answer: Result<Arc<RawValue>, CallError>,
    ) {
        let answer = answer.unwrap_or_else(|error| crate::writer::error(&error));
        self.answer(ticket, answer);
    }

    async fn answer_knock(&self, call: &KnockAnswer) -> Result<Value, CallError> {
        if call.role == Some(Role::Host) {
            return Err(CallError::bad_request(
                "Let them in as editor or viewer; `member:role` makes a host.",
            ));
        }
        let knocks = &self.shared.door.knocks;
        let waiting = knocks.take(call.knock, call.admit)?;
        let mut answer = value(Done {});
        let outcome = if call.admit {
            let newcomer = Newcomer {
                name: waiting.name,
                color: waiting.color,
                role: call.role.unwrap_or(self.shared.state().session().guests),
                guest: waiting.link.is_none(),
                key: waiting.link.map(|link| link.joiner),
                address: Some(waiting.address),
            };
            let by = (self.member, call.id.unwrap_or_default());
            let admitted = self.shared.admit(Who::New(newcomer), Some(by)).await;
            let (signed_in, seq) = admitted.map_err(|error| {
                knocks.put_back(call.knock);
                not_let_in(error)
            })?;
            answer["seq"] = seq.into();
            Outcome::In(Box::new(signed_in))
        } else {
            Outcome::Declined
        };
        if let Some(gone) = knocks.finish(call.knock, outcome) {
            self.shared.tell_hosts(&gone);
        }
        Ok(answer)
    }

    fn announce(&self, call: AchtungSend, me: &Member) -> Result<Value, CallError> {
        self.check_length(&call.warning)?;
        let out = Out::signal(
            event::ACHTUNG,
            &Achtung {
                warning: call.warning,
                by: me.id,
            },
        );
        self.shared.hub.send_to_all(Space::Main, &out);
        self.shared.hub.send_to_all(Space::Home, &out);
        Ok(value(Done {}))
    }
}

/// Why somebody could not be let in, as the host hears it.
fn not_let_in(error: CallError) -> CallError {
    match error.code {
        Code::Removed => CallError::new(
            Code::Conflict,
            "This app was banned while it waited. Lift the ban first.",
        ),
        _ => error,
    }
}
