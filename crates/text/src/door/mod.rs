//! The door: what an update must be before yrs sees it.
//!
//! yrs trusts what it is given; bytes made to harm it have made it panic, crash
//! and go different ways at different people. So everything from outside comes
//! through here first. What passes applies at once, and the same at everybody's:
//!
//! - its form is that of a note's text ([`form`]);
//! - it goes on where its clients stand, under ids that are its member's own,
//!   and builds on what is there ([`admit`]);
//! - only what is new in it is taken ([`trim`]);
//! - what it inserts fits between two neighbours as its author can have seen
//!   them ([`order`], [`known`]).

use std::fmt;

mod admit;
mod budget;
mod bytes;
mod clients;
pub(crate) mod form;
mod known;
mod order;
mod owners;
mod runs;
mod trim;
mod widths;

use budget::Budget;
use clients::Clients;
use form::Update;
use known::Known;
use order::Order;
use runs::Run;
use widths::Measure;

use crate::ClientId;

/// A person in the session, as far as edits are concerned: whoever gives the
/// same number is the same.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MemberId(u128);

/// What a note may become, and what one update may cost.
#[derive(Clone, Copy, Debug)]
pub struct DoorLimits {
    /// Bytes of one update.
    pub update_bytes: usize,
    /// Bytes of UTF-8 in the body.
    pub body_bytes: u64,
    /// Clients who ever typed in it: each editor opened is one.
    pub clients: usize,
    /// Pieces in which its text and its deletions lie. They stay for ever, and
    /// each takes some hundred bytes in every copy of the note.
    pub pieces: usize,
    /// Steps of work for one update, about a hundred million a second.
    pub steps: u64,
}

/// Why an update was not let in. The note is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is not what Yjs writes for a note.
    #[error("This edit is not a Yjs update (version 1) of a note's text: {0}.")]
    Malformed(&'static str),
    /// It has more bytes than one update may have.
    #[error("This edit has {length} bytes, and {limit} are allowed. Send it in parts.")]
    TooBig {
        /// Its bytes.
        length: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// Something typed earlier under the same id has not come.
    #[error(
        "An edit that client {client} made before this one is missing. Send it first, or offer the text again under a new client id."
    )]
    Gap {
        /// The client id.
        client: ClientId,
    },
    /// The client id is another member's, or the host's.
    #[error(
        "Client id {client} belongs to somebody else. Offer the text again under a new client id."
    )]
    NotYours {
        /// The client id.
        client: ClientId,
    },
    /// It builds upon text that is not there.
    #[error("This edit builds on text that this note does not have. Open the note again.")]
    Missing,
    /// It comes between the two UTF-16 units of one character.
    #[error("This edit comes inside a character of two UTF-16 units. Move it by one.")]
    SplitsCharacter,
    /// It cannot have been typed where it says it was.
    #[error("This edit does not fit where it says it was typed. Open the note again.")]
    Misplaced,
    /// The body would become too long.
    #[error(
        "The note would be {length} bytes long, and {limit} are allowed. Shorten it or split it in two."
    )]
    TooLong {
        /// Bytes of UTF-8 it would have.
        length: u64,
        /// Bytes of UTF-8 allowed.
        limit: u64,
    },
    /// The note's history has as many pieces as a note may have.
    #[error("This note has been edited too often. Copy its text into a new note.")]
    Full,
    /// It makes more work than one update may.
    #[error("This edit is too much work at once. Send it in parts.")]
    TooCostly,
    /// The note was loaded again between the beginning and the end of a write.
    #[error("The host put this note down while the change was worked out. Send it again.")]
    PutDown,
}

/// What a note knows about who typed what where, to check updates by.
#[derive(Debug)]
pub(crate) struct Door {
    clients: Clients,
    order: Order,
    known: Known,
    /// How long the body is.
    length: Measure,
    limits: DoorLimits,
}

/// Who made the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Somebody else: everything is checked.
    Peer,
    /// This crate or yrs, by way of our own file.
    Own,
}

impl MemberId {
    /// The host itself, for what it writes in the name of simple clients.
    pub const HOST: Self = Self(0);

    /// The member with this number, for instance its UUID. Zero is the host's.
    pub const fn new(number: u128) -> Self {
        Self(number)
    }

    /// The number itself.
    pub const fn get(self) -> u128 {
        self.0
    }
}

impl fmt::Debug for MemberId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemberId({:x})", self.0)
    }
}

impl Default for DoorLimits {
    fn default() -> Self {
        Self {
            update_bytes: 4 << 20,
            body_bytes: 1 << 20,
            clients: 65_536,
            pieces: 300_000,
            steps: 40_000_000,
        }
    }
}

impl Refused {
    /// Whether the same edit may pass later or in parts, so that nothing is
    /// wrong with its sender.
    pub const fn is_temporary(&self) -> bool {
        matches!(self, Self::TooCostly | Self::PutDown)
    }
}

/// Whether these bytes have the form of an update of a note's text (rules A of the door). It says
/// nothing about whether they fit any note.
pub fn is_update(bytes: &[u8]) -> bool {
    bytes.len() <= DoorLimits::default().update_bytes && form::Update::parse(bytes).is_ok()
}

impl Door {
    pub(crate) fn new(limits: DoorLimits) -> Self {
        Self {
            clients: Clients::default(),
            order: Order::default(),
            known: Known::default(),
            length: Measure::default(),
            limits,
        }
    }

    /// Checks an update from a member. What is new in it is taken as applied,
    /// and given as an update of its own; nothing if nothing is new.
    pub(crate) fn check(
        &mut self,
        member: MemberId,
        update: &[u8],
    ) -> Result<Option<Vec<u8>>, Refused> {
        let (length, limit) = (update.len(), self.limits.update_bytes);
        if length > limit {
            return Err(Refused::TooBig { length, limit });
        }
        let update = Update::parse(update)?;
        let budget = Budget::new(self.limits.steps);
        let new = self.admit(Some(member), &update, Source::Peer, budget)?;
        Ok((!new.is_empty()).then(|| new.encode()))
    }

    /// Takes in what passed once already, or what this crate made; what its
    /// clients type first is this member's.
    pub(crate) fn recall(
        &mut self,
        member: Option<MemberId>,
        update: &[u8],
    ) -> Result<(), Refused> {
        let update = Update::parse(update)?;
        self.admit(member, &update, Source::Own, Budget::unlimited())?;
        Ok(())
    }

    /// How long the body is in UTF-16 units.
    pub(crate) fn units(&self) -> u64 {
        self.length.units
    }

    /// How many pieces are kept of it. What is kept about them is small, and
    /// weighs an eighth.
    pub(crate) fn pieces(&self) -> usize {
        self.order.runs.len() + (self.known.len() + self.clients.pieces()) / 8
    }

    pub(crate) fn clients(&self) -> &Clients {
        &self.clients
    }

    /// Loses half of what it knows, as no door ever should: it panics over the next edit.
    #[cfg(test)]
    pub(crate) fn break_for_test(&mut self) {
        self.known = Known::default();
    }

    /// Everything ever typed, in order, with each run's client.
    pub(crate) fn order(&self) -> impl Iterator<Item = (ClientId, &Run)> {
        let runs = self.order.runs.iter();
        runs.map(|run| (self.order.runs.id(run.client), run))
    }
}
