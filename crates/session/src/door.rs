//! How somebody becomes known: by invitation, by PIN, as anyone, or by asking the host.
//!
//! A sign-in is a secret of 256 bits of which only the SHA-256 is stored. What is kept here and
//! not in the file (wrong tries, people waiting, the invitations of this run) ends with the run.

mod exchange;
mod invites;
mod knocks;
mod standing;
mod tries;

use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hearth_protocol::digits::{Keys, Nonce};
use hearth_protocol::fingerprint::Fingerprint;
use hearth_protocol::fragment::Fragment;
use hearth_protocol::http::{SignIn, SignedIn};
use hearth_protocol::id::DeviceId;
use hearth_protocol::name::{Color, Name, Pin};
use hearth_protocol::{CallId, KnockId, MemberId, Role};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::answers::{Answers, Remembered};

pub use invites::ShownInvite;
pub(crate) use invites::{Invites, LetsInAs, check_invite};
pub(crate) use knocks::{Asking, Knocks, Outcome, Reveal, declined, mixed_up};
pub(crate) use standing::{check_not_banned, check_not_removed};
pub use tries::counted;
pub(crate) use tries::{Attempt, Tries};

/// A sign-in ends this long after its last use.
pub(crate) const SIGN_IN_LASTS_MS: i64 = 30 * 24 * 60 * 60 * 1_000;
/// The same request with the same secret within this time gets the same answer.
const REPEAT_WITHIN: Duration = Duration::from_secs(120);
/// The most such answers kept.
const MAX_REPEATS: usize = 1_024;

/// Who is at the door.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Where they come from.
    pub address: IpAddr,
    /// An app's link: between which keys. Without one they come by browser or script.
    pub link: Option<Keys>,
    /// The token of an earlier sign-in.
    pub token: Option<String>,
}

impl Caller {
    /// Whether they come by browser, or something like it.
    pub(crate) fn is_guest(&self) -> bool {
        self.link.is_none()
    }
}

/// How it went.
#[derive(Debug, Clone)]
pub enum Admitted {
    /// In.
    In(SignedIn),
    /// The host is being asked.
    Knocking {
        /// Who waits.
        knock: KnockId,
        /// The host's nonce for the six digits, where somebody committed to theirs.
        nonce: Option<Nonce>,
    },
}

/// Somebody who is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Credential {
    /// Who.
    pub member: MemberId,
    /// By which sign-in.
    pub(crate) device: DeviceId,
}

/// Somebody who is let in.
#[derive(Debug, Clone)]
pub(crate) struct Newcomer {
    pub(crate) name: Name,
    pub(crate) color: Option<Color>,
    pub(crate) role: Role,
    /// Whether it is a browser, or something like it.
    pub(crate) guest: bool,
    /// The key of their app, where they come by a link.
    pub(crate) key: Option<Fingerprint>,
    /// Where they come from; nowhere for who sits at this computer.
    pub(crate) address: Option<IpAddr>,
}

/// What is known at the door during one run.
#[derive(Default)]
pub(crate) struct Door {
    pub(crate) knocks: Knocks,
    /// Failed sign-ins.
    pub(crate) tries: Tries,
    /// Knocks with six digits.
    pub(crate) numbers: Tries,
    pub(crate) invites: Invites,
    repeats: Mutex<Vec<Repeat>>,
    /// What hosts were told about their answers to those who waited, and their announcements.
    answers: Mutex<Answers>,
}

struct Repeat {
    key: [u8; 32],
    at: Instant,
    answer: Admitted,
}

/// The hash under which a secret is kept.
pub(crate) fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// A new secret of 256 bits, in URL-safe base64.
pub(crate) fn new_secret() -> String {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the system has randomness once it has started a program");
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Whether `given` is the PIN; takes the same time for every wrong one of its length.
pub(crate) fn is_pin(given: &str, pin: &Pin) -> bool {
    given
        .trim()
        .as_bytes()
        .ct_eq(pin.as_str().as_bytes())
        .into()
}

/// What makes two requests to come in the same.
pub(crate) fn repeat_key(request: &SignIn) -> Option<[u8; 32]> {
    let id = request.id?;
    let secret = request
        .invite
        .as_deref()
        .map(|invite| Fragment::read(invite).secret)
        .or(request.pin.as_deref())
        .unwrap_or_default();
    let commit = request.commit.map(String::from).unwrap_or_default();
    Some(hash(&format!("{id}\n{commit}\n{secret}")))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Door {
    /// The answer to the same request a moment ago.
    pub(crate) fn repeated(&self, key: &[u8; 32]) -> Option<Admitted> {
        let mut repeats = lock(&self.repeats);
        repeats.retain(|repeat| repeat.at.elapsed() < REPEAT_WITHIN);
        repeats
            .iter()
            .find(|repeat| &repeat.key == key)
            .map(|repeat| repeat.answer.clone())
    }

    pub(crate) fn remember(&self, key: [u8; 32], answer: Admitted) {
        let mut repeats = lock(&self.repeats);
        if repeats.len() >= MAX_REPEATS {
            repeats.remove(0);
        }
        repeats.push(Repeat {
            key,
            at: Instant::now(),
            answer,
        });
    }
    /// What this call of a host was answered before.
    pub(crate) fn answered(&self, host: MemberId, id: CallId) -> Option<Remembered> {
        lock(&self.answers).get(host, id).cloned()
    }

    pub(crate) fn remember_answer(&self, host: MemberId, id: CallId, answer: Remembered) {
        let (digest, answer) = answer;
        lock(&self.answers).put(host, id, digest, answer);
    }
}
