//! What can go wrong in here, and how a client hears of it.

use hearth_protocol::error::{CallError, Code};
use hearth_store::StoreError;

/// Why a session could not be opened or a call not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The session file refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log holds a note that cannot be put together.
    #[error("a note in the session file is damaged: {0}")]
    Text(#[from] hearth_text::Damaged),
    /// A note is wanted at a version that the log does not reach.
    #[error("the log does not have all edits of a note that it should have")]
    Behind,
    /// A session that is hosted here cannot be followed.
    #[error("this session file is not a copy")]
    NoCopy,
    /// The session is being closed.
    #[error("the session is being closed")]
    Closed,
}

/// What a client hears of `error`. The detail goes to the log here, once, and nowhere else.
pub(crate) fn told(error: &SessionError) -> CallError {
    match error {
        SessionError::Store(StoreError::Full) => CallError::disk_full(
            "The host's disk is full. What you sent is not saved; free some space there, then send it again.",
        ),
        SessionError::Store(StoreError::ReadOnly) => CallError::disk_full(
            "The host cannot write its session file: the place is read-only. Nothing was changed.",
        ),
        SessionError::Closed => closing(),
        error => {
            tracing::error!(%error, "a call failed");
            CallError::internal()
        }
    }
}

/// Nothing new is written where the disk has less room than it is to keep.
pub(crate) fn disk_low() -> CallError {
    CallError::disk_full(
        "The host's disk is almost full, so nothing new is written. Free some space there, then \
         send it again.",
    )
}

/// In a joined session it is this computer's disk that has no room.
pub(crate) fn own_disk() -> CallError {
    CallError::disk_full(
        "The disk of this computer is full, so nothing can be kept for the host. Free some space, \
         then send it again.",
    )
}

/// The same as [`told`] in a copy, whose file is on this computer.
pub(crate) fn told_of_copy(error: &SessionError) -> CallError {
    match error {
        SessionError::Store(StoreError::Full) => own_disk(),
        SessionError::Store(StoreError::ReadOnly) => CallError::disk_full(
            "This computer cannot write the copy of this session: the place is read-only. Nothing \
             was changed.",
        ),
        error => told(error),
    }
}

/// Whoever was removed while a call was on its way.
pub(crate) fn put_out() -> CallError {
    CallError::new(
        Code::Unauthorized,
        "The host removed you from this session.",
    )
}

/// A sign-in of somebody who was removed.
pub(crate) fn removed() -> CallError {
    CallError::new(
        Code::Removed,
        "The host removed you from this session. Only they can let you in again.",
    )
}

/// The session stops; whoever asks gets this until the socket is closed.
pub(crate) fn closing() -> CallError {
    CallError::new(
        Code::Offline,
        "The host is closing the session. Send it again when it is back.",
    )
}
