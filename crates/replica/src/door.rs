//! Coming in: with an invitation, with a PIN, or by asking the host, who sees the same six digits.

mod waiting;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

use hearth_protocol::digits::Nonce;
use hearth_protocol::fingerprint::Fingerprint;
use hearth_protocol::http::{Knocking, SignIn, SignedIn};
use hearth_protocol::name::{Color, Name};
use hearth_protocol::{CallError, CallId, Code};
use http::{Method, StatusCode};

use crate::carrier::ReachError;
use crate::http::{Ask, HttpFailure, ask};
use crate::identity::Identity;
use crate::target::{Target, Trust};

pub use waiting::Waiting;

/// Why somebody did not come in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DoorError {
    /// Nothing answers, something else does, or it holds another key.
    #[error(transparent)]
    Reach(#[from] ReachError),
    /// The connection broke. Nobody is let in twice: it can be tried again.
    #[error("The host's answer did not arrive ({0}).")]
    Lost(String),
    /// The host speaks another version of the protocol than this build.
    #[error("{0}")]
    Version(CallError),
    /// The host wants a PIN, or another one; `tries_left` says how often it may still be wrong.
    #[error("{0}")]
    Pin(CallError),
    /// The invitation is used up or over, or nobody answered the knock in time.
    #[error("{0}")]
    Over(CallError),
    /// The host does not let this person in, or not now (`retry_after_ms`).
    #[error("{0}")]
    Refused(CallError),
    /// The system has no random numbers, without which nobody can be recognised.
    #[error("This computer has no random numbers to offer.")]
    NoRandomNumbers,
}

impl From<HttpFailure> for DoorError {
    fn from(failure: HttpFailure) -> Self {
        match failure {
            HttpFailure::Reach(error) => Self::Reach(error),
            HttpFailure::Lost(why) => Self::Lost(why),
            HttpFailure::Unreadable(address) => Self::Reach(ReachError::NotHearth {
                address,
                why: "its answer cannot be read".to_owned(),
            }),
            HttpFailure::Refused { status, error } => match status {
                _ if error.code == Code::Version => Self::Version(error),
                StatusCode::UNAUTHORIZED => Self::Pin(error),
                StatusCode::GONE => Self::Over(error),
                _ => Self::Refused(error),
            },
        }
    }
}

/// How somebody wants to come in. With neither `pin` nor `invite` the host is asked, unless it lets
/// anyone in.
#[derive(Clone)]
pub struct ComingIn {
    /// What others are to call this person.
    pub name: Name,
    /// Their colour; one is chosen when absent.
    pub color: Option<Color>,
    /// The session's PIN.
    pub pin: Option<String>,
    /// An invitation's secret.
    pub invite: Option<String>,
    /// The credential of an earlier sign-in, which makes this person the same member again.
    pub token: Option<String>,
}

/// What became of it.
#[derive(Debug)]
pub enum Outcome {
    /// In.
    In(Admitted),
    /// The host is being asked.
    Waiting(Waiting),
}

/// Somebody was let in.
#[derive(Clone)]
pub struct Admitted {
    /// The credential, and who it stands for.
    pub signed_in: SignedIn,
    /// The host as it is to be reached from now on: by the key that it showed while letting in.
    pub target: Target,
}

/// A host's door.
#[derive(Debug, Clone)]
pub struct Door {
    target: Target,
    identity: Identity,
    /// What was committed to last and not revealed: an answer that got lost is asked for again with
    /// the same. Once revealed it is never used again, or whoever made the answer get lost could
    /// choose the digits. Never held across an `.await`.
    committed: Arc<Mutex<Option<(CallId, Nonce)>>>,
}

impl Door {
    /// Of this host, for somebody who shows this key.
    pub fn new(target: Target, identity: Identity) -> Self {
        Self {
            target,
            identity,
            committed: Arc::default(),
        }
    }

    /// Asks to be let in.
    pub async fn sign_in(&self, coming: ComingIn) -> Result<Outcome, DoorError> {
        self.sign_in_again(CallId::new(), coming).await
    }

    /// The same, for an answer that may get lost: at one door the same `id` within two minutes gets
    /// the same answer, so nobody becomes two members.
    pub async fn sign_in_again(&self, id: CallId, coming: ComingIn) -> Result<Outcome, DoorError> {
        let nonce = self.commit(id)?;
        let request = SignIn {
            name: coming.name,
            pin: coming.pin,
            invite: coming.invite,
            color: coming.color,
            id: Some(id),
            commit: Some(nonce.commitment()),
        };
        let mut post = Ask::new(Method::POST, "/sign-in").json(&request);
        if let Some(token) = &coming.token {
            post = post.token(token);
        }
        let told = ask(&self.target, &self.identity, post).await?;
        // Whatever comes next is said to this host alone, or the digits would prove nothing.
        let target = self.target.pinned(told.host_key);
        if told.status != StatusCode::ACCEPTED {
            let signed_in = told.read()?;
            return Ok(Outcome::In(Admitted { signed_in, target }));
        }
        let knocking: Knocking = told.read()?;
        *self.committed() = None;
        let waiting = Waiting::reveal(target, self.identity.clone(), knocking, nonce).await?;
        Ok(Outcome::Waiting(waiting))
    }

    fn commit(&self, id: CallId) -> Result<Nonce, DoorError> {
        let mut committed = self.committed();
        if let Some((_, nonce)) = committed.filter(|(committed, _)| *committed == id) {
            return Ok(nonce);
        }
        let mut nonce = [0; 32];
        getrandom::fill(&mut nonce).map_err(|_| DoorError::NoRandomNumbers)?;
        *committed = Some((id, Nonce(nonce)));
        Ok(Nonce(nonce))
    }

    fn committed(&self) -> MutexGuard<'_, Option<(CallId, Nonce)>> {
        let committed = self.committed.lock();
        committed.expect("nothing panics while holding it")
    }

    /// The key that a host shows which is known by none yet: to say whose it might be before
    /// anything else is said to it.
    pub async fn look(&self) -> Result<Option<Fingerprint>, ReachError> {
        let carrier = crate::carrier::Carrier::open(&self.target, &self.identity).await?;
        Ok(carrier.host_key)
    }
}

/// Without the credential.
impl fmt::Debug for Admitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admitted")
            .field("member", &self.signed_in.member.id)
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}

/// Without what opens the door.
impl fmt::Debug for ComingIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ComingIn")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Whether both ends of a connection to `target` can say whose keys they are.
fn has_keys(target: &Target) -> Option<Fingerprint> {
    match target.trust {
        Trust::Pinned(key) => Some(key),
        Trust::AnyKey | Trust::Plain => None,
    }
}

#[cfg(test)]
mod tests {
    use hearth_protocol::fingerprint::Fingerprint;

    use super::*;

    #[test]
    fn an_attempt_commits_to_the_same_until_it_is_revealed_and_never_after() {
        let target = Target::new("127.0.0.1".parse().expect("an address"), Trust::AnyKey);
        let door = Door::new(target, Identity::of_nobody(Fingerprint([7; 32])));
        let (one, other) = (CallId::new(), CallId::new());
        let first = door.commit(one).expect("random numbers");
        assert!(door.commit(one) == Ok(first));
        assert!(door.commit(other) != Ok(first));
        let second = door.commit(one).expect("random numbers");
        *door.committed() = None;
        assert!(door.commit(one) != Ok(second));
    }
}
