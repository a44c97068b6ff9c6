//! Appending facts, and blanking what somebody took back.

use hearth_protocol::{FactKind, MemberId, NoteKey};
use sqlx::{QueryBuilder, SqliteConnection};
use uuid::Uuid;

use super::body::Body;
use super::column;
use crate::batch::NewFact;
use crate::error::StoreError;
use crate::ids::Ids;

/// How many rows one statement inserts. Batches are cut into chunks of these sizes, so that few
/// statements are ever prepared and a large batch needs few trips to the connection's thread.
const CHUNKS: [usize; 3] = [64, 8, 1];

/// What a purged note's title and a purged room's files' names become. Neither is ever empty.
const BLANKED: &str = "…";

/// A fact as columns.
struct Row<'a> {
    new: &'a NewFact,
    seq: i64,
    made_by: Option<i64>,
    room: Option<i64>,
    note: Option<i64>,
    subject: Option<i64>,
    message: Option<i64>,
    version: Option<i64>,
    body: Body,
}

/// The number of the log's last fact; 0 when it is empty.
pub(crate) async fn head(connection: &mut SqliteConnection) -> Result<u64, StoreError> {
    let head: i64 = sqlx::query_scalar("select coalesce(max(seq), 0) from facts")
        .fetch_one(connection)
        .await?;
    Ok(head as u64)
}

/// Appends `facts`, which must follow `head` without a gap. Ids without a number get one in `ids`.
pub(crate) async fn append(
    connection: &mut SqliteConnection,
    ids: &mut Ids,
    head: u64,
    facts: &[NewFact],
) -> Result<(), StoreError> {
    let saved = ids.count();
    let mut rows = Vec::with_capacity(facts.len());
    for (expected, new) in (head + 1..).zip(facts) {
        rows.push(row(ids, expected, new)?);
    }
    ids.save(connection, saved).await?;
    let mut rows = rows.into_iter();
    for size in CHUNKS {
        while rows.len() >= size {
            insert(connection, rows.by_ref().take(size)).await?;
        }
    }
    Ok(())
}

fn row<'a>(ids: &mut Ids, expected: u64, new: &'a NewFact) -> Result<Row<'a>, StoreError> {
    let fact = &*new.fact;
    let found = fact.seq.unwrap_or_default();
    if found != expected {
        return Err(StoreError::OutOfOrder { expected, found });
    }
    for id in mentioned(&fact.kind) {
        ids.give(id);
    }
    let version = match &fact.kind {
        FactKind::NoteEdited { version, .. } => Some(column(*version)),
        _ => None,
    };
    Ok(Row {
        new,
        seq: column(found),
        made_by: fact.by.map(|member| ids.give(member.0)),
        room: new.room.map(|room| ids.give(room.0)),
        note: note_of(&fact.kind).map(|note| ids.give(note.0)),
        subject: subject_of(&fact.kind).map(|member| ids.give(member.0)),
        message: message_of(&fact.kind),
        version,
        body: Body::of(&fact.kind)?,
    })
}

async fn insert<'a>(
    connection: &mut SqliteConnection,
    rows: impl Iterator<Item = Row<'a>>,
) -> Result<(), StoreError> {
    let mut query = QueryBuilder::new(
        "insert into facts
            (seq, at, kind, made_by, call, digest, room, note, subject, message, version, body) ",
    );
    query.push_values(rows, |mut columns, row| {
        let fact = &*row.new.fact;
        columns
            .push_bind(row.seq)
            .push_bind(fact.at.0)
            .push_bind(fact.kind.code())
            .push_bind(row.made_by)
            .push_bind(fact.id.map(|call| call.0))
            .push_bind(row.new.digest.map(Vec::from))
            .push_bind(row.room)
            .push_bind(row.note)
            .push_bind(row.subject)
            .push_bind(row.message)
            .push_bind(row.version)
            .push_bind(row.body);
    });
    query.build().execute(connection).await?;
    Ok(())
}

