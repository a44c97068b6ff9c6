//! Rooms as they are now, and who is in them.

use std::collections::HashMap;

use hearth_protocol::{MemberId, Room, RoomId, Timestamp};
use sqlx::SqliteConnection;

use crate::error::StoreError;
use crate::ids::Ids;
use crate::loaded::RoomRow;
use crate::text;

#[derive(sqlx::FromRow)]
struct Row {
    no: i64,
    name: String,
    topic: String,
    private: bool,
    direct_a: Option<i64>,
    direct_b: Option<i64>,
    destroyed_at: Option<i64>,
    created_by: Option<i64>,
}

/// Writes a new room.
pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    ids: &Ids,
    room: &Room,
    created_by: Option<MemberId>,
) -> Result<(), StoreError> {
    let (direct_a, direct_b) = match room.direct {
        Some([a, b]) => (Some(ids.known(a.0)?), Some(ids.known(b.0)?)),
        None => (None, None),
    };
    sqlx::query(
        "insert into rooms
            (no, name, topic, private, direct_a, direct_b, destroyed_at, created_by)
            values (?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(ids.known(room.id.0)?)
    .bind(room.name.as_str())
    .bind(room.topic.as_str())
    .bind(room.private)
    .bind(direct_a)
    .bind(direct_b)
    .bind(room.destroyed_at.map(|at| at.0))
    .bind(created_by.map(|member| ids.known(member.0)).transpose()?)
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes what may change of a room.
pub(crate) async fn update(
    connection: &mut SqliteConnection,
    no: i64,
    room: &Room,
) -> Result<(), StoreError> {
    sqlx::query("update rooms set name = ?, topic = ?, private = ?, destroyed_at = ? where no = ?")
        .bind(room.name.as_str())
        .bind(room.topic.as_str())
        .bind(room.private)
        .bind(room.destroyed_at.map(|at| at.0))
        .bind(no)
        .execute(connection)
        .await?;
    Ok(())
}

/// Forgets a room in which there are no notes and messages any more.
pub(crate) async fn delete(connection: &mut SqliteConnection, no: i64) -> Result<(), StoreError> {
    for sql in [
        "delete from room_members where room = ?",
        "delete from rooms where no = ?",
    ] {
        sqlx::query(sql).bind(no).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Somebody came in. Coming in twice changes nothing, nor does coming into a room that is not here.
pub(crate) async fn join(
    connection: &mut SqliteConnection,
    room: i64,
    member: i64,
    seq: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into room_members (room, member, joined_seq)
            select no, ?2, ?3 from rooms where no = ?1
            on conflict do nothing",
    )
    .bind(room)
    .bind(member)
    .bind(seq)
    .execute(connection)
    .await?;
    Ok(())
}

/// Somebody went out.
pub(crate) async fn leave(
    connection: &mut SqliteConnection,
    room: i64,
    member: i64,
) -> Result<(), StoreError> {
    sqlx::query("delete from room_members where room = ? and member = ?")
        .bind(room)
        .bind(member)
        .execute(connection)
        .await?;
    Ok(())
}

/// All of them, in the order of their making.
pub(crate) async fn load(
    connection: &mut SqliteConnection,
    ids: &Ids,
) -> Result<Vec<RoomRow>, StoreError> {
    let mut members = load_members(connection, ids).await?;
    let rows: Vec<Row> = sqlx::query_as(
        "select no, name, topic, private, direct_a, direct_b, destroyed_at, created_by
            from rooms
            order by no",
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let members = members.remove(&row.no).unwrap_or_default();
            let created_by = row
                .created_by
                .map(|no| ids.id(no).map(MemberId))
                .transpose()?;
            Ok(RoomRow {
                room: room(row, ids)?,
                created_by,
                members,
            })
        })
        .collect()
}

async fn load_members(
    connection: &mut SqliteConnection,
    ids: &Ids,
) -> Result<HashMap<i64, Vec<MemberId>>, StoreError> {
    let rows: Vec<(i64, i64)> =
        sqlx::query_as("select room, member from room_members order by joined_seq")
            .fetch_all(connection)
            .await?;
    let mut members: HashMap<i64, Vec<MemberId>> = HashMap::new();
    for (room, member) in rows {
        members
            .entry(room)
            .or_default()
            .push(MemberId(ids.id(member)?));
    }
    Ok(members)
}

fn room(row: Row, ids: &Ids) -> Result<Room, StoreError> {
    let direct = match (row.direct_a, row.direct_b) {
        (Some(a), Some(b)) => Some([MemberId(ids.id(a)?), MemberId(ids.id(b)?)]),
        _ => None,
    };
    Ok(Room {
        id: RoomId(ids.id(row.no)?),
        name: text::parse(row.name)?,
        topic: text::parse(row.topic)?,
        private: row.private,
        direct,
        destroyed_at: row.destroyed_at.map(Timestamp),
    })
}
