//! Files of rooms: taken in and given out beside the writer, which only ever sees one part at a
//! time.
//!
//! A file that comes in is held in memory until it is whole and its hash is known; how many may is
//! bounded. Then the writer is asked to add it. If its bytes are not in the session file yet, they
//! are written part by part, each with a round of the writer's, and the writer is asked again. The
//! fact comes after the bytes, so what has been told of can be fetched.

mod download;
mod kind;
mod places;
mod upload;
mod waiting;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hearth_protocol::FileHash;
use hearth_protocol::limits::Limits;
use tokio::sync::{Notify, Semaphore};

use crate::handle::Shared;
use places::Places;

pub use download::Download;
pub use upload::Upload;
pub(crate) use upload::in_mib;
pub(crate) use waiting::{WaitingFile, add, bytes, pend};

/// How many parts are read from the session file at once. Lists and pages are read by the same few
/// connections and must not wait behind a room full of pictures.
const READS: usize = 2;

/// What those who bring and fetch files share.
pub(crate) struct Files {
    places: Places,
    reads: Semaphore,
    /// Contents on their way in, with how many bring each: no sweep takes them for left over.
    kept: Mutex<HashMap<FileHash, usize>>,
    /// There may be bytes that no room has.
    pub(crate) loose: Notify,
}

impl Files {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            places: Places::new(limits.uploads, limits.uploads_per_member),
            reads: Semaphore::new(READS),
            kept: Mutex::default(),
            loose: Notify::new(),
        }
    }

    /// Contents that are on their way in.
    pub(crate) fn kept(&self) -> Vec<FileHash> {
        self.lock().keys().copied().collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<FileHash, usize>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps a content from being swept away until it is dropped.
pub(crate) struct Keep {
    shared: Arc<Shared>,
    hash: FileHash,
}

impl Keep {
    pub(crate) fn new(shared: &Arc<Shared>, hash: FileHash) -> Self {
        *shared.files.lock().entry(hash).or_default() += 1;
        Self {
            shared: shared.clone(),
            hash,
        }
    }
}

impl Drop for Keep {
    fn drop(&mut self) {
        let mut kept = self.shared.files.lock();
        if let Some(count) = kept.get_mut(&self.hash) {
            *count -= 1;
            if *count == 0 {
                kept.remove(&self.hash);
            }
        }
    }
}
