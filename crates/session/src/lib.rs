//! What a session is: who may do what, which facts a call makes, in which order they are written,
//! and who is told.
//!
//! One task, the [`writer`], owns the session: it decides calls on what it knows in memory, commits
//! what has queued up in one transaction, and only then answers and tells. Everything else reads
//! the last committed [`State`], which is shared and never changes under a reader.
//!
//! This crate must not know sockets or HTTP: a socket is a [`Connection`] that calls are put into
//! and a [`feed::FeedReceiver`] that things come out of. It must not know SQL either.
//!
//! Start reading at [`Handle`], then [`writer`], then [`decide`].

mod entrance;
mod handle;
mod writer;

mod authorize;
mod decide;
mod state;

mod catch_up;
mod connection;
mod follow;
mod read;
mod search;

mod authority;
mod copying;
mod earlier;
mod joined;
mod look;
mod outbox;
mod take_over;

mod ask;
mod cursors;
mod door;
mod files;
mod held;
mod history;
mod notes;
mod open_note;
mod prepare;
mod presence;
mod tell;
mod texts;
mod tickers;
mod whole_texts;
mod written;

mod answers;
mod bundle;
mod failure;
pub mod feed;
mod pace;
mod pause;

pub use authority::{Answering, Authority, NewFile};
pub use bundle::{Bundle, FactMessage, list};
pub use connection::{Connection, Overrun};
pub use door::{Admitted, Caller, Credential, ShownInvite, counted};
pub use failure::SessionError;
pub use feed::{Cut, FeedReceiver, Out, Ticket};
pub use files::{Download, Upload};
pub use handle::{Changes, Handle, Options};
pub use outbox::Waiting;
pub use state::State;
pub use writer::Settled;
