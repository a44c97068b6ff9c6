//! How the program ends, and with which code.

use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;

use hearth_session::SessionError;
use hearth_store::{OpenError, StoreError};

use crate::hosting::HostError;
use crate::identity::IdentityError;

/// Why the program ended.
#[derive(Debug, thiserror::Error)]
pub enum Exit {
    /// 2: it was called in a way that makes no sense.
    #[error("{0}")]
    Usage(String),
    /// 3 to 7: the session file or its disk refused.
    #[error(transparent)]
    Host(#[from] HostError),
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
            Self::Host(HostError::Open(error)) => match error {
                OpenError::InUse => 3,
                OpenError::Damaged { .. } => 4,
                OpenError::Newer { .. } => 5,
                OpenError::Full | OpenError::ReadOnly => 7,
                _ => 1,
            },
            Self::Host(HostError::Session(SessionError::Store(error))) => match error {
                StoreError::Full | StoreError::ReadOnly => 7,
                StoreError::Damaged { .. } => 4,
                _ => 1,
            },
            Self::Host(_) | Self::Other(_) => 1,
            Self::AddressTaken(..) | Self::NoSuchAddress(..) => 6,
            Self::Folder { .. } | Self::Identity(IdentityError::File { .. }) => 7,
            Self::Identity(_) => 1,
        }
    }

    /// Says why, on standard error.
    #[expect(clippy::print_stderr, reason = "it is the program's answer, not a log")]
    pub(super) fn report(&self) -> ExitCode {
        eprintln!("hearthd: {self}");
        ExitCode::from(self.code())
    }
}
