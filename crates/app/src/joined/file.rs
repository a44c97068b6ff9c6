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
        take_place(file)?;
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

/// What a copy is called that is to take this one's place.
const ANEW: &str = ".anew";

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

/// Where a copy is made that is to take the place of this one. It is whole before the old one gives
/// way, so whatever ends the process leaves the old one in its place, or both: [`take_place`] then
/// does what is left to do.
pub(super) fn anew(file: &Path) -> PathBuf {
    beside(file, ANEW)
}

/// Gives a closed copy that is not gone on with another name, in the same folder, and its place to
/// the one that was made [`anew`], closed as well. Nothing of the old one is deleted but what can be
/// made again.
pub(super) fn exchange(file: &Path, aside: &Path) -> std::io::Result<()> {
    for closed in [file, &anew(file)] {
        // It was closed in good order, or not all of it is in the file that is renamed.
        let log = std::fs::metadata(beside(closed, "-wal"));
        if log.is_ok_and(|log| log.len() > 0) {
            return Err(std::io::Error::other(
                "a copy was not brought into its file",
            ));
        }
    }
    std::fs::rename(file, aside)?;
    take_place(file)?;
    Ok(())
}

/// Puts the copy that was made [`anew`] into its place, if nothing is there: the old one has given
/// way, so the new one is whole. Answers whether it did.
pub(crate) fn take_place(file: &Path) -> std::io::Result<bool> {
    let new = anew(file);
    if file.try_exists()? || !new.try_exists()? {
        return Ok(false);
    }
    // Of the one that was here before.
    remove_beside(file);
    std::fs::rename(&new, file)?;
    remove_beside(&new);
    Ok(true)
}

/// The same for all of a folder that nobody has open. What was not finished is removed where the old
/// one is still there.
pub(crate) fn take_places(folder: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let new = entry?.path();
        let name = new.file_name().and_then(|name| name.to_str());
        let Some(name) = name.and_then(|name| name.strip_suffix(ANEW)) else {
            continue;
        };
        if !take_place(&folder.join(name))? {
            remove(&new);
        }
    }
    Ok(())
}

/// Removes a copy that was made and is not wanted.
pub(super) fn remove(file: &Path) {
    // It is not always there.
    let _ = std::fs::remove_file(file);
    remove_beside(file);
}

fn remove_beside(file: &Path) {
    for ending in BESIDE {
        // They are not always there, and belong to the name.
        let _ = std::fs::remove_file(beside(file, ending));
    }
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
            std::fs::write(beside(&file, ".search"), "words").expect("written");
            std::fs::write(anew(&file), "third").expect("written");
            let name = free_name(&file).expect("a name");
            exchange(&file, &name).expect("renamed");
            names.push(name);
        }
        assert!(!anew(&file).exists() && !beside(&file, ".search").exists());
        for (name, text) in names.iter().zip(["first", "second"]) {
            assert_eq!(std::fs::read_to_string(name).expect("there"), text);
        }
        assert_eq!(std::fs::read_to_string(&file).expect("there"), "third");
    }

    #[test]
    fn a_copy_whose_last_writes_are_beside_it_stays_in_its_place() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("session.hearth");
        let aside = folder.path().join("aside.hearth");
        std::fs::write(&file, "old").expect("written");
        std::fs::write(beside(&file, "-wal"), "its log").expect("written");
        std::fs::write(anew(&file), "new").expect("written");
        exchange(&file, &aside).expect_err("not all of it is in the file");
        assert_eq!(std::fs::read_to_string(&file).expect("there"), "old");
        assert!(!aside.exists());
    }

    #[test]
    fn what_was_stopped_on_the_way_is_done_and_what_was_not_made_is_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let [done, begun] = ["done.hearth", "begun.hearth"].map(|name| folder.path().join(name));
        std::fs::write(anew(&done), "whole").expect("written");
        std::fs::write(beside(&anew(&done), ".lock"), "").expect("written");
        std::fs::write(beside(&done, ".search"), "of the old one").expect("written");
        std::fs::write(&begun, "old").expect("written");
        std::fs::write(anew(&begun), "half").expect("written");
        take_places(folder.path()).expect("done");
        assert_eq!(std::fs::read_to_string(&done).expect("there"), "whole");
        assert_eq!(std::fs::read_to_string(&begun).expect("there"), "old");
        let left = std::fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(left, 2, "nothing but the two");
    }
}
