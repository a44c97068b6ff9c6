//! The task of a socket: emits what the session has for it, no faster than the client takes it.

use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hearth_protocol::id::AskId;
use hearth_protocol::signal::event;
use hearth_session::{Bundle, Cut, FeedReceiver, Out, Ticket};
use serde_json::value::RawValue;
use socketioxide::extract::AckSender;
use socketioxide::handler::{FromMessageParts, Value};
use socketioxide::socket::Socket;
use socketioxide::{SendError, SocketError};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::link::{Awaited, Link};
use super::{Namespace, packet};
use crate::server::Server;
use crate::visit::{STALLED, Stalled, Visit};
use crate::wire::{Mark, Wire};

/// Facts that wait are put into one `facts` event up to this size, where the client takes several
/// at once.
const BATCH_BYTES: usize = 64 * 1024;

/// Frames that wait are written together up to this size: an answer and the facts that it made are
/// told in one packet.
const TOGETHER_BYTES: usize = 16 * 1024;

/// As long as the session waits for the answer to a `request`.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// What a socket's task needs, from being let in until the client knows that it is connected.
pub(super) struct Outbox {
    link: Arc<Link>,
    feed: FeedReceiver,
    visit: Arc<Visit>,
    namespace: Namespace,
}

impl Outbox {
    /// For a socket that was just let in.
    pub(super) fn new(
        link: Arc<Link>,
        feed: FeedReceiver,
        visit: Arc<Visit>,
        namespace: Namespace,
    ) -> Self {
        Self {
            link,
            feed,
            visit,
            namespace,
        }
    }
}

/// Emits until the socket ends or has to be ended.
pub(super) async fn deliver(server: &Server, socket: Arc<Socket>) {
    let outbox = socket.extensions.remove::<Arc<Mutex<Option<Outbox>>>>();
    let outbox = outbox.and_then(|outbox| outbox.lock().ok()?.take());
    let Some(Outbox {
        link,
        feed,
        visit,
        namespace,
    }) = outbox
    else {
        return;
    };
    let past = at_once(&visit, &link, namespace).await;
    let mut delivery = Delivery {
        socket,
        namespace,
        link,
        feed,
        visit,
        past,
        given: None,
        held: Vec::new(),
        ahead: None,
        stopping: server.stopping().clone(),
    };
    let end = delivery.run().await;
    delivery.finish(end);
}

