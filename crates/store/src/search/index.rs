//! The one that writes the index.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hearth_protocol::{Message, NoteKey, RoomId, RunId, Title};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use uuid::Uuid;

use super::reader::SearchReader;
use super::words::folded;
use crate::error::StoreError;
use crate::fact_log::column;
use crate::lock::beside;
use crate::reader::Reader;

/// "Hrts": tells an index from any other SQLite file.
const APPLICATION_ID: i64 = 0x4872_7473;

/// Changes with the tables below and with the way texts are cut into words.
const FORMAT: i64 = 2;

const BUSY_WAIT: Duration = Duration::from_secs(5);

/// How large the log beside the file may stay after it was brought into it.
const LOG_KEPT_BYTES: &str = "4194304";

/// The words come folded and with spaces between (see `words.rs`), so the tokenizer has nothing left
/// to decide: `ascii` cuts at the spaces and takes every other character as it is. Notes are kept
/// as they are too, because an excerpt is a piece of the text and not of its words; messages are
/// read from the session file.
///
/// `secure-delete`: what somebody took back must not stay in the index as a mark to be merged away
/// later. `prefix`: the last word is searched while it is being typed.
const TABLES: &str = "
    create table mark (
        one integer primary key check (one = 1),
        run blob not null check (length(run) = 16),
        seq integer not null,
        edits integer not null,
        sights integer not null
    ) strict;
    create table notes (
        no integer primary key,
        key blob not null unique check (length(key) = 16),
        body text not null
    ) strict;
    create virtual table note_words using fts5 (
        title, body, tokenize = 'ascii', prefix = '1 2'
    );
    insert into note_words (note_words, rank) values ('secure-delete', 1);
    insert into note_words (note_words, rank) values ('rank', 'bm25(8.0, 1.0)');
    create virtual table message_words using fts5 (
        body, room unindexed, tokenize = 'ascii', prefix = '1 2'
    );
    insert into message_words (message_words, rank) values ('secure-delete', 1);
";

/// How far the index is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SearchMark {
    /// A run in which both numbers had been reached.
    pub run: RunId,
    /// Up to which fact, edits of notes' texts aside.
    pub seq: u64,
    /// Up to which fact as far as notes' texts go.
    pub edits: u64,
    /// What had come into and gone out of sight of a copy until then (`CopyState::sights`); 0 where
    /// the session is hosted.
    pub sights: u64,
}

/// What is written into the index together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SearchChanges {
    /// Titles of notes.
    pub titles: Vec<(NoteKey, Title)>,
    /// Texts of notes.
    pub bodies: Vec<(NoteKey, String)>,
    /// Notes that are gone for good.
    pub gone_notes: Vec<NoteKey>,
    /// Messages as they are now; one with an empty body leaves the index.
    pub messages: Vec<Message>,
    /// Rooms that are gone for good, with their messages.
    pub gone_rooms: Vec<RoomId>,
}

/// Writes the index; there is one per session file, held by whoever holds that.
#[derive(Debug)]
pub struct SearchIndex {
    connection: SqliteConnection,
    mark: Option<SearchMark>,
    /// Something that was removed may still be in the log beside the file.
    remains: bool,
}

impl SearchIndex {
    /// Opens the index that belongs to the session file of `reader`. One that is missing, damaged
    /// or of another format is made anew, empty.
    pub async fn open(reader: &Reader) -> Result<(Self, SearchReader), StoreError> {
        let path = path_of(reader);
        let opened = match Self::existing(&path).await {
            Err(StoreError::Damaged { detail }) => {
                tracing::warn!(detail, "the search index is damaged and is made anew");
                None
            }
            opened => opened?,
        };
        match opened {
            Some(index) => Ok((index, SearchReader::new(&path))),
            None => Self::anew(reader).await,
        }
    }

