//! The server: HTTP, sign-in, and the event API over Socket.IO, for one open session.
//!
//! [`serve`] takes a listener that the caller has bound and a session that the caller has opened.
//! What a member may do is decided by the session; this crate decides who may talk to it at all
//! (`Host`, `Origin`, sizes, rates, connections), and carries calls in and facts out without ever
//! making the session wait for a slow peer.
//!
//! This is the only crate that knows axum and socketioxide. It must not know files, SQL, or what
//! a call means.
//!
//! Start reading at [`routes`](self), the table of contents of everything that is answered; then
//! `serve` for the life of a connection, and `sockets` for the life of a Socket.IO socket.

mod routes;
mod serve;
mod server;

mod handlers;
mod sockets;

mod guard;
mod headers;
mod rates;

mod cookie;
mod failure;
mod json;

mod answer;
mod bind;
mod connections;
mod places;
mod tls;
mod visit;
mod wire;

mod config;

pub use bind::bind;
pub use config::{Config, Listener};
pub use serve::{ServeError, serve};
pub use tls::{LINK_PROTOCOL, Tls, TlsError};
