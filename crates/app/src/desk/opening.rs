//! Opening sessions that are on this computer, and leaving them.

use hearth_protocol::error::CallError;
use hearth_protocol::id::SessionId;
use hearth_protocol::window::{HostRequest, Kind, OpenSession};
use tokio::sync::watch;

use super::Desk;
use super::copy::{OpenCopy, not_opened};
use super::joining::is_open;
use crate::joined::{CopyError, SignOut};

impl Desk {
    /// Opens a session from the list: hosts it as it was hosted last, or opens the copy.
    pub async fn open_session(&self, id: SessionId) -> Result<OpenSession, CallError> {
        let (file, kind) = {
            let files = self.files();
            (files.recent.file(id), files.recent.kind(id))
        };
        if !file.exists() {
            return Err(CallError::not_found("session"));
        }
        if kind == Kind::Hosted {
            let request = self.as_it_was(id).await?;
            return Ok(OpenSession::Hosting(self.host(request).await?));
        }
        let identity = self.own_identity().await?;
        self.cancel_join().await;
        let running = self.running.lock().await;
        let mut open = self.elsewhere.lock().await;
        if running.is_some() || open.is_some() {
            return Err(is_open());
        }
        let copy = match kind {
            Kind::ReadOnly => OpenCopy::look(id, &file).await?,
            Kind::Joined | Kind::Hosted => OpenCopy::open(id, &file, &identity).await?,
        };
        self.elsewhere.watch(&copy, identity);
        self.elsewhere.note(id, copy.name(), kind);
        let joined = copy.describe().await;
        *open = Some(copy);
        Ok(OpenSession::Joined(joined))
    }

    /// What is open at this desk, if anything is.
    pub async fn open_now(&self) -> Option<OpenSession> {
        if let Some(hosting) = self.hosting().await {
            return Some(OpenSession::Hosting(hosting));
        }
        let open = self.elsewhere.lock().await;
        let joined = open.as_ref()?.describe().await;
        Some(OpenSession::Joined(joined))
    }

    /// Each change of what is open that nobody asked for.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.elsewhere.changes()
    }

    /// Leaves somebody else's session. Its copy stays, or goes to the system's trash.
    pub async fn leave(&self, keep: bool) -> Result<(), CallError> {
        self.cancel_join().await;
        let mut open = self.elsewhere.lock().await;
        let Some(copy) = open.take() else {
            return Ok(());
        };
        let id = copy.id;
        // It may have got another name meanwhile.
        let kind = self.files().recent.kind(id);
        self.elsewhere.note(id, copy.name(), kind);
        let sign_out = match keep {
            true => None,
            false => self.sign_out(&copy).await,
        };
        copy.stop().await;
        drop(open);
        if keep {
            return Ok(());
        }
        self.forget(id).await?;
        // Only now: a copy that stays after all could not come back to its host without it.
        if let Some(sign_out) = sign_out {
            sign_out.run().await;
        }
        Ok(())
    }

    async fn sign_out(&self, copy: &OpenCopy) -> Option<SignOut> {
        let identity = self.identity().await.ok()?;
        copy.joined()?.sign_out(&identity).await
    }

    /// Ends whatever is open and whatever is under way: the desk is being closed.
    pub async fn close(&self) {
        if let Err(error) = self.leave(true).await {
            tracing::warn!(%error, "A copy was not closed in good order");
        }
        self.stop().await;
    }

    /// How a session is hosted that is not changed.
    async fn as_it_was(&self, id: SessionId) -> Result<HostRequest, CallError> {
        let file = self.files().recent.file(id);
        let refused = |error: CopyError| not_opened(&error);
        let opened = hearth_store::open(&file).await;
        let (mut writer, _) = opened.map_err(|error| refused(error.into()))?;
        let loaded = writer.load().await;
        let closed = writer.close().await;
        let loaded = closed.and(loaded);
        let loaded = loaded.map_err(|error| refused(CopyError::Open(error.into())))?;
        Ok(HostRequest {
            session: Some(id),
            name: loaded.session.name,
            admission: loaded.session.admission,
            pin: loaded.pin,
            guests: loaded.session.guests,
            browsers: loaded.session.browsers,
        })
    }
}
