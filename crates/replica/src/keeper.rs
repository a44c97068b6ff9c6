//! A link whenever there can be one.
//!
//! The keeper opens a link, hands it to whoever takes [`Links`], waits for its end and begins anew:
//! after a while that grows and differs from one client to the next, and at once when this computer
//! wakes up or comes into a network. A host that refuses for good is not asked again by itself.

mod pace;
mod wakes;

use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use hearth_protocol::Code;
use serde_json::Value;
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::carrier::ReachError;
use crate::identity::Identity;
use crate::link::{CallFailure, Ended, Events, Link, LinkError};
use crate::target::{Address, Target};
use pace::Pace;
use wakes::Wakes;

/// Which host is kept in touch with, and as whom.
#[derive(Clone)]
pub struct Config {
    /// The host; its addresses are those that it was reached at before.
    pub target: Target,
    /// What this computer shows.
    pub identity: Identity,
    /// The credential from the door.
    pub token: String,
    /// Where else the host may be, as announcements on the network say: hints that the key proves.
    /// A change is tried at once.
    pub hints: watch::Receiver<Vec<Address>>,
}

/// How things stand with the host.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// The first attempt is under way.
    Connecting,
    /// There is a link.
    Live,
    /// There is none; it is tried again and again.
    Away {
        /// Since when.
        since: SystemTime,
        /// Why the last attempt, or the last link, came to nothing.
        why: Why,
    },
    /// There is none, and trying again would not help; see [`Keeper::retry`].
    Refused {
        /// Why.
        why: LinkError,
    },
}

/// Why there is no link.
#[derive(Debug, Clone, PartialEq)]
pub enum Why {
    /// The last one ended.
    Ended(Ended),
    /// None came about.
    Failed(LinkError),
}

/// A handle to the link that there is, or is not. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Keeper {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: watch::Sender<State>,
    /// Never held across an `.await`.
    link: Mutex<Option<Link>>,
    retry: Notify,
    stop: CancellationToken,
    task: Mutex<Option<JoinHandle<()>>>,
}

/// The links that come about, one after the other. Dropping it stops the keeper.
#[derive(Debug)]
pub struct Links {
    links: mpsc::Receiver<(Link, Events)>,
}

impl Links {
    /// The next link; nothing once the keeper has stopped. While nobody takes it, its events wait,
    /// and it ends when they are too many.
    pub async fn next(&mut self) -> Option<(Link, Events)> {
        self.links.recv().await
    }
}

impl Keeper {
    /// Begins to keep in touch.
    pub fn start(config: Config) -> (Self, Links) {
        let (give, links) = mpsc::channel(1);
        let shared = Arc::new(Shared {
            state: watch::Sender::new(State::Connecting),
            link: Mutex::new(None),
            retry: Notify::new(),
            stop: CancellationToken::new(),
            task: Mutex::new(None),
        });
        let keeping = Keeping {
            config,
            shared: shared.clone(),
            give,
            pace: Pace::default(),
            away_since: None,
        };
        let task = tokio::spawn(keeping.run());
        *shared.task() = Some(task);
        (Self { shared }, Links { links })
    }

    /// How things stand, and every change of it.
    pub fn state(&self) -> watch::Receiver<State> {
        self.shared.state.subscribe()
    }

    /// The link, while there is one.
    pub fn link(&self) -> Option<Link> {
        let link = self.shared.link().clone();
        link.filter(|link| !link.has_ended())
    }

    /// Calls the host, as [`Link::call`] does; `NotSent` while it is away.
    pub fn call(
        &self,
        name: &str,
        payload: Value,
    ) -> impl Future<Output = Result<Value, CallFailure>> + use<> {
        let called = self.link().map(|link| link.call(name, payload));
        async move {
            match called {
                Some(called) => called.await,
                None => Err(CallFailure::NotSent),
            }
        }
    }

    /// Says what is true now; to nobody while the host is away.
    pub fn signal(&self, name: &str, payload: Value) {
        if let Some(link) = self.link() {
            link.signal(name, payload);
        }
    }

    /// Tries at once, also where the host has refused.
    pub fn retry(&self) {
        self.shared.retry.notify_one();
    }

    /// Ends the link and keeps none any more. Done when nothing of it is left.
    pub async fn stop(&self) {
        self.shared.stop.cancel();
        let task = self.shared.task().take();
        if let Some(task) = task {
            // It does nothing that could panic but what the libraries do.
            let _ = task.await;
        }
    }
}

