//! Messages as they are now.

use std::collections::HashMap;

use hearth_protocol::id::NoteKey;
use hearth_protocol::{MemberId, Message, MessageId, RoomId, Timestamp};
use sqlx::SqliteConnection;
use uuid::Uuid;

use crate::error::StoreError;
use crate::fact_log::column;
use crate::ids::Ids;

macro_rules! select_messages {
    ($rest:literal) => {
        concat!(
            "select messages.id, messages.seq, room.id as room, messages.body, messages.at,
                    made_by.id as made_by, messages.edited_at, note.id as note, messages.made_at
                from messages
                join ids as room on room.no = messages.room
                join ids as made_by on made_by.no = messages.made_by
                left join ids as note on note.no = messages.note ",
            $rest
        )
    };
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    seq: i64,
    room: Uuid,
    body: String,
    at: i64,
    made_by: Uuid,
    edited_at: Option<i64>,
    note: Option<Uuid>,
    made_at: Option<i64>,
}

impl From<Row> for Message {
    fn from(row: Row) -> Self {
        Self {
            id: MessageId(row.id),
            seq: row.seq as u64,
            room: RoomId(row.room),
            body: row.body,
            at: Timestamp(row.at),
            by: MemberId(row.made_by),
            edited_at: row.edited_at.map(Timestamp),
            note: row.note.map(NoteKey),
            made_at: row.made_at.map(Timestamp),
        }
    }
}

/// Writes a new message, which fact `seq` posted, if its room is here.
pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    ids: &Ids,
    seq: i64,
    message: &Message,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into messages (seq, id, room, made_by, body, at, edited_at, note, made_at)
            select ?1, ?2, no, ?4, ?5, ?6, ?7, ?8, ?9 from rooms where no = ?3",
    )
    .bind(seq)
    .bind(message.id.0)
    .bind(ids.known(message.room.0)?)
    .bind(ids.known(message.by.0)?)
    .bind(&message.body)
    .bind(message.at.0)
    .bind(message.edited_at.map(|at| at.0))
    .bind(message.note.map(|note| ids.known(note.0)).transpose()?)
    .bind(message.made_at.map(|at| at.0))
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes what its author changed.
pub(crate) async fn update(
    connection: &mut SqliteConnection,
    message: &Message,
) -> Result<(), StoreError> {
    sqlx::query("update messages set body = ?, edited_at = ? where id = ?")
        .bind(&message.body)
        .bind(message.edited_at.map(|at| at.0))
        .bind(message.id.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// Blanks a message that was taken back. It keeps its place in the conversation.
pub(crate) async fn destroy(
    connection: &mut SqliteConnection,
    message: MessageId,
) -> Result<(), StoreError> {
    sqlx::query("update messages set body = '', destroyed = 1 where id = ?")
        .bind(message.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// Forgets the messages of a room.
pub(crate) async fn delete_of_room(
    connection: &mut SqliteConnection,
    room: i64,
) -> Result<(), StoreError> {
    sqlx::query("delete from messages where room = ?")
        .bind(room)
        .execute(connection)
        .await?;
    Ok(())
}

/// One message.
pub(crate) async fn find(
    connection: &mut SqliteConnection,
    id: MessageId,
) -> Result<Option<Message>, StoreError> {
    let row: Option<Row> = sqlx::query_as(select_messages!("where messages.id = ?"))
        .bind(id.0)
        .fetch_optional(connection)
        .await?;
    Ok(row.map(Message::from))
}

/// The messages that these facts posted.
pub(crate) async fn posted(
    connection: &mut SqliteConnection,
    seqs: &[u64],
) -> Result<Vec<Message>, StoreError> {
    let seqs: Vec<String> = seqs.iter().map(u64::to_string).collect();
    let rows: Vec<Row> = sqlx::query_as(select_messages!(
        "where messages.seq in (select value from json_each(?1))"
    ))
    .bind(format!("[{}]", seqs.join(",")))
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(Message::from).collect())
}

/// The last messages of a room before fact `before`, oldest first.
pub(crate) async fn list(
    connection: &mut SqliteConnection,
    room: RoomId,
    before: Option<u64>,
    limit: u32,
) -> Result<Vec<Message>, StoreError> {
    let before = before.map_or(i64::MAX, column);
    let rows: Vec<Row> = sqlx::query_as(select_messages!(
        "where messages.room = (select no from ids where id = ?1) and messages.seq < ?2
            order by messages.seq desc
            limit ?3"
    ))
    .bind(room.0)
    .bind(before)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().rev().map(Message::from).collect())
}

/// The last messages of each room up to fact `until`, oldest first.
pub(crate) async fn newest(
    connection: &mut SqliteConnection,
    rooms: &[RoomId],
    each: u32,
    until: u64,
) -> Result<Vec<Message>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(select_messages!(
        "where messages.seq in (
                select newest.seq
                    from json_each(?1) as asked
                    join ids as asked_room on asked_room.id = unhex(asked.value)
                    join messages as newest on newest.seq in (
                        select seq from messages
                            where room = asked_room.no and seq <= ?2
                            order by seq desc
                            limit ?3
                    )
            )
            order by messages.seq"
    ))
    .bind(hex_list(rooms))
    .bind(column(until))
    .bind(each)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(Message::from).collect())
}

/// How many messages of others in each room the member has not read.
pub(crate) async fn unread(
    connection: &mut SqliteConnection,
    member: MemberId,
    rooms: &[RoomId],
) -> Result<HashMap<RoomId, u32>, StoreError> {
    // Who has no mark yet has read everything from before the joining; who has not joined either
    // has nothing unread.
    let counted: Vec<(Uuid, u32)> = sqlx::query_as(
        "select room.id, count(*)
            from json_each(?1) as asked
            join ids as room on room.id = unhex(asked.value)
            join ids as member on member.id = ?2
            join messages on messages.room = room.no
                and messages.seq > coalesce(
                    (select seq from reads where member = member.no and room = room.no),
                    (select joined_seq from room_members
                        where room = room.no and member = member.no),
                    9223372036854775807
                )
                and messages.made_by <> member.no
                and messages.destroyed = 0
            group by room.id",
    )
    .bind(hex_list(rooms))
    .bind(member.0)
    .fetch_all(connection)
    .await?;
    let mut unread: HashMap<RoomId, u32> = rooms.iter().map(|room| (*room, 0)).collect();
    unread.extend(
        counted
            .into_iter()
            .map(|(room, count)| (RoomId(room), count)),
    );
    Ok(unread)
}

/// Rooms as one parameter: a JSON list of their ids in hex, for `unhex`.
fn hex_list(rooms: &[RoomId]) -> String {
    let ids: Vec<String> = rooms
        .iter()
        .map(|room| format!("\"{}\"", room.0.simple()))
        .collect();
    format!("[{}]", ids.join(","))
}
