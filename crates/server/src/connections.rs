//! How many connections there may be for each address and in all, and which ends for a newcomer.
//!
//! Opening a connection costs nothing, so a bound alone would let a few silent ones keep everybody
//! out. Where there are too many, the one that was idle longest makes room: it has not finished
//! its handshake, or has sent no whole request since. What carries a request or a socket never
//! ends for another.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use hearth_session::counted;
use tokio_util::sync::CancellationToken;

/// Counts the connections of a listener.
#[derive(Debug, Clone)]
pub(crate) struct Connections {
    // Never held across an `.await`.
    open: Arc<Mutex<Open>>,
    each: u64,
    all: u64,
}

#[derive(Debug, Default)]
struct Open {
    by: HashMap<IpAddr, u64>,
    connections: BTreeMap<u64, Connection>,
    /// Counts whatever happens, so that what is smaller was earlier.
    clock: u64,
}

#[derive(Debug)]
struct Connection {
    address: IpAddr,
    idle_since: u64,
    requests: u64,
    end: CancellationToken,
}

/// One connection's place; giving it back is dropping it.
#[derive(Debug)]
pub(crate) struct Seat {
    of: Connections,
    number: u64,
}

/// A request under way on a connection.
#[derive(Debug)]
pub(crate) struct Busy(Option<Arc<Seat>>);

impl Connections {
    /// At most `each` for one address, at most `all` together.
    pub(crate) fn new(each: u64, all: u64) -> Self {
        Self {
            open: Arc::default(),
            each,
            all,
        }
    }

    /// A place for a connection of `address` that `end` ends. Another one may end for it; there is
    /// none if all are in use.
    pub(crate) fn take(&self, address: IpAddr, end: CancellationToken) -> Option<Arc<Seat>> {
        let address = counted(address);
        let mut open = self.open.lock().expect("nothing panics while holding it");
        if open.of(address) >= self.each {
            let oldest = open.longest_idle(address)?;
            open.end(oldest);
        } else if open.connections.len() as u64 >= self.all {
            let crowd = open.most_idle()?;
            let oldest = open.longest_idle(crowd)?;
            open.end(oldest);
        }
        let number = open.tick();
        let connection = Connection {
            address,
            idle_since: number,
            requests: 0,
            end,
        };
        open.connections.insert(number, connection);
        *open.by.entry(address).or_default() += 1;
        Some(Arc::new(Seat {
            of: self.clone(),
            number,
        }))
    }
}

impl Open {
    fn tick(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }

    fn of(&self, address: IpAddr) -> u64 {
        self.by.get(&address).copied().unwrap_or_default()
    }

    fn idle(&self) -> impl Iterator<Item = (u64, &Connection)> {
        let all = self.connections.iter().map(|(number, one)| (*number, one));
        all.filter(|(_, connection)| connection.requests == 0)
    }

    fn longest_idle(&self, address: IpAddr) -> Option<u64> {
        let its = self.idle().filter(|(_, one)| one.address == address);
        let oldest = its.min_by_key(|(_, one)| one.idle_since);
        oldest.map(|(number, _)| number)
    }

    /// The address with most idle connections: whoever opens many of them ends its own.
    fn most_idle(&self) -> Option<IpAddr> {
        let mut counts: HashMap<IpAddr, u64> = HashMap::new();
        for (_, connection) in self.idle() {
            *counts.entry(connection.address).or_default() += 1;
        }
        let most = counts.into_iter().max_by_key(|(_, count)| *count);
        most.map(|(address, _)| address)
    }

    /// Ends a connection; its place is free at once.
    fn end(&mut self, number: u64) {
        if let Some(connection) = self.remove(number) {
            tracing::debug!("an idle connection ends for a new one: too many are open");
            connection.end.cancel();
        }
    }

    fn remove(&mut self, number: u64) -> Option<Connection> {
        let connection = self.connections.remove(&number)?;
        if let Some(its) = self.by.get_mut(&connection.address) {
            *its -= 1;
            if *its == 0 {
                self.by.remove(&connection.address);
            }
        }
        Some(connection)
    }
}

impl Seat {
    /// Until the answer is dropped, the connection is in use.
    pub(crate) fn busy(self: &Arc<Self>) -> Busy {
        self.change(|connection, _| connection.requests += 1);
        Busy(Some(self.clone()))
    }

    fn change(&self, change: impl FnOnce(&mut Connection, u64)) {
        let Ok(mut open) = self.of.open.lock() else {
            return;
        };
        let now = open.tick();
        // One that had to end is known no more.
        if let Some(connection) = open.connections.get_mut(&self.number) {
            change(connection, now);
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Ok(mut open) = self.of.open.lock() {
            open.remove(self.number);
        }
    }
}

impl Busy {
    /// The connection is in use for as long as it lives: it has become a WebSocket.
    pub(crate) fn for_good(mut self) {
        self.0 = None;
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let Some(seat) = self.0.take() else {
            return;
        };
        seat.change(|connection, now| {
            connection.requests -= 1;
            connection.idle_since = now;
        });
    }
}

#[cfg(test)]
mod tests;
