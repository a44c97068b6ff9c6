//! One Engine.IO session: what a client is across the TCP connections it uses.
//!
//! With long polling a client is known between requests only by its Engine.IO id, and the library
//! uses the same id as the socket's, which other members see. So whoever opens a session by polling
//! is given the id with a key behind it, and a request without the right key does not reach the
//! library: knowing somebody's socket id is of no use.

mod flow;
mod turn;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;
use tokio_util::sync::CancellationToken;

pub(crate) use flow::{Flow, STALLED, Stalled};
use turn::Turn;

use crate::places::Place;
use crate::wire::{Mark, Wire};

/// How long an Engine.IO id is, as the library makes them.
const ID_CHARS: usize = 16;

/// How often a client may ask for a namespace, in all. Each time costs a look into the session file
/// and, if it comes in, a word to everybody; a good client asks once or twice.
const MAX_ATTEMPTS: usize = 64;

/// How many sessions are entered between two sweeps for those that are gone.
const SWEEP_EVERY: usize = 64;

/// One Engine.IO session.
#[derive(Debug)]
pub(crate) struct Visit {
    key: String,
    /// Namespaces joined at this moment. Joining one takes a sign-in.
    joined: AtomicUsize,
    /// How often it has asked for a namespace.
    attempts: AtomicUsize,
    /// A place among those not signed in, until signed in.
    waiting: Mutex<Option<Place>>,
    /// Its WebSockets: one, or one and an attempt.
    wires: Mutex<Vec<Weak<Wire>>>,
    /// The WebSocket with which it began.
    began_on: OnceLock<Weak<Wire>>,
    /// Whether each of the namespaces was ever joined.
    joined_before: [AtomicBool; 2],
    ended: CancellationToken,
    idle_for: Duration,
    flow: Flow,
    turn: Turn,
}

impl Visit {
    /// A new one, which may be without a namespace for `idle_for`.
    pub(crate) fn new(waiting: Place, idle_for: Duration) -> Result<Arc<Self>, getrandom::Error> {
        let mut key = [0; 16];
        getrandom::fill(&mut key)?;
        Ok(Arc::new(Self {
            key: BASE64_URL_SAFE_NO_PAD.encode(key),
            joined: AtomicUsize::new(0),
            attempts: AtomicUsize::new(0),
            waiting: Mutex::new(Some(waiting)),
            wires: Mutex::default(),
            began_on: OnceLock::new(),
            joined_before: Default::default(),
            ended: CancellationToken::new(),
            idle_for,
            flow: Flow::default(),
            turn: Turn::default(),
        }))
    }

    /// Whether it has joined a namespace, which takes a sign-in.
    pub(crate) fn is_signed_in(&self) -> bool {
        self.joined.load(Ordering::Acquire) > 0
    }

    /// Counts that it asks for a namespace. One that goes on and on is ended.
    pub(crate) fn may_ask(&self) -> bool {
        let within = self.attempts.fetch_add(1, Ordering::Relaxed) < MAX_ATTEMPTS;
        if !within {
            self.end();
        }
        within
    }

    /// Counts a namespace in, until the answer is dropped.
    pub(crate) fn join(self: &Arc<Self>) -> Joined {
        self.joined.fetch_add(1, Ordering::AcqRel);
        self.waiting
            .lock()
            .expect("nothing panics while holding it")
            .take();
        Joined(self.clone())
    }

    /// What is on its way to the client.
    pub(crate) fn flow(&self) -> &Flow {
        &self.flow
    }

    /// Whether it polls, or goes over to a WebSocket.
    pub(crate) fn turn(&self) -> &Turn {
        &self.turn
    }

    /// `wire` is now its WebSocket, or tries to become it; false if it is another visit's, or this
    /// one was ended.
    pub(crate) fn carried_by(self: &Arc<Self>, wire: &Arc<Wire>) -> bool {
        if !wire.carry(self) {
            return false;
        }
        let mut wires = self.wires.lock().expect("nothing panics while holding it");
        wires.retain(|wire| wire.strong_count() > 0);
        wires.push(Arc::downgrade(wire));
        // Whoever ends it looks through them after having said so.
        !self.ended.is_cancelled()
    }

    /// It begins as a WebSocket, on `wire`.
    pub(crate) fn begins_on(self: &Arc<Self>, wire: &Arc<Wire>) -> bool {
        // A visit begins once.
        let _ = self.began_on.set(Arc::downgrade(wire));
        self.carried_by(wire)
    }

    /// The WebSocket with which it began, if it did.
    pub(crate) fn began_on(&self) -> Option<Arc<Wire>> {
        self.began_on.get()?.upgrade()
    }

    /// Whether this is the first socket in the namespace with this number.
    pub(crate) fn is_first_in(&self, namespace: usize) -> bool {
        let joined_before = &self.joined_before[namespace];
        !joined_before.swap(true, Ordering::AcqRel)
    }

    /// The WebSocket on which what was given to the library last has left. The library has one
    /// queue, and once it sends by WebSocket it does nothing else, so all that came before has left
    /// too.
    pub(crate) fn has_left_by(&self, last: Mark) -> Option<Arc<Wire>> {
        let wires = self.wires.lock().expect("nothing panics while holding it");
        let mut wires = wires.iter().filter_map(Weak::upgrade);
        wires.find(|wire| wire.lane().has_sent(last))
    }

