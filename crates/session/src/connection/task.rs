//! The task of one socket: takes calls out of its queue in order.

use std::collections::VecDeque;
use std::sync::Arc;

use governor::DefaultDirectRateLimiter;
use hearth_protocol::call::{Call, Effect};
use hearth_protocol::error::CallError;
use hearth_protocol::limits::Limits;
use hearth_protocol::signal::event;
use hearth_protocol::{CallId, Member, MemberId, NoteKey};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::sync::oneshot::error::TryRecvError;
use tokio::sync::{mpsc, oneshot};

use super::Inbound;
use super::conduct::{Conduct, Load};
use super::seen::SeenNotes;
use crate::catch_up::Asker;
use crate::feed::{Cut, FeedSender, Out, Ticket};
use crate::handle::Shared;
use crate::pace::presence_pace;
use crate::tell::ConnectionId;
use crate::writer::{AnswerTo, CallJob, Job};

/// What a socket's task knows.
pub(super) struct Task {
    pub(super) shared: Arc<Shared>,
    pub(super) id: ConnectionId,
    pub(super) member: MemberId,
    pub(super) feed: FeedSender,
    pub(super) queue: mpsc::Receiver<Box<Inbound>>,
    pub(super) load: Load,
    /// Changing calls that the writer has not answered yet, oldest first.
    pub(super) pending: VecDeque<oneshot::Receiver<()>>,
    /// Cloned by each request that waits for somebody's answer: its count is theirs.
    pub(super) asks_open: Arc<()>,
    pub(super) conduct: Conduct,
    pub(super) presence_pace: DefaultDirectRateLimiter,
    seen: SeenNotes,
}

impl Task {
    pub(super) fn new(
        shared: &Arc<Shared>,
        id: ConnectionId,
        member: MemberId,
        feed: FeedSender,
        queue: mpsc::Receiver<Box<Inbound>>,
        load: Load,
    ) -> Self {
        let limits: &Limits = &shared.limits;
        Self {
            presence_pace: presence_pace(limits),
            shared: shared.clone(),
            id,
            member,
            feed,
            queue,
            load,
            pending: VecDeque::new(),
            asks_open: Arc::new(()),
            conduct: Conduct::default(),
            seen: SeenNotes::default(),
        }
    }

    pub(super) async fn run(mut self) {
        let stopping = self.shared.stopping.clone();
        loop {
            tokio::select! {
                inbound = self.queue.recv() => match inbound {
                    Some(inbound) => {
                        let bytes = inbound.bytes;
                        self.take(*inbound).await;
                        self.load.give_back(bytes);
                    }
                    None => break,
                },
                () = stopping.cancelled() => break,
            }
            if self.feed.is_cut() {
                break;
            }
        }
    }

    async fn take(&mut self, inbound: Inbound) {
        match inbound.event.as_str() {
            event::PRESENCE => return self.report_presence(inbound.payload),
            event::CURSOR => return self.report_cursor(inbound.payload, inbound.bytes),
            _ => {}
        }
        let ticket = inbound.ticket;
        match self.admit(&inbound.event, inbound.payload) {
            Ok(call) => {
                self.conduct.behaved();
                self.carry_out(call, ticket).await;
            }
            Err(error) => {
                if self.conduct.misbehaved(error.code) {
                    tracing::info!("a socket is cut: it goes on sending too much");
                    self.feed.cut(Cut::Overrun);
                }
                self.refuse(ticket, &error).await;
            }
        }
    }

    /// What cannot be read counts as a call too: reading it and saying so is work.
    fn admit(&self, event: &str, payload: Value) -> Result<Call, CallError> {
        self.shared.pace.check(self.member)?;
        let call = Call::parse(event, payload)?;
        self.shared.pace.check_kind(self.member, &call)?;
        Ok(call)
    }

    /// What is done now and then is boxed, here and below: a task is as large as the most that it
    /// ever does, and most sockets' do nothing but edit.
    async fn carry_out(&mut self, call: Call, ticket: Option<Ticket>) {
        match call.info().effect {
            Effect::Changes => self.change(call, ticket).await,
            Effect::Reads => Box::pin(self.read(call, ticket)).await,
            Effect::Signals => Box::pin(self.signal(call, ticket)).await,
        }
    }

    /// Waits until every changing call sent before has its answer in the feed.
    pub(super) async fn settle(&mut self) {
        while let Some(oldest) = self.pending.pop_front() {
            // An error means that the writer is gone, and then so is this socket soon.
            let _ = oldest.await;
        }
    }

    fn forget_answered(&mut self) {
        while let Some(oldest) = self.pending.front_mut()
            && !matches!(oldest.try_recv(), Err(TryRecvError::Empty))
        {
            self.pending.pop_front();
        }
    }

    pub(super) async fn refuse(&mut self, ticket: Option<Ticket>, error: &CallError) {
        self.settle().await;
        self.answer(ticket, crate::writer::error(error));
    }

    pub(super) fn answer(&self, ticket: Option<Ticket>, answer: Arc<serde_json::value::RawValue>) {
        if let Some(ticket) = ticket {
            self.feed.send(Out::Answer { ticket, answer });
        }
    }

