//! The client side of a session: how this computer reaches a host, comes in, and stays linked.
//!
//! - [`Target`] says which host is meant and by which key it is known; every connection to it is
//!   TLS with that key checked inside the handshake, and shows ours.
//! - [`Door`] is coming in: with an invitation, a PIN, or by asking the host.
//! - [`Link`] is one connection that speaks the event API, and [`Keeper`] makes a new one whenever
//!   the last has ended.
//! - [`Follower`] keeps a copy of a session in step by it: what was missed, what happens, what had
//!   waited.
//!
//! This crate must not know the server, and no other knows `rust_socketio`, which is spoken to in
//! `link/socket.rs` alone: it is good for plain JSON events and for nothing more, so what it lacks
//! stands around it. It speaks plain WebSocket to a tunnel inside this process that carries TLS.
//!
//! Start reading at [`Target`], then `link.rs`.

mod target;

mod carrier;
mod identity;
mod pin;

mod http;

mod door;

mod link;
mod tunnel;

mod keeper;

mod follower;

pub use crate::http::{Ask, HttpFailure, Told, ask};
pub use carrier::ReachError;
pub use door::{Admitted, ComingIn, Door, DoorError, Outcome, Waiting};
pub use follower::{FollowError, Follower, Progress};
pub use identity::{Identity, IdentityError};
pub use keeper::{Config, Keeper, Links, State, Why};
pub use link::{CallFailure, Ended, Event, Events, Link, LinkError};
pub use pin::any_host_key;
pub use target::{Address, Invitation, NoAddress, Target, Trust};
