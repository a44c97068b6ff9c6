//! One connection to a host that speaks the event API, from being let in to its end.
//!
//! What is called and signalled goes through one queue and so arrives in order; what the host tells
//! comes out of [`Events`] in order. A link ends once and for all, for one of the reasons in
//! [`Ended`]; [`crate::Keeper`] makes the next one. The host is asked for signs of life by the
//! tunnel underneath (`tunnel/heart.rs`).

mod calls;
mod inbox;
mod outgoing;
mod socket;

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use hearth_protocol::signal::{Welcome, event};
use hearth_protocol::{CallError, Code, PROTOCOL};
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::carrier::{Carrier, ReachError};
use crate::identity::Identity;
use crate::target::Target;
use crate::tunnel::{Closed, Tunnel};
use calls::{Answer, Calls};
use inbox::{Inbox, inbox};
use outgoing::{Outgoing, Sending};
use socket::{Heard, Socket};

pub use inbox::{Event, Events};

/// From the WebSocket being open to the host's greeting.
const WELCOME_WITHIN: Duration = Duration::from_secs(10);

/// Calls and signals that may wait to be sent.
const MOST_OUTGOING: usize = 1_024;

/// A call that the host has not answered by then is stuck; what it did is not known.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// What the host said before it closed the connection is still heard.
const LAST_WORDS_WITHIN: Duration = Duration::from_secs(1);

/// Why there is no link.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// The host was not reached.
    #[error(transparent)]
    Reach(#[from] ReachError),
    /// The host does not let this member have a socket: `unauthorized`, `expired`, `removed`,
    /// `version` and `full`, or a code of a newer host.
    #[error("the host refuses the link: {}", .0.as_str())]
    Refused(Code),
    /// The connection broke, or took too long, before the host's greeting.
    #[error("the link did not come about ({0})")]
    Lost(String),
}

/// Why a call has no `ok`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallFailure {
    /// The host refused; nothing was changed.
    #[error(transparent)]
    Refused(CallError),
    /// It may have been sent and was not answered: whether it was carried out is not known. To be
    /// sent again with the same `id`.
    #[error("the host did not answer")]
    Unanswered,
    /// It was not sent: the link has ended, or too much waits to be sent already.
    #[error("it was not sent")]
    NotSent,
}

impl From<CallFailure> for CallError {
    /// What a person is told: without an answer the host is away.
    fn from(failure: CallFailure) -> Self {
        match failure {
            CallFailure::Refused(error) => error,
            CallFailure::Unanswered | CallFailure::NotSent => Self::new(
                Code::Offline,
                "The host cannot be reached just now, and only the host can do this. Try again \
                 when it is back.",
            ),
        }
    }
}

/// Why a link ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It was closed from here.
    Closed,
    /// The host closed it, or the connection broke.
    Lost,
    /// The host does not answer any more.
    Silent,
    /// What the host told was not taken fast enough. Nothing was left out: what comes after this is
    /// to be caught up with.
    Overrun,
    /// The host sent what no host sends.
    Unfit,
}

/// A live link. Cheap to clone; it ends when the last clone is dropped.
#[derive(Debug, Clone)]
pub struct Link {
    welcome: Arc<Welcome>,
    address: SocketAddr,
    outgoing: mpsc::Sender<Outgoing>,
    ended: watch::Receiver<Option<Ended>>,
    end: Arc<End>,
    _last: Arc<DropGuard>,
}

/// How a link is ended, and who waits for it.
#[derive(Debug)]
struct End {
    token: CancellationToken,
    reason: OnceLock<Ended>,
}

impl End {
    /// Ends the link, unless something else has already.
    fn because(&self, reason: Ended) {
        let _ = self.reason.set(reason);
        self.token.cancel();
    }
}

