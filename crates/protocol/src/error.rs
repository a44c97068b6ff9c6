//! How a refusal is said, at every border: an acknowledgement, HTTP, a command of the window.
//!
//! Libraries of Hearth have one `thiserror` enum each; binaries and tests use `anyhow`. A peer sees
//! only a [`CallError`]: its code is for programs, its message a sentence a person can act on.
//! Internal detail is logged where the error is turned into a `CallError`, and stays here.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What kind of refusal it is. Programs decide on this and never on the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// It could not be read, or asks for something impossible.
    BadRequest,
    /// Not signed in, or with something unknown.
    Unauthorized,
    /// Known, but not allowed to do this.
    Forbidden,
    /// It does not exist, or this member may not see it.
    NotFound,
    /// Something else already has this id or this place.
    Conflict,
    /// It existed and is used up or destroyed.
    Gone,
    /// `since` is from another history of this session: start over without it.
    Diverged,
    /// Larger than the limit.
    TooLarge,
    /// Too much in too short a time; `retry_after_ms` says when to try again.
    RateLimited,
    /// Only the host can decide this, and the host is away.
    Offline,
    /// The person asked is not there.
    Absent,
    /// The host's disk is full.
    StorageFull,
    /// Something broke at the host; nothing was changed unless a repeat says otherwise.
    Internal,
    /// `connect_error` and HTTP: a sign-in that was not used for 30 days.
    Expired,
    /// `connect_error` and HTTP: the host removed this member.
    Removed,
    /// `connect_error`: no protocol version in common.
    Version,
    /// `connect_error`: as many sockets as this session takes are connected.
    Full,
}

impl Code {
    /// The code as it stands on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "bad_request",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::Gone => "gone",
            Self::Diverged => "diverged",
            Self::TooLarge => "too_large",
            Self::RateLimited => "rate_limited",
            Self::Offline => "offline",
            Self::Absent => "absent",
            Self::StorageFull => "storage_full",
            Self::Internal => "internal",
            Self::Expired => "expired",
            Self::Removed => "removed",
            Self::Version => "version",
            Self::Full => "full",
        }
    }
}

/// A refusal: a code for programs, a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct CallError {
    /// What kind of refusal.
    pub code: Code,
    /// A sentence a person can act on.
    pub message: String,
    /// When to try again, in milliseconds from now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// Wrong PIN: how many tries are left before a wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tries_left: Option<u32>,
}

/// Disks are looked at every few seconds.
const DISK_AGAIN_MS: u64 = 5_000;

impl CallError {
    /// A refusal with this code and sentence.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            retry_after_ms: None,
            tries_left: None,
        }
    }

    /// What was sent cannot be read or done.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(Code::BadRequest, message)
    }

    /// `what` ("room", "note" …) does not exist, or may not be seen: one sentence for both.
    pub fn not_found(what: &str) -> Self {
        Self::new(
            Code::NotFound,
            format!("There is no such {what}, or you cannot see it."),
        )
    }

    /// The member may see it and may not do this.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(Code::Forbidden, message)
    }

    /// Too much in too short a time.
    pub fn rate_limited(retry_after_ms: u64) -> Self {
        Self {
            retry_after_ms: Some(retry_after_ms),
            ..Self::new(
                Code::RateLimited,
                "That was too much at once. Wait a moment, then go on.",
            )
        }
    }

    /// A disk has no room just now. It may have some later, unlike a limit that was reached: that
    /// one says no time.
    pub fn disk_full(message: impl Into<String>) -> Self {
        Self {
            retry_after_ms: Some(DISK_AGAIN_MS),
            ..Self::new(Code::StorageFull, message)
        }
    }

    /// Whether it is a disk that may have room later.
    pub fn is_disk_full(&self) -> bool {
        self.code == Code::StorageFull && self.retry_after_ms.is_some()
    }

    /// Something broke here; what it was is in the host's log.
    pub fn internal() -> Self {
        Self::new(
            Code::Internal,
            "Something went wrong at the host. Send it again; nothing is done twice.",
        )
    }
}

impl std::fmt::Display for CallError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.message)
    }
}

impl std::error::Error for CallError {}
