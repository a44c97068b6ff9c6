//! Those that search, while the index is written.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::TryStreamExt;
use hearth_protocol::{NoteKey, RoomId};
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use sqlx::{ConnectOptions, Sqlite, SqliteConnection};
use uuid::Uuid;

use super::excerpt::Excerpt;
use super::terms::Terms;
use crate::error::StoreError;
use crate::fact_log::column;

/// How many may search at once. More would only compete for the processor.
const READERS: u32 = 2;

/// How many steps of SQLite's machine pass between two looks at the clock: some microseconds.
const STEPS: i32 = 1_000;

/// How long looking for the best place in the notes found may take, all together; those that are
/// left then show their beginning.
const EXCERPTS_WITHIN: Duration = Duration::from_millis(500);

/// How many characters of a note are read when only its beginning is shown.
const BEGINNING: i64 = 1_000;

/// More than a note can have.
const WHOLE: i64 = i64::MAX;

/// Answers searches, on connections that cannot write. Cloning shares them.
#[derive(Debug, Clone)]
pub struct SearchReader {
    pool: SqlitePool,
}

impl SearchReader {
    pub(crate) fn new(path: &Path) -> Self {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .read_only(true)
            .disable_statement_logging();
        let pool = SqlitePoolOptions::new()
            .max_connections(READERS)
            .test_before_acquire(false)
            .connect_lazy_with(options);
        Self { pool }
    }

    /// The notes that are `wanted` and have all of `terms` in title and text, each with a piece of
    /// its text: those that have all of them in the title first, then the best first. At most
    /// `limit`, and [`StoreError::TooMuch`] when that takes longer than `until`.
    pub async fn notes(
        &self,
        terms: &Arc<Terms>,
        limit: usize,
        until: Instant,
        wanted: impl Fn(NoteKey) -> bool + Send,
    ) -> Result<Vec<(NoteKey, Excerpt)>, StoreError> {
        let mut connection = self.connection(until).await?;
        let expression = terms.expression();
        let mut found: Vec<(i64, NoteKey)> = Vec::new();
        {
            let mut rows = sqlx::query_as(
                "select notes.no, notes.key
                    from note_words
                    join notes on notes.no = note_words.rowid
                    where note_words match ?1
                    order by
                        note_words.rowid in (
                            select rowid from note_words where note_words match ?2
                        ) desc,
                        note_words.rank,
                        note_words.rowid desc",
            )
            .bind(&expression)
            .bind(format!("{{title}} : ({expression})"))
            .fetch(&mut *connection);
            while found.len() < limit
                && let Some((no, key)) = rows.try_next().await?
            {
                let key: Uuid = key;
                if wanted(NoteKey(key)) {
                    found.push((no, NoteKey(key)));
                }
            }
        }
        connection.lock_handle().await?.remove_progress_handler();
        let until = Instant::now() + EXCERPTS_WITHIN;
        let mut notes = Vec::with_capacity(found.len());
        for (no, key) in found {
            // The note may have been removed between the two questions.
            if let Some(excerpt) = excerpt(&mut connection, terms, no, until).await? {
                notes.push((key, excerpt));
            }
        }
        Ok(notes)
    }

    /// The messages before fact `before` in `wanted` rooms that have all of `terms`: the numbers of
    /// the facts that posted them, the newest first. At most `limit`, and [`StoreError::TooMuch`]
    /// when that takes longer than `until`.
    ///
    /// They may have been changed since they were indexed: whoever shows one looks first.
    pub async fn messages(
        &self,
        terms: &Terms,
        before: Option<u64>,
        limit: usize,
        until: Instant,
        wanted: impl Fn(RoomId) -> bool + Send,
    ) -> Result<Vec<u64>, StoreError> {
        let mut connection = self.connection(until).await?;
        let mut rows = sqlx::query_as(
            "select rowid, room
                from message_words
                where message_words match ?1 and rowid < ?2
                order by rowid desc",
        )
        .bind(terms.expression())
        .bind(before.map_or(i64::MAX, column))
        .fetch(&mut *connection);
        let mut found = Vec::new();
        while found.len() < limit
            && let Some((seq, room)) = rows.try_next().await?
        {
            let (seq, room): (i64, Uuid) = (seq, room);
            if wanted(RoomId(room)) {
                found.push(seq as u64);
            }
        }
        Ok(found)
    }

    /// Ends searching; waits for those that are in the middle of it.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// A connection that gives up at `until`.
    async fn connection(&self, until: Instant) -> Result<PoolConnection<Sqlite>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        connection
            .lock_handle()
            .await?
            .set_progress_handler(STEPS, move || Instant::now() < until);
        Ok(connection)
    }
}

/// The piece of a note around the best place; when time is up, its beginning.
async fn excerpt(
    connection: &mut SqliteConnection,
    terms: &Arc<Terms>,
    no: i64,
    until: Instant,
) -> Result<Option<Excerpt>, StoreError> {
    let late = Instant::now() >= until;
    let body: Option<String> =
        sqlx::query_scalar("select substr(body, 1, ?) from notes where no = ?")
            .bind(if late { BEGINNING } else { WHOLE })
            .bind(no)
            .fetch_optional(connection)
            .await?;
    let Some(body) = body else { return Ok(None) };
    if late {
        return Ok(Some(Excerpt::beginning(&body)));
    }
    let terms = terms.clone();
    let work = tokio::task::spawn_blocking(move || Excerpt::around(&terms, &body));
    work.await.map(Some).map_err(|_| StoreError::Closed)
}
