//! A session that is only looked at: a backup, or a copy that is not gone on with.

use std::sync::Arc;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use hearth_protocol::error::CallError;
use hearth_protocol::http::StoredFile;
use hearth_protocol::limits::Limits;
use hearth_store::{CopyHost, CopyState, Loaded, Reader, Writer as StoreWriter};
use serde_json::Value;

use crate::authority::{Answering, Authority, NewFile};
use crate::failure::SessionError;
use crate::handle::{Handle, share, start};
use crate::joined::Joined;
use crate::state::State;
use crate::writer::{Writer, relay};

impl Handle {
    /// Opens what is in this file, hosted here or copied, to be read and searched by the person
    /// whose it is, as they saw it last. What waited for a host is shown too. Nothing can be
    /// changed, and no run begins.
    pub async fn look(
        mut store: StoreWriter,
        reader: Reader,
        limits: Limits,
    ) -> Result<Self, SessionError> {
        let mut loaded = store.load().await?;
        let copy = loaded.copy.take().or_else(|| as_copy(&loaded));
        let copy = copy.ok_or(SessionError::NoCopy)?;
        loaded.copy = Some(copy.clone());
        let state = State::new(loaded);
        let waiting = crate::outbox::load(&reader).await?;
        let (joined, sent) = Joined::new(copy.member, Arc::new(Nobody), waiting.len() as u64);
        let joined = Arc::new(joined.looked_at());
        let (shared, jobs) = share(state, &reader, &limits, Some(joined));
        shared.tasks.spawn(relay(shared.clone(), sent));
        let writer =
            Writer::new(shared.clone(), store, reader, limits, jobs).following(waiting, copy);
        Ok(start(shared, writer))
    }
}

/// A session that was hosted here, as if its owner had a copy of it.
fn as_copy(loaded: &Loaded) -> Option<CopyState> {
    Some(CopyState {
        member: loaded.owner?,
        host: CopyHost {
            addresses: Vec::new(),
            fingerprint: None,
            token: String::new(),
        },
        next: loaded.head,
        run: loaded.runs.last().map(|row| row.run),
        pasts: Vec::new(),
        sights: 0,
    })
}

/// Decides nothing.
struct Nobody;

impl Authority for Nobody {
    fn call(&self, _name: &str, _payload: Value) -> Answering {
        std::future::ready(Err(read_only())).boxed()
    }

    fn upload(&self, _file: NewFile) -> BoxFuture<'static, Result<StoredFile, CallError>> {
        std::future::ready(Err(read_only())).boxed()
    }

    fn signal(&self, _event: &str, _payload: Value) {}
}

/// What is said to whoever wants to change something.
pub(crate) fn read_only() -> CallError {
    CallError::forbidden("This copy is only for reading. Open the session itself to write in it.")
}