    /// Throws the index away and makes an empty one. Nobody may be using the old one.
    pub async fn anew(reader: &Reader) -> Result<(Self, SearchReader), StoreError> {
        let path = path_of(reader);
        for ending in ["", "-wal", "-shm"] {
            match std::fs::remove_file(beside(&path, ending)) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(sqlx::Error::Io(error).into());
                }
                _ => {}
            }
        }
        let mut connection = options(&path).create_if_missing(true).connect().await?;
        let mut transaction = connection.begin_with("begin immediate").await?;
        let tables = sqlx::AssertSqlSafe(format!(
            "{TABLES} pragma application_id = {APPLICATION_ID}; pragma user_version = {FORMAT};"
        ));
        sqlx::raw_sql(tables).execute(&mut *transaction).await?;
        transaction.commit().await?;
        let index = Self {
            connection,
            mark: None,
            remains: false,
        };
        Ok((index, SearchReader::new(&path)))
    }

    /// The index at `path`, unless there is none of this format.
    async fn existing(path: &Path) -> Result<Option<Self>, StoreError> {
        if !path.try_exists().map_err(sqlx::Error::Io)? {
            return Ok(None);
        }
        let mut connection = options(path).connect().await?;
        let application: i64 = number(&mut connection, "pragma application_id").await?;
        let format: i64 = number(&mut connection, "pragma user_version").await?;
        if (application, format) != (APPLICATION_ID, FORMAT) {
            connection.close().await?;
            return Ok(None);
        }
        let found: String = sqlx::query_scalar("pragma quick_check(1)")
            .fetch_one(&mut connection)
            .await?;
        if found != "ok" {
            return Err(StoreError::Damaged { detail: found });
        }
        let mark: Option<(Uuid, i64, i64, i64)> =
            sqlx::query_as("select run, seq, edits, sights from mark")
                .fetch_optional(&mut connection)
                .await?;
        let mark = mark.map(|(run, seq, edits, sights)| SearchMark {
            run: RunId(run),
            seq: seq as u64,
            edits: edits as u64,
            sights: sights as u64,
        });
        // A process that ended from one moment to the next may have left something behind.
        let mut index = Self {
            connection,
            mark,
            remains: true,
        };
        if let Err(error) = index.empty_log().await {
            // Searches are answered from a file that cannot be written, too.
            tracing::debug!(%error, "the search index's log is emptied with the next writing");
        }
        Ok(Some(index))
    }

    /// How far it is complete; nothing when it is empty.
    pub fn mark(&self) -> Option<SearchMark> {
        self.mark
    }

    /// The notes that are in it.
    pub async fn notes(&mut self) -> Result<Vec<NoteKey>, StoreError> {
        let keys: Vec<Uuid> = sqlx::query_scalar("select key from notes")
            .fetch_all(&mut self.connection)
            .await?;
        Ok(keys.into_iter().map(NoteKey).collect())
    }

    /// The rooms whose messages are in it.
    pub async fn rooms(&mut self) -> Result<Vec<RoomId>, StoreError> {
        let rooms: Vec<Uuid> = sqlx::query_scalar("select distinct room from message_words")
            .fetch_all(&mut self.connection)
            .await?;
        Ok(rooms.into_iter().map(RoomId).collect())
    }

    /// Writes these changes, and that with them it is complete up to `mark`: all of it or nothing.
    /// A mark with nothing new before it is written with the next changes.
    pub async fn commit(
        &mut self,
        changes: SearchChanges,
        mark: SearchMark,
    ) -> Result<(), StoreError> {
        if changes == SearchChanges::default() && self.mark.is_some() {
            self.mark = Some(mark);
            return Ok(());
        }
        let removes = !(changes.gone_notes.is_empty() && changes.gone_rooms.is_empty())
            || changes
                .messages
                .iter()
                .any(|message| message.body.is_empty());
        let mut transaction = self.connection.begin_with("begin immediate").await?;
        write(&mut transaction, changes).await?;
        put_mark(&mut transaction, mark).await?;
        transaction.commit().await?;
        self.mark = Some(mark);
        self.remains |= removes;
        self.empty_log().await
    }

    /// Brings the log beside the file into it, so that nothing of what was removed stays there. A
    /// search that is reading keeps that from happening; it is done with what is written next.
    async fn empty_log(&mut self) -> Result<(), StoreError> {
        if self.remains {
            let blocked: i64 =
                number(&mut self.connection, "pragma wal_checkpoint(truncate)").await?;
            self.remains = blocked != 0;
        }
        Ok(())
    }

    /// Lets go of the file.
    pub async fn close(mut self) -> Result<(), StoreError> {
        if let Some(mark) = self.mark {
            put_mark(&mut self.connection, mark).await?;
        }
        self.remains = true;
        self.empty_log().await?;
        Ok(self.connection.close().await?)
    }
}

