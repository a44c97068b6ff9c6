//! One connection, with what the protocols above it do not watch: a WebSocket that sends much
//! before it has signed in, what has left, and the wish to end it from here.

mod frames;
mod lane;
mod stream;

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};

use hearth_protocol::object::Browsers;
use tokio_util::sync::CancellationToken;

use crate::tls::{Opened, Security};
use crate::visit::Visit;

pub(crate) use frames::{Mark, text_frame};
pub(crate) use lane::Lane;
pub(crate) use stream::WireStream;

/// What others know of a connection.
pub(crate) struct Wire {
    peer: SocketAddr,
    security: Security,
    lane: Lane,
    /// Set once a request on it came from a browser.
    from_browser: AtomicBool,
    end: CancellationToken,
    /// Set once the connection has become a WebSocket.
    visit: OnceLock<Arc<Visit>>,
    before_sign_in_bytes: usize,
}

impl Wire {
    /// `end` closes it from here.
    pub(crate) fn new(
        peer: SocketAddr,
        opened: Opened,
        end: CancellationToken,
        before_sign_in: u64,
    ) -> Arc<Self> {
        Arc::new(Self {
            peer,
            security: opened.security,
            lane: Lane::new(opened.carrier, end.clone()),
            from_browser: AtomicBool::new(false),
            end,
            visit: OnceLock::new(),
            before_sign_in_bytes: usize::try_from(before_sign_in).unwrap_or(usize::MAX),
        })
    }

    /// Its way out.
    pub(crate) fn lane(&self) -> &Lane {
        &self.lane
    }

    /// The peer's address, without IPv6 dressing of an IPv4 one.
    pub(crate) fn address(&self) -> IpAddr {
        self.peer.ip().to_canonical()
    }

    /// Whether it is encrypted.
    pub(crate) fn is_secure(&self) -> bool {
        self.security != Security::Plain
    }

    /// An app's link: the fingerprint of its key.
    pub(crate) fn link(&self) -> Option<[u8; 32]> {
        match self.security {
            Security::Encrypted { link } => link,
            Security::Plain => None,
        }
    }

    /// Notes that a browser speaks on it.
    pub(crate) fn mark_browser(&self) {
        self.from_browser.store(true, Ordering::Relaxed);
    }

    /// Whether others on the network can read along.
    pub(crate) fn is_readable_by_others(&self) -> bool {
        !self.is_secure() && !self.address().is_loopback()
    }

    /// Whether the host's choice lets it go on.
    fn may_go_on(&self, browsers: Browsers) -> bool {
        match browsers {
            Browsers::Plain => true,
            Browsers::Encrypted => !self.is_readable_by_others(),
            Browsers::Off => {
                !self.is_readable_by_others() && !self.from_browser.load(Ordering::Relaxed)
            }
        }
    }

    /// From now on it is the WebSocket of `visit`, unless it was to become another one's.
    pub(crate) fn carry(&self, visit: &Arc<Visit>) -> bool {
        Arc::ptr_eq(self.visit.get_or_init(|| visit.clone()), visit)
    }

    /// Ends the connection at once; what is not written yet is lost.
    pub(crate) fn end(&self) {
        self.end.cancel();
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let security = &self.security;
        f.debug_struct("Wire")
            .field("security", security)
            .finish_non_exhaustive()
    }
}

/// All open connections of a listener.
#[derive(Debug, Default)]
pub(crate) struct Wires(Mutex<Vec<Weak<Wire>>>);

impl Wires {
    /// Enters a new one.
    pub(crate) fn enter(&self, wire: &Arc<Wire>) {
        let mut wires = self.0.lock().expect("nothing panics while holding it");
        // Looking through all of them at each doubling costs each newcomer the same, on average.
        if wires.len() == wires.capacity() {
            wires.retain(|wire| wire.strong_count() > 0);
        }
        wires.push(Arc::downgrade(wire));
    }

    /// Ends those that the host's new choice does not let be used. A client that may, comes back
    /// the other way.
    pub(crate) fn end_unless_admitted(&self, browsers: Browsers) {
        let wires = self.0.lock().expect("nothing panics while holding it");
        wires
            .iter()
            .filter_map(Weak::upgrade)
            .filter(|wire| !wire.may_go_on(browsers))
            .for_each(|wire| wire.end());
    }
}
