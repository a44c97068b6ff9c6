//! Looking at a session file before anything is written to it.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use crate::error::OpenError;
use crate::lock::beside;

/// "Hrth", as `0001_log.sql` sets it.
const APPLICATION_ID: i64 = 0x4872_7468;

/// Somebody who puts back an old copy of the file may leave a newer write-ahead log beside it. SQLite
/// cannot tell and mixes the two, page by page.
const STALE_LOG: &str = "if it was copied here, the file beside it that ends in -wal may not belong \
                         to it: move that away and try again";

/// Checks that `path` is a whole session file of a format this build knows (`known` is its newest),
/// and leaves every byte of it as it is. `Ok(false)`: there is none yet.
pub(crate) async fn check(path: &Path, known: i64) -> Result<bool, OpenError> {
    let Some(header) = read_header(path)? else {
        return Ok(false);
    };
    if !header.starts_with(b"SQLite format 3\0") {
        return Err(damaged("it is not a session file"));
    }
    // The number may still be in the log beside the file and is looked at again below; but a file
    // that is from a newer build at first sight is not even opened.
    let found = i64::from(u32::from_be_bytes([
        header[60], header[61], header[62], header[63],
    ]));
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    let interrupted = has_log(path)?;
    let mut connection = look(path, interrupted).connect().await?;
    let outcome = check_open(&mut connection, known, interrupted).await;
    connection.close().await?;
    outcome.map_err(|error| match error {
        OpenError::Damaged { detail } if interrupted => damaged(&format!("{detail}; {STALE_LOG}")),
        error => error,
    })
}

/// The file's first 100 bytes; `None` if there is no file, or one that nothing was ever written to.
fn read_header(path: &Path) -> Result<Option<[u8; 100]>, OpenError> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    if file.metadata()?.len() == 0 {
        return Ok(None);
    }
    let mut header = [0; 100];
    match file.read_exact(&mut header) {
        Ok(()) => Ok(Some(header)),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Err(damaged("it is cut off")),
        Err(error) => Err(error.into()),
    }
}

/// Whether SQLite's write-ahead log lies beside the file: whoever had it open last did not close it.
fn has_log(path: &Path) -> Result<bool, OpenError> {
    match beside(path, "-wal").metadata() {
        Ok(metadata) => Ok(metadata.len() > 0),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// A connection that changes nothing. Where no write-ahead log lies beside the file, not even the
/// files that go with reading one are made; the lock that we hold keeps others from writing
/// meanwhile.
fn look(path: &Path, interrupted: bool) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .immutable(!interrupted)
        .disable_statement_logging()
}

async fn check_open(
    connection: &mut SqliteConnection,
    known: i64,
    interrupted: bool,
) -> Result<bool, OpenError> {
    let is_session = is_ours(connection, known).await?;
    check_whole(connection, interrupted).await?;
    if is_session && interrupted {
        check_gapless(connection).await?;
    }
    Ok(is_session)
}

/// Whether this is a session file of a format this build knows; not yet, where its making was
/// interrupted.
pub(crate) async fn is_ours(
    connection: &mut SqliteConnection,
    known: i64,
) -> Result<bool, OpenError> {
    let found = newest_migration(connection).await?;
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    let tables = number(
        connection,
        "select count(*) from sqlite_schema where type = 'table'",
    )
    .await?;
    let application = number(connection, "pragma application_id").await?;
    // A file that was being made when the process ended may have no more than sqlx's own table.
    if application != APPLICATION_ID && tables > 1 {
        return Err(damaged("it is not a session file"));
    }
    Ok(application == APPLICATION_ID)
}

/// After an interruption the indexes are compared with the tables too, which takes longer: what is
/// mixed of two files (see [`STALE_LOG`]) need not look damaged page by page.
async fn check_whole(
    connection: &mut SqliteConnection,
    interrupted: bool,
) -> Result<(), OpenError> {
    let sql = match interrupted {
        true => "pragma integrity_check(1)",
        false => "pragma quick_check(1)",
    };
    let found: String = sqlx::query_scalar(sql).fetch_one(connection).await?;
    if found == "ok" {
        Ok(())
    } else {
        Err(damaged(&found))
    }
}

/// For the same reason: the log has every number up to its last. That of a copy need not, nor that of
/// a file that was one, up to where it was.
async fn check_gapless(connection: &mut SqliteConnection) -> Result<(), OpenError> {
    // A file from before there were copies; it has been through no migration yet.
    const COPIES: i64 = 10;
    let sql = match newest_migration(connection).await? {
        ..COPIES => "select count(*) - coalesce(max(seq), 0) from facts",
        _ => {
            "select (select count(*) from facts where seq > gaps_until)
                        - max((select coalesce(max(seq), 0) from facts), gaps_until) + gaps_until
                    from session
                    where not exists (select 1 from copy)
                union all
                select 0"
        }
    };
    match number(connection, sql).await? {
        0 => Ok(()),
        _ => Err(damaged("facts are missing from its log")),
    }
}

/// The newest migration that the file has been through, by its own number and by sqlx's list; a
/// build that forgot the one still has the other.
async fn newest_migration(connection: &mut SqliteConnection) -> Result<i64, OpenError> {
    let own = number(connection, "pragma user_version").await?;
    let listed = "select count(*) from sqlite_schema where name = '_sqlx_migrations'";
    if number(connection, listed).await? == 0 {
        return Ok(own);
    }
    let list = "select coalesce(max(version), 0) from _sqlx_migrations";
    Ok(own.max(number(connection, list).await?))
}

async fn number(connection: &mut SqliteConnection, sql: &'static str) -> Result<i64, OpenError> {
    Ok(sqlx::query_scalar(sql).fetch_one(connection).await?)
}

fn damaged(detail: &str) -> OpenError {
    OpenError::Damaged {
        detail: detail.to_owned(),
    }
}
