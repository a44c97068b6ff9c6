//! A copy of a session file, made while the file is in use.

use std::fs::{self, File, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use uuid::Uuid;

use crate::check;
use crate::error::OpenError;
use crate::lock::{FileLock, beside};
use crate::open::{newest_migration, sync_folder};

/// How long to wait for whoever brings the log into the file just now.
const BUSY_WAIT: Duration = Duration::from_secs(10);

/// Writes to `to`, where nothing may be, the session in `file` as it is at this moment, whole and on
/// the disk when this returns. `file` may be open here or in another process: nobody waits for it,
/// and neither it nor its lock is touched. Answers the size of the copy in bytes.
///
/// The copy has everything the file has, secrets too: sign-ins by their hashes, and in a copy of a
/// peer's session what that peer knows us by.
pub async fn backup(file: &Path, to: &Path) -> Result<u64, OpenError> {
    back_up(file, to, false).await
}

/// The same over what is at `to`, which its person has agreed to. It is there until the copy is
/// whole. Refused where that is the session itself, or one that is in use.
pub async fn backup_over(file: &Path, to: &Path) -> Result<u64, OpenError> {
    back_up(file, to, true).await
}

async fn back_up(file: &Path, to: &Path, over: bool) -> Result<u64, OpenError> {
    let (file, to) = (&std::path::absolute(file)?, &std::path::absolute(to)?);
    if !file.try_exists()? {
        return Err(OpenError::Missing);
    }
    // Also what SQLite would take for the new file's log.
    let log = [beside(to, "-wal"), beside(to, "-journal")];
    for taken in log.iter().chain((!over).then_some(to)) {
        if taken.try_exists()? {
            return Err(OpenError::Exists);
        }
    }
    // Nobody opens it until another file has its name.
    let mut lock = match over {
        true => may_be_replaced(file, to)?,
        false => None,
    };
    let unfinished = Unfinished(beside(
        to,
        &format!(".{}.unfinished", Uuid::new_v4().simple()),
    ));
    write(file, &unfinished.0).await?;
    check::check(&unfinished.0, newest_migration()).await?;
    OpenOptions::new()
        .write(true)
        .open(&unfinished.0)?
        .sync_all()?;
    match over {
        true => {
            if lock.is_none() {
                // Somebody may have opened it meanwhile.
                lock = may_be_replaced(file, to)?;
            }
            fs::rename(&unfinished.0, to)?;
        }
        false => put_in_place(&unfinished.0, to)?,
    }
    drop(lock);
    sync_folder(to)?;
    Ok(fs::metadata(to)?.len())
}

/// Another backup may; the session that is copied and one that somebody has open may not. What may
/// be open is locked from then on.
fn may_be_replaced(file: &Path, to: &Path) -> Result<Option<FileLock>, OpenError> {
    if !to.try_exists()? {
        return Ok(None);
    }
    if fs::canonicalize(file)? == fs::canonicalize(to)? {
        return Err(OpenError::Exists);
    }
    match beside(to, ".lock").try_exists()? {
        true => FileLock::take(to).map(Some),
        false => Ok(None),
    }
}

/// Removed unless it became the copy.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        for ending in ["", "-journal"] {
            // It is not there when all went well.
            let _ = fs::remove_file(beside(&self.0, ending));
        }
    }
}

async fn write(file: &Path, to: &Path) -> Result<(), OpenError> {
    let mut connection = SqliteConnectOptions::new()
        .filename(file)
        .read_only(true)
        .busy_timeout(BUSY_WAIT)
        .disable_statement_logging()
        .connect()
        .await?;
    let outcome = write_from(&mut connection, to).await;
    connection.close().await?;
    outcome
}

/// `vacuum into` reads the file as of one moment, like any reader, and leaves out what was deleted.
async fn write_from(connection: &mut SqliteConnection, to: &Path) -> Result<(), OpenError> {
    check::is_ours(connection, newest_migration()).await?;
    let name = to.to_str().ok_or_else(|| {
        let detail = "the name of the copy is not valid Unicode";
        std::io::Error::new(ErrorKind::InvalidInput, detail)
    })?;
    sqlx::query("vacuum into ?")
        .bind(name)
        .execute(connection)
        .await?;
    Ok(())
}

/// Gives the copy its name, if nobody has taken that meanwhile.
fn put_in_place(unfinished: &Path, to: &Path) -> Result<(), OpenError> {
    match fs::hard_link(unfinished, to) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(OpenError::Exists),
        // Not every file system has links. An empty file of that name keeps others out as well.
        Err(_) => {
            drop(new_file(to)?);
            Ok(fs::rename(unfinished, to)?)
        }
    }
}

fn new_file(path: &Path) -> Result<File, OpenError> {
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(OpenError::Exists),
        other => Ok(other?),
    }
}