    pub(super) fn me(&self) -> Result<Arc<Member>, CallError> {
        crate::authorize::caller(&self.shared.state(), self.member)
    }

    pub(super) fn authorize(&self, call: &Call) -> Result<Arc<Member>, CallError> {
        let me = self.me()?;
        crate::authorize::authorize(&self.shared.state(), &me, call, None)?;
        Ok(me)
    }

    /// Sends a changing call to the writer, which answers it.
    async fn change(&mut self, call: Call, ticket: Option<Ticket>) {
        self.forget_answered();
        while self.pending.len() >= self.shared.limits.outstanding_calls as usize {
            if let Some(oldest) = self.pending.pop_front() {
                let _ = oldest.await;
            }
        }
        let own = call.id();
        let id = own.unwrap_or_default();
        let (prepared, refused) = match self.prepare(&call, id).await {
            Ok(prepared) => (prepared, None),
            Err(error) => (None, Some(error)),
        };
        let seen = match &call {
            Call::NoteUpdate(update) => self.seen.of(update.key),
            _ => None,
        };
        if self.shared.joined.is_some() {
            self.note_written(&call, id);
        }
        let (done, answered) = oneshot::channel();
        let job = CallJob {
            me: self.member,
            id,
            own_id: own.is_some(),
            digest: digest(&call),
            call,
            prepared,
            seen,
            refused,
            answer_to: AnswerTo {
                feed: self.feed.clone(),
                ticket,
                done,
            },
        };
        match self.shared.send(Job::Call(Box::new(job))).await {
            Ok(()) => self.pending.push_back(answered),
            Err(error) => self.refuse(ticket, &error).await,
        }
    }

    fn note_written(&mut self, call: &Call, id: CallId) {
        match call {
            Call::NoteUpdate(update) if update.version.is_some() => {
                self.seen.wrote(update.key, id);
            }
            Call::NoteCreate(_) => self.seen.wrote(NoteKey::from(id.0), id),
            _ => {}
        }
    }

    /// Works out what a call changes in a note's text; sees the calls sent before.
    async fn prepare(
        &mut self,
        call: &Call,
        id: CallId,
    ) -> Result<Option<crate::prepare::Prepared>, CallError> {
        if let Some(joined) = &self.shared.joined.clone() {
            if matches!(call, Call::NoteUpdate(_)) {
                self.settle().await;
            }
            let prepared = crate::written::prepare(&self.shared, joined, call, id);
            return Ok(Box::pin(prepared).await);
        }
        let present = match call {
            Call::NoteUpdate(update) => {
                self.settle().await;
                self.authorize(call)?;
                let state = self.shared.state();
                state.notes.get(&update.key).map(|note| note.version)
            }
            Call::NoteEdit(edit) => {
                // Loading a note is not done for those who may not write to it.
                if !self.shared.held.has(edit.key) && self.authorize(call).is_ok() {
                    Box::pin(crate::held::hold(&self.shared, edit.key)).await;
                }
                None
            }
            _ => None,
        };
        crate::prepare::prepare(&self.shared, call, id, present).await
    }

    async fn read(&mut self, call: Call, ticket: Option<Ticket>) {
        self.settle().await;
        let answer = self.look(&call, ticket).await;
        match answer {
            Ok(Some(answer)) => self.answer(ticket, crate::writer::ok(answer, None)),
            Ok(None) => {}
            Err(error) => self.answer(ticket, crate::writer::error(&error)),
        }
    }

    /// The answer, or nothing when it is in the feed already.
    async fn look(
        &mut self,
        call: &Call,
        ticket: Option<Ticket>,
    ) -> Result<Option<Value>, CallError> {
        if let Some(joined) = self.shared.joined.clone()
            && crate::joined::is_the_hosts(call)
        {
            return crate::joined::ask_host(&joined, call).await.map(Some);
        }
        let me = self.authorize(call)?;
        let asker = Asker {
            connection: self.id,
            member: self.member,
            feed: self.feed.clone(),
            ticket,
        };
        match call {
            Call::Thanks(call) => {
                crate::catch_up::thanks(&self.shared, &asker, call).await?;
                return Ok(None);
            }
            Call::NoteOpen(call) => {
                crate::open_note::open(&self.shared, &asker, call).await?;
                return Ok(None);
            }
            Call::Search(call) => {
                let found = crate::search::search(&self.shared, me.id, call).await?;
                return Ok(Some(crate::read::value(found)));
            }
            _ => {}
        }
        let state = self.shared.state();
        let answer = crate::read::read(&self.shared.reader, &state, &me, call).await?;
        if let Call::NoteRead(read) = call
            && read.version.is_none()
            && self.shared.joined.is_some()
        {
            self.seen.read(read.key, &state);
        }
        Ok(Some(answer))
    }
}

pub(super) fn digest(call: &Call) -> [u8; 8] {
    let hash = Sha256::digest(call.contents().as_bytes());
    std::array::from_fn(|at| hash[at])
}
