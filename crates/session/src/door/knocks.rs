//! People who wait at the door until the host lets them in.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use hearth_protocol::KnockId;
use hearth_protocol::digits::{Commitment, Keys, Nonce};
use hearth_protocol::error::{CallError, Code};
use hearth_protocol::http::SignedIn;
use hearth_protocol::limits::Limits;
use hearth_protocol::name::{Color, Name};
use hearth_protocol::signal::{Knock, KnockState};
use tokio::sync::watch;
use uuid::Uuid;

use super::exchange::{Exchange, Revealed};
use super::lock;

/// An answer is kept this long for those who have to ask again.
const ANSWER_KEPT: Duration = Duration::from_secs(120);

/// What became of somebody who waited.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    In(Box<SignedIn>),
    Declined,
    /// What they revealed was not what they had committed to.
    MixedUp,
}

/// Somebody who asks to be let in.
#[derive(Debug, Clone)]
pub(crate) struct Asking {
    pub(crate) name: Name,
    pub(crate) color: Option<Color>,
    pub(crate) address: IpAddr,
    /// An app's link: between which keys.
    pub(crate) link: Option<Keys>,
}

struct Waiting {
    who: Asking,
    /// Six digits are being made, or shown, on both screens.
    exchange: Option<Exchange>,
    since: Instant,
    asked: Instant,
    listeners: usize,
    /// The host is letting them in just now.
    taken: bool,
    outcome: watch::Sender<Option<Outcome>>,
    answered: Option<Instant>,
}

impl Waiting {
    fn told(&self, knock: KnockId, state: KnockState) -> Knock {
        let code = self.exchange.as_ref().and_then(Exchange::code);
        Knock {
            knock,
            name: self.who.name.clone(),
            address: self.who.address.to_string(),
            code: code.map(str::to_owned),
            state,
        }
    }

    fn still_waits(&self) -> bool {
        self.answered.is_none()
    }

    fn end(&mut self, id: KnockId, outcome: Outcome) -> Knock {
        self.answered = Some(Instant::now());
        self.outcome.send_replace(Some(outcome));
        self.told(id, KnockState::Gone)
    }
}

/// Everybody at the door.
#[derive(Default)]
pub(crate) struct Knocks(Mutex<HashMap<KnockId, Waiting>>);

/// What a reveal has come to, and what hosts are to be told of it.
#[derive(Debug)]
pub(crate) enum Reveal {
    /// The digits are known.
    Shown(Knock),
    /// They were before.
    Again,
    /// It was the wrong one; the knock ended by that unless it had been answered.
    Wrong(Option<Knock>),
}

fn nobody_waits() -> CallError {
    CallError::new(Code::Gone, "Nobody waits under this knock any more.")
}

fn lapsed() -> CallError {
    CallError::new(Code::Gone, "Nobody answered in time. Ask again.")
}

impl Knocks {
    /// Somebody begins to wait; with a commitment, six digits are made on the way, and the answer
    /// has the host's nonce for them. Fails when `limit` wait already.
    pub(crate) fn begin(
        &self,
        who: Asking,
        commitment: Option<Commitment>,
        limit: u64,
    ) -> Result<(Knock, Option<Nonce>), CallError> {
        let mut waiting = lock(&self.0);
        let waiting_now = waiting.values().filter(|waiting| waiting.still_waits());
        if waiting_now.count() as u64 >= limit {
            return Err(CallError {
                message: "Too many people wait at the door. Try again in a minute.".to_owned(),
                ..CallError::rate_limited(60_000)
            });
        }
        // Not version 7: whoever knows the id gets the answer, so it must not be guessable.
        let id = KnockId(Uuid::new_v4());
        let now = Instant::now();
        let keys = who.link.unwrap_or(Keys::UNKNOWN);
        let exchange = commitment.map(|commitment| Exchange::begin(commitment, keys));
        let nonce = exchange.as_ref().map(Exchange::nonce);
        let newcomer = Waiting {
            who,
            exchange,
            since: now,
            asked: now,
            listeners: 0,
            taken: false,
            outcome: watch::Sender::new(None),
            answered: None,
        };
        let knock = newcomer.told(id, KnockState::Waiting);
        waiting.insert(id, newcomer);
        Ok((knock, nonce))
    }

