//! What can be said on the command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use hearth_protocol::limits::Limits;
use hearth_protocol::name::{Name, Pin};
use hearth_protocol::object::{Admission, Browsers};

use super::exit::Exit;
use crate::joining::Request;

/// Hearth without a window: write and talk together on one network.
#[derive(Debug, Parser)]
#[command(name = "hearthd", version)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Host a session until interrupted.
    Host(Box<HostOptions>),
    /// Keep a copy of somebody else's session, in step with its host until interrupted.
    Join(JoinOptions),
    /// Copy a session into a file, also while it is in use.
    Backup(BackupOptions),
    /// List the sessions announced on this network: a line of JSON for each that is found, changes
    /// or is gone.
    Nearby(NearbyOptions),
}

#[derive(Debug, Args)]
pub(super) struct HostOptions {
    /// The folder that holds the session; made when missing.
    #[arg(long, value_name = "DIR")]
    pub(super) data: PathBuf,

    /// The address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:4747")]
    pub(super) listen: SocketAddr,

    /// The session's name.
    #[arg(long, value_parser = Name::new)]
    pub(super) name: Option<Name>,

    /// Who knows this comes in, unless --admit says otherwise.
    #[arg(long, value_parser = Pin::new)]
    pub(super) pin: Option<Pin>,

    /// Who may come in: `pin` if one is given, else `ask`.
    #[arg(long)]
    pub(super) admit: Option<Admit>,

    /// How browsers may reach the session.
    #[arg(long, default_value = "encrypted")]
    pub(super) browsers: ReachedBy,

    /// Do not serve the Socket.IO client bundle.
    #[arg(long)]
    pub(super) no_serve_client: bool,

    /// Do not announce the session on the network.
    #[arg(long)]
    pub(super) no_announce: bool,

    /// `off` lifts rates and counts, never sizes; or name=value, comma-separated.
    #[arg(long, value_parser = limits, default_value = "")]
    pub(super) limits: Limits,
}

#[derive(Debug, Args)]
pub(super) struct NearbyOptions {
    /// How long to listen.
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub(super) seconds: u64,
}

#[derive(Args)]
pub(super) struct JoinOptions {
    /// The session's invitation or its host's address; without one, what the folder holds.
    #[arg(value_name = "INVITATION-OR-ADDRESS")]
    pub(super) invitation: Option<String>,

    /// The folder that holds the copy; made when missing.
    #[arg(long, value_name = "DIR")]
    pub(super) data: PathBuf,

    /// The address on this computer to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    pub(super) listen: SocketAddr,

    /// The session's PIN.
    #[arg(long)]
    pub(super) pin: Option<String>,

    /// What others are to call you.
    #[arg(long, value_parser = Name::new)]
    pub(super) name: Option<Name>,
}

#[derive(Debug, Args)]
pub(super) struct BackupOptions {
    /// The folder that holds the session.
    #[arg(long, value_name = "DIR")]
    pub(super) data: PathBuf,

    /// The file to make.
    #[arg(value_name = "TO_FILE")]
    pub(super) to: PathBuf,
}

impl JoinOptions {
    /// What is to be joined, if anything is; by `default` where no name is given.
    pub(super) fn request(&self, default: Name) -> Result<Option<Request>, Exit> {
        if !self.listen.ip().is_loopback() {
            return Err(Exit::Usage(
                "A copy is for the person at this computer: --listen takes an address such as \
                 127.0.0.1:0."
                    .to_owned(),
            ));
        }
        let Some(invitation) = &self.invitation else {
            return Ok(None);
        };
        let name = self.name.clone().unwrap_or(default);
        let read = Request::read(invitation, name);
        let mut request = read.map_err(|error| Exit::Usage(error.to_string()))?;
        request.pin.clone_from(&self.pin);
        Ok(Some(request))
    }
}

/// Without what opens the door.
impl std::fmt::Debug for JoinOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JoinOptions")
            .field("data", &self.data)
            .field("listen", &self.listen)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Admit {
    /// The host is asked each time.
    Ask,
    /// Whoever knows the PIN.
    Pin,
    /// Anybody on this network.
    Anyone,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ReachedBy {
    /// By TLS; a browser warns the first time.
    Encrypted,
    /// By plain HTTP: anybody on this network could read along.
    Plain,
    /// Not at all.
    Off,
}

impl HostOptions {
    /// What goes together, as far as the types do not say it.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.admit == Some(Admit::Pin) && self.pin.is_none() {
            return Err("--admit pin needs a PIN: add --pin PIN.".to_owned());
        }
        Ok(())
    }

    pub(super) fn admission(&self) -> Option<Admission> {
        match (self.admit, &self.pin) {
            (Some(Admit::Ask), _) => Some(Admission::Ask),
            (Some(Admit::Pin), _) | (None, Some(_)) => Some(Admission::Pin),
            (Some(Admit::Anyone), _) => Some(Admission::Anyone),
            (None, None) => None,
        }
    }

    pub(super) fn reached_by(&self) -> Browsers {
        match self.browsers {
            ReachedBy::Encrypted => Browsers::Encrypted,
            ReachedBy::Plain => Browsers::Plain,
            ReachedBy::Off => Browsers::Off,
        }
    }
}

/// Reads `off` or `name=value,…`.
fn limits(text: &str) -> Result<Limits, String> {
    let mut limits = Limits::default();
    for part in text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        if part == "off" {
            limits = Limits::off();
            continue;
        }
        let (name, value) = part
            .split_once('=')
            .ok_or_else(|| format!("`{part}` is neither `off` nor name=value."))?;
        let value: u64 = value
            .trim()
            .parse()
            .map_err(|_| format!("`{value}` is not a whole number."))?;
        limits.set(name.trim(), value)?;
    }
    Ok(limits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_lifted_or_set_by_name() {
        assert_eq!(limits("").unwrap(), Limits::default());
        assert_eq!(limits("off").unwrap(), Limits::off());
        assert_eq!(limits("calls_per_s=7, sockets=300").unwrap().calls_per_s, 7);
        assert!(limits("no_such=1").unwrap_err().contains("no_such"));
        assert!(limits("calls_per_s=many").is_err());
        assert!(limits("outstanding_calls=0").is_err());
    }
}
