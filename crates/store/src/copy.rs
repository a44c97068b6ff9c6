//! A session file that is a copy of one hosted elsewhere.
//!
//! Its facts have the host's numbers. [`Writer::copy`] appends what the host tells, in its order,
//! and with it notes how far the copy goes, so whoever was cut off asks on from there. What came
//! into sight of something old is noted in the same step ([`Past`]); its past is then fetched by
//! pages ([`Writer::copy_past`]) and is in no list until it is whole. What went out of sight is
//! erased, in the same step too: this is the one place where a log loses rows.
//!
//! `table` holds what the file says of the host, `past` and `sight` what coming into and going out
//! of sight do, `erase` takes rows away, `places` tells in which room a copied fact happened.

mod erase;
mod make;
mod own;
mod past;
mod places;
mod sight;
pub(crate) mod table;
mod writing;

use std::fmt;

use hearth_protocol::fingerprint::Fingerprint;
use hearth_protocol::{Fact, MemberId, NoteKey, RoomId, RunId, Session};

use crate::batch::Write;

pub use make::create_copy;
pub(crate) use past::hidden;

/// How to come back to the host of a copy.
#[derive(Clone, PartialEq, Eq)]
pub struct CopyHost {
    /// Where it was reached last, the best place first, as the link writes addresses.
    pub addresses: Vec<String>,
    /// What it is known by; `None` for one on this machine that speaks no TLS.
    pub fingerprint: Option<Fingerprint>,
    /// What it knows us by. Never logged.
    pub token: String,
}

impl fmt::Debug for CopyHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CopyHost")
            .field("addresses", &self.addresses)
            .field("fingerprint", &self.fingerprint)
            .finish_non_exhaustive()
    }
}

/// What a copy begins with.
#[derive(Debug, Clone, PartialEq)]
pub struct NewCopy {
    /// The session, as the host says it.
    pub session: Session,
    /// Who we are there.
    pub member: MemberId,
    /// How to come back.
    pub host: CopyHost,
}

/// What a file says of itself that is a copy.
#[derive(Debug, Clone, PartialEq)]
pub struct CopyState {
    /// Who we are at the host.
    pub member: MemberId,
    /// How to come back to it.
    pub host: CopyHost,
    /// Everything we may see up to this number is here; `thanks` goes on from it.
    pub next: u64,
    /// A run in which that number had been reached; `None` before the first facts came.
    pub run: Option<RunId>,
    /// What is to be fetched of rooms and notes that came into sight.
    pub pasts: Vec<Past>,
    /// Rises with everything that comes into sight whole or goes out of it: what was made from this
    /// file before (the search index) is then behind in more than the newest facts.
    pub sights: u64,
}

/// Something that came into sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PastOf {
    /// A room, with the notes in it.
    Room(RoomId),
    /// A note that was moved to where it can be seen.
    Note(NoteKey),
}

/// What is to be fetched of its past: `thanks {room | note, since: next, until}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Past {
    /// Whose.
    pub of: PastOf,
    /// Up to here it is there.
    pub next: u64,
    /// Up to here it has to be.
    pub until: u64,
}

/// What became of a page of the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PastCopied {
    /// There is more to fetch.
    Going(Past),
    /// It is whole, and what it belongs to is in every list from now on: load the session again.
    Whole,
    /// It went out of sight meanwhile; nothing was written.
    Gone,
}

/// Facts from the host, as one page or one moment of the feed.
#[derive(Debug, Clone, Default)]
pub struct CopyBatch {
    /// In order, with the host's numbers. Those that are here already are passed over.
    pub facts: Vec<Fact>,
    /// How far the host has looked; in the feed, the last fact's number.
    pub next: u64,
    /// The host's run; `None` leaves it as it is.
    pub run: Option<RunId>,
    /// What is written with them, such as the end of a call that had waited.
    pub other: Vec<Write>,
}

/// What copying did beyond the facts themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Copied {
    /// The numbers of the facts that were new, in order.
    pub new: Vec<u64>,
    /// What came into sight and whose past is to be fetched.
    pub pasts: Vec<Past>,
    /// Rooms that went out of sight: nothing of them is left.
    pub lost_rooms: Vec<RoomId>,
    /// Notes that went out of sight by themselves, not with their room.
    pub lost_notes: Vec<NoteKey>,
    /// Whether the session in the file is other than one gets by applying the new facts to what one
    /// had: load it again. So it is whenever something came into or went out of sight, and while
    /// some past is not whole.
    pub reload: bool,
}
