//! What of other people's sessions is open at this desk. Tasks that outlive a question of the
//! window hold on to this, and not to the desk.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hearth_protocol::id::SessionId;
use hearth_protocol::name::Name;
use hearth_protocol::window::Kind;
use tokio::sync::{Mutex as AsyncMutex, MutexGuard as AsyncMutexGuard, watch};
use uuid::Uuid;

use super::Files;
use super::copy::OpenCopy;
use crate::identity::Identity;
use crate::joined::JoinedSession;

/// Cheap to clone.
#[derive(Clone)]
pub(super) struct Elsewhere(Arc<Shared>);

struct Shared {
    /// Held while a copy is opened and closed, so that neither happens twice at once.
    open: AsyncMutex<Option<OpenCopy>>,
    files: Arc<Mutex<Files>>,
    /// Counts what the window did not ask for: it has to look what is open now.
    changes: watch::Sender<u64>,
}

impl Elsewhere {
    pub(super) fn new(files: Arc<Mutex<Files>>) -> Self {
        Self(Arc::new(Shared {
            open: AsyncMutex::default(),
            files,
            changes: watch::Sender::new(0),
        }))
    }

    /// The copy that is open.
    pub(super) async fn lock(&self) -> AsyncMutexGuard<'_, Option<OpenCopy>> {
        self.0.open.lock().await
    }

    /// Each change that the window did not ask for.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    /// Where the copies are.
    pub(super) fn folder(&self) -> PathBuf {
        self.files().recent.folder().to_owned()
    }

    /// Notes a session as the one opened last. Without that note it is only missing from the start
    /// screen, which is no reason not to open it.
    pub(super) fn note(&self, id: SessionId, name: Name, kind: Kind) {
        if let Err(error) = self.files().recent.note(id, name, kind) {
            tracing::warn!(%error, "The list of sessions could not be written");
        }
    }

    /// Lists what was set aside among the copies that can be looked at. It has a name as they have,
    /// by which the copy that was begun instead finds it.
    pub(super) fn keep_aside(&self, file: &Path, name: Name) {
        let stem = file.file_stem().and_then(|stem| stem.to_str());
        match stem.and_then(|stem| stem.parse::<Uuid>().ok()) {
            Some(id) => self.note(SessionId(id), name, Kind::ReadOnly),
            None => {
                tracing::warn!(file = %file.display(), "A copy that was set aside is not listed")
            }
        }
    }

    /// Begins anew by itself when the host's history has become another one.
    pub(super) fn watch(&self, copy: &OpenCopy, identity: Identity) {
        let Some(joined) = copy.joined() else {
            return;
        };
        let (elsewhere, id, diverged) = (self.clone(), copy.id, joined.diverged());
        // It ends with the copy.
        drop(tokio::spawn(async move {
            if diverged.await {
                elsewhere.begin_anew(id, &identity).await;
            }
        }));
    }

    async fn begin_anew(&self, id: SessionId, identity: &Identity) {
        let mut open = self.lock().await;
        let is_still_open = open.as_ref().is_some_and(|copy| copy.id == id);
        let copy = if is_still_open { open.take() } else { None };
        let Some(copy) = copy else {
            return;
        };
        let name = copy.name();
        let Some(joined) = copy.into_joined() else {
            return;
        };
        match self.open_anew(joined, id, name, identity).await {
            Ok(copy) => *open = Some(copy),
            Err(error) => tracing::error!(%error, "The new copy could not be opened"),
        }
        drop(open);
        self.0.changes.send_modify(|count| *count += 1);
    }

    async fn open_anew(
        &self,
        joined: JoinedSession,
        id: SessionId,
        name: Name,
        identity: &Identity,
    ) -> anyhow::Result<OpenCopy> {
        // Under the name by which the list knows it, so that the new copy finds it too.
        let file = self.files().recent.file(SessionId::new());
        // Before it is there: whatever happens then, it can be found.
        self.keep_aside(&file, name.clone());
        let joined = joined.begin_anew(&file, identity).await?;
        tracing::info!(session.id = %id, "The host has another history: a new copy was begun");
        // The one that is gone on with stays the one opened last.
        self.note(id, name, Kind::Joined);
        let copy = OpenCopy::serve_joined(id, joined).await;
        let copy = copy.map_err(|error| anyhow::anyhow!(error.message))?;
        self.watch(&copy, identity.clone());
        Ok(copy)
    }

    fn files(&self) -> MutexGuard<'_, Files> {
        // Each change is one assignment after a write: a panic leaves nothing half done.
        self.0.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
