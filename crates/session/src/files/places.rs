//! How many files may be on their way in: for each member, and in all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hearth_protocol::MemberId;
use hearth_protocol::error::CallError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long an upload waits for others to finish before it is told to come back. Many who paste a
/// picture at once are served one after the other and notice nothing.
const WAIT: Duration = Duration::from_secs(10);

/// When a refused upload is to be tried again.
const RETRY_AFTER_MS: u64 = 1_000;

pub(super) struct Places {
    all: Arc<Semaphore>,
    each: u64,
    // Never held across an `.await`.
    taken: Arc<Mutex<HashMap<MemberId, u64>>>,
}

/// A place; dropping it gives it back.
#[derive(Debug)]
pub(super) struct Place {
    _in_all: OwnedSemaphorePermit,
    _mine: Mine,
}

/// A member's share, taken before there is a place: who waits counts too.
#[derive(Debug)]
struct Mine {
    taken: Arc<Mutex<HashMap<MemberId, u64>>>,
    member: MemberId,
}

impl Places {
    pub(super) fn new(all: u64, each: u64) -> Self {
        let all = usize::try_from(all).unwrap_or(usize::MAX);
        Self {
            all: Arc::new(Semaphore::new(all.min(Semaphore::MAX_PERMITS))),
            each,
            taken: Arc::default(),
        }
    }

    /// A place for `member`; waits a while for one.
    pub(super) async fn take(&self, member: MemberId) -> Result<Place, CallError> {
        let mine = self.take_mine(member)?;
        let in_all = tokio::time::timeout(WAIT, self.all.clone().acquire_owned()).await;
        match in_all {
            Ok(Ok(in_all)) => Ok(Place {
                _in_all: in_all,
                _mine: mine,
            }),
            // The semaphore is never closed.
            _ => Err(CallError::rate_limited(RETRY_AFTER_MS)),
        }
    }

    fn take_mine(&self, member: MemberId) -> Result<Mine, CallError> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let mine = taken.entry(member).or_default();
        if *mine >= self.each {
            return Err(CallError::rate_limited(RETRY_AFTER_MS));
        }
        *mine += 1;
        Ok(Mine {
            taken: self.taken.clone(),
            member,
        })
    }
}

impl Drop for Mine {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mine) = taken.get_mut(&self.member) {
            *mine -= 1;
            if *mine == 0 {
                taken.remove(&self.member);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_member_cannot_take_every_place() {
        let places = Places::new(3, 2);
        let (ada, bob) = (MemberId::new(), MemberId::new());
        let first = places.take(ada).await.unwrap();
        let _second = places.take(ada).await.unwrap();
        let refusal = places.take(ada).await.unwrap_err();
        assert_eq!(refusal.retry_after_ms, Some(RETRY_AFTER_MS));
        let _others = places.take(bob).await.unwrap();
        drop(first);
        places.take(ada).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_finds_no_place_waits_a_while_and_leaves_nothing_behind() {
        let places = Places::new(1, 5);
        let (ada, bob) = (MemberId::new(), MemberId::new());
        let first = places.take(ada).await.unwrap();
        assert!(places.take(bob).await.is_err(), "nobody finished in time");
        let finishing = async {
            tokio::time::sleep(WAIT / 2).await;
            drop(first);
        };
        let (taken, ()) = tokio::join!(places.take(bob), finishing);
        drop(taken.unwrap());
        assert!(places.taken.lock().unwrap().is_empty());
    }
}
