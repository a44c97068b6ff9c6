//! What can go wrong with a session file, told apart by what a person can do about it.

use std::io;

use sqlx::error::DatabaseError;
use sqlx::migrate::MigrateError;

/// Why a session file could not be opened or made. Nothing was written to it.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process, or this one, has it open.
    #[error("This session is already open in another Hearth. Close it there first.")]
    InUse,
    /// It is not a session file, or no longer.
    #[error("The session file is damaged ({detail}). Put a copy from before in its place.")]
    Damaged {
        /// What was found.
        detail: String,
    },
    /// A later version of Hearth made it.
    #[error(
        "The session file is from a newer Hearth (format {found}; this one knows {known}). Update Hearth to open it."
    )]
    Newer {
        /// The newest migration in the file.
        found: i64,
        /// The newest migration this build has.
        known: i64,
    },
    /// The disk is full.
    #[error("The disk is full. Make room, then open the session again.")]
    Full,
    /// The file or its folder may not be written.
    #[error("The session file cannot be written: it or its folder is read-only.")]
    ReadOnly,
    /// There is no session at this place.
    #[error("There is no session here.")]
    Missing,
    /// A session was to be made where there is one already.
    #[error("There is already a session here.")]
    Exists,
    /// The system refused in another way.
    #[error("The session file cannot be used: {0}")]
    Io(#[source] io::Error),
    /// SQLite refused in another way.
    #[error("The session file cannot be used: {0}")]
    Sql(#[source] sqlx::Error),
}

/// Why something could not be read from or written to an open session file.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk is full. Nothing of the batch was written.
    #[error("The disk is full.")]
    Full,
    /// The file can no longer be written. Nothing of the batch was written.
    #[error("The session file cannot be written: it or its folder is read-only.")]
    ReadOnly,
    /// The facts do not follow the log's last. Nothing of the batch was written.
    #[error("fact {found} cannot follow, {expected} is next")]
    OutOfOrder {
        /// The number that the next fact must have.
        expected: u64,
        /// The number that it had.
        found: u64,
    },
    /// A fact or write that cannot be stored. Nothing of the batch was written.
    #[error("this cannot be stored: {0}")]
    Invalid(String),
    /// The file holds something that no build of Hearth wrote there.
    #[error("The session file is damaged ({detail}).")]
    Damaged {
        /// What was found.
        detail: String,
    },
    /// It takes longer than whoever asked wants to wait.
    #[error("this takes too long")]
    TooMuch,
    /// The store was closed.
    #[error("the session file is closed")]
    Closed,
    /// It failed; nothing of the batch was written.
    #[error("the session file could not be used: {0}")]
    Failed(#[source] sqlx::Error),
    /// The last step of a commit failed: the batch may or may not have been written. Whoever asked
    /// loads again and lets the call be repeated; its id tells.
    #[error("it is not known whether the session file was written: {0}")]
    Unknown(#[source] sqlx::Error),
}

/// What a failure means, whatever was tried.
enum Failure {
    Full,
    ReadOnly,
    /// A file beside the session file could not be opened or made.
    CannotOpen,
    Damaged(String),
    /// We stopped it ourselves.
    Interrupted,
    Other,
}

/// SQLite's primary result codes (<https://www.sqlite.org/rescode.html>); an extended code has its
/// primary one in the low byte.
mod code {
    pub(super) const READONLY: i32 = 8;
    pub(super) const PERM: i32 = 3;
    pub(super) const INTERRUPT: i32 = 9;
    pub(super) const CORRUPT: i32 = 11;
    pub(super) const FULL: i32 = 13;
    pub(super) const CANTOPEN: i32 = 14;
    pub(super) const NOTADB: i32 = 26;
    /// Extended: the shared memory beside the file could not grow.
    pub(super) const IOERR_SHMSIZE: i32 = 4874;
}

fn failure(error: &sqlx::Error) -> Failure {
    match error {
        sqlx::Error::Database(error) => failure_in_database(error.as_ref()),
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
            Failure::Damaged(error.to_string())
        }
        sqlx::Error::Io(error) => failure_of_io(error),
        _ => Failure::Other,
    }
}

fn extended_code(error: &dyn DatabaseError) -> i32 {
    error
        .code()
        .and_then(|code| code.parse().ok())
        .unwrap_or_default()
}

fn failure_in_database(error: &dyn DatabaseError) -> Failure {
    let extended = extended_code(error);
    if extended == code::IOERR_SHMSIZE {
        return Failure::Full;
    }
    match extended & 0xff {
        code::FULL => Failure::Full,
        code::READONLY | code::PERM => Failure::ReadOnly,
        code::CANTOPEN => Failure::CannotOpen,
        code::INTERRUPT => Failure::Interrupted,
        code::CORRUPT | code::NOTADB => Failure::Damaged(error.message().to_owned()),
        _ => Failure::Other,
    }
}

fn failure_of_io(error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Failure::Full,
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Failure::ReadOnly,
        _ => Failure::Other,
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match failure(&error) {
            Failure::Full => Self::Full,
            Failure::ReadOnly => Self::ReadOnly,
            Failure::Damaged(detail) => Self::Damaged { detail },
            Failure::Interrupted => Self::TooMuch,
            _ if matches!(error, sqlx::Error::PoolClosed) => Self::Closed,
            // In an open session that is too many open files, and passes.
            Failure::CannotOpen | Failure::Other => Self::Failed(error),
        }
    }
}

impl StoreError {
    /// What a failed `commit` means. SQLite finds a full disk before it has written the frame that
    /// makes a transaction count; after any other failure that frame may be there, also when what
    /// had no room was its index in shared memory.
    pub(crate) fn of_commit(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(inner) if extended_code(inner.as_ref()) == code::FULL => {
                Self::Full
            }
            _ => Self::Unknown(error),
        }
    }
}

impl From<sqlx::Error> for OpenError {
    fn from(error: sqlx::Error) -> Self {
        match failure(&error) {
            Failure::Full => Self::Full,
            // The file itself was found, so its folder does not let the files beside it be made.
            Failure::ReadOnly | Failure::CannotOpen => Self::ReadOnly,
            Failure::Damaged(detail) => Self::Damaged { detail },
            Failure::Interrupted | Failure::Other => Self::Sql(error),
        }
    }
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        match failure_of_io(&error) {
            Failure::Full => Self::Full,
            Failure::ReadOnly => Self::ReadOnly,
            _ => Self::Io(error),
        }
    }
}

impl From<MigrateError> for OpenError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
            other => Self::Damaged {
                detail: other.to_string(),
            },
        }
    }
}

impl From<StoreError> for OpenError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full => Self::Full,
            StoreError::ReadOnly => Self::ReadOnly,
            StoreError::Damaged { detail } => Self::Damaged { detail },
            StoreError::Failed(error) | StoreError::Unknown(error) => Self::Sql(error),
            other => Self::Damaged {
                detail: other.to_string(),
            },
        }
    }
}
