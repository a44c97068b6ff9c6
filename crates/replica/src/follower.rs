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
mod version;

use std::sync::Arc;
use std::time::Duration;

use hearth_protocol::CallError;
use hearth_protocol::error::Code;
use hearth_protocol::limits::Limits;
use hearth_protocol::signal::{LinkState, LinkTrouble};
use hearth_session::{Handle, SessionError};
use hearth_store::{Reader, Writer};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::carrier::ReachError;
use crate::keeper::{Config, Keeper, Links, State};
use crate::link::{Events, Link, LinkError};
use authority::HostAuthority;

/// How soon it is looked whether there is room again on a disk that was full.
const ROOM_AFTER: Duration = Duration::from_secs(5);

/// How far the copy has come.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// How it stands with the host.
    pub link: LinkState,
    /// The number up to which the host's log is copied.
    pub copied: u64,
    /// The number of the host's last fact, as far as it is known.
    pub of: u64,
    /// Why nothing more is copied. It is final, but for a full disk: when there is room again, it
    /// goes on.
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
            keeper: keeper.clone(),
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
    keeper: Keeper,
    config: Config,
    progress: watch::Sender<Progress>,
}

impl Following {
    async fn run(self, mut links: Links) {
        let mut state = self.keeper.state();
        loop {
            let next = tokio::select! {
                next = links.next() => next,
                Ok(()) = state.changed() => {
                    let now = state.borrow_and_update().clone();
                    self.tell_trouble(&now);
                    if refuses_version(&now) {
                        self.tell_whose_version(&mut state).await;
                    }
                    continue;
                }
            };
            let Some((link, events)) = next else {
                return;
            };
            let ended = self.follow(&link, events).await;
            self.tell_link(LinkState::Away);
            match ended {
                Ok(()) => {}
                Err(FollowError::Copy(error)) if error.code == Code::StorageFull => {
                    self.wait_for_room(&link, error).await;
                }
                Err(error) => {
                    tracing::warn!(%error, "a copy is no longer kept in step");
                    if error != FollowError::Diverged {
                        let why = Some(LinkTrouble::NotCopied);
                        self.session.set_link_trouble(why);
                    }
                    self.end(Some(error));
                    link.close().await;
                    // Nothing more is taken; the keeper hears of it by that.
                    return;
                }
            }
            link.close().await;
        }
    }

    /// Nothing that the host tells can be written down. What is not taken is caught up with later.
    async fn wait_for_room(&self, link: &Link, error: CallError) {
        if self.progress.borrow().ended.is_none() {
            tracing::warn!("the disk is full: nothing more is copied until there is room");
        }
        self.session.set_link_trouble(Some(LinkTrouble::DiskFull));
        self.end(Some(FollowError::Copy(error)));
        tokio::select! {
            () = sleep(ROOM_AFTER) => self.keeper.retry(),
            // Also where nothing is followed any longer.
            _ = link.ended() => {}
        }
    }

    fn end(&self, why: Option<FollowError>) {
        self.progress.send_if_modified(|now| {
            let changed = now.ended != why;
            now.ended = why;
            changed
        });
    }

    /// Why there is no link, where waiting alone does not help.
    fn tell_trouble(&self, state: &State) {
        let why = match state {
            State::Refused { why } => trouble(why),
            // Of this computer's disk it is known better.
            _ if self.progress.borrow().ended.is_some() => return,
            _ => None,
        };
        self.session.set_link_trouble(why);
    }

    /// Which of the two is to be updated, unless something else becomes of it meanwhile.
    async fn tell_whose_version(&self, state: &mut watch::Receiver<State>) {
        let (target, identity) = (&self.config.target, &self.config.identity);
        tokio::select! {
            why = version::whose(target, identity) => self.session.set_link_trouble(Some(why)),
            _ = state.changed() => state.mark_changed(),
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
        self.end(None);
        self.session.set_link_trouble(None);
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
    /// For a reason that the next link would meet as well, if only until a disk has room.
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

fn refuses_version(state: &State) -> bool {
    matches!(state, State::Refused { why } if trouble(why) == Some(LinkTrouble::Version))
}

fn trouble(why: &LinkError) -> Option<LinkTrouble> {
    match why {
        LinkError::Reach(ReachError::WrongKey { .. }) => Some(LinkTrouble::OtherKey),
        LinkError::Refused(Code::Unauthorized | Code::Expired) => Some(LinkTrouble::SignedOut),
        LinkError::Refused(Code::Removed) => Some(LinkTrouble::Removed),
        LinkError::Refused(Code::Version) => Some(LinkTrouble::Version),
        LinkError::Reach(_) | LinkError::Refused(_) | LinkError::Lost(_) => None,
    }
}

#[cfg(test)]
mod tests;
