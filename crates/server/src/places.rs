//! A bounded number of something for each address and in all: connections, sockets not signed in.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use hearth_session::counted;

/// Counts who has how many.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    // Never held across an `.await`.
    taken: Arc<Mutex<Taken>>,
    each: u64,
    all: u64,
}

/// One place; giving it back is dropping it.
#[derive(Debug)]
pub(crate) struct Place {
    places: Places,
    address: IpAddr,
}

#[derive(Debug, Default)]
struct Taken {
    all: u64,
    by: HashMap<IpAddr, u64>,
}

impl Places {
    /// At most `each` for one address, at most `all` together.
    pub(crate) fn new(each: u64, all: u64) -> Self {
        Self {
            taken: Arc::default(),
            each,
            all,
        }
    }

    /// A place for `address`, if there is one left.
    pub(crate) fn take(&self, address: IpAddr) -> Option<Place> {
        let address = counted(address);
        let mut taken = self.taken.lock().expect("nothing panics while holding it");
        if taken.all >= self.all {
            return None;
        }
        let mine = taken.by.entry(address).or_default();
        if *mine >= self.each {
            return None;
        }
        *mine += 1;
        taken.all += 1;
        Some(Place {
            places: self.clone(),
            address,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Ok(mut taken) = self.places.taken.lock() else {
            return;
        };
        taken.all -= 1;
        if let Some(mine) = taken.by.get_mut(&self.address) {
            *mine -= 1;
            if *mine == 0 {
                taken.by.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn one_address_cannot_take_the_places_of_others() {
        let places = Places::new(2, 10);
        let first = places.take(address("10.0.0.1"));
        let _second = places.take(address("10.0.0.1")).expect("room for two");
        assert!(places.take(address("10.0.0.1")).is_none());
        assert!(places.take(address("10.0.0.2")).is_some());
        drop(first);
        assert!(places.take(address("10.0.0.1")).is_some());
    }

    #[test]
    fn all_addresses_together_are_bounded() {
        let places = Places::new(5, 2);
        let _first = places.take(address("10.0.0.1"));
        let _second = places.take(address("10.0.0.2"));
        assert!(places.take(address("10.0.0.3")).is_none());
    }

    #[test]
    fn spellings_of_one_address_count_as_one() {
        let places = Places::new(1, 10);
        let _mapped = places.take(address("::ffff:10.0.0.1"));
        assert!(places.take(address("10.0.0.1")).is_none());
        let _first = places.take(address("2001:db8:1:2:3::4"));
        assert!(places.take(address("2001:db8:1:2:ffff::1")).is_none());
        assert!(places.take(address("2001:db8:1:3::1")).is_some());
    }
}
