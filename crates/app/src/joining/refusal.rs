//! Why joining did not work, in words for the person who tried.

use hearth_protocol::PROTOCOL;
use hearth_protocol::error::{CallError, Code};
use hearth_protocol::http::Health;
use hearth_protocol::name::Name;
use hearth_protocol::window::{JoinError, JoinFailure};
use hearth_replica::{DoorError, HttpFailure, ReachError};
use hearth_store::OpenError;

use super::Request;
use super::finding::Found;
use crate::joined::CopyError;

/// Why joining did not work.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// No host of ours was found.
    #[error("{}", reach(.0))]
    Reach(ReachError),
    /// The connection broke, again and again.
    #[error("The connection to the host broke ({0}). Try again.")]
    Lost(String),
    /// The host wants a PIN, or another one.
    #[error("{error}")]
    Pin {
        /// The session's name.
        session: Name,
        /// What the host said, and how many tries are left.
        error: CallError,
    },
    /// The invitation is of no use.
    #[error("{0}")]
    Invitation(CallError),
    /// The host decided so, or decided nothing.
    #[error("{0}")]
    Door(CallError),
    /// The host does not let this member have a link.
    #[error("{}", put_out(*.0))]
    PutOut(Code),
    /// The versions have nothing in common; who has to update.
    #[error("{0}")]
    Version(String),
    /// A copy of another session is in the place for this one.
    #[error("There is a copy of another session here ({here}). Choose another folder with --data.")]
    OtherSession {
        /// What that is called.
        here: Name,
    },
    /// A known session with another key than it had.
    #[error(
        "This says it is '{session}', but its key is a different one. Don't join unless you know \
         why; an invitation from its host says which key is right."
    )]
    KeyChanged {
        /// What the session is called.
        session: Name,
        /// Where.
        address: String,
    },
    /// This computer has no random numbers.
    #[error("This computer has no random numbers to offer, without which nobody can come in.")]
    NoRandomNumbers,
    /// The copy could not be made or opened.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// What the host sent could not be written, or is not what hosts send.
    #[error("The session could not be copied: {0}")]
    NotCopied(CallError),
    /// The person thought better of it.
    #[error("Joining was cancelled.")]
    Cancelled,
    /// The copy was closed before it was whole.
    #[error("The session was closed before all of it was copied. Join again to go on.")]
    Ended,
}

impl From<HttpFailure> for Refusal {
    fn from(failure: HttpFailure) -> Self {
        match failure {
            HttpFailure::Reach(error) => Self::Reach(error),
            HttpFailure::Lost(why) => Self::Lost(why),
            HttpFailure::Unreadable(address) => Self::Reach(ReachError::NotHearth {
                address,
                why: "its answer cannot be read".to_owned(),
            }),
            HttpFailure::Refused { error, .. } => Self::Door(error),
        }
    }
}

impl Refusal {
    pub(super) fn of_door(error: DoorError, request: &Request, found: &Found) -> Self {
        let is_invited = request.invitation.secret.is_some();
        match error {
            DoorError::Reach(error) => Self::Reach(error),
            DoorError::Lost(why) => Self::Lost(why),
            DoorError::Version(error) => Self::Version(error.message),
            DoorError::Pin(error) => Self::Pin {
                session: found.name.clone(),
                error,
            },
            DoorError::Over(error) if is_invited => Self::Invitation(error),
            DoorError::Refused(error) if is_invited && error.code == Code::Forbidden => {
                Self::Invitation(error)
            }
            DoorError::Over(error) | DoorError::Refused(error) => Self::Door(error),
            DoorError::NoRandomNumbers => Self::NoRandomNumbers,
        }
    }

    /// What the window is told.
    pub(crate) fn told(&self, address: String) -> JoinError {
        let retry_after_ms = match self {
            Self::Door(error) | Self::Pin { error, .. } => error.retry_after_ms,
            _ => None,
        };
        JoinError {
            reason: self.reason(),
            address,
            message: self.to_string(),
            retry_after_ms,
        }
    }

    /// Whether it may be other in a while, and says nothing about the copy that is here.
    pub(crate) fn is_for_now(&self) -> bool {
        matches!(
            self,
            Self::Reach(ReachError::NoAnswer { .. } | ReachError::NotHearth { .. }) | Self::Lost(_)
        )
    }

    fn reason(&self) -> JoinFailure {
        match self {
            Self::Reach(ReachError::NoAnswer { .. }) | Self::Lost(_) => JoinFailure::NoAnswer,
            Self::Reach(ReachError::NotHearth { .. }) => JoinFailure::NotHearth,
            Self::Reach(ReachError::WrongKey { .. }) | Self::KeyChanged { .. } => {
                JoinFailure::OtherKey
            }
            Self::Reach(ReachError::NotLoopback { .. }) => JoinFailure::Address,
            Self::Invitation(_) => JoinFailure::Invitation,
            Self::Door(error) => match error.code {
                Code::RateLimited => JoinFailure::TooManyTries,
                Code::Gone => JoinFailure::NobodyAnswered,
                Code::Forbidden | Code::Removed => JoinFailure::NotLetIn,
                _ => JoinFailure::Other,
            },
            Self::PutOut(_) | Self::Pin { .. } => JoinFailure::NotLetIn,
            Self::Version(_) => JoinFailure::Version,
            Self::Copy(CopyError::Hosted) => JoinFailure::HostedHere,
            Self::Copy(CopyError::Open(OpenError::InUse)) => JoinFailure::Other,
            Self::Copy(CopyError::Open(_) | CopyError::Session(_)) => JoinFailure::Storage,
            Self::NotCopied(error) if error.code == Code::StorageFull => JoinFailure::Storage,
            Self::Copy(CopyError::Identity(_))
            | Self::OtherSession { .. }
            | Self::NoRandomNumbers
            | Self::NotCopied(_)
            | Self::Cancelled
            | Self::Ended => JoinFailure::Other,
        }
    }
}

/// What is said where the host speaks other versions than this build.
pub(super) fn other_version(host: &Health) -> Refusal {
    let (theirs, ours) = (&host.version, env!("CARGO_PKG_VERSION"));
    let sentence = if host.protocol[1] < PROTOCOL[0] {
        format!("The host has Hearth {theirs}, you have {ours}. The host has to update.")
    } else {
        format!("The host has Hearth {theirs}, you have {ours}. Update to join.")
    };
    Refusal::Version(sentence)
}

fn reach(error: &ReachError) -> String {
    match error {
        ReachError::NoAnswer { address, .. } => format!(
            "{address} doesn't answer. Is Hearth open there, and is it the same network? On the \
             host: Settings, Network check."
        ),
        ReachError::NotHearth { address, .. } => {
            format!("Something answers at {address}, but it isn't a session of Hearth.")
        }
        ReachError::WrongKey { address, .. } => format!(
            "What answers at {address} has another key than the one you were told. Don't join \
             unless you know why."
        ),
        ReachError::NotLoopback { address } => format!(
            "{address} is another computer, which is only spoken to encrypted: leave out http://."
        ),
    }
}

fn put_out(code: Code) -> &'static str {
    match code {
        Code::Removed => "The host has taken you out of the session.",
        Code::Full => "As many people as this session takes are in it. Try again later.",
        _ => "The host does not know this computer any more. Ask for an invitation.",
    }
}
