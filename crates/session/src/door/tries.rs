//! Wrong tries, and what else is counted per address and in all, over ten minutes.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use hearth_protocol::error::CallError;

use super::lock;

/// How long a wrong try counts.
const WINDOW: Duration = Duration::from_secs(600);
/// The most addresses remembered; beyond that the oldest are forgotten.
const MAX_ADDRESSES: usize = 4_096;
/// The most tries remembered in all.
const MAX_TRIES: usize = 65_536;

/// Wrong tries of the last ten minutes.
#[derive(Default)]
pub(crate) struct Tries(Mutex<Counted>);

#[derive(Default)]
struct Counted {
    by: HashMap<IpAddr, Vec<Instant>>,
    all: VecDeque<Instant>,
}

/// How a try went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attempt {
    Right,
    /// It was not looked at: too many came from everywhere.
    TooMany,
    /// So many more may follow.
    Wrong {
        left: u64,
    },
}

/// The address as limits see it. One IPv6 host has a whole /64 to choose from.
pub fn counted(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        address => address,
    }
}

impl Tries {
    /// How many tries `address` has left, or how long it has to wait.
    pub(crate) fn left(&self, address: IpAddr, limit: u64) -> Result<u64, CallError> {
        lock(&self.0).left(address, limit).map_err(blocked)
    }

    /// Looks whether a try is right, and counts it if it is not. One after the other: of many at
    /// once no more are looked at than `address` has left, and than `in_all` from everywhere.
    pub(crate) fn attempt(
        &self,
        address: IpAddr,
        limit: u64,
        in_all: u64,
        is_right: impl FnOnce() -> bool,
    ) -> Result<Attempt, CallError> {
        let mut tries = lock(&self.0);
        let left = tries.left(address, limit).map_err(blocked)?;
        if tries.left_in_all(in_all).is_err() {
            return Ok(Attempt::TooMany);
        }
        if is_right() {
            return Ok(Attempt::Right);
        }
        tries.count(address);
        Ok(Attempt::Wrong { left: left - 1 })
    }

    /// Counts one of `address`, unless it has made `limit` or everybody together `in_all`; then
    /// how long to wait.
    pub(crate) fn take(&self, address: IpAddr, limit: u64, in_all: u64) -> Result<(), Duration> {
        let mut tries = lock(&self.0);
        tries.left(address, limit)?;
        tries.left_in_all(in_all)?;
        tries.count(address);
        Ok(())
    }

    /// Whether so many came from everywhere that somebody may be guessing with many addresses.
    pub(crate) fn too_many(&self, limit: u64) -> bool {
        lock(&self.0).left_in_all(limit).is_err()
    }

    /// Counts a wrong try.
    pub(crate) fn count(&self, address: IpAddr) {
        lock(&self.0).count(address);
    }
}

impl Counted {
    fn left(&mut self, address: IpAddr, limit: u64) -> Result<u64, Duration> {
        let Some(of_address) = self.by.get_mut(&counted(address)) else {
            return Ok(limit);
        };
        of_address.retain(|at| at.elapsed() < WINDOW);
        let left = limit.saturating_sub(of_address.len() as u64);
        match of_address.first() {
            Some(first) if left == 0 => Err(WINDOW.saturating_sub(first.elapsed())),
            _ => Ok(left),
        }
    }

    fn left_in_all(&mut self, limit: u64) -> Result<u64, Duration> {
        while self.all.front().is_some_and(|at| at.elapsed() >= WINDOW) {
            self.all.pop_front();
        }
        let left = limit.saturating_sub(self.all.len() as u64);
        match self.all.front() {
            Some(first) if left == 0 => Err(WINDOW.saturating_sub(first.elapsed())),
            _ => Ok(left),
        }
    }

    fn count(&mut self, address: IpAddr) {
        let address = counted(address);
        if self.by.len() >= MAX_ADDRESSES && !self.by.contains_key(&address) {
            let late =
                |of_address: &Vec<Instant>| of_address.iter().any(|at| at.elapsed() < WINDOW);
            self.by.retain(|_, of_address| late(of_address));
            if self.by.len() >= MAX_ADDRESSES {
                self.by.clear();
            }
        }
        if self.all.len() >= MAX_TRIES {
            self.all.pop_front();
        }
        let now = Instant::now();
        self.all.push_back(now);
        self.by.entry(address).or_default().push(now);
    }
}

fn blocked(wait: Duration) -> CallError {
    CallError {
        message: format!(
            "Too many tries. Wait {} s, or ask the host to let you in.",
            wait.as_secs() + 1
        ),
        ..CallError::rate_limited(wait.as_millis() as u64 + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_address_of_the_same_network_is_no_new_try() {
        let tries = Tries::default();
        for last in 1..=5 {
            tries.count(IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, last]));
        }
        let same: IpAddr = "2001:db8:0:1:ffff::1".parse().expect("an address");
        let other: IpAddr = "2001:db8:0:2::1".parse().expect("an address");
        assert!(tries.left(same, 5).is_err());
        assert_eq!(tries.left(other, 5).ok(), Some(5));
        assert!(tries.too_many(5) && !tries.too_many(6));
    }
}