impl Link {
    /// Opens a link to `target` for whoever `token` stands for. The host has greeted once this is
    /// done; its greeting is not among the [`Events`].
    pub async fn open(
        target: &Target,
        identity: &Identity,
        token: &str,
    ) -> Result<(Self, Events), LinkError> {
        let carrier = Carrier::open(target, identity).await?;
        let address = carrier.address;
        let mut tunnel = Tunnel::open(carrier)
            .await
            .map_err(|error| LinkError::Lost(error.to_string()))?;
        let end = Arc::new(End {
            token: CancellationToken::new(),
            reason: OnceLock::new(),
        });
        let calls = Arc::new(Calls::default());
        let (inbox, events) = inbox(end.token.clone());
        let (greet, greeting) = mpsc::channel(1);
        let listener = Listener {
            greet,
            inbox,
            calls: calls.clone(),
            end: end.clone(),
        };
        let auth = json!({ "token": token, "protocol": PROTOCOL[1] });
        let opening = open_socket(
            tunnel.url().to_owned(),
            auth,
            listener,
            greeting,
            end.clone(),
        );
        let mut opening = std::pin::pin!(opening);
        let opened = tokio::select! {
            biased;
            opened = &mut opening => opened,
            closed = tunnel.closed() => match timeout(LAST_WORDS_WITHIN, opening).await {
                Ok(opened) => opened,
                Err(_) => Err((LinkError::Lost(closed.to_string()), None)),
            },
        };
        let (socket, welcome) = match opened {
            Ok(opened) => opened,
            Err((error, socket)) => {
                tunnel.close();
                if let Some(socket) = socket {
                    socket.gone().await;
                }
                return Err(error);
            }
        };
        Ok((
            Self::begin(address, tunnel, socket, welcome, calls, end),
            events,
        ))
    }

    fn begin(
        address: SocketAddr,
        tunnel: Tunnel,
        socket: Socket,
        welcome: Welcome,
        calls: Arc<Calls>,
        end: Arc<End>,
    ) -> Self {
        let (outgoing, queue) = mpsc::channel(MOST_OUTGOING);
        let (tell_ended, ended) = watch::channel(None);
        let last = end.token.clone().drop_guard();
        // It ends with the link, and `Link::ended` waits for it.
        drop(tokio::spawn(run(
            tunnel,
            socket,
            queue,
            calls,
            end.clone(),
            tell_ended,
        )));
        Self {
            welcome: Arc::new(welcome),
            address,
            outgoing,
            ended,
            end,
            _last: Arc::new(last),
        }
    }

    /// What the host greeted with.
    pub fn welcome(&self) -> &Welcome {
        &self.welcome
    }

    /// Where the host was reached.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Calls. Its place among what is sent is taken at once, in the order of these calls; the
    /// future waits for the answer, 30 s at most. At most 64 calls are with the host at a time,
    /// others wait for their turn. One whose future is dropped before its turn is not sent.
    pub fn call(&self, name: &str, payload: Value) -> impl Future<Output = Answer> + use<> {
        self.call_within(ANSWER_WITHIN, name, payload)
    }

    /// The same for a call that may take longer: some wait for a person.
    pub fn call_within(
        &self,
        within: Duration,
        name: &str,
        payload: Value,
    ) -> impl Future<Output = Answer> + use<> {
        let (answer, answered) = oneshot::channel();
        let queued = self.outgoing.try_send(Outgoing::Call {
            name: name.to_owned(),
            payload,
            answer,
        });
        async move {
            if queued.is_err() {
                return Err(CallFailure::NotSent);
            }
            match timeout(within, answered).await {
                Ok(Ok(answer)) => answer,
                // Dropped with the queue it was still in.
                Ok(Err(_)) => Err(CallFailure::NotSent),
                Err(_) => Err(CallFailure::Unanswered),
            }
        }
    }

    /// Says what is true now; nobody answers. Dropped when too much waits to be sent: the next one
    /// says it better.
    pub fn signal(&self, name: &str, payload: Value) {
        let queued = self.outgoing.try_send(Outgoing::Signal {
            name: name.to_owned(),
            payload,
        });
        if queued.is_err() {
            tracing::debug!(signal = name, "a signal is left out");
        }
    }

    /// Resolves when the link has ended and everything of it is gone.
    pub async fn ended(&self) -> Ended {
        let mut ended = self.ended.clone();
        let reason = ended.wait_for(Option::is_some).await;
        reason.map_or(Ended::Lost, |reason| reason.unwrap_or(Ended::Lost))
    }

