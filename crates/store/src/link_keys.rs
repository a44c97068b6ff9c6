//! By which keys members' apps came in.

use hearth_protocol::MemberId;
use sqlx::SqliteConnection;
use uuid::Uuid;

use crate::error::StoreError;

/// A member's app came by this key. Knowing it already is well.
pub(crate) async fn put(
    connection: &mut SqliteConnection,
    key: &[u8; 32],
    member: i64,
) -> Result<(), StoreError> {
    sqlx::query("insert into link_keys (key, member) values (?, ?) on conflict do nothing")
        .bind(&key[..])
        .bind(member)
        .execute(connection)
        .await?;
    Ok(())
}

/// Everybody who came by this key, in the order of their coming.
pub(crate) async fn members(
    connection: &mut SqliteConnection,
    key: &[u8; 32],
) -> Result<Vec<MemberId>, StoreError> {
    let ids: Vec<(Uuid,)> = sqlx::query_as(
        "select ids.id
            from link_keys
            join ids on ids.no = link_keys.member
            where link_keys.key = ?
            order by link_keys.member",
    )
    .bind(&key[..])
    .fetch_all(connection)
    .await?;
    Ok(ids.into_iter().map(|(id,)| MemberId(id)).collect())
}

/// Forgets by which keys a member came.
pub(crate) async fn delete_of_member(
    connection: &mut SqliteConnection,
    member: i64,
) -> Result<(), StoreError> {
    sqlx::query("delete from link_keys where member = ?")
        .bind(member)
        .execute(connection)
        .await?;
    Ok(())
}
