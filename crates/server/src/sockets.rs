//! The event API over Socket.IO: its two namespaces, and what happens in them.
//!
//! Every event of a socket goes the same way, so there is no handler for each: [`admission`] lets
//! a socket in, [`incoming`] reads an event and puts it into the session's queue for that socket
//! before anything else runs (the library runs handlers side by side, out of order), the session
//! carries it out, and [`outgoing`] emits what comes back. The names of events are declared in
//! `hearth_protocol`.
//!
//! What the library leaves no way to change: a name of an event that is spelled with JSON's escapes
//! ends the connection rather than being refused (no name of ours needs any); an unknown namespace
//! is refused with `Invalid namespace`, which is none of our codes; and a WebSocket's frame may
//! announce the size it may have after sign-in, for which memory is set aside, though not used,
//! before what it sends shows that it has not signed in.

pub(crate) mod engine;

mod admission;
mod incoming;
mod link;
mod outgoing;
mod packet;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hearth_protocol::HOME_NAMESPACE;
use socketioxide::adapter::LocalAdapter;
use socketioxide::extract::TryData;
use socketioxide::handler::{ConnectHandler, FromConnectParts, Value};
use socketioxide::socket::Socket;
use socketioxide::{ParserConfig, SocketIo};

use crate::server::Server;

/// A peer that is gone without a word is missed after the two together.
const PING_EVERY: Duration = Duration::from_secs(15);
const PING_TIMEOUT: Duration = Duration::from_secs(15);

/// Packets the library holds for one client; what waits longer waits in the feed, which counts
/// bytes too. See `visit::Flow`.
const BUFFER_PACKETS: usize = 1_024;

/// What is read of a WebSocket at once, and set aside for each. What is larger is given its place
/// when its frame's head says so; most calls are letters and cursors.
const READ_BYTES: usize = 1_024;

/// Nothing binary is taken; so much is read before it is refused with a sentence rather than by
/// closing the connection.
const BINARY_BYTES: usize = 64 * 1024;
const BINARY_PARTS: usize = 16;

/// The two ends of the library that the rest of the crate holds.
pub(crate) struct EventApi {
    /// Answers `/socket.io/`, with and without the slash. One service for both: each would have
    /// clients of its own otherwise.
    pub(crate) router: Router<Server>,
    /// Closes everything.
    pub(crate) io: SocketIo,
}

/// Which namespace a socket is in.
#[derive(Debug, Clone, Copy)]
enum Namespace {
    Session,
    Home,
}

/// Sets the event API up.
pub(crate) fn event_api(server: &Server) -> EventApi {
    let limits = server.session().limits();
    let message_bytes = usize::try_from(limits.message_bytes).unwrap_or(usize::MAX);
    let (service, io) = SocketIo::builder()
        .ping_interval(PING_EVERY)
        .ping_timeout(PING_TIMEOUT)
        .connect_timeout(server.sign_in_within())
        .max_buffer_size(BUFFER_PACKETS)
        .max_payload(limits.message_bytes)
        .ws_read_buffer_size(READ_BYTES)
        .ws_max_message_size(message_bytes)
        .ws_max_frame_size(message_bytes)
        .with_parser(
            ParserConfig::common()
                .max_incoming_binaries(BINARY_PARTS)
                .max_incoming_binary_buf_size(BINARY_BYTES),
        )
        .build_svc();
    add_namespace(&io, server, "/", Namespace::Session);
    add_namespace(&io, server, HOME_NAMESPACE, Namespace::Home);
    let router = Router::new()
        .route_service("/socket.io", service.clone())
        .route_service("/socket.io/", service);
    EventApi { router, io }
}

fn add_namespace(io: &SocketIo, server: &Server, path: &'static str, namespace: Namespace) {
    let (admitting, delivering) = (server.clone(), server.clone());
    // Handlers are registered while the socket is admitted, before its client is told that it is
    // connected: its first event would find none otherwise.
    let admit = move |Whole(socket), TryData(auth): TryData<serde_json::Value>| {
        let server = admitting.clone();
        async move { admission::admit(&server, &socket, auth.ok(), namespace).await }
    };
    let deliver = move |Whole(socket)| {
        let server = delivering.clone();
        server
            .sockets()
            .clone()
            .track_future(async move { outgoing::deliver(&server, socket).await })
    };
    io.ns(
        path,
        ConnectHandler::<LocalAdapter, _>::with(deliver, admit),
    );
}

/// The socket itself, rather than the library's reference to it: acknowledgements are made from it.
struct Whole(Arc<Socket>);

impl FromConnectParts<LocalAdapter> for Whole {
    type Error = std::convert::Infallible;

    fn from_connect_parts(socket: &Arc<Socket>, _: &Option<Value>) -> Result<Self, Self::Error> {
        Ok(Self(socket.clone()))
    }
}
