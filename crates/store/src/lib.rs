//! The session file: one SQLite file holds one session, whole.
//!
//! It has three parts, a migration for each: the log of facts, the projections that it amounts to,
//! and what stands beside the log (sign-ins, unread marks, checkpoints). [`Writer::commit`] appends
//! facts and writes their projections in one transaction; when it has returned, they are on the
//! disk. A [`Reader`] answers questions from other connections meanwhile.
//!
//! This crate must not know who may do what, and nobody is told anything here. It is the only one
//! that knows SQL.
//!
//! A file may also be a copy of a session that is hosted elsewhere: [`create_copy`],
//! [`Writer::copy`]. What its person does while the host is away waits in it ([`OutboxCall`]).
//!
//! Beside the session file lies one that can be thrown away: the search index ([`SearchIndex`]).
//!
//! Start reading at [`open()`] and [`Writer`], then [`Reader`]; `fact_log` holds the log,
//! `project` turns a fact into rows.

mod open;
mod writer;

mod batch;
mod loaded;
mod reader;

mod fact_log;
mod project;
mod rebuild;
mod typing;

mod backup;
mod copy;
mod earlier;
mod outbox;

mod checkpoints;
mod files;
mod ids;
mod invites;
mod link_keys;
mod members;
mod messages;
mod notes;
mod reads;
mod rooms;
mod runs;
mod session;
mod sign_ins;
mod whereabouts;

mod search;

mod check;
mod error;
mod lock;
mod text;

pub use backup::{backup, backup_over};
pub use batch::{Batch, NewFact, Write};
pub use checkpoints::{NoteCheckpoint, NoteEdit, NoteLog};
pub use copy::{
    Copied, CopyBatch, CopyHost, CopyState, NewCopy, Past, PastCopied, PastOf, create_copy,
};
pub use earlier::EarlierCopy;
pub use error::{OpenError, StoreError};
pub use fact_log::{FactMeta, FactPage, PastCall};
pub use files::{FILE_PART_BYTES, MissingFile};
pub use invites::InviteRow;
pub use loaded::{Loaded, RoomRow, RunRow};
pub use open::{NewSession, create, open};
pub use outbox::{OutboxCall, OutboxCount, OutboxRow, WAITING_FILE};
pub use reader::Reader;
pub use search::{Excerpt, SearchChanges, SearchIndex, SearchMark, SearchReader, Terms};
pub use sign_ins::SignInRow;
pub use writer::Writer;
