//! When it may be worth to try at once: this computer woke up, or came into a network.
//!
//! Each system tells both in a way of its own. Looking every few seconds, while there is no link,
//! costs nothing that could be measured and works on all of them.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use tokio::time::{Instant, sleep};

/// How often is looked.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Clocks are put right by small steps; a computer that slept jumps further.
const JUMPED: Duration = Duration::from_secs(8);

/// How often a live link looks for a sleep, and how long one is that no link survives: the host
/// waits 30 s for a sign of life.
const LOOK_FOR_SLEEP_EVERY: Duration = Duration::from_secs(3);
const SLEPT_LONG: Duration = Duration::from_secs(40);

/// Looks for a reason to try at once.
pub(super) struct Wakes<A, C> {
    addresses: A,
    known: BTreeSet<IpAddr>,
    clock: Clock<C>,
}

impl Wakes<fn() -> BTreeSet<IpAddr>, fn() -> SystemTime> {
    pub(super) fn of_this_computer() -> Self {
        Self::new(addresses, SystemTime::now)
    }
}

impl<A, C> Wakes<A, C>
where
    A: Fn() -> BTreeSet<IpAddr>,
    C: Fn() -> SystemTime,
{
    fn new(addresses: A, now: C) -> Self {
        Self {
            known: addresses(),
            addresses,
            clock: Clock::new(now),
        }
    }

    /// Resolves when there is one.
    pub(super) async fn next(&mut self) {
        loop {
            sleep(LOOK_EVERY).await;
            let addresses = (self.addresses)();
            let came = !addresses.is_subset(&self.known);
            self.known = addresses;
            if self.clock.jumped(JUMPED) || came {
                return;
            }
        }
    }
}

/// Resolves when this computer has slept for so long that no host still waits for it.
pub(super) async fn slept_long() {
    let mut clock = Clock::new(SystemTime::now);
    loop {
        sleep(LOOK_FOR_SLEEP_EVERY).await;
        if clock.jumped(SLEPT_LONG) {
            return;
        }
    }
}

/// The time of day beside the time that passes while this computer is awake. Where the second goes
/// on in sleep, the sleep that was cut short shows it.
struct Clock<C> {
    now: C,
    last: (SystemTime, Instant),
}

impl<C: Fn() -> SystemTime> Clock<C> {
    fn new(now: C) -> Self {
        let last = (now(), Instant::now());
        Self { now, last }
    }

    /// Whether, since it was last asked, more than `by` passed than was waited for.
    fn jumped(&mut self, by: Duration) -> bool {
        let (wall, awake) = self.last;
        self.last = ((self.now)(), Instant::now());
        let passed = self.last.0.duration_since(wall).unwrap_or_default();
        let waited = self.last.1.duration_since(awake).min(LOOK_FOR_SLEEP_EVERY);
        passed.saturating_sub(waited) > by
    }
}

/// Without those that lead nowhere else. A computer without any, or whose system does not say, has
/// none.
fn addresses() -> BTreeSet<IpAddr> {
    let adapters = if_addrs::get_if_addrs().unwrap_or_default();
    let addresses = adapters.iter().map(if_addrs::Interface::ip);
    addresses.filter(|ip| !ip.is_loopback()).collect()
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use tokio::time::timeout;

    use super::*;

    const LONG: Duration = Duration::from_secs(3_600);

    fn ip(last: u8) -> IpAddr {
        [10, 0, 0, last].into()
    }

    #[tokio::test(start_paused = true)]
    async fn coming_into_a_network_is_worth_an_attempt_and_leaving_one_is_not() {
        let addresses = RefCell::new(BTreeSet::from([ip(1)]));
        let began = (SystemTime::now(), Instant::now());
        let mut wakes = Wakes::new(
            || addresses.borrow().clone(),
            || began.0 + began.1.elapsed(),
        );
        timeout(LONG, wakes.next())
            .await
            .expect_err("nothing changed");
        addresses.borrow_mut().clear();
        timeout(LONG, wakes.next()).await.expect_err("it left");
        addresses.borrow_mut().insert(ip(2));
        timeout(2 * LOOK_EVERY, wakes.next())
            .await
            .expect("it came");
    }

    #[tokio::test(start_paused = true)]
    async fn waking_up_is_worth_an_attempt() {
        let began = (SystemTime::now(), Instant::now());
        let slept = Cell::new(Duration::ZERO);
        let now = || began.0 + began.1.elapsed() + slept.get();
        let mut wakes = Wakes::new(BTreeSet::new, now);
        timeout(LONG, wakes.next()).await.expect_err("it is awake");
        slept.set(Duration::from_secs(2));
        timeout(LONG, wakes.next())
            .await
            .expect_err("a clock was put right");
        slept.set(Duration::from_secs(600));
        timeout(2 * LOOK_EVERY, wakes.next())
            .await
            .expect("it slept");
    }
}
