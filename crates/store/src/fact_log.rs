//! The log: facts as compact rows.

mod blank;
mod body;
mod packed;
mod read;
mod unknown;
mod write;

use hearth_protocol::{CallId, Fact, FactKind, MemberId, NoteKey, RoomId};

pub(crate) use blank::{blank_files_of_room, blank_message, blank_messages_of_room, blank_note};
pub(crate) use packed::unpack;
pub(crate) use read::{Scan, about, every_page, page, past_calls};
pub(crate) use unknown::recognize;
pub(crate) use write::{append, append_copied, head, push_insert, rows};

/// The number of `noteedited`, which is stored and indexed in a way of its own.
///
/// The statements below spell it out, because SQLite uses a partial index only for a condition that
/// it can compare with the index's own.
pub(crate) const NOTE_EDITED: i64 = FactKind::NOTE_EDITED_CODE;

/// A number as SQLite has it. Nothing in a file is ever numbered higher, so what is asked for beyond
/// that may as well be its end.
pub(crate) fn column(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// What can be known of a fact without reading it whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FactMeta {
    /// Its number.
    pub seq: u64,
    /// The number that stands for its name, as in `FactKind::code`.
    pub code: i64,
    /// The room whose members it concerns; `None`: everybody.
    pub room: Option<RoomId>,
    /// Who came into or went out of a room.
    pub subject: Option<MemberId>,
    /// The note it is about.
    pub note: Option<NoteKey>,
}

/// A part of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct FactPage {
    /// Those that were wanted, in order.
    pub facts: Vec<Fact>,
    /// How far the log was looked at; go on from here.
    pub next: u64,
}

/// A call that was written down before.
#[derive(Debug, Clone, PartialEq)]
pub struct PastCall {
    /// Who called.
    pub member: MemberId,
    /// The call's id.
    pub id: CallId,
    /// Of its contents, as it was given then.
    pub digest: [u8; 8],
    /// What it did, in order.
    pub facts: Vec<Fact>,
}
