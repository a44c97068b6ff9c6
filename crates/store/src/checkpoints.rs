//! Notes' texts at a version, and the edits after it.

use hearth_protocol::id::NoteKey;
use hearth_protocol::{CallId, MemberId, Timestamp};
use sqlx::SqliteConnection;
use uuid::Uuid;

use crate::error::StoreError;
use crate::fact_log::{column, unpack};

/// How many checkpoints a note keeps. Spread over its versions they bound how much is replayed to
/// show an old one; more would make the file of a large note grow with every one of them.
const KEPT: i64 = 8;

/// What a note's text at some version is made from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NoteLog {
    /// The nearest checkpoint.
    pub checkpoint: Option<NoteCheckpoint>,
    /// The edits after it, in order: who made them, and Yjs updates v1, as bytes. Empty for a
    /// purged note.
    pub updates: Vec<(MemberId, Vec<u8>)>,
}

/// A note's text at a version.
#[derive(Debug, Clone, PartialEq, Eq, Default, sqlx::FromRow)]
pub struct NoteCheckpoint {
    /// The version.
    #[sqlx(try_from = "i64")]
    pub version: u64,
    /// The text, as Yjs update v1.
    pub state: Vec<u8>,
    /// Which member each of its client ids belongs to.
    pub owners: Vec<u8>,
}

/// One edit of a note's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteEdit {
    /// The version it made.
    pub version: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: MemberId,
    /// Yjs update v1.
    pub update: Vec<u8>,
}

/// Keeps a checkpoint, and lets go of the one that is missed least if there are too many.
pub(crate) async fn put(
    connection: &mut SqliteConnection,
    note: i64,
    version: u64,
    state: &[u8],
    owners: &[u8],
) -> Result<(), StoreError> {
    sqlx::query(
        // Not of a note that was purged while its text was still in memory.
        "insert into checkpoints (note, version, state, owners)
            select no, ?, ?, ? from notes where no = ?
            on conflict do nothing",
    )
    .bind(column(version))
    .bind(state)
    .bind(owners)
    .bind(note)
    .execute(&mut *connection)
    .await?;
    // The one whose neighbours are closest to each other. The newest has no next one and stays.
    sqlx::query(
        "delete from checkpoints
            where note = ?1
                and version = (
                    select version
                        from (
                            select version,
                                lead(version) over near - coalesce(lag(version) over near, 0) as gap
                                from checkpoints
                                where note = ?1
                                window near as (order by version)
                        )
                        where gap is not null
                        order by gap, version
                        limit 1
                )
                and (select count(*) from checkpoints where note = ?1) > ?2",
    )
    .bind(note)
    .bind(KEPT)
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets the checkpoints of a note that is gone.
pub(crate) async fn delete_of_note(
    connection: &mut SqliteConnection,
    note: i64,
) -> Result<(), StoreError> {
    sqlx::query("delete from checkpoints where note = ?")
        .bind(note)
        .execute(connection)
        .await?;
    Ok(())
}

/// What the text of `note` at `version` is made from.
pub(crate) async fn note_log(
    connection: &mut SqliteConnection,
    note: NoteKey,
    version: u64,
) -> Result<NoteLog, StoreError> {
    let version = column(version);
    let checkpoint: Option<NoteCheckpoint> = sqlx::query_as(
        "select checkpoints.version, checkpoints.state, checkpoints.owners
            from checkpoints
            join ids on ids.no = checkpoints.note
            where ids.id = ? and checkpoints.version <= ?
            order by checkpoints.version desc
            limit 1",
    )
    .bind(note.0)
    .bind(version)
    .fetch_optional(&mut *connection)
    .await?;
    let from = checkpoint
        .as_ref()
        .map_or(0, |checkpoint| checkpoint.version);
    let edits = edits(connection, note, from, version as u64).await?;
    Ok(NoteLog {
        checkpoint,
        updates: edits
            .into_iter()
            .map(|edit| (edit.by, edit.update))
            .collect(),
    })
}

/// The edits of `note` after version `after` up to `until`, in order.
pub(crate) async fn edits(
    connection: &mut SqliteConnection,
    note: NoteKey,
    after: u64,
    until: u64,
) -> Result<Vec<NoteEdit>, StoreError> {
    let rows: Vec<(i64, i64, Option<Uuid>, Vec<u8>)> = sqlx::query_as(
        "select facts.version, facts.at, made_by.id, facts.body
            from ids
            join facts on facts.note = ids.no and facts.kind = 32
            left join ids as made_by on made_by.no = facts.made_by
            where ids.id = ?1 and facts.version > ?2 and facts.version <= ?3 and facts.redacted = 0
            order by facts.version",
    )
    .bind(note.0)
    .bind(column(after))
    .bind(column(until))
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(version, at, by, stored)| {
            Ok(NoteEdit {
                version: version as u64,
                at: Timestamp(at),
                by: MemberId(by.unwrap_or_default()),
                update: unpack(&stored)?.into_owned(),
            })
        })
        .collect()
}

/// Which version of `note` after version `after` one of these calls of `member` made, and the number
/// of the fact.
pub(crate) async fn edit_of_call(
    connection: &mut SqliteConnection,
    note: NoteKey,
    after: u64,
    member: MemberId,
    calls: [CallId; 2],
) -> Result<Option<(u64, u64)>, StoreError> {
    let found: Option<(i64, i64)> = sqlx::query_as(
        "select facts.version, facts.seq
            from ids
            join facts on facts.note = ids.no and facts.kind = 32
            join ids as made_by on made_by.no = facts.made_by
            where ids.id = ?1 and facts.version > ?2 and made_by.id = ?3 and facts.call in (?4, ?5)
            order by facts.version
            limit 1",
    )
    .bind(note.0)
    .bind(column(after))
    .bind(member.0)
    .bind(calls[0].0)
    .bind(calls[1].0)
    .fetch_optional(connection)
    .await?;
    Ok(found.map(|(version, seq)| (version as u64, seq as u64)))
}

/// The version that the text of `note` had after fact `seq`.
pub(crate) async fn version_at(
    connection: &mut SqliteConnection,
    note: NoteKey,
    seq: u64,
) -> Result<u64, StoreError> {
    // Versions rise with the numbers of their facts, so this walks back from the newest.
    let version: Option<i64> = sqlx::query_scalar(
        "select facts.version
            from ids
            join facts on facts.note = ids.no and facts.kind = 32
            where ids.id = ?1 and facts.seq <= ?2
            order by facts.version desc
            limit 1",
    )
    .bind(note.0)
    .bind(column(seq))
    .fetch_optional(connection)
    .await?;
    Ok(version.unwrap_or(0) as u64)
}
