//! A joined session: the copy of somebody else's session open on this computer, kept in step with
//! its host while that can be reached, and of use while it cannot.
//!
//! What `hearthd join` and the desktop have in common. [`crate::joining`] comes in and makes the
//! copy; from then on a copy is opened by itself, host reachable or not.

mod anew;
mod announced;
mod file;
mod sign_out;
mod whereabouts;

use std::path::{Path, PathBuf};

use hearth_protocol::limits::Limits;
use hearth_replica::{
    Address, Config as HostConfig, FollowError, Follower, Progress, State, Target, Trust,
};
use hearth_server::Config;
use hearth_session::{Handle, SessionError};
use hearth_store::{CopyHost, CopyState, NewCopy, OpenError, Reader, Writer};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::identity::{Identity, IdentityError};
use crate::serving::Serving;

pub(crate) use anew::replace;
pub(crate) use file::{Held, free_name, take_place, take_places};
pub(crate) use sign_out::SignOut;
use whereabouts::Whereabouts;

/// Why a copy cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The copy's file refused.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The session in it could not be opened.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The file holds a session that is hosted here.
    #[error("The session here is hosted on this computer. Open it with Host, not with Join.")]
    Hosted,
    /// This installation has no key to show the host.
    #[error(transparent)]
    Identity(#[from] IdentityError),
}

/// A joined session that is open.
pub struct JoinedSession {
    serving: Serving,
    follower: Follower,
    whereabouts: Whereabouts,
    file: PathBuf,
}

impl JoinedSession {
    /// Opens the copy in `file`, and begins to look for its host.
    pub async fn open(file: &Path, identity: &Identity) -> Result<Self, CopyError> {
        take_place(file).map_err(OpenError::from)?;
        let (mut writer, reader) = hearth_store::open(file).await?;
        match copy_state(&mut writer).await {
            Ok(copy) => Self::start(file, writer, reader, copy, identity).await,
            Err(error) => {
                writer.close().await.map_err(OpenError::from)?;
                Err(error)
            }
        }
    }

    /// The same for a file that is open already.
    pub(crate) async fn start(
        file: &Path,
        writer: Writer,
        reader: Reader,
        copy: CopyState,
        identity: &Identity,
    ) -> Result<Self, CopyError> {
        let (give, hints) = watch::channel(Vec::new());
        let host = HostConfig {
            target: target(&copy.host),
            identity: identity.link()?,
            token: copy.host.token.clone(),
            hints,
        };
        let started = Follower::start(writer, reader, Limits::default(), host).await;
        let (session, follower) = started?;
        let keeper = follower.keeper().clone();
        Ok(Self {
            whereabouts: Whereabouts::follow(keeper, session.clone(), give),
            serving: Serving::new(session),
            follower,
            file: file.to_owned(),
        })
    }

    /// The open session.
    pub fn session(&self) -> &Handle {
        self.serving.session()
    }

    /// How far the copy goes, and how things stand with the host.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.follower.progress()
    }

    /// How things stand with the link alone.
    pub fn link(&self) -> watch::Receiver<State> {
        self.follower.keeper().state()
    }

    /// The file it is in.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Serves it on one more listener, on loopback, until [`JoinedSession::stop`].
    pub fn serve(&self, listener: TcpListener, config: Config) {
        self.serving.serve(listener, config);
    }

    /// Resolves when the host's history is another one than the copy's, which
    /// [`JoinedSession::begin_anew`] is for: `true`; or when the copy is closed.
    pub fn diverged(&self) -> impl Future<Output = bool> + Send + use<> {
        let mut progress = self.progress();
        async move {
            let diverged = |now: &Progress| now.ended == Some(FollowError::Diverged);
            progress.wait_for(diverged).await.is_ok()
        }
    }

    /// Resolves when the person at this computer is in the copy, which has to be so before a window
    /// can show it.
    pub(crate) async fn until_known(&self) {
        let mut progress = self.progress();
        while !self.session().knows_its_person() {
            if progress.changed().await.is_err() {
                // It is being closed.
                std::future::pending::<()>().await;
            }
        }
    }

    /// Sets the copy aside under the name `aside`, in the same folder, and begins another one, as
    /// the same person with the same host. What the old one has that the new one lacks is offered
    /// there. Both listeners and sign-ins end.
    pub async fn begin_anew(self, aside: &Path, identity: &Identity) -> Result<Self, CopyError> {
        let new = self.new_copy().await?;
        let file = self.file.clone();
        self.stop().await;
        let (mut writer, reader) = replace(&file, aside, &new).await?;
        let copy = copy_state(&mut writer).await?;
        Self::start(&file, writer, reader, copy, identity).await
    }

    /// What a copy of the same session begins with.
    async fn new_copy(&self) -> Result<NewCopy, CopyError> {
        let session = self.session();
        // It fails only while the session is being closed.
        let copy = session.copy_state().await;
        let copy = copy.map_err(|_| SessionError::Closed)?;
        Ok(NewCopy {
            session: session.state().session().clone(),
            member: copy.member,
            host: copy.host,
        })
    }

    /// How to end the sign-in at the host, once the copy is gone; nothing where the host cannot be
    /// reached just now.
    pub(crate) async fn sign_out(&self, identity: &Identity) -> Option<SignOut> {
        if *self.link().borrow() != State::Live {
            return None;
        }
        let copy = self.session().copy_state().await.ok()?;
        Some(SignOut {
            target: target(&copy.host),
            token: copy.host.token,
            identity: identity.link().ok()?,
        })
    }

    /// Ends the link, finishes what was acknowledged, closes listeners and file. What waits for the
    /// host stays in the file.
    pub async fn stop(self) {
        self.whereabouts.stop().await;
        self.follower.stop().await;
        self.serving.stop().await;
    }
}

/// What the file of a copy says of itself.
pub(crate) async fn copy_state(writer: &mut Writer) -> Result<CopyState, CopyError> {
    let loaded = writer.load().await.map_err(OpenError::from)?;
    loaded.copy.ok_or(CopyError::Hosted)
}

/// Where a copy's host is looked for.
pub(crate) fn target(host: &CopyHost) -> Target {
    let read = |text: &String| text.parse::<Address>().ok();
    Target {
        addresses: host.addresses.iter().filter_map(read).collect(),
        trust: host.fingerprint.map_or(Trust::Plain, Trust::Pinned),
    }
}

/// What a copy remembers of the host that was reached like this.
pub(crate) fn remembered(target: &Target, token: &str) -> CopyHost {
    CopyHost {
        addresses: target.addresses.iter().map(ToString::to_string).collect(),
        fingerprint: match target.trust {
            Trust::Pinned(key) => Some(key),
            Trust::AnyKey | Trust::Plain => None,
        },
        token: token.to_owned(),
    }
}
