//! The task of a socket: emits what the session has for it, no faster than the client takes it.

mod library;
mod past;

use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hearth_protocol::id::AskId;
use hearth_protocol::signal::event;
use hearth_session::{Bundle, Cut, FeedReceiver, Out, Ticket};
use serde_json::value::RawValue;
use socketioxide::socket::Socket;
use tokio_util::sync::CancellationToken;

use library::ack_sender;

use super::link::{Awaited, Link};
use super::{Namespace, packet};
use crate::server::Server;
use crate::visit::Visit;
use crate::wire::{Mark, Wire};

/// Facts that wait are put into one `facts` event up to this size, where the client takes several
/// at once.
const BATCH_BYTES: usize = 64 * 1024;

/// As long as the session waits for the answer to a `request`.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// What a socket's task needs, from being let in until the client knows that it is connected.
pub(super) struct Outbox {
    pub(super) link: Arc<Link>,
    pub(super) feed: FeedReceiver,
    pub(super) visit: Arc<Visit>,
    pub(super) namespace: Namespace,
    /// No other of its client's was in this namespace on this connection.
    pub(super) is_first: bool,
}

/// Emits until the socket ends or has to be ended.
pub(super) async fn deliver(server: &Server, socket: Arc<Socket>) {
    let outbox = socket.extensions.remove::<Arc<Mutex<Option<Outbox>>>>();
    let outbox = outbox.and_then(|outbox| outbox.lock().ok()?.take());
    let Some(outbox) = outbox else {
        return;
    };
    let mut delivery = Delivery {
        socket,
        outbox,
        past: None,
        given: None,
        held: Vec::new(),
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
    outbox: Outbox,
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
        self.past = self.begin_past().await;
        let (link, stopping) = (self.outbox.link.clone(), self.stopping.clone());
        // Made once: each asks to be woken, and anew for every packet if made for each.
        let mut closed = pin!(link.closed());
        let mut stopped = pin!(stopping.cancelled());
        loop {
            // What is cut ends here, however much is in the feed.
            let ahead = self.ahead.take().filter(|_| !self.outbox.feed.is_cut_off());
            let next = match ahead {
                Some(out) => Ok(out),
                None => tokio::select! {
                    biased;
                    out = self.outbox.feed.recv() => out.map_err(End::Cut),
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
        if self.outbox.link.is_closed() {
            return Err(End::Gone);
        }
        self.find_way_past();
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
        self.outbox.link.close();
        match end {
            // When the listener stops, it closes all clients together.
            End::Gone | End::Stopping | End::Cut(Cut::Stopping) => {}
            End::Cut(Cut::SignedOut | Cut::Removed | Cut::Replaced | Cut::Overrun) => {
                // With the library's buffer full not even this goes out.
                if self.socket.disconnect().is_err() {
                    self.outbox.visit.end();
                }
            }
            End::Cut(Cut::Slow) | End::Stalled => self.outbox.visit.end(),
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
            match self.outbox.feed.taken() {
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
        if let (Some(_), Namespace::Session) = (&self.past, self.outbox.namespace) {
            let pack = |list: &RawValue| packet::event(Namespace::Session, event::FACTS, list);
            return self.send(bundle.packed(|list| pack(list).into())).await;
        }
        self.emit_facts(event::FACTS, bundle.list()).await
    }

    async fn emit_facts(&mut self, event: &str, payload: &RawValue) -> Result<(), End> {
        self.emit(event, payload).await?;
        self.mark_given(event, payload);
        Ok(())
    }

    async fn emit_answer(&mut self, ticket: Ticket, answer: &RawValue) -> Result<(), End> {
        let Some(Awaited { ack, re }) = self.outbox.link.awaited(ticket) else {
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
            let frame = packet::ack(self.outbox.namespace, number, answer);
            return self.send(&frame).await;
        }
        let socket = self.socket.clone();
        let emit = || ack_sender(&socket, number).send(answer);
        self.hand_over(answer.get().len(), emit).await
    }

    /// Emits by the library, which remembers who waits for the answer. What is told after it may come
    /// before it, which harms nothing: it asks a person.
    async fn emit_request(&mut self, ask: AskId, payload: &RawValue) -> Result<(), End> {
        self.write_held().await?;
        let socket = self.socket.clone();
        let emit = || {
            let socket = socket.timeout(ANSWER_WITHIN);
            socket.emit_with_ack::<_, serde_json::Value>(event::REQUEST, payload)
        };
        let answer = self.hand_over(payload.get().len(), emit).await?;
        let (link, stopping) = (self.outbox.link.clone(), self.stopping.clone());
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
            let frame = packet::event(self.outbox.namespace, event, payload);
            return self.send(&frame).await;
        }
        let socket = self.socket.clone();
        self.hand_over(payload.get().len(), || socket.emit(event, payload))
            .await
    }
}

/// `{re, ok | error}`, made of an answer `{ok}` or `{error}`.
fn reply(re: &str, answer: &RawValue) -> Box<RawValue> {
    let re = serde_json::Value::from(re);
    let fields = answer.get().strip_prefix('{').unwrap_or("}");
    let reply = RawValue::from_string(format!("{{\"re\":{re},{fields}"));
    reply.expect("an answer is an object with one field")
}