    /// The joiner shows the nonce they had committed to. A wrong one ends the knock: somebody has
    /// changed what was said, or tries numbers out.
    pub(crate) fn reveal(&self, id: KnockId, nonce: Nonce) -> Result<Reveal, CallError> {
        let mut all = lock(&self.0);
        let waiting = all.get_mut(&id).ok_or_else(lapsed)?;
        match *waiting.outcome.borrow() {
            // A 403 would say that the nonce is wrong; whoever waits hears the host's answer.
            Some(Outcome::Declined) => return Err(nobody_waits()),
            Some(Outcome::MixedUp) => return Err(mixed_up()),
            Some(Outcome::In(_)) | None => {}
        }
        let exchange = waiting.exchange.as_mut().ok_or_else(|| {
            CallError::bad_request(
                "This knock began without a `commit`: nothing is to be revealed.",
            )
        })?;
        waiting.asked = Instant::now();
        Ok(match exchange.reveal(nonce) {
            Revealed::Now => Reveal::Shown(waiting.told(id, KnockState::Waiting)),
            Revealed::Again => Reveal::Again,
            Revealed::Wrong if waiting.still_waits() && !waiting.taken => {
                Reveal::Wrong(Some(waiting.end(id, Outcome::MixedUp)))
            }
            Revealed::Wrong => Reveal::Wrong(None),
        })
    }

    /// Where the answer will come.
    pub(crate) fn listen(
        &self,
        id: KnockId,
    ) -> Result<watch::Receiver<Option<Outcome>>, CallError> {
        let mut waiting = lock(&self.0);
        let waiting = waiting.get_mut(&id).ok_or_else(lapsed)?;
        waiting.asked = Instant::now();
        waiting.listeners += 1;
        Ok(waiting.outcome.subscribe())
    }

    /// A client stopped listening, for now or for good.
    pub(crate) fn stopped_listening(&self, id: KnockId) {
        if let Some(waiting) = lock(&self.0).get_mut(&id) {
            waiting.asked = Instant::now();
            waiting.listeners = waiting.listeners.saturating_sub(1);
        }
    }

    /// The host begins to answer. Only one answer counts, and nobody is let in before the digits
    /// that were agreed on are on both screens.
    pub(crate) fn take(&self, id: KnockId, admit: bool) -> Result<Asking, CallError> {
        let mut waiting = lock(&self.0);
        let waiting = waiting
            .get_mut(&id)
            .filter(|waiting| waiting.still_waits() && !waiting.taken)
            .ok_or_else(nobody_waits)?;
        let exchange = waiting.exchange.as_ref();
        if admit && exchange.is_some_and(|exchange| exchange.code().is_none()) {
            return Err(CallError::new(
                Code::Conflict,
                "Their six digits are not on your screen yet. Wait for them, compare, then let \
                 them in.",
            ));
        }
        waiting.taken = true;
        Ok(waiting.who.clone())
    }

    /// Letting them in failed; they wait on.
    pub(crate) fn put_back(&self, id: KnockId) {
        if let Some(waiting) = lock(&self.0).get_mut(&id) {
            waiting.taken = false;
        }
    }

    /// Tells the one who waits. Answers what the hosts are told.
    pub(crate) fn finish(&self, id: KnockId, outcome: Outcome) -> Option<Knock> {
        let mut waiting = lock(&self.0);
        waiting.get_mut(&id).map(|waiting| waiting.end(id, outcome))
    }

    /// Somebody gives up.
    pub(crate) fn give_up(&self, id: KnockId) -> Option<Knock> {
        let mut all = lock(&self.0);
        all.get(&id).filter(|waiting| waiting.still_waits())?;
        all.remove(&id)
            .map(|waiting| waiting.told(id, KnockState::Gone))
    }

    /// Those who wait, the oldest first.
    pub(crate) fn waiting(&self) -> Vec<Knock> {
        let all = lock(&self.0);
        let mut waiting: Vec<_> = all
            .iter()
            .filter(|(_, waiting)| waiting.still_waits())
            .collect();
        waiting.sort_by_key(|(_, waiting)| waiting.since);
        waiting
            .into_iter()
            .map(|(id, one)| one.told(*id, KnockState::Waiting))
            .collect()
    }

    /// Lets go of those who went away, and of those whom nobody answered. Answers what the hosts
    /// are told.
    pub(crate) fn tidy(&self, limits: &Limits) -> Vec<Knock> {
        let silent_for = Duration::from_millis(limits.knock_silent_ms);
        let lapses_after = Duration::from_millis(limits.knock_lapses_ms);
        let mut gone = Vec::new();
        lock(&self.0).retain(|id, waiting| {
            if let Some(answered) = waiting.answered {
                return answered.elapsed() < ANSWER_KEPT;
            }
            let away = waiting.listeners == 0 && waiting.asked.elapsed() > silent_for;
            // Whoever is being let in just now is not sent away.
            if (away || waiting.since.elapsed() > lapses_after) && !waiting.taken {
                gone.push(waiting.told(*id, KnockState::Gone));
                return false;
            }
            true
        });
        gone
    }
}

/// The host said no.
pub(crate) fn declined() -> CallError {
    CallError::forbidden("The host declined.")
}

/// What was revealed was not what had been committed to.
pub(crate) fn mixed_up() -> CallError {
    CallError::forbidden(
        "What was revealed is not what was committed to, so the digits would prove nothing. Ask \
         again; if it happens again, somebody may be between you and the host.",
    )
}
