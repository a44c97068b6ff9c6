//! What everything that answers shares: the session, the listener's rules, and who is here.

use std::sync::Arc;
use std::time::Duration;

use hearth_session::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::{Config, Listener};
use crate::places::Places;
use crate::rates::Rates;
use crate::tls::Tls;
use crate::visit::Visits;

/// A handle on what everything that answers shares.
#[derive(Clone)]
pub(crate) struct Server(Arc<Inner>);

struct Inner {
    session: Handle,
    config: Config,
    rates: Rates,
    downloads: Rates,
    visits: Visits,
    not_signed_in: Places,
    stopping: CancellationToken,
    sockets: TaskTracker,
}

impl Server {
    /// For one listener; `stopping` says that it is about to stop.
    pub(crate) fn new(session: Handle, config: Config, stopping: CancellationToken) -> Self {
        let limits = session.limits();
        let not_signed_in = Places::new(limits.not_signed_in, u64::MAX);
        Self(Arc::new(Inner {
            rates: Rates::new(limits),
            downloads: Rates::of_downloads(limits),
            visits: Visits::default(),
            not_signed_in,
            stopping,
            sockets: TaskTracker::new(),
            config,
            session,
        }))
    }

    /// The open session.
    pub(crate) fn session(&self) -> &Handle {
        &self.0.session
    }

    /// Who is expected on this listener.
    pub(crate) fn listener(&self) -> &Listener {
        &self.0.config.kind
    }

    /// What encrypted connections are accepted with, where they are.
    pub(crate) fn tls(&self) -> Option<&Tls> {
        self.0.config.tls.as_ref()
    }

    /// Whether the client bundle is served.
    pub(crate) fn serves_client(&self) -> bool {
        self.0.config.serve_client
    }

    /// How often one address may ask.
    pub(crate) fn rates(&self) -> &Rates {
        &self.0.rates
    }

    /// How often one address may fetch files.
    pub(crate) fn downloads(&self) -> &Rates {
        &self.0.downloads
    }

    /// Sessions of Engine.IO that poll.
    pub(crate) fn visits(&self) -> &Visits {
        &self.0.visits
    }

    /// Places for those that are not signed in, for each address.
    pub(crate) fn not_signed_in(&self) -> &Places {
        &self.0.not_signed_in
    }

    /// Cancelled when the listener is about to stop.
    pub(crate) fn stopping(&self) -> &CancellationToken {
        &self.0.stopping
    }

    /// The tasks of the sockets.
    pub(crate) fn sockets(&self) -> &TaskTracker {
        &self.0.sockets
    }

    /// How long a client may be connected without being signed in.
    pub(crate) fn sign_in_within(&self) -> Duration {
        Duration::from_millis(self.session().limits().sign_in_within_ms)
    }
}
