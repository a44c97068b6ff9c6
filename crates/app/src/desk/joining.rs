//! Joining from this desk.

use std::path::Path;
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use hearth_protocol::error::{CallError, Code};
use hearth_protocol::window::{JoinError, JoinFailure, JoinRequest, JoinStep};
use hearth_replica::Address;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::copy::OpenCopy;
use super::elsewhere::Elsewhere;
use super::{Desk, Kind};
use crate::identity::Identity;
use crate::joining::{Arrived, Place, Refusal, Request, Steps, join};

/// The window asks again after this long at the latest, so that a page that was reloaded is not
/// waited for.
const ANSWER_WITHIN: Duration = Duration::from_secs(25);

/// A host announces a few addresses; more is nonsense.
const MOST_ADDRESSES: usize = 8;

/// Joining that is under way, or how it ended.
pub(super) struct Joining {
    steps: watch::Receiver<JoinStep>,
    cancel: CancellationToken,
    task: JoinHandle<()>,
}

impl Desk {
    /// Begins to join; one that is under way is given up. [`Desk::join_progress`] says what comes
    /// of it.
    pub async fn join(&self, request: JoinRequest) -> Result<JoinStep, CallError> {
        self.cancel_join().await;
        let running = self.running.lock().await;
        if running.is_some() || self.elsewhere.lock().await.is_some() {
            return Err(is_open());
        }
        let address = request.address.clone();
        let request = match self.read(request) {
            Ok(request) => request,
            Err(error) => return Ok(failed(error, address)),
        };
        let identity = self.own_identity().await?;
        let (tell, mut steps) = watch::channel(JoinStep::Connecting);
        let first = steps.borrow_and_update().clone();
        let cancel = CancellationToken::new();
        let going = Going {
            request,
            identity,
            elsewhere: self.elsewhere.clone(),
            cancel: cancel.clone(),
        };
        *self.joining() = Some(Joining {
            steps,
            cancel,
            task: tokio::spawn(going.run(tell)),
        });
        Ok(first)
    }

    /// How far joining has come, as soon as that is something else than what was answered before;
    /// after 25 s in any case.
    pub async fn join_progress(&self) -> Result<JoinStep, CallError> {
        let nothing = || CallError::not_found("session that is being joined");
        let joining = self.joining().as_ref().map(|joining| joining.steps.clone());
        let mut steps = joining.ok_or_else(nothing)?;
        // Its sender is gone once joining has ended; what it said last stays.
        let _ = timeout(ANSWER_WITHIN, steps.changed()).await;
        let step = steps.borrow_and_update().clone();
        if let Some(joining) = self.joining().as_mut()
            && joining.steps.same_channel(&steps)
        {
            joining.steps = steps;
        }
        Ok(step)
    }

    /// Gives up joining; done when nothing of it goes on. What was copied stays for another time.
    pub async fn cancel_join(&self) {
        let joining = self.joining().take();
        if let Some(joining) = joining {
            joining.cancel.cancel();
            if let Err(error) = joining.task.await {
                tracing::error!(%error, "Joining ended in a panic");
            }
        }
    }

    fn read(&self, request: JoinRequest) -> Result<Request, JoinError> {
        let profile = self.files().profile.get().clone();
        let mut read =
            Request::read(&request.address, profile.name).map_err(|error| JoinError {
                reason: JoinFailure::Address,
                address: request.address.clone(),
                message: error.to_string(),
                retry_after_ms: None,
            })?;
        let addresses = &mut read.invitation.target.addresses;
        for also in &request.also {
            // What cannot be read was announced by somebody who cannot be reached.
            if let Ok(also) = also.parse::<Address>()
                && addresses.len() < MOST_ADDRESSES
                && !addresses.contains(&also)
            {
                addresses.push(also);
            }
        }
        read.color = Some(profile.color);
        read.key = request.key;
        read.pin = request.pin;
        Ok(read)
    }

    pub(super) fn joining(&self) -> MutexGuard<'_, Option<Joining>> {
        // It holds what is under way, and nothing panics while it changes.
        self.joining.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is open already has to be closed first.
pub(super) fn is_open() -> CallError {
    CallError::new(
        Code::Conflict,
        "A session is open already. Leave it or stop it first.",
    )
}

fn failed(error: JoinError, address: String) -> JoinStep {
    JoinStep::Failed {
        error: JoinError { address, ..error },
    }
}

/// The task that joins.
struct Going {
    request: Request,
    identity: Identity,
    elsewhere: Elsewhere,
    cancel: CancellationToken,
}

impl Going {
    async fn run(self, steps: Steps) {
        let elsewhere = self.elsewhere.clone();
        let list = move |file: &Path, name| elsewhere.keep_aside(file, name);
        let place = Place::Folder(self.elsewhere.folder(), Box::new(list));
        let joined = join(&self.request, &place, &self.identity, &steps, &self.cancel).await;
        let last = match joined {
            Ok(arrived) => self.arrive(arrived).await,
            Err(Refusal::Pin { session, error }) => JoinStep::Pin {
                session,
                tries_left: error.tries_left.filter(|_| self.request.pin.is_some()),
            },
            Err(refusal) => {
                let error = refusal.told(self.request.address());
                tracing::info!(reason = ?error.reason, "A session was not joined");
                JoinStep::Failed { error }
            }
        };
        steps.send_replace(last);
    }

    /// Shows the copy in the window.
    async fn arrive(&self, arrived: Arrived) -> JoinStep {
        let session = arrived.session;
        let state = session.session().state();
        let (id, name) = (state.session().id, state.session().name.clone());
        self.elsewhere.note(id, name, Kind::Joined);
        let mut open = self.elsewhere.lock().await;
        match OpenCopy::serve_joined(id, session).await {
            Ok(copy) => {
                let joined = copy.describe().await;
                self.elsewhere.watch(&copy, self.identity.clone());
                *open = Some(copy);
                JoinStep::Joined(joined)
            }
            Err(error) => JoinStep::Failed {
                error: JoinError {
                    reason: JoinFailure::Other,
                    address: self.request.address(),
                    message: error.message,
                    retry_after_ms: None,
                },
            },
        }
    }
}

#[cfg(test)]
mod tests;
