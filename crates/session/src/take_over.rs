//! Hosting what was a copy: its person goes on with it by themselves.

use hearth_protocol::error::{CallError, Code};
use hearth_protocol::http::StoredFile;
use hearth_protocol::id::DeviceId;
use hearth_store::{Reader, Write, Writer as StoreWriter};
use serde_json::Value;

use crate::door::Credential;
use crate::failure::{SessionError, closing};
use crate::feed::{FeedReceiver, Out, Ticket};
use crate::files::WaitingFile;
use crate::handle::{Handle, Options};
use crate::outbox::Waiting;
use crate::{Connection, outbox};

impl Handle {
    /// Opens the session in this file for hosting, also where it is a copy of one that is hosted
    /// elsewhere: then its person is the host from now on, and its history another one than there.
    /// What had waited for that host is carried out first, as far as it can be; what cannot stays
    /// in the file as refused.
    pub async fn take_over(
        mut store: StoreWriter,
        reader: Reader,
        options: Options,
    ) -> Result<Self, SessionError> {
        if store.make_own().await? {
            tracing::info!("a copy is hosted here from now on");
        }
        // Also where an earlier start ended in the middle of it.
        let waiting = outbox::load(&reader).await?;
        let session = Self::open(store, reader, options).await?;
        if !waiting.is_empty()
            && let Err(error) = session.carry_out(waiting).await
        {
            // It is all still there, and tried again at the next start.
            tracing::warn!(%error, "not all that had waited was carried out");
        }
        Ok(session)
    }

    async fn carry_out(&self, waiting: Vec<Waiting>) -> Result<(), CallError> {
        let owner = self.state().owner.ok_or_else(CallError::internal)?;
        let credential = Credential {
            member: owner,
            device: DeviceId::new(),
        };
        let (connection, mut feed) = self.connect(credential, "outbox".to_owned())?;
        for call in waiting {
            let id = call.id;
            let carried_out = match WaitingFile::of(&call) {
                Some(file) => told_of_file(crate::files::add(&self.0, owner, file).await)?,
                None => carry_out_one(&connection, &mut feed, call).await?,
            };
            let write = match carried_out {
                Ok(()) => Write::OutboxDone { id },
                Err(error) => {
                    let code = error.code.as_str();
                    tracing::warn!(code, "something that had waited cannot be carried out");
                    Write::OutboxRefused { id, error }
                }
            };
            self.0.write(write).await?;
        }
        Ok(())
    }
}

/// What became of a file whose bytes are here; an error outside means that it is tried again.
fn told_of_file(added: Result<StoredFile, CallError>) -> Result<Result<(), CallError>, CallError> {
    match added {
        Ok(_) => Ok(Ok(())),
        Err(error) if may_pass(&error) => Err(error),
        Err(error) => Ok(Err(error)),
    }
}

/// Whether it may come out well another time.
fn may_pass(error: &CallError) -> bool {
    error.code == Code::Internal || error.is_disk_full()
}

/// What became of one call; an error outside means that nobody knows.
async fn carry_out_one(
    connection: &Connection,
    feed: &mut FeedReceiver,
    call: Waiting,
) -> Result<Result<(), CallError>, CallError> {
    loop {
        let received = connection.receive(&call.name, call.payload.clone(), Some(Ticket(1)));
        received.map_err(|_| CallError::internal())?;
        let answer = loop {
            if let Out::Answer { answer, .. } = feed.recv().await.map_err(|_| closing())? {
                break answer;
            }
        };
        let answer: Value = serde_json::from_str(answer.get()).unwrap_or_default();
        let Some(error) = answer.get("error") else {
            return Ok(Ok(()));
        };
        let error: CallError =
            serde_json::from_value(error.clone()).unwrap_or_else(|_| CallError::internal());
        match (error.code, error.retry_after_ms) {
            (Code::RateLimited, Some(after)) => {
                tokio::time::sleep(std::time::Duration::from_millis(after)).await;
            }
            _ if may_pass(&error) => return Err(error),
            _ => return Ok(Err(error)),
        }
    }
}
