//! Small things kept as JSON files: written whole or not at all, and never in
//! the way of starting when they cannot be read.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Serialize, de::DeserializeOwned};

/// A value and the file it is kept in.
#[derive(Debug)]
pub(super) struct Kept<T> {
    path: PathBuf,
    value: T,
}

impl<T: Serialize + DeserializeOwned> Kept<T> {
    /// Reads the file, or makes the value and writes it. A file that cannot be
    /// understood is set aside, because somebody may want it back.
    pub(super) fn open(path: PathBuf, make: impl FnOnce() -> T) -> io::Result<Self> {
        let read = match fs::read(&path) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if let Some(bytes) = read {
            match serde_json::from_slice(&bytes) {
                Ok(value) => return Ok(Self { path, value }),
                Err(error) => {
                    tracing::warn!(%error, file = %path.display(), "Cannot be read: set aside");
                    fs::rename(&path, path.with_extension("unreadable"))?;
                }
            }
        }
        let value = make();
        write_whole(&path, &value)?;
        Ok(Self { path, value })
    }

    /// The value.
    pub(super) fn get(&self) -> &T {
        &self.value
    }

    /// Replaces the value once the new one is on disk.
    pub(super) fn set(&mut self, value: T) -> io::Result<()> {
        write_whole(&self.path, &value)?;
        self.value = value;
        Ok(())
    }
}

/// Writes beside the file and then takes its place, so that a crash leaves the
/// old file or the new one, never half of one.
fn write_whole(path: &Path, value: &impl Serialize) -> io::Result<()> {
    let mut json = serde_json::to_vec_pretty(value)?;
    json.push(b'\n');
    let beside = path.with_extension("new");
    let mut file = fs::File::create(&beside)?;
    io::Write::write_all(&mut file, &json)?;
    file.sync_all()?;
    fs::rename(beside, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_set_is_there_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("number.json");
        let mut kept = Kept::open(path.clone(), || 1).unwrap();
        kept.set(2).unwrap();
        assert_eq!(*Kept::open(path, || 1).unwrap().get(), 2);
    }

    #[test]
    fn a_file_that_cannot_be_read_is_set_aside_and_not_lost() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("number.json");
        fs::write(&path, "{ no number").unwrap();
        assert_eq!(*Kept::open(path.clone(), || 1).unwrap().get(), 1);
        let aside = fs::read_to_string(dir.path().join("number.unreadable")).unwrap();
        assert_eq!(aside, "{ no number");
    }
}
