//! The task of a socket: emits what the session has for it, no faster than the client takes it.

use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hearth_protocol::id::AskId;
use hearth_protocol::signal::event;
use hearth_session::{Bundle, Cut, FeedReceiver, Out, Ticket};
use serde::Serialize;
use serde_json::value::RawValue;
use socketioxide::extract::AckSender;
use socketioxide::handler::{FromMessageParts, Value};
use socketioxide::socket::Socket;
use socketioxide::{SendError, SocketError};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::link::{Awaited, Link};
use crate::server::Server;
use crate::visit::{STALLED, Stalled, Visit};

/// Facts that wait are put into one `facts` event up to this size, where the client takes several
/// at once.
const BATCH_BYTES: usize = 64 * 1024;

/// As long as the session waits for the answer to a `request`.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// What a socket's task needs, from being let in until the client knows that it is connected.
pub(super) struct Outbox {
    link: Arc<Link>,
    feed: FeedReceiver,
    visit: Arc<Visit>,
}

impl Outbox {
    /// For a socket that was just let in.
    pub(super) fn new(link: Arc<Link>, feed: FeedReceiver, visit: Arc<Visit>) -> Self {
        Self { link, feed, visit }
    }
}

/// Emits until the socket ends or has to be ended.
pub(super) async fn deliver(server: &Server, socket: Arc<Socket>) {
    let outbox = socket.extensions.remove::<Arc<Mutex<Option<Outbox>>>>();
    let outbox = outbox.and_then(|outbox| outbox.lock().ok()?.take());
    let Some(Outbox { link, feed, visit }) = outbox else {
        return;
    };
    let mut delivery = Delivery {
        socket,
        link,
        feed,
        visit,
        ahead: None,
        stopping: server.stopping().clone(),
    };
    let end = delivery.run().await;
    delivery.finish(end);
}

/// Why a task stops emitting.
#[derive(Debug)]
enum End {
    /// The socket is over.
    Gone,
    /// The session or the listener stops, and everything was emitted.
    Stopping,
    /// The session wants the socket ended.
    Cut(Cut),
    /// The client does not take what is emitted.
    Stalled,
}

struct Delivery {
    socket: Arc<Socket>,
    link: Arc<Link>,
    feed: FeedReceiver,
    visit: Arc<Visit>,
    /// Taken from the feed while looking for facts to put together.
    ahead: Option<Out>,
    stopping: CancellationToken,
}

