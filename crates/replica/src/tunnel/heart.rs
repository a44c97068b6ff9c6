//! Whether the host is still there.
//!
//! A computer that was suspended, or a process that was stopped, keeps its TCP connections open and
//! takes what is sent. So when nothing has come for a while, a WebSocket ping goes to the host,
//! whose library answers it by itself. A call would have done too, but waits behind the calls
//! before it: a long search would look like a host that is gone. Engine.IO's own heartbeat comes
//! every 15 s, from the other side, and is missed after 30.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep, sleep_until};

/// After this long without a word the host is asked.
const QUIET: Duration = Duration::from_secs(4);

/// And after this long without an answer it is gone.
const SILENT: Duration = Duration::from_secs(4);

/// How often the answer is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// What the two directions of a tunnel know of each other. Times are milliseconds since the start.
#[derive(Debug)]
pub(super) struct Heart {
    start: Instant,
    received: AtomicU64,
    sent: AtomicU64,
    pinged: AtomicU64,
    wanted: Notify,
}

impl Heart {
    pub(super) fn new() -> Self {
        Self {
            start: Instant::now(),
            received: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            pinged: AtomicU64::new(0),
            wanted: Notify::new(),
        }
    }

    /// Something came from the host.
    pub(super) fn heard(&self) {
        self.received.store(self.now(), Ordering::Relaxed);
    }

    /// The system took something for the host.
    pub(super) fn passed(&self) {
        self.sent.store(self.now(), Ordering::Relaxed);
    }

    /// A ping was sent.
    pub(super) fn pinged(&self) {
        self.passed();
        self.pinged.store(self.now(), Ordering::Relaxed);
    }

    /// Resolves when a ping is to be sent.
    pub(super) async fn ping_wanted(&self) {
        self.wanted.notified().await;
    }

    /// Resolves when the host is gone.
    pub(super) async fn stopped(&self) {
        loop {
            let heard = self.received.load(Ordering::Relaxed);
            let quiet_at = self.start + Duration::from_millis(heard) + QUIET;
            sleep_until(quiet_at).await;
            if self.received.load(Ordering::Relaxed) == heard && !self.answers(heard).await {
                return;
            }
        }
    }

    /// Whether the host says something after what was `heard` last, when it is asked.
    async fn answers(&self, heard: u64) -> bool {
        let asked = self.now();
        self.wanted.notify_one();
        loop {
            sleep(LOOK_EVERY).await;
            if self.received.load(Ordering::Relaxed) != heard {
                return true;
            }
            // A ping waits behind what is being sent, over a slow network for long. As long as the
            // system takes that, somebody at the other end does too.
            let pinged = self.pinged.load(Ordering::Relaxed);
            let since = if pinged >= asked {
                pinged
            } else {
                self.sent.load(Ordering::Relaxed).max(asked)
            };
            if self.now() - since >= SILENT.as_millis() as u64 {
                return false;
            }
        }
    }

    fn now(&self) -> u64 {
        self.start.elapsed().as_millis() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The most that a frozen host goes unnoticed.
    const NOTICED_WITHIN: Duration = Duration::from_secs(10);

    #[tokio::test(start_paused = true)]
    async fn a_host_that_says_nothing_is_gone_within_ten_seconds() {
        let heart = Heart::new();
        let pinging = async {
            heart.ping_wanted().await;
            heart.pinged();
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = heart.stopped() => {}
            () = pinging => unreachable!(),
        }
        assert!(heart.start.elapsed() < NOTICED_WITHIN);
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_that_answers_pings_is_there_for_as_long_as_it_does() {
        let heart = Heart::new();
        let answering = async {
            for round in 0..1_000 {
                heart.ping_wanted().await;
                heart.pinged();
                // On one computer the answer comes within the millisecond.
                sleep(SILENT * (round % 2) / 2).await;
                heart.heard();
            }
        };
        tokio::select! {
            () = heart.stopped() => panic!("it was there"),
            () = answering => {}
        }
        assert!(heart.start.elapsed() > 1_000 * QUIET);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_network_that_takes_a_large_call_is_no_silence() {
        let heart = Heart::new();
        let sending = async {
            for _ in 0..60 {
                sleep(Duration::from_secs(1)).await;
                heart.passed();
            }
        };
        tokio::select! {
            () = heart.stopped() => panic!("it was sending"),
            () = sending => {}
        }
        let stuck = Instant::now();
        heart.stopped().await;
        assert!(stuck.elapsed() < NOTICED_WITHIN);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_sent_into_the_void_is_no_sign_of_life() {
        let heart = Heart::new();
        let signalling = async {
            heart.ping_wanted().await;
            heart.pinged();
            loop {
                heart.passed();
                sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::select! {
            () = heart.stopped() => {}
            () = signalling => unreachable!(),
        }
        assert!(heart.start.elapsed() < NOTICED_WITHIN);
    }
}
