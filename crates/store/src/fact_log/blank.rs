//! Blanking what somebody took back, or what was purged.

use sqlx::SqliteConnection;

use crate::error::StoreError;

/// What a purged note's title and a purged room's files' names become. Neither is ever empty.
const BLANKED: &str = "…";

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
