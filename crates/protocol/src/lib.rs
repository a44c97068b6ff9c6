//! The event API: names, payloads, ids and error codes.
//!
//! Everything that crosses a border of Hearth is declared here once: what a client may ask for
//! ([`call`]), what happened and was written down ([`fact`]), what is true only now ([`signal`]),
//! and how a refusal is said ([`error`]). The TypeScript types of the interface and the machine-
//! readable description served at `/api.json` are generated from these declarations.
//!
//! This crate must not know sockets, files or clocks: no I/O, no tokio.
//!
//! Start reading at [`call::Call`], then [`fact::FactKind`].

pub mod call;
pub mod fact;
pub mod signal;

pub mod answer;
pub mod object;

pub mod address;
pub mod digits;
pub mod error;
pub mod file;
pub mod fingerprint;
pub mod fragment;
mod hex;
pub mod id;
pub mod name;
pub mod picture;
pub mod timestamp;
pub mod words;

pub mod http;
pub mod limits;
pub mod window;

pub mod describe;
pub mod typescript;

/// Protocol versions this build speaks, lowest and highest.
pub const PROTOCOL: [u32; 2] = [1, 1];

/// The namespace for titles only.
pub const HOME_NAMESPACE: &str = "/home";

pub use call::Call;
pub use error::{CallError, Code};
pub use fact::{Fact, FactKind};
pub use file::{FileHash, FileType};
pub use id::{CallId, KnockId, MemberId, MessageId, NoteKey, RoomId, RunId, SessionId};
pub use name::{FileName, Name, Title, Topic};
pub use object::{Member, Message, Note, Role, Room, Session};
pub use timestamp::Timestamp;
