//! How much is on its way to one client.
//!
//! Engine.IO's own buffer counts packets and not bytes, drops what does not fit, and does not say
//! when there is room again. So its fill is reckoned from outside: what was given to it, less what
//! has left by the client's connections. Whoever wants to give it more waits for room here, and
//! what has to wait does so in the feed's queue, which is bounded in packets and bytes.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

/// So much may be on its way. Enough for a 1 Gbit/s network with 2 ms of delay.
const WINDOW_BYTES: u64 = 256 * 1024;

/// A client that takes nothing for this long is cut off, whatever its transport.
pub(crate) const STALLED: Duration = Duration::from_secs(20);

/// What was given and what has left, both only ever rising.
#[derive(Debug, Default)]
pub(crate) struct Flow {
    given: AtomicU64,
    sent: AtomicU64,
    progress: Notify,
}

/// The client has taken nothing for too long.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stalled;

impl Flow {
    /// Counts `bytes` as given. Never more than will leave: framing is not counted.
    pub(crate) fn give(&self, bytes: usize) {
        let sent = self.sent.load(Ordering::Acquire);
        // Framing makes more leave than was given; starting again from there keeps that from
        // adding up to room that is not there.
        let add = |given: u64| Some(given.max(sent) + bytes as u64);
        let _ = self
            .given
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, add);
    }

    /// Counts `bytes` as having left.
    pub(crate) fn sent(&self, bytes: u64) {
        self.sent.fetch_add(bytes, Ordering::AcqRel);
        self.progress.notify_waiters();
    }

    /// Whether more may be given.
    pub(crate) fn has_room(&self) -> bool {
        let (given, sent) = (
            self.given.load(Ordering::Acquire),
            self.sent.load(Ordering::Acquire),
        );
        given.saturating_sub(sent) < WINDOW_BYTES
    }

    /// Waits until more may be given.
    pub(crate) async fn room(&self) -> Result<(), Stalled> {
        loop {
            let progress = self.progress.notified();
            if self.has_room() {
                return Ok(());
            }
            tokio::time::timeout(STALLED, progress)
                .await
                .map_err(|_| Stalled)?;
        }
    }

    /// Waits until something has left, or a moment: the buffer is full of small packets.
    pub(crate) async fn a_moment(&self) {
        const MOMENT: Duration = Duration::from_millis(5);
        let _ = tokio::time::timeout(MOMENT, self.progress.notified()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing_is_found_stalled() {
        let flow = Flow::default();
        flow.give(usize::try_from(WINDOW_BYTES).expect("fits"));
        assert_eq!(flow.room().await, Err(Stalled));
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_client_is_waited_for() {
        let flow = Flow::default();
        flow.give(usize::try_from(WINDOW_BYTES + 30).expect("fits"));
        let slowly = async {
            for _ in 0..40 {
                tokio::time::sleep(STALLED / 2).await;
                flow.sent(1);
            }
        };
        let (room, ()) = tokio::join!(flow.room(), slowly);
        assert_eq!(room, Ok(()));
    }

    #[tokio::test]
    async fn framing_does_not_add_up_to_room_that_is_not_there() {
        let flow = Flow::default();
        for _ in 0..100_000 {
            flow.give(10);
            flow.sent(20);
        }
        flow.give(usize::try_from(WINDOW_BYTES).expect("fits"));
        let waits = tokio::time::timeout(Duration::from_millis(20), flow.room()).await;
        assert!(waits.is_err());
    }
}
