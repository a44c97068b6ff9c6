//! Whole texts for those who open a note: put together once, however many open it together.
//!
//! A class that follows one invitation opens one note in one moment. Each answer is the same, and
//! of a long history it takes tens of milliseconds.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use hearth_protocol::NoteKey;
use hearth_protocol::error::CallError;
use tokio::sync::OnceCell;

/// A text as one Yjs update, or on its way to become one.
type Whole = OnceCell<Arc<[u8]>>;

/// The texts that somebody is waiting for. Nothing is kept for whoever comes later.
#[derive(Debug, Default)]
pub(crate) struct WholeTexts {
    by_note: Mutex<HashMap<NoteKey, (u64, Weak<Whole>)>>,
}

impl WholeTexts {
    /// The text of `key` at `version`: that which others are waiting for already, or what `make`
    /// gives. Where that fails or is given up half way, the next one who waits makes it.
    pub(crate) async fn get<F>(
        &self,
        key: NoteKey,
        version: u64,
        make: impl FnOnce() -> F,
    ) -> Result<Arc<[u8]>, CallError>
    where
        F: Future<Output = Result<Vec<u8>, CallError>>,
    {
        let whole = self.wanted(key, version);
        let made = whole.get_or_try_init(|| async { make().await.map(Arc::from) });
        made.await.cloned()
    }

    fn wanted(&self, key: NoteKey, version: u64) -> Arc<Whole> {
        let mut by_note = self.lock();
        let found = by_note.get(&key).filter(|(of, _)| *of == version);
        if let Some(whole) = found.and_then(|(_, whole)| whole.upgrade()) {
            return whole;
        }
        by_note.retain(|_, (_, whole)| whole.strong_count() > 0);
        let whole = Arc::new(Whole::new());
        by_note.insert(key, (version, Arc::downgrade(&whole)));
        whole
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<NoteKey, (u64, Weak<Whole>)>> {
        // Every change is one insertion or removal, so a panic leaves nothing half done.
        self.by_note.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use futures::future::join_all;
    use tokio::time::sleep;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_text_is_made_once_for_all_who_wait_and_kept_for_nobody() {
        let (texts, made) = (WholeTexts::default(), AtomicU32::new(0));
        let key = NoteKey::from(uuid::Uuid::new_v4());
        let (texts, made) = (&texts, &made);
        let open = |version: u64| {
            texts.get(key, version, move || async move {
                made.fetch_add(1, Ordering::Relaxed);
                sleep(Duration::from_millis(20)).await;
                Ok(vec![version as u8])
            })
        };
        let answers = join_all((0..300).map(|_| open(7))).await;
        assert!(answers.iter().all(|one| one.as_deref() == Ok(&[7][..])));
        assert_eq!(made.load(Ordering::Relaxed), 1);
        // Somebody has written meanwhile.
        assert_eq!(open(8).await.as_deref(), Ok(&[8][..]));
        assert_eq!(open(8).await.as_deref(), Ok(&[8][..]));
        assert_eq!(made.load(Ordering::Relaxed), 3, "nothing is kept");
    }

    #[tokio::test(start_paused = true)]
    async fn a_text_that_could_not_be_made_is_made_by_the_next_who_waits() {
        let texts = WholeTexts::default();
        let key = NoteKey::from(uuid::Uuid::new_v4());
        let fails = texts.get(key, 1, || async {
            sleep(Duration::from_millis(20)).await;
            Err(CallError::internal())
        });
        let succeeds = texts.get(key, 1, || async { Ok(vec![1]) });
        let (first, second) = tokio::join!(fails, succeeds);
        assert!(first.is_err());
        assert_eq!(second.as_deref(), Ok(&[1][..]));
        assert_eq!(texts.lock().len(), 1);
        let other = NoteKey::from(uuid::Uuid::new_v4());
        let made = texts.get(other, 1, || async { Ok(vec![2]) }).await;
        assert!(made.is_ok());
        assert_eq!(texts.lock().len(), 1, "whoever came before is forgotten");
    }
}
