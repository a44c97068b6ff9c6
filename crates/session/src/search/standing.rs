//! What searches and the index's keeper know of each other.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hearth_protocol::error::{CallError, Code};
use hearth_store::SearchReader;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use super::getting_ready;
use super::turns::Turns;

/// How long a search waits for the index; then it makes do with what is in it.
const CATCH_UP_WITHIN: Duration = Duration::from_secs(1);
/// Typing has paused when nobody has typed for this long.
const PAUSE: Duration = Duration::from_millis(1_500);
/// What is typed without a pause is indexed after this long.
const LONGEST: Duration = Duration::from_secs(10);
/// Messages and titles wait this long for company.
const COMPANY: Duration = Duration::from_millis(200);

/// Searching, as the session shares it.
pub(crate) struct Search {
    heard: Mutex<Heard>,
    pub(super) wake: Notify,
    pub(super) standing: watch::Sender<Standing>,
    pub(super) turns: Turns,
}

/// How the index stands.
#[derive(Clone, Default)]
pub(super) struct Standing {
    /// Answers searches; nothing while there is no index.
    pub(super) index: Option<SearchReader>,
    /// Up to which fact titles and messages are in it.
    pub(super) seq: u64,
    /// Whether everything that was there at the beginning is in it.
    pub(super) complete: bool,
    /// It cannot be written.
    pub(super) unwritable: bool,
}

/// What is not in the index yet.
#[derive(Default)]
struct Heard {
    /// When something other than texts is due.
    other: Option<Instant>,
    /// Since when texts, and when one was changed last.
    texts: Option<(Instant, Instant)>,
    /// A search found the file to be damaged.
    damaged: bool,
}

/// What the keeper does next.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    /// Titles and messages, at this time.
    Other(Instant),
    /// Texts, at this time.
    Texts(Instant),
    /// A new file, at once.
    Anew,
    /// Nothing.
    Nothing,
}

impl Default for Search {
    fn default() -> Self {
        Self {
            heard: Mutex::default(),
            wake: Notify::new(),
            standing: watch::Sender::default(),
            turns: Turns::default(),
        }
    }
}

impl Search {
    /// The writer has committed facts: changes of `texts`, and `other` ones.
    pub(crate) fn heard(&self, texts: bool, other: bool) {
        let now = Instant::now();
        let mut heard = self.lock();
        // The keeper looks at the clock itself; it is woken only by what it does not wait for yet.
        let news = (texts && heard.texts.is_none()) || (other && heard.other.is_none());
        if texts {
            let since = heard.texts.map_or(now, |(since, _)| since);
            heard.texts = Some((since, now));
        }
        if other {
            heard.other.get_or_insert(now + COMPANY);
        }
        drop(heard);
        if news {
            self.wake.notify_one();
        }
    }

    /// A search found the file to be damaged.
    pub(super) fn is_damaged(&self) {
        self.lock().damaged = true;
        self.wake.notify_one();
    }

    /// What is to be done next.
    pub(super) fn due(&self) -> Due {
        let heard = self.lock();
        if heard.damaged {
            return Due::Anew;
        }
        let texts = heard
            .texts
            .map(|(since, last)| (last + PAUSE).min(since + LONGEST));
        match (heard.other, texts) {
            (Some(other), Some(texts)) if texts < other => Due::Texts(texts),
            (Some(other), _) => Due::Other(other),
            (None, Some(texts)) => Due::Texts(texts),
            (None, None) => Due::Nothing,
        }
    }

    /// Titles and messages are being indexed; what comes from now on is for the next time.
    pub(super) fn takes_other(&self) {
        self.lock().other = None;
    }

    /// Texts are being indexed; what comes from now on is for the next time.
    pub(super) fn takes_texts(&self) {
        self.lock().texts = None;
    }

    /// The file is being made anew.
    pub(super) fn takes_damage(&self) {
        self.lock().damaged = false;
    }

    /// The index, with titles and messages up to fact `head` if that can be had soon, and whether
    /// all texts were read in.
    pub(super) async fn caught_up(&self, head: u64) -> Result<(SearchReader, bool), CallError> {
        let mut standing = self.standing.subscribe();
        if standing.borrow().seq < head {
            self.lock().other = Some(Instant::now());
            self.wake.notify_one();
        }
        let ready = standing.wait_for(|now| now.unwritable || (now.complete && now.seq >= head));
        // Too late, it makes do with what there is.
        let _ = tokio::time::timeout(CATCH_UP_WITHIN, ready).await;
        let now = self.standing.borrow();
        match &now.index {
            // Nothing was ever written into it.
            Some(_) if now.unwritable && now.seq == 0 => Err(unwritable()),
            Some(index) => Ok((index.clone(), now.complete && !now.unwritable)),
            None if now.unwritable => Err(unwritable()),
            None => Err(getting_ready()),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unwritable() -> CallError {
    CallError::new(
        Code::StorageFull,
        "The host cannot search: its disk is full or its place read-only. Everything else goes on; make room there, then search again.",
    )
}
