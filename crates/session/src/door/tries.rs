//! Wrong tries, counted per address and in all.

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
        let mut tries = lock(&self.0);
        let Some(of_address) = tries.by.get_mut(&counted(address)) else {
            return Ok(limit);
        };
        of_address.retain(|at| at.elapsed() < WINDOW);
        let used = of_address.len() as u64;
        if used < limit {
            return Ok(limit - used);
        }
        let wait = of_address
            .first()
            .map_or(WINDOW, |at| WINDOW.saturating_sub(at.elapsed()));
        Err(CallError {
            message: format!(
                "Too many tries. Wait {} s, or ask the host to let you in.",
                wait.as_secs() + 1
            ),
            ..CallError::rate_limited(wait.as_millis() as u64 + 1)
        })
    }

    /// Whether so many came from everywhere that somebody may be guessing with many addresses.
    pub(crate) fn too_many(&self, limit: u64) -> bool {
        let mut tries = lock(&self.0);
        while tries.all.front().is_some_and(|at| at.elapsed() >= WINDOW) {
            tries.all.pop_front();
        }
        tries.all.len() as u64 >= limit
    }

    /// Counts a wrong try.
    pub(crate) fn count(&self, address: IpAddr) {
        let address = counted(address);
        let mut tries = lock(&self.0);
        if tries.by.len() >= MAX_ADDRESSES && !tries.by.contains_key(&address) {
            let late =
                |of_address: &Vec<Instant>| of_address.iter().any(|at| at.elapsed() < WINDOW);
            tries.by.retain(|_, of_address| late(of_address));
            if tries.by.len() >= MAX_ADDRESSES {
                tries.by.clear();
            }
        }
        if tries.all.len() >= MAX_TRIES {
            tries.all.pop_front();
        }
        let now = Instant::now();
        tries.all.push_back(now);
        tries.by.entry(address).or_default().push(now);
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