fn path_of(reader: &Reader) -> PathBuf {
    beside(reader.path(), ".search")
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        // A power cut may take the last commits, their marks with them; that is caught up.
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(BUSY_WAIT)
        .pragma("journal_size_limit", LOG_KEPT_BYTES)
        .pragma("secure_delete", "on")
        .disable_statement_logging()
}

async fn number(connection: &mut SqliteConnection, sql: &'static str) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar(sql).fetch_one(connection).await?)
}

async fn put_mark(connection: &mut SqliteConnection, mark: SearchMark) -> Result<(), StoreError> {
    sqlx::query(
        "insert into mark (one, run, seq, edits, sights) values (1, ?, ?, ?, ?)
            on conflict (one) do update
                set run = excluded.run, seq = excluded.seq, edits = excluded.edits,
                    sights = excluded.sights",
    )
    .bind(mark.run.0)
    .bind(column(mark.seq))
    .bind(column(mark.edits))
    .bind(column(mark.sights))
    .execute(connection)
    .await?;
    Ok(())
}

async fn write(
    connection: &mut SqliteConnection,
    changes: SearchChanges,
) -> Result<(), StoreError> {
    for (key, title) in changes.titles {
        let no = note(connection, key).await?;
        sqlx::query("update note_words set title = ? where rowid = ?")
            .bind(folded(title.as_str()))
            .bind(no)
            .execute(&mut *connection)
            .await?;
    }
    for (key, body) in changes.bodies {
        put_body(connection, key, body).await?;
    }
    for key in changes.gone_notes {
        remove_note(connection, key).await?;
    }
    for message in changes.messages {
        put_message(connection, message).await?;
    }
    for room in changes.gone_rooms {
        sqlx::query("delete from message_words where room = ?")
            .bind(room.0)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// The number of a note, which is made if need be.
async fn note(connection: &mut SqliteConnection, key: NoteKey) -> Result<i64, StoreError> {
    let known: Option<i64> = sqlx::query_scalar("select no from notes where key = ?")
        .bind(key.0)
        .fetch_optional(&mut *connection)
        .await?;
    if let Some(no) = known {
        return Ok(no);
    }
    let no = sqlx::query("insert into notes (key, body) values (?, '')")
        .bind(key.0)
        .execute(&mut *connection)
        .await?
        .last_insert_rowid();
    sqlx::query("insert into note_words (rowid, title, body) values (?, '', '')")
        .bind(no)
        .execute(connection)
        .await?;
    Ok(no)
}

async fn put_body(
    connection: &mut SqliteConnection,
    key: NoteKey,
    body: String,
) -> Result<(), StoreError> {
    let no = note(connection, key).await?;
    // A whole note takes the processor for a while.
    let cut = tokio::task::spawn_blocking(move || (folded(&body), body)).await;
    let (words, body) = cut.map_err(|_| StoreError::Closed)?;
    sqlx::query("update note_words set body = ? where rowid = ?")
        .bind(words)
        .bind(no)
        .execute(&mut *connection)
        .await?;
    sqlx::query("update notes set body = ? where no = ?")
        .bind(body)
        .bind(no)
        .execute(connection)
        .await?;
    Ok(())
}

async fn remove_note(connection: &mut SqliteConnection, key: NoteKey) -> Result<(), StoreError> {
    sqlx::query("delete from note_words where rowid = (select no from notes where key = ?)")
        .bind(key.0)
        .execute(&mut *connection)
        .await?;
    sqlx::query("delete from notes where key = ?")
        .bind(key.0)
        .execute(connection)
        .await?;
    Ok(())
}

async fn put_message(
    connection: &mut SqliteConnection,
    message: Message,
) -> Result<(), StoreError> {
    let seq = column(message.seq);
    sqlx::query("delete from message_words where rowid = ?")
        .bind(seq)
        .execute(&mut *connection)
        .await?;
    if message.body.is_empty() {
        return Ok(());
    }
    sqlx::query("insert into message_words (rowid, body, room) values (?, ?, ?)")
        .bind(seq)
        .bind(folded(&message.body))
        .bind(message.room.0)
        .execute(connection)
        .await?;
    Ok(())
}
