//! How far members have read.

use sqlx::SqliteConnection;

use crate::error::StoreError;
use crate::fact_log::column;

/// Sets a mark; one that lies further on stays.
pub(crate) async fn put(
    connection: &mut SqliteConnection,
    member: i64,
    room: i64,
    seq: u64,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into reads (member, room, seq)
            values (?, ?, ?)
            on conflict (member, room) do update set seq = max(seq, excluded.seq)",
    )
    .bind(member)
    .bind(room)
    .bind(column(seq))
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets the marks in a room that is gone.
pub(crate) async fn delete_of_room(
    connection: &mut SqliteConnection,
    room: i64,
) -> Result<(), StoreError> {
    sqlx::query("delete from reads where room = ?")
        .bind(room)
        .execute(connection)
        .await?;
    Ok(())
}
