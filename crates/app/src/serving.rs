//! The listeners that serve one open session.

use hearth_server::Config;
use hearth_session::Handle;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// An open session with its listeners.
pub(crate) struct Serving {
    session: Handle,
    stopping: CancellationToken,
    servers: TaskTracker,
}

impl Serving {
    /// No listener yet.
    pub(crate) fn new(session: Handle) -> Self {
        Self {
            session,
            stopping: CancellationToken::new(),
            servers: TaskTracker::new(),
        }
    }

    /// The open session.
    pub(crate) fn session(&self) -> &Handle {
        &self.session
    }

    /// Serves the session on one more listener, until [`Serving::stop`].
    pub(crate) fn serve(&self, listener: TcpListener, config: Config) {
        let (session, stopping) = (self.session.clone(), self.stopping.clone());
        self.servers.spawn(async move {
            if let Err(error) = hearth_server::serve(listener, session, config, stopping).await {
                tracing::error!(%error, "a listener ended");
            }
        });
    }

    /// Finishes what was acknowledged, tells everybody, closes listeners and file.
    pub(crate) async fn stop(self) {
        // First the session: what it has acknowledged is in the sockets' feeds then, and each
        // feed says at its end that the session stops.
        self.session.stop().await;
        self.stopping.cancel();
        self.servers.close();
        self.servers.wait().await;
    }
}
