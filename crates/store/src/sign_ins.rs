//! Sign-ins, known by the hash of their credential; as hosts see them, devices.

use hearth_protocol::id::DeviceId;
use hearth_protocol::{MemberId, Timestamp};
use sqlx::SqliteConnection;
use uuid::Uuid;

use crate::error::StoreError;

/// A sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInRow {
    /// What hosts call it.
    pub device: DeviceId,
    /// Who.
    pub member: MemberId,
    /// Whether it is Hearth itself rather than a browser.
    pub app: bool,
    /// Where it came from.
    pub address: Option<String>,
    /// When.
    pub created_at: Timestamp,
    /// When it was used last.
    pub used_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct Row {
    device: Uuid,
    member: Uuid,
    app: bool,
    address: Option<String>,
    created_at: i64,
    used_at: i64,
}

impl From<Row> for SignInRow {
    fn from(row: Row) -> Self {
        Self {
            device: DeviceId(row.device),
            member: MemberId(row.member),
            app: row.app,
            address: row.address,
            created_at: Timestamp(row.created_at),
            used_at: Timestamp(row.used_at),
        }
    }
}

pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    hash: &[u8; 32],
    member: i64,
    sign_in: &SignInRow,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into sign_ins (hash, member, created_at, used_at, id, app, address)
            values (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&hash[..])
    .bind(member)
    .bind(sign_in.created_at.0)
    .bind(sign_in.used_at.0)
    .bind(sign_in.device.0)
    .bind(sign_in.app)
    .bind(&sign_in.address)
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn set_used(
    connection: &mut SqliteConnection,
    hash: &[u8; 32],
    used_at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("update sign_ins set used_at = max(used_at, ?) where hash = ?")
        .bind(used_at.0)
        .bind(&hash[..])
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) async fn delete(
    connection: &mut SqliteConnection,
    hash: &[u8; 32],
) -> Result<(), StoreError> {
    sqlx::query("delete from sign_ins where hash = ?")
        .bind(&hash[..])
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) async fn delete_device(
    connection: &mut SqliteConnection,
    device: DeviceId,
) -> Result<(), StoreError> {
    sqlx::query("delete from sign_ins where id = ?")
        .bind(device.0)
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) async fn delete_of_member(
    connection: &mut SqliteConnection,
    member: i64,
) -> Result<(), StoreError> {
    sqlx::query("delete from sign_ins where member = ?")
        .bind(member)
        .execute(connection)
        .await?;
    Ok(())
}

/// Forgets those not used since `before`. What keeps somebody out who was banned stays.
pub(crate) async fn delete_unused(
    connection: &mut SqliteConnection,
    before: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "delete from sign_ins
            where used_at < ?
                and member not in (select no from members where removed = 2)",
    )
    .bind(before.0)
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn find(
    connection: &mut SqliteConnection,
    hash: &[u8; 32],
) -> Result<Option<SignInRow>, StoreError> {
    let row: Option<Row> = sqlx::query_as(
        "select sign_ins.id as device, ids.id as member, app, address, created_at, used_at
            from sign_ins
            join ids on ids.no = sign_ins.member
            where sign_ins.hash = ?",
    )
    .bind(&hash[..])
    .fetch_optional(connection)
    .await?;
    Ok(row.map(SignInRow::from))
}

pub(crate) async fn find_device(
    connection: &mut SqliteConnection,
    device: DeviceId,
) -> Result<Option<SignInRow>, StoreError> {
    let row: Option<Row> = sqlx::query_as(
        "select sign_ins.id as device, ids.id as member, app, address, created_at, used_at
            from sign_ins
            join ids on ids.no = sign_ins.member
            where sign_ins.id = ?",
    )
    .bind(device.0)
    .fetch_optional(connection)
    .await?;
    Ok(row.map(SignInRow::from))
}

/// The `limit` that were used last, those first.
pub(crate) async fn list(
    connection: &mut SqliteConnection,
    limit: u32,
) -> Result<Vec<SignInRow>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(
        "select sign_ins.id as device, ids.id as member, app, address, created_at, used_at
            from sign_ins
            join ids on ids.no = sign_ins.member
            order by used_at desc, sign_ins.id
            limit ?",
    )
    .bind(limit)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(SignInRow::from).collect())
}