impl Delivery {
    async fn run(&mut self) -> End {
        let (link, stopping) = (self.link.clone(), self.stopping.clone());
        // Made once: each asks to be woken, and anew for every packet if made for each.
        let mut closed = pin!(link.closed());
        let mut stopped = pin!(stopping.cancelled());
        loop {
            let next = match self.ahead.take() {
                Some(out) => Ok(out),
                None => tokio::select! {
                    biased;
                    () = &mut closed => Err(End::Gone),
                    out = self.feed.recv() => out.map_err(End::Cut),
                    () = &mut stopped => Err(End::Stopping),
                },
            };
            let step = match next {
                Ok(out) => self.emit_out(out).await,
                Err(end) => Err(end),
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    /// Ends the socket so that its client knows what to do: one that was put out is told to stay
    /// away, one that fell behind loses its connection, comes back and replays.
    fn finish(self, end: End) {
        tracing::debug!(socket.id = %self.socket.id, ?end, "a socket's task ends");
        self.link.close();
        match end {
            // When the listener stops, it closes all clients together.
            End::Gone | End::Stopping | End::Cut(Cut::Stopping) => {}
            End::Cut(Cut::SignedOut | Cut::Removed | Cut::Replaced | Cut::Overrun) => {
                // With the library's buffer full not even this goes out.
                if self.socket.disconnect().is_err() {
                    self.visit.end();
                }
            }
            End::Cut(Cut::Slow) | End::Stalled => self.visit.end(),
        }
    }

    async fn emit_out(&mut self, out: Out) -> Result<(), End> {
        match out {
            Out::Answer { ticket, answer } => self.emit_answer(ticket, &answer).await,
            Out::Facts {
                facts,
                batch: false,
            } => {
                for fact in facts.facts() {
                    let event = fact.event();
                    self.emit(&fact.name, event, event.get().len()).await?;
                }
                Ok(())
            }
            Out::Facts { facts, batch: true } => self.emit_batch(facts).await,
            Out::Signal { event, payload } => self.emit(event, &payload, payload.get().len()).await,
            Out::Request { ask, payload } => self.emit_request(ask, &payload).await,
        }
    }

    /// Emits a bundle and those that wait behind it as one event.
    async fn emit_batch(&mut self, first: Arc<Bundle>) -> Result<(), End> {
        let mut bytes = first.bytes();
        let mut more = Vec::new();
        while bytes < BATCH_BYTES {
            match self.feed.taken() {
                Some(Out::Facts { facts, batch: true }) => {
                    bytes += facts.bytes();
                    more.push(facts);
                }
                other => {
                    self.ahead = other;
                    break;
                }
            }
        }
        if more.is_empty() {
            // Encoded once for everybody who is told the same.
            return self.emit(event::FACTS, first.list(), bytes).await;
        }
        let all = std::iter::once(&*first).chain(more.iter().map(|bundle| &**bundle));
        let list = hearth_session::list(all);
        self.emit(event::FACTS, &list, bytes).await
    }

    async fn emit_answer(&mut self, ticket: Ticket, answer: &RawValue) -> Result<(), End> {
        let Some(Awaited { ack, re }) = self.link.awaited(ticket) else {
            return Ok(());
        };
        if let Some(number) = ack {
            let socket = self.socket.clone();
            self.hand_over(answer.get().len(), || {
                ack_sender(&socket, number).send(answer)
            })
            .await?;
        }
        if let Some(re) = re {
            let reply = reply(&re, answer);
            self.emit(event::REPLY, &reply, reply.get().len()).await?;
        }
        Ok(())
    }

    async fn emit_request(&mut self, ask: AskId, payload: &RawValue) -> Result<(), End> {
        let socket = self.socket.clone();
        let emit = || {
            let socket = socket.timeout(ANSWER_WITHIN);
            socket.emit_with_ack::<_, serde_json::Value>(event::REQUEST, payload)
        };
        let answer = self.hand_over(payload.get().len(), emit).await?;
        let (link, stopping) = (self.link.clone(), self.stopping.clone());
        tokio::spawn(async move {
            tokio::select! {
                answer = answer => match answer {
                    Ok(answer) => link.answered(ask, answer),
                    Err(error) => tracing::debug!(%error, "a request was not acknowledged"),
                },
                () = link.closed() => {}
                () = stopping.cancelled() => {}
            }
        });
        Ok(())
    }

    async fn emit<T>(&mut self, event: &str, payload: &T, bytes: usize) -> Result<(), End>
    where
        T: Serialize + ?Sized,
    {
        let socket = self.socket.clone();
        self.hand_over(bytes, || socket.emit(event, payload)).await
    }

    /// Gives one packet to the library, as soon as there is room for it.
    async fn hand_over<T>(
        &mut self,
        bytes: usize,
        emit: impl Fn() -> Result<T, SendError>,
    ) -> Result<T, End> {
        self.room().await?;
        self.visit.flow().give(bytes);
        let give_up = Instant::now() + STALLED;
        loop {
            match emit() {
                Ok(emitted) => return Ok(emitted),
                // Many small packets fill it before they make many bytes.
                Err(SendError::Socket(SocketError::InternalChannelFull)) => {
                    if Instant::now() > give_up {
                        return Err(End::Stalled);
                    }
                    self.visit.flow().a_moment().await;
                    self.room().await?;
                }
                Err(SendError::Socket(SocketError::Closed)) => return Err(End::Gone),
                Err(SendError::Serialize(error)) => {
                    // Everything emitted is JSON already.
                    tracing::error!(%error, "a packet could not be encoded");
                    return Err(End::Stalled);
                }
            }
        }
    }

    async fn room(&mut self) -> Result<(), End> {
        // Waiting has to be prepared for, packet by packet; mostly there is nothing to wait for.
        if !self.link.is_closed() && !self.feed.is_cut_off() && self.visit.flow().has_room() {
            return Ok(());
        }
        tokio::select! {
            biased;
            () = self.link.closed() => Err(End::Gone),
            cut = self.feed.cut_off() => Err(End::Cut(cut)),
            room = self.visit.flow().room() => room.map_err(|Stalled| End::Stalled),
        }
    }
}

/// The library lets only handlers make these; but they are made of nothing but what is here.
fn ack_sender(socket: &Arc<Socket>, number: i64) -> AckSender {
    let made =
        AckSender::from_message_parts(socket, &mut Value::Bytes(Vec::new().into()), &Some(number));
    made.unwrap_or_else(|never| match never {})
}

/// `{re, ok | error}`, made of an answer `{ok}` or `{error}`.
fn reply(re: &str, answer: &RawValue) -> Box<RawValue> {
    let re = serde_json::Value::from(re);
    let fields = answer.get().strip_prefix('{').unwrap_or("}");
    let reply = RawValue::from_string(format!("{{\"re\":{re},{fields}"));
    reply.expect("an answer is an object with one field")
}
