//! One process at a time: SQLite would let two write in turns, and each would number its own facts.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::error::OpenError;

/// Held while the session file is open. The system lets go of it when the process ends, however it
/// ends. The lock file itself stays: deleting it could let two processes lock two files of one name.
#[derive(Debug)]
pub(crate) struct FileLock {
    file: File,
}

impl Drop for FileLock {
    fn drop(&mut self) {
        // Closing the file would not be enough while a process that was started at this very moment
        // still has a copy of it.
        let _ = self.file.unlock();
    }
}

impl FileLock {
    /// Takes the lock of the session file `path`, or fails at once.
    pub(crate) fn take(path: &Path) -> Result<Self, OpenError> {
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(beside(path, ".lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { file }),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }
}

/// The path of a file that belongs to `path`: its name with `suffix` after it.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
