//! Listens for sessions on this network, and keeps the list of them.

use std::time::Duration;

use hearth_protocol::window::Nearby;
use mdns_sd::{Receiver, ServiceEvent};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::daemon::Daemon;
use super::nearby::Heard;

/// A session that was lost by a lost packet is found again within this time.
const ASKED_EVERY: u64 = 15;

/// Each session is asked this often whether it is still there. A host that ends says so; one whose
/// computer went to sleep does not.
const VERIFIED_EVERY: u64 = 20;

/// How long one of them may take to answer. It is asked twice.
const VERIFIED_WITHIN: Duration = Duration::from_secs(6);

/// The library remembers whatever is announced for as long as it was told to. Where that is far
/// more than any network has, somebody floods it, and it begins anew.
const MOST_REMEMBERED: i64 = 20_000;

/// After such an end, and where the network cannot be listened to.
const AGAIN_AFTER: Duration = Duration::from_secs(5);

/// What is left in a channel that nobody writes to any more is there at once.
const DRAINED_WITHIN: Duration = Duration::from_secs(1);

/// Listens until it is dropped.
pub(crate) struct Listener {
    nearby: watch::Receiver<Nearby>,
    _stop: DropGuard,
}

impl Listener {
    /// Begins to listen. It takes a second or two until a session is found.
    pub(crate) fn start() -> Self {
        let stopping = CancellationToken::new();
        let nothing = Nearby {
            listening: true,
            sessions: Vec::new(),
        };
        let (list, nearby) = watch::channel(nothing);
        let ear = Ear {
            list,
            heard: Heard::default(),
            complained: false,
            flooded: false,
        };
        let stop = stopping.clone().drop_guard();
        tokio::spawn(async move { stopping.run_until_cancelled(ear.listen()).await });
        Self {
            nearby,
            _stop: stop,
        }
    }

    /// What is nearby just now.
    pub(crate) fn nearby(&self) -> Nearby {
        self.nearby.borrow().clone()
    }

    /// Waits until that is something else than when this was called last.
    pub(crate) async fn changed(&mut self) -> Nearby {
        // Its other end is held by a task that goes on for as long as this is there.
        let _ = self.nearby.changed().await;
        self.nearby.borrow_and_update().clone()
    }
}

struct Ear {
    list: watch::Sender<Nearby>,
    heard: Heard,
    /// A network that cannot be listened to is mentioned once.
    complained: bool,
    /// So is one that somebody floods.
    flooded: bool,
}

impl Ear {
    async fn listen(mut self) {
        loop {
            let started = Daemon::start().and_then(|daemon| Ok((daemon.browse()?, daemon)));
            match started {
                Ok((events, daemon)) => {
                    self.show(true);
                    self.hear(&daemon, events).await;
                    // What was there may still be there; it is found again or it is not.
                    self.heard = Heard::default();
                    self.show(true);
                }
                Err(error) => {
                    self.complain(&error);
                    self.show(false);
                }
            }
            sleep(AGAIN_AFTER).await;
        }
    }

    /// Until the library's thread has ended, or remembers too much.
    async fn hear(&mut self, daemon: &Daemon, mut events: Receiver<ServiceEvent>) {
        let mut tick = interval(Duration::from_secs(1));
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut second = 0;
        loop {
            tokio::select! {
                event = events.recv_async() => match event {
                    Ok(event) => self.take_all(event, &events),
                    Err(_) => return,
                },
                _ = tick.tick() => {
                    second += 1;
                    if !self.keep_up(daemon, second).await {
                        return;
                    }
                    if second.is_multiple_of(ASKED_EVERY) {
                        let Ok(again) = daemon.browse() else { return };
                        let before = std::mem::replace(&mut events, again);
                        self.drain(&before).await;
                    }
                }
            }
        }
    }

    /// Asks a share of those that were found whether they are there; `false` when the library has
    /// to begin anew.
    async fn keep_up(&mut self, daemon: &Daemon, second: u64) -> bool {
        for (number, name) in (0..).zip(self.heard.names()) {
            // A full queue means that it has enough to do: the next round asks again.
            if number % VERIFIED_EVERY == second % VERIFIED_EVERY {
                let _ = daemon.verify(name, VERIFIED_WITHIN);
            }
        }
        match daemon.remembered().await {
            Some(records) if records <= MOST_REMEMBERED => true,
            Some(records) => {
                // Once: whoever floods the network is not to flood the log as well.
                if !std::mem::replace(&mut self.flooded, true) {
                    tracing::warn!(records, "Somebody floods this network with announcements");
                }
                false
            }
            None => false,
        }
    }

    /// Takes what was told before a new question took the place of the last one.
    async fn drain(&mut self, before: &Receiver<ServiceEvent>) {
        while let Ok(Ok(event)) = timeout(DRAINED_WITHIN, before.recv_async()).await {
            self.take_all(event, before);
        }
    }

    /// Takes one event and those that wait behind it, and shows the list once: a flood of them
    /// costs no more than it must.
    fn take_all(&mut self, event: ServiceEvent, waiting: &Receiver<ServiceEvent>) {
        let behind = waiting.len();
        self.take(&event);
        for event in waiting.try_iter().take(behind) {
            self.take(&event);
        }
        self.show(true);
    }

    fn take(&mut self, event: &ServiceEvent) {
        match event {
            ServiceEvent::ServiceResolved(service) => self.heard.take(service),
            ServiceEvent::ServiceRemoved(_, name) => self.heard.forget(name),
            _ => {}
        }
    }

    fn show(&self, listening: bool) {
        let now = Nearby {
            listening,
            sessions: self.heard.sessions(),
        };
        self.list.send_if_modified(|before| {
            let changed = *before != now;
            *before = now;
            changed
        });
    }

    fn complain(&mut self, error: &mdns_sd::Error) {
        if !std::mem::replace(&mut self.complained, true) {
            tracing::warn!(%error, "This network cannot be listened to for sessions");
        }
    }
}
