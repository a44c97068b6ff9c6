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

use crate::serving::Serving;

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
pub struct Hosted(Serving);

impl Hosted {
    /// Opens the session in `file`, or makes one there. One that is a copy of somebody else's
    /// becomes its person's own by that. What `options` leave open is as it was, or
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
        Ok(Self(Serving::new(
            Handle::take_over(writer, reader, options).await?,
        )))
    }

    /// The open session.
    pub fn session(&self) -> &Handle {
        self.0.session()
    }

    /// Serves the session on one more listener, until [`Hosted::stop`].
    pub fn serve(&self, listener: TcpListener, config: Config) {
        self.0.serve(listener, config);
    }

    /// Finishes what was acknowledged, tells everybody, closes listeners and file.
    pub async fn stop(self) {
        self.0.stop().await;
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