/// Every id that the fact's own fields name and that its projection has a column for.
fn mentioned(kind: &FactKind) -> Vec<Uuid> {
    match kind {
        FactKind::MemberJoined { member }
        | FactKind::MemberUpdated { member }
        | FactKind::RoleChanged { member }
        | FactKind::MemberRemoved { member }
        | FactKind::MemberUnbanned { member } => vec![member.id.0],
        FactKind::RoomCreated { room } => {
            let direct = room.direct.into_iter().flatten().map(|member| member.0);
            direct.chain([room.id.0]).collect()
        }
        FactKind::NoteCreated { note }
        | FactKind::NoteUpdated { note }
        | FactKind::NoteMoved { note }
        | FactKind::NoteDestroyed { note, .. }
        | FactKind::NoteRestored { note, .. } => {
            vec![note.room.0, note.created_by.0, note.updated_by.0]
        }
        FactKind::MessagePosted { message } => {
            let note = message.note.map(|note| note.0);
            [message.room.0, message.by.0]
                .into_iter()
                .chain(note)
                .collect()
        }
        _ => Vec::new(),
    }
}

fn note_of(kind: &FactKind) -> Option<NoteKey> {
    match kind {
        FactKind::NoteCreated { note }
        | FactKind::NoteUpdated { note }
        | FactKind::NoteMoved { note } => Some(note.key),
        FactKind::NoteLeft { key, .. }
        | FactKind::NoteEdited { key, .. }
        | FactKind::NoteDestroyed { key, .. }
        | FactKind::NoteRestored { key, .. }
        | FactKind::NotePurged { key } => Some(*key),
        _ => None,
    }
}

fn subject_of(kind: &FactKind) -> Option<MemberId> {
    match kind {
        FactKind::RoomJoined { member, .. } | FactKind::RoomLeft { member, .. } => Some(*member),
        _ => None,
    }
}

/// Of a fact that changes a message: the number of the fact that posted it.
fn message_of(kind: &FactKind) -> Option<i64> {
    match kind {
        FactKind::MessageEdited { message } | FactKind::MessageDestroyed { message } => {
            Some(column(message.seq))
        }
        _ => None,
    }
}

/// Blanks every text of the message that fact `seq` posted.
pub(crate) async fn blank_message(
    connection: &mut SqliteConnection,
    seq: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "update facts
            set body = json_set(body, '$.message.body', ''), redacted = 1
            where seq = ?1 or message = ?1",
    )
    .bind(seq)
    .execute(connection)
    .await?;
    Ok(())
}

/// Blanks every text of every message of a room.
pub(crate) async fn blank_messages_of_room(
    connection: &mut SqliteConnection,
    room: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "update facts
            set body = json_set(body, '$.message.body', ''), redacted = 1
            where seq in (select seq from messages where room = ?1)
                or message in (select seq from messages where room = ?1)",
    )
    .bind(room)
    .execute(connection)
    .await?;
    Ok(())
}

/// Blanks the names of a room's files.
pub(crate) async fn blank_files_of_room(
    connection: &mut SqliteConnection,
    room: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "update facts
            set body = json_set(body, '$.file_name', ?2), redacted = 1
            where seq in (select seq from files where room = ?1)",
    )
    .bind(room)
    .bind(BLANKED)
    .execute(connection)
    .await?;
    Ok(())
}

/// Blanks a note's titles and edits.
pub(crate) async fn blank_note(
    connection: &mut SqliteConnection,
    note: i64,
) -> Result<(), StoreError> {
    sqlx::query("update facts set body = x'', redacted = 1 where note = ?1 and kind = 32")
        .bind(note)
        .execute(&mut *connection)
        .await?;
    // `json_replace` leaves alone what has no title: `notepurged`.
    sqlx::query(
        "update facts
            set body = json_replace(body, '$.note.title', ?2), redacted = 1
            where note = ?1 and kind <> 32 and json_type(body, '$.note') = 'object'",
    )
    .bind(note)
    .bind(BLANKED)
    .execute(connection)
    .await?;
    Ok(())
}
