//! Opening a session file, and making one.

use std::path::Path;
use std::time::Duration;

use hearth_protocol::object::{Admission, Browsers};
use hearth_protocol::{Name, Role, Session, SessionId};
use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use crate::check::check;
use crate::copy::{self, NewCopy};
use crate::error::OpenError;
use crate::lock::FileLock;
use crate::reader::Reader;
use crate::session;
use crate::writer::Writer;

/// Every migration there is.
pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

/// How many may read at once. Reading is short; more would only compete for the disk.
const READERS: u32 = 4;

/// How long to wait for another connection of this process, as when the log is brought into the
/// file.
const BUSY_WAIT: Duration = Duration::from_secs(5);

/// How large the log beside the file may stay after it was brought into it.
const LOG_KEPT_BYTES: &str = "16777216";

/// How much of the file the writing connection keeps in memory; negative: in KiB. The system keeps
/// what is read often anyway.
const CACHE_KIB: &str = "-1000";

/// What a session is when it is made.
#[derive(Debug, Clone, PartialEq)]
pub struct NewSession {
    /// Its id, for good.
    pub id: SessionId,
    /// Its name.
    pub name: Name,
    /// Who may come in without an invitation.
    pub admission: Admission,
    /// The role of those who come in by PIN or as anyone.
    pub guests: Role,
    /// How browsers may reach it.
    pub browsers: Browsers,
}

impl From<&Session> for NewSession {
    fn from(session: &Session) -> Self {
        Self {
            id: session.id,
            name: session.name.clone(),
            admission: session.admission,
            guests: session.guests,
            browsers: session.browsers,
        }
    }
}

/// Opens the session file `path` and keeps every other process out until the writer is closed or
/// dropped.
///
/// The file is checked first. Nothing is written to one that is damaged or from a newer build, and
/// what this leaves beside it is at most the empty `.lock`.
pub async fn open(path: &Path) -> Result<(Writer, Reader), OpenError> {
    let path = &std::path::absolute(path)?;
    // Not even a lock where there is nothing to lock.
    if !path.try_exists()? {
        return Err(OpenError::Missing);
    }
    let lock = FileLock::take(path)?;
    if !check(path, newest_migration()).await? {
        return Err(OpenError::Missing);
    }
    must_be_writable(path)?;
    let mut connection = writing(path).connect().await?;
    let outcome = prepare(&mut connection).await;
    connection.close().await?;
    outcome?;
    assemble(path, lock).await
}

/// Makes the session file `path`, in a folder that exists, and opens it. A making that was
/// interrupted is gone on with.
pub async fn create(path: &Path, new: &NewSession) -> Result<(Writer, Reader), OpenError> {
    make(path, new, None).await
}

/// Makes a file that holds a session, or a copy of one.
pub(crate) async fn make(
    path: &Path,
    new: &NewSession,
    copy: Option<&NewCopy>,
) -> Result<(Writer, Reader), OpenError> {
    let path = &std::path::absolute(path)?;
    let lock = FileLock::take(path)?;
    check(path, newest_migration()).await?;
    let mut connection = writing(path).create_if_missing(true).connect().await?;
    let outcome = prepare_new(&mut connection, new, copy).await;
    connection.close().await?;
    outcome?;
    sync_folder(path)?;
    assemble(path, lock).await
}

async fn prepare(connection: &mut SqliteConnection) -> Result<(), OpenError> {
    migrate(connection).await?;
    if session::exists(connection).await? {
        Ok(())
    } else {
        Err(OpenError::Missing)
    }
}

async fn prepare_new(
    connection: &mut SqliteConnection,
    new: &NewSession,
    copy: Option<&NewCopy>,
) -> Result<(), OpenError> {
    migrate(connection).await?;
    if session::exists(connection).await? {
        return Err(OpenError::Exists);
    }
    let mut transaction = connection.begin().await?;
    session::insert(&mut transaction, new).await?;
    if let Some(copy) = copy {
        copy::table::insert(&mut transaction, copy.member, &copy.host).await?;
    }
    transaction.commit().await?;
    Ok(())
}

async fn migrate(connection: &mut SqliteConnection) -> Result<(), OpenError> {
    // `run` is generic in a way that hides from the compiler that this may move between threads
    // (rust-lang/rust#100013); then no task could open a session.
    MIGRATIONS.run_direct(None, connection, false).await?;
    Ok(())
}

/// SQLite opens what it may not write for reading, and does not say so before the first write.
fn must_be_writable(path: &Path) -> Result<(), OpenError> {
    std::fs::OpenOptions::new().write(true).open(path)?;
    Ok(())
}

async fn assemble(path: &Path, lock: FileLock) -> Result<(Writer, Reader), OpenError> {
    let pool = readers(path);
    let mut writer = Writer::new(writing(path), pool.clone(), path.to_owned(), lock).await?;
    writer.rebuild_if_outdated().await?;
    Ok((writer, Reader::new(pool, path.to_owned())))
}

fn writing(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_WAIT)
        .pragma("journal_size_limit", LOG_KEPT_BYTES)
        .pragma("cache_size", CACHE_KIB)
        // What was blanked or purged must not stay readable in the file's unused corners.
        .pragma("secure_delete", "on")
        // Statements hold no texts of people, but they are many.
        .disable_statement_logging()
}

fn readers(path: &Path) -> SqlitePool {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .busy_timeout(BUSY_WAIT)
        .disable_statement_logging();
    SqlitePoolOptions::new()
        .max_connections(READERS)
        // There is no network that could have gone away meanwhile.
        .test_before_acquire(false)
        .connect_lazy_with(options)
}

/// The number of the newest migration, as `pragma user_version` has it.
pub(crate) fn newest_migration() -> i64 {
    MIGRATIONS
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or_default()
}

/// Makes the file's name as durable as its contents. SQLite does this for the logs beside it, but
/// not for the file itself.
pub(crate) fn sync_folder(path: &Path) -> Result<(), OpenError> {
    if cfg!(unix) {
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        std::fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}
