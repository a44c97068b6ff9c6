//! Whose turn it is to search.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use hearth_protocol::MemberId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many search at once in one session.
const TURNS: usize = 2;

/// Turns to search. A member has one at most, so nobody who searches without end, from however many
/// sockets, makes others wait for more than one search of theirs.
#[derive(Debug)]
pub(super) struct Turns {
    all: Arc<Semaphore>,
    // Never held across an `.await`.
    members: Mutex<HashMap<MemberId, Arc<Semaphore>>>,
}

/// A turn; dropping it gives it back.
#[derive(Debug)]
pub(super) struct Turn {
    _in_all: OwnedSemaphorePermit,
    _mine: OwnedSemaphorePermit,
}

impl Default for Turns {
    fn default() -> Self {
        Self {
            all: Arc::new(Semaphore::new(TURNS)),
            members: Mutex::default(),
        }
    }
}

impl Turns {
    /// A turn for `member`, once there is one. Nothing only when there will never be one.
    pub(super) async fn take(&self, member: MemberId) -> Option<Turn> {
        let mine = self.of(member).acquire_owned().await.ok()?;
        let in_all = self.all.clone().acquire_owned().await.ok()?;
        Some(Turn {
            _in_all: in_all,
            _mine: mine,
        })
    }

    fn of(&self, member: MemberId) -> Arc<Semaphore> {
        let mut members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever searches or waits holds theirs.
        members.retain(|_, turns| Arc::strong_count(turns) > 1);
        let mine = members
            .entry(member)
            .or_insert_with(|| Arc::new(Semaphore::new(1)));
        mine.clone()
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn one_member_never_has_both_turns_and_others_do_not_queue_behind_theirs() {
        let turns = Turns::default();
        let (ada, bob, eve) = (MemberId::new(), MemberId::new(), MemberId::new());
        let first = turns.take(eve).now_or_never().flatten();
        assert!(first.is_some());
        let mut waiting: Vec<_> = (0..100).map(|_| Box::pin(turns.take(eve))).collect();
        for one in &mut waiting {
            assert!(one.now_or_never().is_none(), "a second turn for one member");
        }
        let theirs = turns.take(ada).now_or_never().flatten();
        assert!(theirs.is_some());
        assert!(turns.take(bob).now_or_never().is_none(), "a third turn");
        drop((first, theirs, waiting));
        assert!(turns.take(bob).now_or_never().flatten().is_some());
        assert_eq!(
            turns.members.lock().unwrap().len(),
            1,
            "nobody is remembered"
        );
    }
}