    /// Whether it has a WebSocket, or tries to get one.
    pub(crate) fn has_wire(&self) -> bool {
        let wires = self.wires.lock().expect("nothing panics while holding it");
        wires.iter().any(|wire| wire.strong_count() > 0)
    }

    /// Ends it without a word: its WebSocket is closed, further requests are refused. The client
    /// sees a lost connection and, if it is a good one, comes back.
    pub(crate) fn end(&self) {
        self.ended.cancel();
        let wires = self.wires.lock().expect("nothing panics while holding it");
        wires
            .iter()
            .filter_map(Weak::upgrade)
            .for_each(|wire| wire.end());
    }

    /// Resolves once it was ended from here.
    pub(crate) async fn ended(&self) {
        self.ended.cancelled().await;
    }
}

/// A namespace that a visit has joined.
#[derive(Debug)]
pub(crate) struct Joined(Arc<Visit>);

impl Drop for Joined {
    /// A client that has left its last namespace has nothing to do here; one that stays all the
    /// same is closed.
    fn drop(&mut self) {
        if self.0.joined.fetch_sub(1, Ordering::AcqRel) > 1 {
            return;
        }
        let (visit, idle_for) = (Arc::downgrade(&self.0), self.0.idle_for);
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        runtime.spawn(async move {
            tokio::time::sleep(idle_for).await;
            if let Some(visit) = visit.upgrade().filter(|visit| !visit.is_signed_in()) {
                visit.end();
            }
        });
    }
}

/// Visits that were opened by polling, by their Engine.IO id.
#[derive(Debug, Default)]
pub(crate) struct Visits {
    by_id: Mutex<HashMap<String, Weak<Visit>>>,
}

impl Visits {
    /// Enters a visit under the id that the library gave it. Answers what the client is told.
    pub(crate) fn enter(&self, id: &str, visit: &Arc<Visit>) -> String {
        let mut by_id = self.by_id.lock().expect("nothing panics while holding it");
        if by_id.len() % SWEEP_EVERY == SWEEP_EVERY - 1 {
            by_id.retain(|_, visit| visit.strong_count() > 0);
        }
        by_id.insert(id.to_owned(), Arc::downgrade(visit));
        format!("{id}{}", visit.key)
    }

    /// The visit that `told` stands for, and the library's id of it.
    pub(crate) fn find<'a>(&self, told: &'a str) -> Option<(&'a str, Arc<Visit>)> {
        let (id, key) = told.split_at_checked(ID_CHARS)?;
        let by_id = self.by_id.lock().expect("nothing panics while holding it");
        let visit = by_id.get(id)?.upgrade()?;
        let known: bool = visit.key.as_bytes().ct_eq(key.as_bytes()).into();
        (known && !visit.ended.is_cancelled()).then_some((id, visit))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{DuplexStream, duplex};

    use super::*;
    use crate::places::Places;
    use crate::tls::{Opened, Security};

    /// A connection whose bytes go to `near`.
    pub(super) fn wire(near: DuplexStream) -> Arc<Wire> {
        let (carrier, security) = (Box::pin(near), Security::Plain);
        let opened = Opened { carrier, security };
        let peer = ([10, 0, 0, 1], 1).into();
        Wire::new(peer, opened, CancellationToken::new(), 0)
    }

    fn visit(places: &Places) -> Arc<Visit> {
        let place = places.take([10, 0, 0, 1].into()).expect("a place");
        Visit::new(place, Duration::from_secs(5)).expect("random bytes")
    }

    #[test]
    fn a_socket_id_without_its_key_reaches_nobody() {
        let (visits, visit) = (Visits::default(), visit(&Places::new(1, 1)));
        let told = visits.enter("AAAAAAAAAAAAAAAA", &visit);
        assert!(visits.find(&told).is_some());
        for other in [
            "AAAAAAAAAAAAAAAA",
            "",
            "AAAAAAAAAAAAAAAAx",
            "é",
            &format!("{told}x"),
        ] {
            assert!(visits.find(other).is_none(), "{other}");
        }
    }

    #[test]
    fn a_visit_that_was_ended_is_not_found_again() {
        let (visits, visit) = (Visits::default(), visit(&Places::new(1, 1)));
        let told = visits.enter("AAAAAAAAAAAAAAAA", &visit);
        visit.end();
        assert!(visits.find(&told).is_none());
    }

    #[test]
    fn a_visit_that_was_ended_gets_no_web_socket() {
        let (visit, (near, _far)) = (visit(&Places::new(1, 1)), duplex(1));
        visit.end();
        assert!(!visit.carried_by(&wire(near)));
    }

    #[test]
    fn visits_that_are_gone_are_forgotten() {
        let (visits, places) = (Visits::default(), Places::new(1, 1));
        for number in 0..1_000 {
            visits.enter(&format!("{number:016}"), &visit(&places));
        }
        assert!(visits.by_id.lock().expect("not poisoned").len() <= SWEEP_EVERY);
    }

    #[tokio::test(start_paused = true)]
    async fn a_visit_without_a_namespace_is_ended_after_a_while() {
        let places = Places::new(1, 1);
        let visit = visit(&places);
        drop(visit.join());
        assert!(
            places.take([10, 0, 0, 1].into()).is_some(),
            "signing in gives the place back"
        );
        let again = visit.join();
        tokio::time::sleep(Duration::from_secs(6)).await;
        assert!(!visit.ended.is_cancelled());
        drop(again);
        visit.ended().await;
    }
}
