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
use crate::joined::take_places;

/// The list and the folder of the session files.
#[derive(Debug)]
pub(super) struct Recent {
    dir: PathBuf,
    list: Kept<Vec<Entry>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Entry {
    /// The session's, or for a copy that is only looked at one of its own: there may be several,
    /// and the session itself beside them.
    id: SessionId,
    name: Name,
    opened_at: Timestamp,
    #[serde(default)]
    kind: Kind,
}

impl Recent {
    /// Opens the list in a data directory.
    pub(super) fn open(data: &Path) -> io::Result<Self> {
        let dir = data.join("sessions");
        fs::create_dir_all(&dir)?;
        // A copy may have been on its way into the place of another one.
        take_places(&dir)?;
        let list = Kept::open(data.join("recent.json"), Vec::new)?;
        Ok(Self { dir, list })
    }

    /// Where the files are.
    pub(super) fn folder(&self) -> &Path {
        &self.dir
    }

    /// Whose this session is; hosted here unless it is known otherwise.
    pub(super) fn kind(&self, id: SessionId) -> Kind {
        let known = self.list.get().iter().find(|entry| entry.id == id);
        known.map_or(Kind::Hosted, |entry| entry.kind)
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
                    kind: entry.kind,
                    id: entry.id,
                    name: entry.name.clone(),
                    opened_at: entry.opened_at,
                    data_bytes: size_bytes(&self.file(entry.id))?,
                })
            })
            .collect()
    }

    /// Notes that this session is open now, under this name.
    pub(super) fn note(&mut self, id: SessionId, name: Name, kind: Kind) -> io::Result<()> {
        let mut list = self.without(id);
        list.push(Entry {
            id,
            name,
            opened_at: now(),
            kind,
        });
        self.list.set(list)
    }

    /// Takes a closed file that lies in the folder into the list, under an id of its own.
    pub(super) fn take_in(&mut self, file: &Path, name: Name, kind: Kind) -> io::Result<SessionId> {
        self.take_in_as(file, SessionId::new(), name, kind)
    }

    /// The same under this id, which no other file has.
    pub(super) fn take_in_as(
        &mut self,
        file: &Path,
        id: SessionId,
        name: Name,
        kind: Kind,
    ) -> io::Result<SessionId> {
        let place = self.file(id);
        for ending in ["-wal", ""] {
            let from = beside(file, ending);
            if from != place && from.try_exists()? {
                fs::rename(from, beside(&place, ending))?;
            }
        }
        remove(file);
        self.note(id, name, kind)?;
        Ok(id)
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

/// Removes a file that was to become a session and did not, with what stands beside it.
pub(super) fn remove(session: &Path) {
    for file in files(session) {
        if let Err(error) = fs::remove_file(&file) {
            tracing::warn!(%error, file = %file.display(), "Not removed");
        }
    }
}

fn beside(session: &Path, ending: &str) -> PathBuf {
    let mut path = session.as_os_str().to_owned();
    path.push(ending);
    path.into()
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
        .map(|ending| beside(session, ending))
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
            let name = Name::new(name).unwrap();
            recent.note(id, name, Kind::Hosted).unwrap();
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

    #[test]
    fn a_copy_to_be_looked_at_stands_beside_the_session_it_was_made_of() {
        let data = tempfile::tempdir().unwrap();
        let mut recent = Recent::open(data.path()).unwrap();
        let (id, name) = (SessionId::new(), Name::new("Tea").unwrap());
        fs::write(recent.file(id), "now").unwrap();
        recent.note(id, name.clone(), Kind::Joined).unwrap();
        let before = recent.folder().join("before.hearth");
        fs::write(&before, "before").unwrap();
        let looked_at = recent.take_in(&before, name, Kind::ReadOnly).unwrap();
        assert_ne!(looked_at, id);
        assert_eq!(
            fs::read_to_string(recent.file(looked_at)).unwrap(),
            "before"
        );
        assert_eq!(fs::read_to_string(recent.file(id)).unwrap(), "now");
        assert!(!before.exists());
        let again = Recent::open(data.path()).unwrap();
        let kinds: Vec<Kind> = again.all().iter().map(|session| session.kind).collect();
        assert_eq!(kinds, [Kind::ReadOnly, Kind::Joined]);
    }
}