/// The connection to write to past the library from the first packet on, once its client knows that
/// it is connected: for clients that begin with a WebSocket.
async fn at_once(visit: &Visit, link: &Link, namespace: Namespace) -> Option<Arc<Wire>> {
    let wire = visit.began_on(namespace as usize)?;
    let connected = wire.lane().connected(|connected| match namespace {
        Namespace::Session => connected.session,
        Namespace::Home => connected.home,
    });
    let connected = tokio::select! {
        connected = connected => connected,
        () = link.closed() => false,
    };
    connected.then_some(wire)
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
    namespace: Namespace,
    /// Where to write past the library, if it can be done.
    past: Option<Arc<Wire>>,
    /// What was given to the library last, if it can be known again.
    given: Option<Mark>,
    /// Frames that are to be written there with the next one, or once nothing is ahead.
    held: Vec<u8>,
    /// Taken from the feed while looking for more to put together.
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
                    out = self.feed.recv() => out.map_err(End::Cut),
                    () = &mut closed => Err(End::Gone),
                    () = &mut stopped => Err(End::Stopping),
                },
            };
            let step = match next {
                Ok(out) => self.step(out).await,
                Err(end) => Err(end),
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    async fn step(&mut self, out: Out) -> Result<(), End> {
        if self.link.is_closed() {
            return Err(End::Gone);
        }
        if let (None, Some(last)) = (&self.past, self.given) {
            self.past = self.visit.has_left_by(last);
            if self.past.is_some() {
                tracing::debug!(socket.id = %self.socket.id, "is told past the library from here");
            }
        }
        self.emit_out(out).await?;
        if self.ahead.is_none() {
            self.write_held().await?;
        }
        Ok(())
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
                    self.emit_facts(&fact.name, fact.event()).await?;
                }
                Ok(())
            }
            Out::Facts { facts, batch: true } => self.emit_batch(facts).await,
            Out::Signal { event, payload } => self.emit(event, &payload).await,
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
            return self.emit_bundle(&first).await;
        }
        let all = std::iter::once(&*first).chain(more.iter().map(|bundle| &**bundle));
        let list = hearth_session::list(all);
        self.emit_facts(event::FACTS, &list).await
    }

    /// Emits a bundle as it is, encoded once for everybody who is told the same.
    async fn emit_bundle(&mut self, bundle: &Bundle) -> Result<(), End> {
        if let (Some(_), Namespace::Session) = (&self.past, self.namespace) {
            let pack = |list: &RawValue| packet::event(Namespace::Session, event::FACTS, list);
            return self.send(bundle.packed(|list| pack(list).into())).await;
        }
        self.emit_facts(event::FACTS, bundle.list()).await
    }

    /// Emits what no other packet is the same as: facts have numbers.
    async fn emit_facts(&mut self, event: &str, payload: &RawValue) -> Result<(), End> {
        self.emit(event, payload).await?;
        if self.past.is_none() && self.visit.has_wire() {
            let frame = packet::event(self.namespace, event, payload);
            self.given = Some(Mark::of(&frame));
        }
        Ok(())
    }

    async fn emit_answer(&mut self, ticket: Ticket, answer: &RawValue) -> Result<(), End> {
        let Some(Awaited { ack, re }) = self.link.awaited(ticket) else {
            return Ok(());
        };
        if let Some(number) = ack {
            self.acknowledge(number, answer).await?;
        }
        if let Some(re) = re {
            self.emit(event::REPLY, &reply(&re, answer)).await?;
        }
        Ok(())
    }

    async fn acknowledge(&mut self, number: i64, answer: &RawValue) -> Result<(), End> {
        if self.past.is_some() {
            let frame = packet::ack(self.namespace, number, answer);
            return self.send(&frame).await;
        }
        let socket = self.socket.clone();
        let emit = || ack_sender(&socket, number).send(answer);
        self.hand_over(answer.get().len(), emit).await
    }

    /// Emits by the library, which remembers who waits for the answer.
    async fn emit_request(&mut self, ask: AskId, payload: &RawValue) -> Result<(), End> {
        self.write_held().await?;
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

    async fn emit(&mut self, event: &str, payload: &RawValue) -> Result<(), End> {
        if self.past.is_some() {
            let frame = packet::event(self.namespace, event, payload);
            return self.send(&frame).await;
        }
        let socket = self.socket.clone();
        self.hand_over(payload.get().len(), || socket.emit(event, payload))
            .await
    }

    /// Sends one packet past the library.
    async fn send(&mut self, frame: &[u8]) -> Result<(), End> {
        if self.ahead.is_none() {
            self.ahead = self.feed.taken();
        }
        let waits = self.ahead.is_some() && self.held.len() + frame.len() <= TOGETHER_BYTES;
        if waits || !self.held.is_empty() {
            self.held.extend_from_slice(frame);
        }
        match waits {
            true => Ok(()),
            false if self.held.is_empty() => self.write(frame).await,
            false => self.write_held().await,
        }
    }

    async fn write_held(&mut self) -> Result<(), End> {
        if self.held.is_empty() {
            return Ok(());
        }
        let held = std::mem::take(&mut self.held);
        self.write(&held).await
    }

    /// Writes frames past the library, as soon as the client takes them.
    async fn write(&mut self, frames: &[u8]) -> Result<(), End> {
        let Some(wire) = &self.past else {
            return Err(End::Gone);
        };
        tokio::select! {
            biased;
            sent = wire.lane().send(frames) => sent.map_err(|error| {
                tracing::debug!(%error, "a packet could not be written");
                End::Stalled
            }),
            () = self.link.closed() => Err(End::Gone),
            cut = self.feed.cut_off() => Err(End::Cut(cut)),
        }
    }

    /// Gives one packet to the library, as soon as there is room for it.
    async fn hand_over<T>(
        &mut self,
        bytes: usize,
        emit: impl Fn() -> Result<T, SendError>,
    ) -> Result<T, End> {
        self.room().await?;
        self.visit.flow().give(bytes);
        self.given = None;
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
