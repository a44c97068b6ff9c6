//! How the program ends, and with which code.

use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;

use hearth_protocol::error::Code;
use hearth_session::SessionError;
use hearth_store::{OpenError, StoreError};

use crate::hosting::HostError;
use crate::identity::IdentityError;
use crate::joined::CopyError;
use crate::joining::Refusal;

/// Why the program ended.
#[derive(Debug, thiserror::Error)]
pub enum Exit {
    /// 2: it was called in a way that makes no sense.
    #[error("{0}")]
    Usage(String),
    /// 3 to 7: the session file or its disk refused.
    #[error(transparent)]
    Host(#[from] HostError),
    /// 2 to 8: the copy could not be made, or used.
    #[error(transparent)]
    Join(Refusal),
    /// 6: another program listens there.
    #[error(
        "{0} is taken by another program. Choose another port, or a free one with --listen {1}."
    )]
    AddressTaken(SocketAddr, SocketAddr),
    /// 6: this computer has no such address.
    #[error("{0} cannot be listened on: {1}. --listen 127.0.0.1:0 always can.")]
    NoSuchAddress(SocketAddr, io::Error),
    /// 7: the folder could not be made or used.
    #[error("{folder} cannot be used: {error}. Choose another folder with --data.")]
    Folder {
        /// Which.
        folder: String,
        /// What the system said.
        error: io::Error,
    },
    /// 7 where the disk refuses, else 1: this installation has no key to be known by.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// 1: anything else.
    #[error("{0:#}")]
    Other(anyhow::Error),
}

impl Exit {
    /// The exit code, as documented.
    pub fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Host(HostError::Open(error)) => of_opening(error),
            Self::Host(HostError::Session(error)) => of_session(error),
            Self::Join(refusal) => of_joining(refusal),
            Self::Host(_) | Self::Other(_) => 1,
            Self::AddressTaken(..) | Self::NoSuchAddress(..) => 6,
            Self::Folder { .. } => 7,
            Self::Identity(error) => of_identity(error),
        }
    }

    /// Says why, on standard error.
    #[expect(clippy::print_stderr, reason = "it is the program's answer, not a log")]
    pub(super) fn report(&self) -> ExitCode {
        eprintln!("hearthd: {self}");
        ExitCode::from(self.code())
    }
}

impl From<Refusal> for Exit {
    fn from(refusal: Refusal) -> Self {
        Self::Join(refusal)
    }
}

impl From<CopyError> for Exit {
    fn from(error: CopyError) -> Self {
        Self::Join(error.into())
    }
}

fn of_opening(error: &OpenError) -> u8 {
    match error {
        OpenError::InUse => 3,
        OpenError::Damaged { .. } => 4,
        OpenError::Newer { .. } => 5,
        OpenError::Full | OpenError::ReadOnly => 7,
        OpenError::Missing | OpenError::Exists => 2,
        _ => 1,
    }
}

fn of_session(error: &SessionError) -> u8 {
    match error {
        SessionError::Store(StoreError::Full | StoreError::ReadOnly) => 7,
        SessionError::Store(StoreError::Damaged { .. }) => 4,
        _ => 1,
    }
}

fn of_identity(error: &IdentityError) -> u8 {
    match error {
        IdentityError::File { .. } => 7,
        _ => 1,
    }
}

fn of_joining(refusal: &Refusal) -> u8 {
    match refusal {
        Refusal::Copy(CopyError::Open(error)) => of_opening(error),
        Refusal::Copy(CopyError::Session(error)) => of_session(error),
        Refusal::Copy(CopyError::Identity(error)) => of_identity(error),
        Refusal::Copy(CopyError::Hosted) | Refusal::OtherSession { .. } => 2,
        Refusal::NotCopied(error) if error.code == Code::StorageFull => 7,
        Refusal::NotCopied(_) | Refusal::NoRandomNumbers | Refusal::Ended | Refusal::Cancelled => 1,
        _ => 8,
    }
}
