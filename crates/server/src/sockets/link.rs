//! What ties a socket to the session while it lasts.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use hearth_protocol::id::AskId;
use hearth_protocol::signal::event;
use hearth_session::{Connection, Ticket};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::incoming::Incoming;
use crate::visit::Joined;

/// The socket's end towards the session. It is closed once, by whichever notices the end first:
/// the library, or the task that emits.
pub(super) struct Link {
    // Never held across an `.await`; nothing that is called while holding it waits.
    open: Mutex<Option<Open>>,
    closed: CancellationToken,
    /// The same, for whoever asks with every packet: a token takes a lock.
    is_closed: AtomicBool,
}

struct Open {
    connection: Connection,
    /// How calls that are not answered yet want their answers. The session bounds their number.
    awaited: HashMap<u64, Awaited>,
    tickets: u64,
    _joined: Joined,
}

/// How a call wants its answer.
#[derive(Debug)]
pub(super) struct Awaited {
    /// By an acknowledgement with this number.
    pub(super) ack: Option<i64>,
    /// By a `reply` with this mark.
    pub(super) re: Option<String>,
}

impl Link {
    /// For a socket that was just let in.
    pub(super) fn new(connection: Connection, joined: Joined) -> Self {
        Self {
            open: Mutex::new(Some(Open {
                connection,
                awaited: HashMap::new(),
                tickets: 0,
                _joined: joined,
            })),
            closed: CancellationToken::new(),
            is_closed: AtomicBool::new(false),
        }
    }

    /// Puts an event into the session's queue for this socket. When that is full, the session cuts
    /// the feed, and the task that emits ends the socket.
    pub(super) fn receive(&self, incoming: Incoming) {
        let mut open = self.open.lock().expect("nothing panics while holding it");
        let Some(open) = open.as_mut() else {
            return;
        };
        let Incoming {
            event,
            payload,
            ack,
            re,
        } = incoming;
        // A signal is never answered, so nothing would ever take its ticket back.
        let answered = (ack.is_some() || re.is_some()) && event != event::PRESENCE;
        let ticket = answered.then(|| open.ticket(Awaited { ack, re }));
        if open.connection.receive(&event, payload, ticket).is_err() {
            tracing::debug!("a socket sent more than its queue takes");
        }
    }

    /// How the call with this ticket wants its answer; it is answered once.
    pub(super) fn awaited(&self, ticket: Ticket) -> Option<Awaited> {
        let mut open = self.open.lock().expect("nothing panics while holding it");
        open.as_mut()?.awaited.remove(&ticket.0)
    }

    /// A `request` was acknowledged.
    pub(super) fn answered(&self, ask: AskId, answer: Value) {
        let open = self.open.lock().expect("nothing panics while holding it");
        if let Some(open) = open.as_ref() {
            open.connection.answered(ask, answer);
        }
    }

    /// The socket is over.
    pub(super) fn close(&self) {
        let open = self
            .open
            .lock()
            .expect("nothing panics while holding it")
            .take();
        // Leaving tells everybody else; the lock is free by then.
        drop(open);
        self.is_closed.store(true, Ordering::Release);
        self.closed.cancel();
    }

    /// Whether the socket is over.
    pub(super) fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Acquire)
    }

    /// Resolves once the socket is over.
    pub(super) async fn closed(&self) {
        self.closed.cancelled().await;
    }
}

impl Open {
    fn ticket(&mut self, awaited: Awaited) -> Ticket {
        self.tickets += 1;
        self.awaited.insert(self.tickets, awaited);
        Ticket(self.tickets)
    }
}