impl Shared {
    fn link(&self) -> std::sync::MutexGuard<'_, Option<Link>> {
        self.link.lock().expect("nothing panics while holding it")
    }

    fn task(&self) -> std::sync::MutexGuard<'_, Option<JoinHandle<()>>> {
        self.task.lock().expect("nothing panics while holding it")
    }
}

/// The keeper's task.
struct Keeping {
    config: Config,
    shared: Arc<Shared>,
    give: mpsc::Sender<(Link, Events)>,
    pace: Pace,
    away_since: Option<SystemTime>,
}

impl Keeping {
    async fn run(mut self) {
        let stop = self.shared.stop.clone();
        let give = self.give.clone();
        tokio::select! {
            () = stop.cancelled() => {}
            () = give.closed() => {}
            () = self.keep() => {}
        }
        let link = self.shared.link().take();
        if let Some(link) = link {
            link.close().await;
        }
    }

    async fn keep(&mut self) {
        loop {
            match self.attempt().await {
                Ok((link, events)) => self.hold(link, events).await,
                Err(error) if is_final(&error) => {
                    let wants_other_place = matches!(error, LinkError::Reach(_));
                    tracing::info!(%error, "the host refuses, and is not asked again");
                    self.tell(State::Refused { why: error });
                    self.asked_to(wants_other_place).await;
                }
                Err(error) => {
                    tracing::debug!(%error, "the host was not reached");
                    self.away(Why::Failed(error));
                    self.pause().await;
                }
            }
        }
    }

    async fn attempt(&mut self) -> Result<(Link, Events), LinkError> {
        let hints = self.config.hints.borrow_and_update().clone();
        let mut target = self.config.target.clone();
        for hint in hints {
            if !target.addresses.contains(&hint) {
                target.addresses.push(hint);
            }
        }
        Link::open(&target, &self.config.identity, &self.config.token).await
    }

    /// As long as the link lasts.
    async fn hold(&mut self, link: Link, events: Events) {
        // Where it was found is where it is looked for first.
        let address = Address::from(link.address());
        self.config
            .target
            .addresses
            .retain(|other| *other != address);
        self.config.target.addresses.insert(0, address);

        let began = Instant::now();
        self.away_since = None;
        *self.shared.link() = Some(link.clone());
        self.tell(State::Live);
        if self.give.send((link.clone(), events)).await.is_err() {
            return;
        }
        let ended = tokio::select! {
            ended = link.ended() => ended,
            () = wakes::slept_long() => {
                // The host has missed us for longer than it waits.
                link.close().await;
                Ended::Silent
            }
        };
        *self.shared.link() = None;
        tracing::debug!(?ended, "the host is away");
        self.pace.lasted(began.elapsed());
        self.away(Why::Ended(ended));
        self.pause().await;
    }

    fn away(&mut self, why: Why) {
        let since = *self.away_since.get_or_insert_with(SystemTime::now);
        self.tell(State::Away { since, why });
    }

    fn tell(&self, state: State) {
        self.shared.state.send_replace(state);
    }

    /// Waits before the next attempt: for a while, or until it may be worth it.
    async fn pause(&mut self) {
        let mut wakes = Wakes::of_this_computer();
        tokio::select! {
            () = tokio::time::sleep(self.pace.next()) => return,
            () = wakes.next() => {}
            () = self.shared.retry.notified() => {}
            () = changed(&mut self.config.hints) => {}
        }
        self.pace = Pace::default();
    }

    /// Waits until somebody wants another attempt.
    async fn asked_to(&mut self, or_elsewhere: bool) {
        tokio::select! {
            () = self.shared.retry.notified() => {}
            () = changed(&mut self.config.hints), if or_elsewhere => {}
        }
    }
}

/// Resolves when there are other hints; never when nobody gives any.
async fn changed(hints: &mut watch::Receiver<Vec<Address>>) {
    if hints.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Whether trying again would come to the same.
fn is_final(error: &LinkError) -> bool {
    match error {
        LinkError::Reach(error) => matches!(
            error,
            ReachError::WrongKey { .. } | ReachError::NotLoopback { .. }
        ),
        LinkError::Refused(code) => matches!(
            code,
            Code::Unauthorized | Code::Expired | Code::Removed | Code::Version
        ),
        LinkError::Lost(_) => false,
    }
}
