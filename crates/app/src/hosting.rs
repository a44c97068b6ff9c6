//! A session being hosted: its file open, its listeners serving it.
//!
//! What `hearthd` and the desktop have in common. The listeners are bound by the caller, so that a
//! taken port is known before anything else happens.

use std::path::Path;

use hearth_protocol::SessionId;
use hearth_protocol::error::CallError;
use hearth_protocol::name::Name;
use hearth_protocol::object::{Admission, Browsers, Role};
use hearth_server::Config;
use hearth_session::{Changes, Handle, Options, SessionError};
use hearth_store::{NewSession, OpenError, Reader, Writer};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Why hosting did not begin.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The session file refused.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The session could not begin a new run.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The person at this computer could not be signed in.
    #[error(transparent)]
    SignIn(#[from] CallError),
}

/// A session being hosted.
pub struct Hosted {
    session: Handle,
    stopping: CancellationToken,
    servers: TaskTracker,
}

impl Hosted {
    /// Opens the session in `file`, or makes one there. What `options` leave open is as it was, or
    /// for a new session: named after `name_if_new`, asking the host about everybody, who come in
    /// as editors, by browsers without encryption.
    pub async fn open(
        file: &Path,
        id_if_new: SessionId,
        name_if_new: Name,
        options: Options,
    ) -> Result<Self, HostError> {
        let new = new_session(id_if_new, name_if_new, &options.changes);
        let (writer, reader) = open_file(file, &new).await?;
        Ok(Self {
            session: Handle::open(writer, reader, options).await?,
            stopping: CancellationToken::new(),
            servers: TaskTracker::new(),
        })
    }

    /// The open session.
    pub fn session(&self) -> &Handle {
        &self.session
    }

    /// Serves the session on one more listener, until [`Hosted::stop`].
    pub fn serve(&self, listener: TcpListener, config: Config) {
        let (session, stopping) = (self.session.clone(), self.stopping.clone());
        self.servers.spawn(async move {
            if let Err(error) = hearth_server::serve(listener, session, config, stopping).await {
                tracing::error!(%error, "a listener ended");
            }
        });
    }

    /// Finishes what was acknowledged, tells everybody, closes listeners and file.
    pub async fn stop(self) {
        // First the session: what it has acknowledged is in the sockets' feeds then, and each
        // feed says at its end that the session stops.
        self.session.stop().await;
        self.stopping.cancel();
        self.servers.close();
        self.servers.wait().await;
    }
}

async fn open_file(file: &Path, new: &NewSession) -> Result<(Writer, Reader), OpenError> {
    match hearth_store::open(file).await {
        // Also where an earlier start ended, on a full disk perhaps, before it was made.
        Err(OpenError::Missing) => hearth_store::create(file, new).await,
        opened => opened,
    }
}

fn new_session(id: SessionId, name: Name, changes: &Changes) -> NewSession {
    NewSession {
        id,
        name: changes.name.clone().unwrap_or(name),
        admission: changes.admission.unwrap_or(Admission::Ask),
        guests: changes.guests.unwrap_or(Role::Editor),
        browsers: changes.browsers.unwrap_or(Browsers::Plain),
    }
}
