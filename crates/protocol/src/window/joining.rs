//! Joining somebody else's session from the window.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Hosting, WindowAccess};
use crate::id::SessionId;
use crate::name::Name;

/// Somebody else's session that the person wants to join.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct JoinRequest {
    /// An invitation (`https://…#…` or `hearth://…#…`), or an address as it is typed.
    pub address: String,
    /// More addresses of the same host, as it announces them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// How the fingerprint of the host's key begins, as it announces it: in lower-case hex digits.
    /// An invitation says all of it by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The PIN, when the host has asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pin: Option<String>,
}

/// How far joining has come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "step")]
#[ts(optional_fields)]
pub enum JoinStep {
    /// The host is being reached.
    Connecting,
    /// The host asks for a PIN: join again with it.
    Pin {
        /// The session's name.
        session: Name,
        /// How many tries are left after a wrong one.
        #[serde(skip_serializing_if = "Option::is_none")]
        tries_left: Option<u32>,
    },
    /// The host is being asked; both screens show these digits.
    Waiting {
        /// The session's name.
        session: Name,
        /// Six digits.
        digits: String,
    },
    /// In; the session is being copied to this computer.
    Copying {
        /// The session's name.
        session: Name,
        /// How far the copy goes.
        copied: u64,
        /// How far the host's log goes.
        of: u64,
    },
    /// The copy can be used.
    Joined(Joined),
    /// It did not work.
    Failed {
        /// Why, and what to do.
        error: JoinError,
    },
}

/// Why joining did not work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct JoinError {
    /// What kind of failure.
    pub reason: JoinFailure,
    /// The address that was tried.
    pub address: String,
    /// A sentence a person can act on.
    pub message: String,
    /// After too many wrong PINs: when to try again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

/// What kind of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum JoinFailure {
    /// What was typed is no address and no invitation.
    Address,
    /// Nothing answers there.
    NoAnswer,
    /// Something answers there that is not Hearth.
    NotHearth,
    /// Its key is another one than expected.
    OtherKey,
    /// The versions have nothing in common.
    Version,
    /// The invitation is unknown, used up or over.
    Invitation,
    /// The host declined, or took this person out of the session.
    NotLetIn,
    /// Nobody answered at the door in time.
    NobodyAnswered,
    /// Too many wrong PINs.
    TooManyTries,
    /// The session is hosted on this very computer.
    HostedHere,
    /// This computer cannot write its copy.
    Storage,
    /// Anything else; the log says what.
    Other,
}

/// Somebody else's session that is open here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct Joined {
    /// How the window reaches its own server.
    pub window: WindowAccess,
    /// The session's id.
    pub session: SessionId,
    /// The session's name.
    pub name: Name,
    /// The fingerprint of the host's key, in lower-case hex digits; absent where it speaks no TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// Where the host was reached last.
    pub addresses: Vec<String>,
    /// A copy that is looked at and not gone on with.
    pub read_only: bool,
}

/// What is open in this window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum OpenSession {
    /// One that is hosted here.
    Hosting(Hosting),
    /// Somebody else's.
    Joined(Joined),
}

/// A session was written into a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct BackedUp {
    /// Which.
    pub path: String,
}