    /// Whether it is over.
    pub fn has_ended(&self) -> bool {
        self.end.token.is_cancelled()
    }

    /// Ends the link; done when nothing of it is left. What waited to be sent is not sent.
    pub async fn close(&self) {
        self.end.because(Ended::Closed);
        self.ended().await;
    }
}

/// What the library's callbacks have: they put things where they belong, and never wait.
struct Listener {
    greet: mpsc::Sender<Result<Value, Code>>,
    inbox: Inbox,
    calls: Arc<Calls>,
    end: Arc<End>,
}

impl Listener {
    fn hear(&self, heard: Heard) {
        // After something was left out nothing more may come.
        if self.end.token.is_cancelled() {
            return;
        }
        match heard {
            Heard::Connected => {}
            Heard::Refused(message) => {
                let code = serde_json::from_value(Value::String(message));
                let _ = self.greet.try_send(Err(code.unwrap_or(Code::Internal)));
            }
            Heard::Event(name, payload) if name == event::REPLY => self.calls.answer(payload),
            Heard::Event(name, payload) if name == event::WELCOME => {
                // A host greets once.
                let _ = self.greet.try_send(Ok(payload));
            }
            Heard::Event(name, payload) => {
                if self.inbox.put(Event { name, payload }).is_err() {
                    self.end.because(Ended::Overrun);
                }
            }
            Heard::Ended(why) => {
                tracing::debug!(why, "a link's socket ended");
                self.end.because(Ended::Lost);
            }
        }
    }
}

/// A socket that the host has greeted, or why there is none, with what is left of it.
async fn open_socket(
    url: String,
    auth: Value,
    listener: Listener,
    greeting: mpsc::Receiver<Result<Value, Code>>,
    end: Arc<End>,
) -> Result<(Socket, Welcome), (LinkError, Option<Socket>)> {
    let socket = Socket::connect(&url, auth, move |heard| listener.hear(heard)).await;
    let socket = socket.map_err(|error| (LinkError::Lost(error.to_string()), None))?;
    match greeted(greeting, &end).await {
        Ok(welcome) => Ok((socket, welcome)),
        Err(error) => {
            socket.disconnect().await;
            Err((error, Some(socket)))
        }
    }
}

async fn greeted(
    mut greeting: mpsc::Receiver<Result<Value, Code>>,
    end: &End,
) -> Result<Welcome, LinkError> {
    let greeting = tokio::select! {
        biased;
        greeting = timeout(WELCOME_WITHIN, greeting.recv()) => greeting.ok().flatten(),
        () = end.token.cancelled() => None,
    };
    match greeting {
        Some(Ok(welcome)) => serde_json::from_value(welcome)
            .map_err(|_| LinkError::Lost("the host's greeting cannot be read".to_owned())),
        Some(Err(code)) => Err(LinkError::Refused(code)),
        None => Err(LinkError::Lost("the host did not greet".to_owned())),
    }
}

/// Everything that goes on while a link lasts, and clearing up after it.
async fn run(
    mut tunnel: Tunnel,
    socket: Socket,
    queue: mpsc::Receiver<Outgoing>,
    calls: Arc<Calls>,
    end: Arc<End>,
    ended: watch::Sender<Option<Ended>>,
) {
    let sending = Sending {
        socket: &socket,
        calls: &calls,
    };
    let reason = tokio::select! {
        () = end.token.cancelled() => end.reason.get().copied().unwrap_or(Ended::Closed),
        closed = tunnel.closed() => match closed {
            Closed::Ended => Ended::Lost,
            Closed::Silent => Ended::Silent,
            Closed::Unfit => Ended::Unfit,
        },
        () = sending.run(queue) => Ended::Lost,
    };
    end.because(reason);
    calls.end();
    socket.disconnect().await;
    tunnel.close();
    tunnel.closed().await;
    socket.gone().await;
    tracing::debug!(?reason, "a link ended");
    let _ = ended.send(end.reason.get().copied());
}
