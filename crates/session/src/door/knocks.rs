//! People who wait at the door until the host lets them in.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use hearth_protocol::KnockId;
use hearth_protocol::error::{CallError, Code};
use hearth_protocol::http::SignedIn;
use hearth_protocol::name::{Color, Name};
use hearth_protocol::signal::{Knock, KnockState};
use tokio::sync::watch;
use uuid::Uuid;

use super::lock;

/// Whoever has not asked for this long has gone away: a waiting client asks every 25 s.
const SILENT_FOR: Duration = Duration::from_secs(60);
/// Nobody waits longer than this.
const LAPSES_AFTER: Duration = Duration::from_secs(15 * 60);
/// An answer is kept this long for those who have to ask again.
const ANSWER_KEPT: Duration = Duration::from_secs(120);

/// What became of somebody who waited.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    In(Box<SignedIn>),
    Declined,
}

struct Waiting {
    name: Name,
    color: Option<Color>,
    guest: bool,
    address: IpAddr,
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
        Knock {
            knock,
            name: self.name.clone(),
            address: self.address.to_string(),
            code: None,
            state,
        }
    }

    fn still_waits(&self) -> bool {
        self.answered.is_none()
    }
}

/// Everybody at the door.
#[derive(Default)]
pub(crate) struct Knocks(Mutex<HashMap<KnockId, Waiting>>);

/// Somebody the host has answered.
pub(crate) struct Answered {
    pub(crate) name: Name,
    pub(crate) color: Option<Color>,
    pub(crate) guest: bool,
    pub(crate) address: IpAddr,
}

fn lapsed() -> CallError {
    CallError::new(Code::Gone, "Nobody answered in time. Ask again.")
}

impl Knocks {
    /// Somebody begins to wait. Fails when `limit` wait already.
    pub(crate) fn begin(
        &self,
        name: Name,
        color: Option<Color>,
        address: IpAddr,
        guest: bool,
        limit: u64,
    ) -> Result<Knock, CallError> {
        let mut waiting = lock(&self.0);
        if waiting
            .values()
            .filter(|waiting| waiting.still_waits())
            .count() as u64
            >= limit
        {
            return Err(CallError {
                message: "Too many people wait at the door. Try again in a minute.".to_owned(),
                ..CallError::rate_limited(60_000)
            });
        }
        // Not version 7: whoever knows the id gets the answer, so it must not be guessable.
        let id = KnockId(Uuid::new_v4());
        let now = Instant::now();
        let newcomer = Waiting {
            name,
            color,
            guest,
            address,
            since: now,
            asked: now,
            listeners: 0,
            taken: false,
            outcome: watch::Sender::new(None),
            answered: None,
        };
        let knock = newcomer.told(id, KnockState::Waiting);
        waiting.insert(id, newcomer);
        Ok(knock)
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

    /// The host begins to answer. Only one answer counts.
    pub(crate) fn take(&self, id: KnockId) -> Result<Answered, CallError> {
        let mut waiting = lock(&self.0);
        let waiting = waiting
            .get_mut(&id)
            .filter(|waiting| waiting.still_waits() && !waiting.taken)
            .ok_or_else(|| CallError::new(Code::Gone, "Nobody waits under this knock any more."))?;
        waiting.taken = true;
        Ok(Answered {
            name: waiting.name.clone(),
            color: waiting.color.clone(),
            guest: waiting.guest,
            address: waiting.address,
        })
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
        let waiting = waiting.get_mut(&id)?;
        waiting.answered = Some(Instant::now());
        waiting.outcome.send_replace(Some(outcome));
        Some(waiting.told(id, KnockState::Gone))
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

    /// Lets go of those who went away. Answers what the hosts are told.
    pub(crate) fn tidy(&self) -> Vec<Knock> {
        let mut gone = Vec::new();
        lock(&self.0).retain(|id, waiting| {
            if let Some(answered) = waiting.answered {
                return answered.elapsed() < ANSWER_KEPT;
            }
            let away = waiting.listeners == 0 && waiting.asked.elapsed() > SILENT_FOR;
            if away || waiting.since.elapsed() > LAPSES_AFTER {
                gone.push(waiting.told(*id, KnockState::Gone));
                return false;
            }
            true
        });
        gone
    }
}
