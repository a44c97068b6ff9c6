//! What a copy says of itself.

use hearth_protocol::fingerprint::Fingerprint;
use hearth_protocol::{MemberId, NoteKey, RoomId, RunId};
use sqlx::SqliteConnection;
use uuid::Uuid;

use super::{CopyHost, CopyState, Past, PastOf};
use crate::error::StoreError;
use crate::fact_log::column;

/// What changes with every batch, without the rest.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    pub(crate) member: MemberId,
    pub(crate) next: u64,
    /// How far the host was when it told the last of some past.
    pub(crate) told_at: u64,
}

/// Makes the file a copy.
pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    member: MemberId,
    host: &CopyHost,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into copy (one, member, addresses, fingerprint, token, next)
            values (1, ?, ?, ?, ?, 0)",
    )
    .bind(member.0)
    .bind(addresses(host))
    .bind(fingerprint(host))
    .bind(&host.token)
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes how to come back to the host.
pub(crate) async fn set_host(
    connection: &mut SqliteConnection,
    host: &CopyHost,
) -> Result<(), StoreError> {
    let changed = sqlx::query("update copy set addresses = ?, fingerprint = ?, token = ?")
        .bind(addresses(host))
        .bind(fingerprint(host))
        .bind(&host.token)
        .execute(connection)
        .await?;
    match changed.rows_affected() {
        0 => Err(no_copy()),
        _ => Ok(()),
    }
}

fn addresses(host: &CopyHost) -> String {
    serde_json::Value::from(host.addresses.clone()).to_string()
}

fn fingerprint(host: &CopyHost) -> Option<&[u8]> {
    host.fingerprint.as_ref().map(|print| &print.0[..])
}

/// Where the copy stands; `None` in a file that is none.
pub(crate) async fn mark(connection: &mut SqliteConnection) -> Result<Option<Mark>, StoreError> {
    let row: Option<(Uuid, i64, i64)> = sqlx::query_as("select member, next, told_at from copy")
        .fetch_optional(connection)
        .await?;
    Ok(row.map(|(member, next, told_at)| Mark {
        member: MemberId(member),
        next: next as u64,
        told_at: told_at as u64,
    }))
}

/// Whether the file is a copy.
pub(crate) async fn is_copy(connection: &mut SqliteConnection) -> Result<bool, StoreError> {
    Ok(mark(connection).await?.is_some())
}

/// Says how far the copy goes; it never goes back.
pub(super) async fn advance(
    connection: &mut SqliteConnection,
    next: u64,
    run: Option<RunId>,
) -> Result<(), StoreError> {
    sqlx::query("update copy set next = max(next, ?), run = coalesce(?, run)")
        .bind(column(next))
        .bind(run.map(|run| run.0))
        .execute(connection)
        .await?;
    Ok(())
}

/// Says how far the host was when it told the last of a past.
pub(super) async fn set_told_at(
    connection: &mut SqliteConnection,
    head: u64,
) -> Result<(), StoreError> {
    sqlx::query("update copy set told_at = max(told_at, ?)")
        .bind(column(head))
        .execute(connection)
        .await?;
    Ok(())
}

/// Says that something came into sight or went out of it.
pub(super) async fn count_sight(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    sqlx::query("update copy set sights = sights + 1")
        .execute(connection)
        .await?;
    Ok(())
}

/// All of it; `None` in a file that is no copy.
pub(crate) async fn load(
    connection: &mut SqliteConnection,
) -> Result<Option<CopyState>, StoreError> {
    #[derive(sqlx::FromRow)]
    struct Row {
        member: Uuid,
        addresses: String,
        fingerprint: Option<Vec<u8>>,
        token: String,
        next: i64,
        run: Option<Uuid>,
        sights: i64,
    }
    let row: Option<Row> =
        sqlx::query_as("select member, addresses, fingerprint, token, next, run, sights from copy")
            .fetch_optional(&mut *connection)
            .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let addresses = serde_json::from_str(&row.addresses)
        .map_err(|error| damaged(format!("the host's addresses cannot be read: {error}")))?;
    let fingerprint = row
        .fingerprint
        .map(|bytes| bytes.try_into().map(Fingerprint))
        .transpose()
        .map_err(|_| damaged("the host's fingerprint is not 32 bytes long".to_owned()))?;
    Ok(Some(CopyState {
        member: MemberId(row.member),
        host: CopyHost {
            addresses,
            fingerprint,
            token: row.token,
        },
        next: row.next as u64,
        run: row.run.map(RunId),
        pasts: pasts(connection).await?,
        sights: row.sights as u64,
    }))
}

/// What is to be fetched.
pub(super) async fn pasts(connection: &mut SqliteConnection) -> Result<Vec<Past>, StoreError> {
    let rows: Vec<(Uuid, bool, i64, i64)> = sqlx::query_as(
        "select ids.id, copy_pasts.is_room, copy_pasts.next, copy_pasts.until
            from copy_pasts
            join ids using (no)
            order by copy_pasts.until, copy_pasts.no",
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(id, is_room, next, until)| Past {
            of: match is_room {
                true => PastOf::Room(RoomId(id)),
                false => PastOf::Note(NoteKey(id)),
            },
            next: next as u64,
            until: until as u64,
        })
        .collect())
}

pub(super) fn no_copy() -> StoreError {
    StoreError::Invalid("the session in this file is no copy".to_owned())
}

fn damaged(detail: String) -> StoreError {
    StoreError::Damaged { detail }
}
