//! Loading a note that is to be written to, before the writer is asked to.
//!
//! Putting a long history together takes the processor for a while. The task of the socket that
//! wants to write waits for it; the writer, and with it everybody else, only takes what is ready.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hearth_protocol::NoteKey;
use tokio::sync::oneshot;

use crate::handle::Shared;
use crate::texts::{door_limits, note_at};
use crate::writer::Job;

/// Which notes the writer holds. Only a hint: whether it really does, the writer finds itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Held(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    keys: Mutex<HashSet<NoteKey>>,
    /// One note is loaded at a time, and once however many want to write to it.
    loading: tokio::sync::Mutex<()>,
}

/// A note that was put together beside the writer.
pub(crate) struct Loaded {
    pub(crate) key: NoteKey,
    pub(crate) version: u64,
    pub(crate) note: hearth_text::Note,
}

impl Held {
    pub(crate) fn has(&self, key: NoteKey) -> bool {
        self.keys().contains(&key)
    }

    pub(crate) fn add(&self, key: NoteKey) {
        self.keys().insert(key);
    }

    pub(crate) fn remove(&self, key: NoteKey) {
        self.keys().remove(&key);
    }

    pub(crate) fn clear(&self) {
        self.keys().clear();
    }

    fn keys(&self) -> MutexGuard<'_, HashSet<NoteKey>> {
        self.0.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sees to it that the writer holds the note. When that fails, the writer tries by itself, and
/// says what is wrong to whoever wants to write.
pub(crate) async fn hold(shared: &Shared, key: NoteKey) {
    if shared.held.has(key) {
        return;
    }
    let _one = shared.held.0.loading.lock().await;
    let version = shared
        .state()
        .notes
        .get(&key)
        .map_or(0, |note| note.version);
    // An empty note is made in no time.
    if shared.held.has(key) || version == 0 {
        return;
    }
    let note = note_at(&shared.reader, key, version, door_limits(&shared.limits)).await;
    let Ok(note) = note else { return };
    let (done, taken) = oneshot::channel();
    let loaded = Box::new(Loaded { key, version, note });
    if shared.send(Job::Loaded { loaded, done }).await.is_ok() {
        // An error means that the writer has stopped; the call that follows hears of it.
        let _ = taken.await;
    }
}
