//! Notes as they are now, without their bodies: those are in the log.

use hearth_protocol::id::NoteKey;
use hearth_protocol::{Fact, FactKind, MemberId, Note, RoomId, Timestamp};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};
use uuid::Uuid;

use crate::error::StoreError;
use crate::fact_log::column;
use crate::ids::Ids;
use crate::text;

#[derive(sqlx::FromRow)]
struct Row {
    no: i64,
    room: i64,
    title: String,
    version: i64,
    created_at: i64,
    created_by: i64,
    updated_at: i64,
    updated_by: i64,
    trashed_at: Option<i64>,
}

/// What the last of several edits makes of a note.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LastEdit {
    pub(crate) version: i64,
    pub(crate) at: Timestamp,
    pub(crate) by: Option<i64>,
}

impl LastEdit {
    /// What a fact makes of which note, if it is an edit.
    pub(crate) fn of(ids: &Ids, fact: &Fact) -> Result<Option<(i64, Self)>, StoreError> {
        let FactKind::NoteEdited { key, version, .. } = &fact.kind else {
            return Ok(None);
        };
        let by = fact.by.map(|member| ids.known(member.0)).transpose()?;
        let edit = Self {
            version: column(*version),
            at: fact.at,
            by,
        };
        Ok(Some((ids.known(key.0)?, edit)))
    }
}

/// Writes a new note, if its room is here.
pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    ids: &Ids,
    note: &Note,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into notes
            (no, room, title, version, created_at, created_by, updated_at, updated_by, trashed_at)
            select ?1, no, ?3, ?4, ?5, ?6, ?7, ?8, ?9 from rooms where no = ?2",
    )
    .bind(ids.known(note.key.0)?)
    .bind(ids.known(note.room.0)?)
    .bind(note.title.as_str())
    .bind(column(note.version))
    .bind(note.created_at.0)
    .bind(ids.known(note.created_by.0)?)
    .bind(note.updated_at.0)
    .bind(ids.known(note.updated_by.0)?)
    .bind(note.trashed_at.map(|at| at.0))
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes what may change of a note. Its version is left to its edits.
pub(crate) async fn update(
    connection: &mut SqliteConnection,
    ids: &Ids,
    note: &Note,
) -> Result<(), StoreError> {
    sqlx::query(
        "update notes
            set room = ?, title = ?, updated_at = ?, updated_by = ?, trashed_at = ?
            where no = ?",
    )
    .bind(ids.known(note.room.0)?)
    .bind(note.title.as_str())
    .bind(note.updated_at.0)
    .bind(ids.known(note.updated_by.0)?)
    .bind(note.trashed_at.map(|at| at.0))
    .bind(ids.known(note.key.0)?)
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes a note that came into another room. A copy may not have seen it made, or not have its new
/// room yet; then it goes.
pub(crate) async fn put(
    connection: &mut SqliteConnection,
    ids: &Ids,
    note: &Note,
) -> Result<(), StoreError> {
    let no = ids.known(note.key.0)?;
    let (here, room_here): (bool, bool) = sqlx::query_as(
        "select exists (select 1 from notes where no = ?),
                exists (select 1 from rooms where no = ?)",
    )
    .bind(no)
    .bind(ids.known(note.room.0)?)
    .fetch_one(&mut *connection)
    .await?;
    match (here, room_here) {
        (true, true) => update(connection, ids, note).await,
        (false, true) => insert(connection, ids, note).await,
        (_, false) => delete(connection, no).await,
    }
}

/// Writes what edits did to a note.
pub(crate) async fn edited(
    connection: &mut SqliteConnection,
    no: i64,
    edit: LastEdit,
) -> Result<(), StoreError> {
    let mut query = QueryBuilder::default();
    push_edited(&mut query, no, edit);
    query.build().execute(connection).await?;
    Ok(())
}

/// Adds to `query` the statement that writes what edits did to a note.
pub(crate) fn push_edited(query: &mut QueryBuilder<Sqlite>, no: i64, edit: LastEdit) {
    query
        .push("update notes set version = ")
        .push_bind(edit.version)
        .push(", updated_at = ")
        .push_bind(edit.at.0)
        .push(", updated_by = coalesce(")
        .push_bind(edit.by)
        .push(", updated_by) where no = ")
        .push_bind(no);
}

/// Forgets a note.
pub(crate) async fn delete(connection: &mut SqliteConnection, no: i64) -> Result<(), StoreError> {
    sqlx::query("delete from notes where no = ?")
        .bind(no)
        .execute(connection)
        .await?;
    Ok(())
}

/// The numbers of the notes in a room.
pub(crate) async fn in_room(
    connection: &mut SqliteConnection,
    room: i64,
) -> Result<Vec<i64>, StoreError> {
    let notes = sqlx::query_scalar("select no from notes where room = ? order by no")
        .bind(room)
        .fetch_all(connection)
        .await?;
    Ok(notes)
}

/// Those whose last edit came after fact `since`. Looks at the last edits only, however many there
/// were.
pub(crate) async fn edited_since(
    connection: &mut SqliteConnection,
    since: u64,
) -> Result<Vec<NoteKey>, StoreError> {
    let keys: Vec<Uuid> = sqlx::query_scalar(
        "select ids.id
            from notes
            -- `cross`: through the few notes to their last edits, not through all edits.
            cross join facts on facts.note = notes.no
                and facts.version = notes.version
                and facts.kind = 32
            join ids on ids.no = notes.no
            where facts.seq > ?
            order by notes.no",
    )
    .bind(column(since))
    .fetch_all(connection)
    .await?;
    Ok(keys.into_iter().map(NoteKey).collect())
}

/// All of them, in the order of their making.
pub(crate) async fn load(
    connection: &mut SqliteConnection,
    ids: &Ids,
) -> Result<Vec<Note>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(
        "select no, room, title, version, created_at, created_by, updated_at, updated_by,
                trashed_at
            from notes
            order by no",
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(|row| note(row, ids)).collect()
}

fn note(row: Row, ids: &Ids) -> Result<Note, StoreError> {
    let key = NoteKey(ids.id(row.no)?);
    Ok(Note {
        id: key,
        key,
        room: RoomId(ids.id(row.room)?),
        title: text::parse(row.title)?,
        version: row.version as u64,
        created_at: Timestamp(row.created_at),
        created_by: MemberId(ids.id(row.created_by)?),
        updated_at: Timestamp(row.updated_at),
        updated_by: MemberId(ids.id(row.updated_by)?),
        trashed_at: row.trashed_at.map(Timestamp),
        body: None,
        pending: None,
    })
}
