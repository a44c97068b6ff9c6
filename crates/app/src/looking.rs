//! A copy that is looked at and not gone on with: a backup, or what was set aside.

use std::path::Path;

use hearth_protocol::limits::Limits;
use hearth_server::Config;
use hearth_session::Handle;
use tokio::net::TcpListener;

use crate::joined::CopyError;
use crate::serving::Serving;

/// A session that can be read and searched, and in which nothing can be changed.
pub(crate) struct LookedAt(Serving);

impl LookedAt {
    /// Opens the session in `file`, hosted or a copy, as its person saw it.
    pub(crate) async fn open(file: &Path) -> Result<Self, CopyError> {
        let (writer, reader) = hearth_store::open(file).await?;
        let session = Handle::look(writer, reader, Limits::default()).await?;
        Ok(Self(Serving::new(session)))
    }

    /// The open session.
    pub(crate) fn session(&self) -> &Handle {
        self.0.session()
    }

    /// Serves it on one more listener, on loopback, until [`LookedAt::stop`].
    pub(crate) fn serve(&self, listener: TcpListener, config: Config) {
        self.0.serve(listener, config);
    }

    /// Closes listeners and file.
    pub(crate) async fn stop(self) {
        self.0.stop().await;
    }
}
