//! The file a copy is in, before it is opened as a session and after.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use hearth_protocol::{MemberId, Session};
use hearth_store::{CopyState, OpenError, Reader, Writer};

/// A session file that is open and not a session yet.
pub(crate) struct Held {
    /// To write with.
    pub(crate) writer: Writer,
    /// To read with.
    pub(crate) reader: Reader,
    /// What is in it.
    pub(crate) session: Session,
    /// Where it comes from; nothing in one that is hosted here.
    pub(crate) copy: Option<CopyState>,
}

impl Held {
    /// Opens `file`; nothing where there is none, or one whose making did not get as far as that
    /// a session is in it.
    pub(crate) async fn open(file: &Path) -> Result<Option<Self>, OpenError> {
        let (mut writer, reader) = match hearth_store::open(file).await {
            Ok(opened) => opened,
            Err(OpenError::Missing) => return Ok(None),
            Err(error) => return Err(error),
        };
        let loaded = writer.load().await?;
        Ok(Some(Self {
            writer,
            reader,
            session: loaded.session,
            copy: loaded.copy,
        }))
    }

    /// Who its person is at the host.
    pub(crate) fn member(&self) -> Option<MemberId> {
        self.copy.as_ref().map(|copy| copy.member)
    }

    /// Lets go of the file.
    pub(crate) async fn close(self) -> Result<(), OpenError> {
        Ok(self.writer.close().await?)
    }
}

/// What stands beside a session file: SQLite's own, and the search index with its own.
const BESIDE: [&str; 6] = [
    "-wal",
    "-shm",
    ".lock",
    ".search",
    ".search-wal",
    ".search-shm",
];

/// A name beside this one that nothing has yet, for a copy that is set aside.
pub(crate) fn free_name(file: &Path) -> std::io::Result<PathBuf> {
    let mut number = 1;
    loop {
        let aside = file.with_extension(format!("before-{number}.hearth"));
        if !aside.try_exists()? {
            return Ok(aside);
        }
        number += 1;
    }
}

/// Gives a closed copy that is not gone on with another name, in the same folder. Nothing of it is
/// deleted but what can be made again.
pub(crate) fn set_aside(file: &Path, aside: &Path) -> std::io::Result<()> {
    // With what was not yet brought into it, so that no moment knows one without the other.
    let log = beside(file, "-wal");
    if log.try_exists()? {
        std::fs::rename(log, beside(aside, "-wal"))?;
    }
    std::fs::rename(file, aside)?;
    for ending in BESIDE {
        // They are not always there, and belong to the name.
        let _ = std::fs::remove_file(beside(file, ending));
    }
    Ok(())
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(ending);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_that_is_set_aside_keeps_all_it_has_and_takes_nobodys_place() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("session.hearth");
        let mut names = Vec::new();
        for text in ["first", "second"] {
            std::fs::write(&file, text).expect("written");
            std::fs::write(beside(&file, "-wal"), format!("{text} log")).expect("written");
            std::fs::write(beside(&file, ".search"), "words").expect("written");
            let name = free_name(&file).expect("a name");
            set_aside(&file, &name).expect("renamed");
            names.push(name);
        }
        assert!(!file.exists() && !beside(&file, ".search").exists());
        for (name, text) in names.iter().zip(["first", "second"]) {
            assert_eq!(std::fs::read_to_string(name).expect("there"), text);
            let log = std::fs::read_to_string(beside(name, "-wal")).expect("there");
            assert_eq!(log, format!("{text} log"));
        }
    }
}
