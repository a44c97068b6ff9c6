//! A copy that is kept in step with its host.
//!
//! Whenever there is a link, what was missed is copied by pages, then what happens is copied as it
//! happens, and what had waited for the host is sent ([`outbox`]). The session shows how it stands
//! by itself; [`Progress`] says it to whoever opened the copy.

mod authority;
mod catching_up;
mod feed;
mod files;
mod outbox;

use std::sync::Arc;

use hearth_protocol::CallError;
use hearth_protocol::error::Code;
use hearth_protocol::limits::Limits;
use hearth_protocol::signal::LinkState;
use hearth_session::{Handle, SessionError};
use hearth_store::{Reader, Writer};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::keeper::{Config, Keeper, Links};
use crate::link::{Events, Link};
use authority::HostAuthority;

/// How far the copy has come.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// How it stands with the host.
    pub link: LinkState,
    /// The number up to which the host's log is copied.
    pub copied: u64,
    /// The number of the host's last fact, as far as it is known.
    pub of: u64,
    /// Why nothing more is copied, where that is final.
    pub ended: Option<FollowError>,
}

/// Why a copy cannot be kept in step any longer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FollowError {
    /// The host has another history than the copy: a restored backup, or another session.
    #[error("the host has another history than this copy")]
    Diverged,
    /// What the host sent cannot be copied, or this computer cannot write it.
    #[error(transparent)]
    Copy(CallError),
}

/// Keeps a copy in step. Dropping it without [`Follower::stop`] leaves its tasks to end by
/// themselves.
pub struct Follower {
    keeper: Keeper,
    progress: watch::Receiver<Progress>,
    task: JoinHandle<()>,
}

impl Follower {
    /// Opens a copy and begins to follow its host. `config` says where that is; the token in it is
    /// the copy's.
    pub async fn start(
        store: Writer,
        reader: Reader,
        limits: Limits,
        config: Config,
    ) -> Result<(Handle, Self), SessionError> {
        let (keeper, links) = Keeper::start(config.clone());
        let authority = Arc::new(HostAuthority {
            keeper: keeper.clone(),
            config: config.clone(),
        });
        let session = match Handle::join(store, reader, limits, authority.clone()).await {
            Ok(session) => session,
            Err(error) => {
                keeper.stop().await;
                return Err(error);
            }
        };
        let head = session.state().head();
        let (tell, progress) = watch::channel(Progress {
            link: LinkState::Away,
            copied: head,
            of: head,
            ended: None,
        });
        let following = Following {
            session: session.clone(),
            authority,
            config,
            progress: tell,
        };
        let task = tokio::spawn(following.run(links));
        let follower = Self {
            keeper,
            progress,
            task,
        };
        Ok((session, follower))
    }

    /// How far the copy has come, and each change of it.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.clone()
    }

    /// The connection to the host, for whoever wants to know why there is none.
    pub fn keeper(&self) -> &Keeper {
        &self.keeper
    }

    /// Stops following. Done when nothing of the link is left; the session stays open.
    pub async fn stop(self) {
        self.keeper.stop().await;
        // The links have ended, and with them the task.
        if let Err(error) = self.task.await {
            tracing::error!(%error, "following a host ended in a panic");
        }
    }
}

/// The follower's task.
struct Following {
    session: Handle,
    authority: Arc<HostAuthority>,
    config: Config,
    progress: watch::Sender<Progress>,
}

impl Following {
    async fn run(self, mut links: Links) {
        while let Some((link, events)) = links.next().await {
            let ended = self.follow(&link, events).await;
            self.tell_link(LinkState::Away);
            link.close().await;
            if let Err(error) = ended {
                tracing::warn!(%error, "a copy is no longer kept in step");
                self.progress.send_modify(|now| now.ended = Some(error));
                // Nothing more is taken; the keeper hears of it by that.
                return;
            }
        }
    }

    /// As long as a link lasts.
    async fn follow(&self, link: &Link, mut events: Events) -> Result<(), FollowError> {
        self.tell_link(LinkState::CatchingUp);
        let welcome = serde_json::to_value(link.welcome()).unwrap_or_default();
        self.session
            .hear(hearth_protocol::signal::event::WELCOME, welcome);
        let early = match catching_up::catch_up(self, link, &mut events).await {
            Ok(early) => early,
            Err(Stopped::Lost) => return Ok(()),
            Err(Stopped::For(error)) => return Err(error),
        };
        self.tell_link(LinkState::Live);
        let told = feed::follow(self, link, events, early);
        let sent = outbox::empty(self, link);
        let files = files::fetch(self, link);
        let stopped = tokio::select! {
            stopped = told => stopped,
            stopped = sent => stopped,
            never = files => match never {},
        };
        match stopped {
            Stopped::Lost => Ok(()),
            Stopped::For(error) => Err(error),
        }
    }

    fn tell_link(&self, state: LinkState) {
        self.session.set_link(state);
        self.progress.send_modify(|now| now.link = state);
    }

    fn tell_copied(&self, copied: u64, head: u64) {
        self.progress.send_modify(|now| {
            now.copied = now.copied.max(copied);
            now.of = now.of.max(head).max(copied);
        });
    }
}

/// Why following one link came to an end.
enum Stopped {
    /// The link is gone; there will be another.
    Lost,
    /// For good.
    For(FollowError),
}

impl From<CallError> for Stopped {
    /// Of copying, or of asking the host for a page.
    fn from(error: CallError) -> Self {
        match error.code {
            // Of the link, or of a session that is being closed.
            Code::Offline | Code::RateLimited | Code::Internal => Self::Lost,
            Code::Diverged => Self::For(FollowError::Diverged),
            _ => Self::For(FollowError::Copy(error)),
        }
    }
}
