//! The sessions of this computer: a file each, and a list of their names, so
//! that the start screen need not open them.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use hearth_protocol::{
    id::SessionId,
    name::Name,
    timestamp::Timestamp,
    window::{Kind, RecentSession},
};
use serde::{Deserialize, Serialize};

use super::kept::Kept;

/// The list and the folder of the session files.
#[derive(Debug)]
pub(super) struct Recent {
    dir: PathBuf,
    list: Kept<Vec<Entry>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Entry {
    id: SessionId,
    name: Name,
    opened_at: Timestamp,
}

impl Recent {
    /// Opens the list in a data directory.
    pub(super) fn open(data: &Path) -> io::Result<Self> {
        let dir = data.join("sessions");
        fs::create_dir_all(&dir)?;
        let list = Kept::open(data.join("recent.json"), Vec::new)?;
        Ok(Self { dir, list })
    }

    /// The file that holds (or will hold) this session.
    pub(super) fn file(&self, id: SessionId) -> PathBuf {
        self.dir.join(format!("{id}.hearth"))
    }

    /// Those whose files are there, the newest first.
    pub(super) fn all(&self) -> Vec<RecentSession> {
        // A session that is opened goes to the end of the list.
        let newest_first = self.list.get().iter().rev();
        newest_first
            .filter_map(|entry| {
                Some(RecentSession {
                    kind: Kind::Hosted,
                    id: entry.id,
                    name: entry.name.clone(),
                    opened_at: entry.opened_at,
                    data_bytes: size_bytes(&self.file(entry.id))?,
                })
            })
            .collect()
    }

    /// Notes that this session is open now, under this name.
    pub(super) fn note(&mut self, id: SessionId, name: Name) -> io::Result<()> {
        let mut list = self.without(id);
        list.push(Entry {
            id,
            name,
            opened_at: now(),
        });
        self.list.set(list)
    }

    /// Moves the session's files to the system's trash, from where they can be
    /// brought back, and takes it off the list.
    pub(super) fn forget(&mut self, id: SessionId) -> Result<(), ForgetError> {
        let files: Vec<PathBuf> = files(&self.file(id)).collect();
        if files.is_empty() {
            return Err(ForgetError::Unknown);
        }
        trash::delete_all(files)?;
        let list = self.without(id);
        Ok(self.list.set(list)?)
    }

    fn without(&self, id: SessionId) -> Vec<Entry> {
        let mut list = self.list.get().clone();
        list.retain(|entry| entry.id != id);
        list
    }
}

/// Why a session could not be forgotten.
#[derive(Debug, thiserror::Error)]
pub(super) enum ForgetError {
    /// There is no such file.
    #[error("the session has no file")]
    Unknown,
    /// This system has no trash, or it does not take the file.
    #[error("the trash does not take it: {0}")]
    Trash(#[from] trash::Error),
    /// The list could not be written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// The session's file, its search index and, after a crash, what SQLite keeps beside them.
fn files(session: &Path) -> impl Iterator<Item = PathBuf> {
    let endings = [
        "",
        "-wal",
        "-shm",
        ".lock",
        ".search",
        ".search-wal",
        ".search-shm",
    ];
    endings
        .map(|ending| {
            let mut path = session.as_os_str().to_owned();
            path.push(ending);
            PathBuf::from(path)
        })
        .into_iter()
        .filter(|path| path.exists())
}

/// What a session takes on disk; `None` when it is not there.
fn size_bytes(session: &Path) -> Option<u64> {
    let main = fs::metadata(session).ok()?.len();
    let wal = session.with_extension("hearth-wal");
    Some(main + fs::metadata(wal).map_or(0, |file| file.len()))
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    Timestamp(since.map_or(0, |since| since.as_millis() as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_session_opened_last_comes_first_and_one_without_a_file_not_at_all() {
        let data = tempfile::tempdir().unwrap();
        let mut recent = Recent::open(data.path()).unwrap();
        let [first, second, gone] = [SessionId::new(), SessionId::new(), SessionId::new()];
        for id in [first, second] {
            fs::write(recent.file(id), "12345").unwrap();
        }
        for (id, name) in [(second, "B"), (first, "A"), (gone, "C"), (second, "B2")] {
            recent.note(id, Name::new(name).unwrap()).unwrap();
        }
        let names = |recent: &Recent| -> Vec<String> {
            recent
                .all()
                .into_iter()
                .map(|session| session.name.into())
                .collect()
        };
        assert_eq!(names(&recent), ["B2", "A"]);
        assert_eq!(names(&Recent::open(data.path()).unwrap()), ["B2", "A"]);
        assert_eq!(recent.all()[0].data_bytes, 5);
    }
}
