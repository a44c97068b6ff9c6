//! Waiting at the door until the host has decided.

use std::fmt;
use std::time::Duration;

use hearth_protocol::KnockId;
use hearth_protocol::digits::{Keys, Nonce, digits};
use hearth_protocol::http::{Knocking, Reveal};
use http::{Method, StatusCode};
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::{Admitted, DoorError, has_keys};
use crate::carrier::ReachError;
use crate::http::{Ask, HttpFailure, ask};
use crate::identity::Identity;
use crate::target::Target;

/// The host answers after 25 s when nothing was decided.
const ROUND_WITHIN: Duration = Duration::from_secs(35);

/// A host that answers at once every time is not asked faster than this.
const ROUND_AT_LEAST: Duration = Duration::from_secs(1);

/// A network that fails for a moment is no decision of the host's.
const LOST_AT_MOST: Duration = Duration::from_secs(60);

const AGAIN_AFTER: Duration = Duration::from_secs(1);

const GIVE_UP_WITHIN: Duration = Duration::from_secs(5);

/// Somebody who waits. Dropping it before the host has decided gives up: the host is told.
pub struct Waiting {
    digits: Option<String>,
    knock: Knock,
}

struct Knock {
    target: Target,
    identity: Identity,
    id: KnockId,
    is_open: bool,
}

impl Waiting {
    /// Shows the host our nonce, after it has shown its own.
    pub(super) async fn reveal(
        target: Target,
        identity: Identity,
        knocking: Knocking,
        nonce: Nonce,
    ) -> Result<Self, DoorError> {
        let keys = match has_keys(&target) {
            Some(host) => Keys {
                host,
                joiner: identity.fingerprint(),
            },
            None => Keys::UNKNOWN,
        };
        let knock = Knock {
            target,
            identity,
            id: knocking.knock,
            is_open: true,
        };
        let mut digits_shown = None;
        if let Some(host) = knocking.nonce {
            let reveal = Ask::new(Method::POST, knock.path()).json(&Reveal { reveal: nonce });
            ask(&knock.target, &knock.identity, reveal).await?;
            digits_shown = Some(digits(&keys, &host, &nonce));
        }
        Ok(Self {
            digits: digits_shown,
            knock,
        })
    }

    /// What both screens show, such as `042917`; nothing where the host knows no digits.
    pub fn digits(&self) -> Option<&str> {
        self.digits.as_deref()
    }

    /// Waits until the host has decided. A network that fails for less than a minute is waited out.
    pub async fn wait(&mut self) -> Result<Admitted, DoorError> {
        let mut lost_since = None;
        loop {
            let began = Instant::now();
            let get = Ask::new(Method::GET, self.knock.path()).within(ROUND_WITHIN);
            match ask(&self.knock.target, &self.knock.identity, get).await {
                Ok(told) if told.status == StatusCode::ACCEPTED => {
                    lost_since = None;
                    sleep_until(began + ROUND_AT_LEAST).await;
                }
                Ok(told) => {
                    let signed_in = told.read()?;
                    self.knock.is_open = false;
                    let target = self.knock.target.clone();
                    return Ok(Admitted { signed_in, target });
                }
                Err(failure) if is_passing(&failure) => {
                    let since = *lost_since.get_or_insert(began);
                    if since.elapsed() > LOST_AT_MOST {
                        return Err(failure.into());
                    }
                    sleep(AGAIN_AFTER).await;
                }
                Err(failure) => {
                    self.knock.is_open = !matches!(failure, HttpFailure::Refused { .. });
                    return Err(failure.into());
                }
            }
        }
    }

    /// Gives up, and waits until the host knows.
    pub async fn cancel(mut self) {
        self.knock.is_open = false;
        self.knock.give_up().await;
    }
}

/// Whether asking again may help.
fn is_passing(failure: &HttpFailure) -> bool {
    match failure {
        HttpFailure::Lost(_) | HttpFailure::Reach(ReachError::NoAnswer { .. }) => true,
        HttpFailure::Refused { status, .. } => {
            *status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error()
        }
        HttpFailure::Reach(_) | HttpFailure::Unreadable(_) => false,
    }
}

impl Knock {
    fn path(&self) -> String {
        format!("/sign-in/{}", self.id)
    }

    fn give_up(&self) -> impl Future<Output = ()> + Send + 'static {
        let delete = Ask::new(Method::DELETE, self.path());
        let (target, identity) = (self.target.clone(), self.identity.clone());
        async move {
            let asking = ask(&target, &identity, delete);
            // A host that was not told lets the knock lapse.
            if !matches!(timeout(GIVE_UP_WITHIN, asking).await, Ok(Ok(_))) {
                tracing::debug!("the host could not be told that nobody waits any more");
            }
        }
    }
}

impl Drop for Knock {
    fn drop(&mut self) {
        if !self.is_open {
            return;
        }
        if let Ok(runtime) = Handle::try_current() {
            // Nobody waits for it, and it ends by itself after seconds.
            drop(runtime.spawn(self.give_up()));
        }
    }
}

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting")
            .field("knock", &self.knock.id)
            .finish_non_exhaustive()
    }
}
