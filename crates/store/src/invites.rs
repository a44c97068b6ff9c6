//! Invitations, known by the hash of their secret.

use hearth_protocol::id::InviteId;
use hearth_protocol::{Role, Timestamp};
use sqlx::SqliteConnection;
use uuid::Uuid;

use crate::error::StoreError;
use crate::text;

/// An invitation, used up or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InviteRow {
    /// SHA-256 of its secret.
    pub hash: [u8; 32],
    /// What hosts call it.
    pub id: InviteId,
    /// What whoever comes with it may do.
    pub role: Role,
    /// How many may come with it.
    pub uses: u32,
    /// How many still may.
    pub uses_left: u32,
    /// Until when.
    pub expires_at: Timestamp,
    /// When it was made.
    pub made_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct Row {
    hash: Vec<u8>,
    id: Uuid,
    role: String,
    uses: u32,
    uses_left: u32,
    expires_at: i64,
    made_at: i64,
}

impl Row {
    fn read(self) -> Result<InviteRow, StoreError> {
        let hash = self.hash.try_into().map_err(|_| StoreError::Damaged {
            detail: "an invitation's hash has another length".to_owned(),
        })?;
        Ok(InviteRow {
            hash,
            id: InviteId(self.id),
            role: text::parse_role(&self.role)?,
            uses: self.uses,
            uses_left: self.uses_left,
            expires_at: Timestamp(self.expires_at),
            made_at: Timestamp(self.made_at),
        })
    }
}

pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    invite: &InviteRow,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into invites (hash, id, role, uses, uses_left, expires_at, made_at)
            values (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&invite.hash[..])
    .bind(invite.id.0)
    .bind(text::role(invite.role))
    .bind(invite.uses)
    .bind(invite.uses_left)
    .bind(invite.expires_at.0)
    .bind(invite.made_at.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes one use away.
pub(crate) async fn take_use(
    connection: &mut SqliteConnection,
    hash: &[u8; 32],
) -> Result<(), StoreError> {
    sqlx::query("update invites set uses_left = uses_left - 1 where hash = ?")
        .bind(&hash[..])
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) async fn delete(
    connection: &mut SqliteConnection,
    hash: &[u8; 32],
) -> Result<(), StoreError> {
    sqlx::query("delete from invites where hash = ?")
        .bind(&hash[..])
        .execute(connection)
        .await?;
    Ok(())
}

/// Forgets those that ended before `before`.
pub(crate) async fn delete_ended(
    connection: &mut SqliteConnection,
    before: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("delete from invites where expires_at < ?")
        .bind(before.0)
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) async fn find(
    connection: &mut SqliteConnection,
    hash: &[u8; 32],
) -> Result<Option<InviteRow>, StoreError> {
    let row: Option<Row> = sqlx::query_as(
        "select hash, id, role, uses, uses_left, expires_at, made_at
            from invites
            where hash = ?",
    )
    .bind(&hash[..])
    .fetch_optional(connection)
    .await?;
    row.map(Row::read).transpose()
}

/// All of them, the newest first.
pub(crate) async fn list(connection: &mut SqliteConnection) -> Result<Vec<InviteRow>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(
        "select hash, id, role, uses, uses_left, expires_at, made_at
            from invites
            order by made_at desc, id desc",
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Row::read).collect()
}
