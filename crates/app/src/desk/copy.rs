//! The copy that is open at this desk, and how its window reaches it.

use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

use hearth_protocol::error::{CallError, Code};
use hearth_protocol::fingerprint::Fingerprint;
use hearth_protocol::id::SessionId;
use hearth_protocol::name::Name;
use hearth_protocol::window::{Joined, WindowAccess};
use hearth_server::{Config, Listener};
use hearth_session::Handle;
use hearth_store::OpenError;
use tokio::net::TcpListener;
use tokio::time::timeout;

use super::hosting::{ORIGINS, no_port};
use crate::identity::Identity;
use crate::joined::{CopyError, JoinedSession};
use crate::looking::LookedAt;

/// How long a host may take to tell who its people are.
const KNOWN_WITHIN: Duration = Duration::from_secs(15);

/// An open copy with the window's listener.
pub(super) struct OpenCopy {
    /// What the list of sessions knows it by.
    pub(super) id: SessionId,
    kept: Kept,
    window: WindowAccess,
}

enum Kept {
    /// Kept in step with its host.
    Joined(Box<JoinedSession>),
    /// Only looked at.
    LookedAt(LookedAt),
}

impl OpenCopy {
    /// Opens the copy in `file`, host reachable or not.
    pub(super) async fn open(
        id: SessionId,
        file: &Path,
        identity: &Identity,
    ) -> Result<Self, CallError> {
        let joined = JoinedSession::open(file, identity).await;
        Self::serve_joined(id, joined.map_err(|error| not_opened(&error))?).await
    }

    /// Serves a copy that is open to the window.
    pub(super) async fn serve_joined(
        id: SessionId,
        joined: JoinedSession,
    ) -> Result<Self, CallError> {
        // One that was just begun is empty; its person comes with the first page.
        if timeout(KNOWN_WITHIN, joined.until_known()).await.is_err() {
            joined.stop().await;
            return Err(still_empty());
        }
        Self::serve(id, Kept::Joined(Box::new(joined))).await
    }

    /// Opens what is in `file` to be looked at.
    pub(super) async fn look(id: SessionId, file: &Path) -> Result<Self, CallError> {
        let opened = LookedAt::open(file).await;
        let kept = Kept::LookedAt(opened.map_err(|error| not_opened(&error))?);
        Self::serve(id, kept).await
    }

    async fn serve(id: SessionId, kept: Kept) -> Result<Self, CallError> {
        match serve_window(&kept).await {
            Ok(window) => Ok(Self { id, kept, window }),
            Err(error) => {
                kept.stop().await;
                Err(error)
            }
        }
    }

    /// What the session is called now.
    pub(super) fn name(&self) -> Name {
        self.kept.session().state().session().name.clone()
    }

    /// The copy, unless it is only looked at.
    pub(super) fn joined(&self) -> Option<&JoinedSession> {
        match &self.kept {
            Kept::Joined(joined) => Some(joined),
            Kept::LookedAt(_) => None,
        }
    }

    /// Everything the window wants to know.
    pub(super) async fn describe(&self) -> Joined {
        let session = self.kept.session();
        let host = match self.joined() {
            // It fails only while the session is being closed.
            Some(joined) => joined.session().copy_state().await.ok(),
            None => None,
        };
        let host = host.map(|copy| copy.host);
        let fingerprint = host.as_ref().and_then(|host| host.fingerprint);
        Joined {
            window: self.window.clone(),
            session: session.state().session().id,
            name: self.name(),
            fingerprint: fingerprint.as_ref().map(Fingerprint::to_string),
            addresses: host.map(|host| host.addresses).unwrap_or_default(),
            read_only: self.joined().is_none(),
        }
    }

    /// Closes it. What waits for the host stays in the file.
    pub(super) async fn stop(self) {
        // The window's sign-in was for this launch only.
        if let Err(error) = self.kept.session().sign_out(&self.window.token).await {
            tracing::warn!(%error, "The window's sign-in was not ended");
        }
        self.kept.stop().await;
    }

    /// The copy to begin anew with, without its window.
    pub(super) fn into_joined(self) -> Option<JoinedSession> {
        match self.kept {
            Kept::Joined(joined) => Some(*joined),
            Kept::LookedAt(_) => None,
        }
    }
}

impl Kept {
    fn session(&self) -> &Handle {
        match self {
            Self::Joined(joined) => joined.session(),
            Self::LookedAt(looked_at) => looked_at.session(),
        }
    }

    fn serve(&self, listener: TcpListener, config: Config) {
        match self {
            Self::Joined(joined) => joined.serve(listener, config),
            Self::LookedAt(looked_at) => looked_at.serve(listener, config),
        }
    }

    async fn stop(self) {
        match self {
            Self::Joined(joined) => joined.stop().await,
            Self::LookedAt(looked_at) => looked_at.stop().await,
        }
    }
}

async fn serve_window(kept: &Kept) -> Result<WindowAccess, CallError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let listener = listener.map_err(|error| no_port(&error))?;
    let address = listener.local_addr().map_err(|error| no_port(&error))?;
    let token = kept.session().sign_in_joined().await?.token;
    let config = Config {
        kind: Listener::Window {
            token: token.clone(),
            origins: ORIGINS.map(str::to_owned).to_vec(),
        },
        serve_client: true,
        tls: None,
    };
    kept.serve(listener, config);
    Ok(WindowAccess {
        url: format!("http://{address}"),
        token,
    })
}

fn still_empty() -> CallError {
    CallError::new(
        Code::Offline,
        "Nothing is in this copy yet: it was begun anew, and the host is away. Open it again when the \
         host is back. The copy from before is in the list, to be read.",
    )
}

/// A sentence made for the person at this computer.
pub(super) fn not_opened(error: &CopyError) -> CallError {
    tracing::warn!(%error, "A copy could not be opened");
    let code = match error {
        CopyError::Open(OpenError::InUse | OpenError::Exists) | CopyError::Hosted => Code::Conflict,
        CopyError::Open(OpenError::Missing) => Code::NotFound,
        CopyError::Open(OpenError::Full) => Code::StorageFull,
        CopyError::Open(_) | CopyError::Identity(_) => Code::Internal,
        CopyError::Session(_) => {
            return CallError::new(Code::Internal, "The session's file could not be used.");
        }
    };
    CallError::new(code, error.to_string())
}
