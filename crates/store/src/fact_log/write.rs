//! Appending facts.

use hearth_protocol::{Fact, FactKind, MemberId, NoteKey, RoomId};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};
use uuid::Uuid;

use super::body::Body;
use super::column;
use crate::batch::NewFact;
use crate::error::StoreError;
use crate::ids::Ids;

/// How many rows one statement inserts. Batches are cut into chunks of these sizes, so that few
/// statements are ever prepared and a large batch needs few trips to the connection's thread.
const CHUNKS: [usize; 4] = [64, 16, 4, 1];

/// A fact as columns.
pub(crate) struct Row<'a> {
    fact: &'a Fact,
    digest: Option<[u8; 8]>,
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
    let rows = rows(ids, head, facts)?;
    ids.save(connection, saved).await?;
    insert_all(connection, rows, false).await
}

/// The rows of facts that must follow `head` without a gap. Ids without a number get one in `ids`.
pub(crate) fn rows<'a>(
    ids: &mut Ids,
    head: u64,
    facts: &'a [NewFact],
) -> Result<Vec<Row<'a>>, StoreError> {
    let mut rows = Vec::with_capacity(facts.len());
    for (expected, new) in (head + 1..).zip(facts) {
        let found = new.fact.seq.unwrap_or_default();
        if found != expected {
            return Err(StoreError::OutOfOrder { expected, found });
        }
        rows.push(row(ids, &new.fact, new.room, new.digest)?);
    }
    Ok(rows)
}

/// Writes facts with the numbers they have, each with the room whose members it concerns. One whose
/// number is there already stays as it is.
pub(crate) async fn append_copied(
    connection: &mut SqliteConnection,
    ids: &mut Ids,
    facts: &[(&Fact, Option<RoomId>)],
) -> Result<(), StoreError> {
    let saved = ids.count();
    let mut rows = Vec::with_capacity(facts.len());
    for (fact, room) in facts {
        rows.push(row(ids, fact, *room, None)?);
    }
    ids.save(connection, saved).await?;
    insert_all(connection, rows, true).await
}

/// Writes the row of a fact that could not be read when it was kept, and can be now.
pub(super) async fn replace(
    connection: &mut SqliteConnection,
    ids: &mut Ids,
    fact: &Fact,
    room: Option<RoomId>,
) -> Result<(), StoreError> {
    let saved = ids.count();
    let row = row(ids, fact, room, None)?;
    ids.save(connection, saved).await?;
    sqlx::query("delete from facts where seq = ?")
        .bind(row.seq)
        .execute(&mut *connection)
        .await?;
    insert_all(connection, vec![row], false).await
}

async fn insert_all(
    connection: &mut SqliteConnection,
    rows: Vec<Row<'_>>,
    may_repeat: bool,
) -> Result<(), StoreError> {
    let mut rows = rows.into_iter();
    for size in CHUNKS {
        while rows.len() >= size {
            insert(connection, rows.by_ref().take(size), may_repeat).await?;
        }
    }
    Ok(())
}

fn row<'a>(
    ids: &mut Ids,
    fact: &'a Fact,
    room: Option<RoomId>,
    digest: Option<[u8; 8]>,
) -> Result<Row<'a>, StoreError> {
    for id in mentioned(&fact.kind) {
        ids.give(id);
    }
    let version = match &fact.kind {
        FactKind::NoteEdited { version, .. } => Some(column(*version)),
        _ => None,
    };
    Ok(Row {
        fact,
        digest,
        seq: column(fact.seq.unwrap_or_default()),
        made_by: fact.by.map(|member| ids.give(member.0)),
        room: room.map(|room| ids.give(room.0)),
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
    may_repeat: bool,
) -> Result<(), StoreError> {
    let mut query = QueryBuilder::default();
    push_insert(&mut query, rows);
    if may_repeat {
        query.push(" on conflict (seq) do nothing");
    }
    query.build().execute(connection).await?;
    Ok(())
}

/// Adds to `query` the statement that inserts `rows`.
pub(crate) fn push_insert<'a>(
    query: &mut QueryBuilder<Sqlite>,
    rows: impl Iterator<Item = Row<'a>>,
) {
    query.push(
        "insert into facts
            (seq, at, kind, made_by, call, digest, room, note, subject, message, version, body,
            redacted) ",
    );
    query.push_values(rows, |mut columns, row| {
        let fact = row.fact;
        columns
            .push_bind(row.seq)
            .push_bind(fact.at.0)
            .push_bind(fact.kind.code())
            .push_bind(row.made_by)
            .push_bind(fact.id.map(|call| call.0))
            .push_bind(row.digest.map(Vec::from))
            .push_bind(row.room)
            .push_bind(row.note)
            .push_bind(row.subject)
            .push_bind(row.message)
            .push_bind(row.version)
            .push_bind(row.body)
            .push_bind(is_blanked(&fact.kind));
    });
}

/// Whether its text was taken back before it came here: neither an edit nor a message is ever empty.
fn is_blanked(kind: &FactKind) -> bool {
    match kind {
        FactKind::NoteEdited { update, .. } => update.is_empty(),
        FactKind::MessagePosted { message } | FactKind::MessageEdited { message } => {
            message.body.is_empty()
        }
        _ => false,
    }
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
        FactKind::RoomUpdated { room }
        | FactKind::RoomDestroyed { room }
        | FactKind::RoomRestored { room } => vec![room.id.0],
        FactKind::RoomPurged { room } => vec![room.0],
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
        FactKind::Unknown(unknown) => unknown.note(),
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
