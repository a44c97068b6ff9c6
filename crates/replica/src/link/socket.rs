//! The only file that speaks to `rust_socketio` 0.6.0.
//!
//! Of it only this is used: plain JSON events in both directions, over one WebSocket that ends when
//! it ends. Its acknowledgements get lost or answer the wrong caller, its reconnection ignores its
//! own limits, it never gives up on a handshake, and a client that is dropped lives on. So answers
//! come as events (`re` and `reply`), every step has a deadline, callbacks do nothing but hand on
//! what they were given, and what it runs on is a tunnel that is closed under it.

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use rust_socketio::asynchronous::{Client, ClientBuilder};
use rust_socketio::{Event, Payload, TransportType};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// What precedes the JSON of a `connect_error`.
const REFUSAL: &str = "Received an ConnectError frame: ";

const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// A packet that the system does not take for this long never arrives.
const EMIT_WITHIN: Duration = Duration::from_secs(10);

/// Saying goodbye is a courtesy.
const DISCONNECT_WITHIN: Duration = Duration::from_millis(500);

/// Its task notices at once that the tunnel is closed.
const GONE_WITHIN: Duration = Duration::from_secs(2);

/// What comes from the library.
#[derive(Debug)]
pub(super) enum Heard {
    /// The host let the socket in.
    Connected,
    /// The host did not; with what it said.
    Refused(String),
    /// An event with its payload.
    Event(String, Value),
    /// The host ended the socket, or the library did.
    Ended(&'static str),
}

/// The library did not do what it was asked to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum SocketError {
    #[error("it took too long")]
    TooSlow,
    #[error("{0}")]
    Failed(String),
}

/// A Socket.IO connection.
pub(super) struct Socket {
    client: Client,
    /// Closed when the library has dropped its callbacks, and with them everything of its own.
    gone: mpsc::Receiver<()>,
}

impl Socket {
    /// Connects to `url` and tells `hear` everything from then on. `hear` must not block.
    pub(super) async fn connect(
        url: &str,
        auth: Value,
        hear: impl Fn(Heard) + Send + Sync + 'static,
    ) -> Result<Self, SocketError> {
        let (alive, gone) = mpsc::channel(1);
        let hear = Arc::new(move |heard| {
            let _ = &alive;
            hear(heard);
        });
        let on_event = hear.clone();
        let on_connect = hear.clone();
        let on_close = hear.clone();
        let builder = ClientBuilder::new(url)
            .transport_type(TransportType::Websocket)
            .reconnect(false)
            .reconnect_on_disconnect(false)
            .auth(auth)
            .on_any(move |event, payload, _| {
                on_event(heard(event, payload));
                ready(()).boxed()
            })
            .on(Event::Connect, move |_, _| {
                on_connect(Heard::Connected);
                ready(()).boxed()
            })
            .on(Event::Close, move |_, _| {
                on_close(Heard::Ended("the host ended it"));
                ready(()).boxed()
            })
            .on(Event::Error, move |payload, _| {
                hear(failed(payload));
                ready(()).boxed()
            });
        let client = timeout(CONNECT_WITHIN, builder.connect())
            .await
            .map_err(|_| SocketError::TooSlow)?
            .map_err(|error| SocketError::Failed(error.to_string()))?;
        Ok(Self { client, gone })
    }

    /// Sends an event. Those of one caller arrive in order. After an error the connection is to be
    /// ended: how much of the event has left is not known.
    pub(super) async fn emit(&self, event: &str, payload: Value) -> Result<(), SocketError> {
        timeout(EMIT_WITHIN, self.client.emit(event, payload))
            .await
            .map_err(|_| SocketError::TooSlow)?
            .map_err(|error| SocketError::Failed(error.to_string()))
    }

    /// Tells the host that this was all.
    pub(super) async fn disconnect(&self) {
        let _ = timeout(DISCONNECT_WITHIN, self.client.disconnect()).await;
    }

    /// Waits until nothing of it is left, after the tunnel was closed under it.
    pub(super) async fn gone(self) {
        let Self { client, mut gone } = self;
        drop(client);
        if timeout(GONE_WITHIN, gone.recv()).await.is_err() {
            tracing::warn!("a link's client lives on after its end");
        }
    }
}

fn heard(event: Event, payload: Payload) -> Heard {
    let mut arguments = match payload {
        Payload::Text(arguments) => arguments,
        _ => return Heard::Ended("it sent something other than JSON"),
    };
    let payload = match arguments.len() {
        0 => Value::Null,
        _ => arguments.swap_remove(0),
    };
    Heard::Event(event.as_str().to_owned(), payload)
}

/// What the library calls an error: a refusal to connect among others.
fn failed(payload: Payload) -> Heard {
    let said = match payload {
        Payload::Text(mut said) if !said.is_empty() => said.swap_remove(0),
        _ => Value::Null,
    };
    let refusal = said.as_str().and_then(|said| said.strip_prefix(REFUSAL));
    match refusal.map(serde_json::from_str::<Value>) {
        Some(refusal) => {
            let message = refusal
                .ok()
                .and_then(|it| Some(it.get("message")?.as_str()?.to_owned()));
            Heard::Refused(message.unwrap_or_default())
        }
        None => Heard::Ended("the connection broke"),
    }
}
