//! Taking away what went out of sight. What is deleted is overwritten (`secure_delete`).

use sqlx::SqliteConnection;

use crate::error::StoreError;
use crate::fact_log::column;
use crate::{checkpoints, files, messages, notes, reads, rooms};

/// Erases a private room and the notes in it: their rows in every projection, and their facts up to
/// `until`. What stays is what the host would still tell: that `me` was in it. Answers the notes.
///
/// Notes that were in the room once and have gone where they can be seen stay whole.
pub(super) async fn room(
    connection: &mut SqliteConnection,
    room: i64,
    me: i64,
    until: u64,
) -> Result<Vec<i64>, StoreError> {
    let gone = notes_of(connection, room, until).await?;
    for no in &gone {
        note(connection, *no, until).await?;
    }
    messages::delete_of_room(connection, room).await?;
    files::delete_of_room(connection, room).await?;
    reads::delete_of_room(connection, room).await?;
    rooms::delete(connection, room).await?;
    sqlx::query(
        "delete from facts
            where room = ?1 and seq <= ?2 and (note is null or kind = 37)
                and (subject is null or subject <> ?3)",
    )
    .bind(room)
    .bind(column(until))
    .bind(me)
    .execute(&mut *connection)
    .await?;
    forget_past(connection, room).await?;
    begin_pasts_again(connection).await?;
    Ok(gone)
}

/// A note that was taken for one of the room may be one whose going elsewhere is in a past that is
/// still on the way.
async fn begin_pasts_again(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    sqlx::query("update copy_pasts set next = 0")
        .execute(connection)
        .await?;
    Ok(())
}

/// The notes that are in a room after fact `until`, as the projections have it or, where the room's
/// or the note's own past is not whole, as the log has it; and those of the room that were purged.
async fn notes_of(
    connection: &mut SqliteConnection,
    room: i64,
    until: u64,
) -> Result<Vec<i64>, StoreError> {
    let found = sqlx::query_scalar(
        "with placed (note, room) as (
                select facts.note, (
                        select ids.no
                            from facts as last
                            join ids on ids.id = unhex(
                                replace(last.body ->> '$.note.room', '-', '')
                            )
                            where last.note = facts.note and last.kind in (30, 36)
                                and last.kind <> 32 and last.seq <= ?2
                            order by last.seq desc
                            limit 1
                    )
                    from facts
                    where facts.room = ?1 and facts.note is not null and facts.kind <> 32
                        and facts.seq <= ?2
                        and facts.note not in (select no from notes)
                    group by facts.note
            )
            select no from notes where room = ?1
            union
            select note from placed where room = ?1 or room is null",
    )
    .bind(room)
    .bind(column(until))
    .fetch_all(connection)
    .await?;
    Ok(found)
}

/// Erases a note: its row, and its facts up to `until`. What stays is what the host would still
/// tell: that it left.
pub(super) async fn note(
    connection: &mut SqliteConnection,
    note: i64,
    until: u64,
) -> Result<(), StoreError> {
    checkpoints::delete_of_note(connection, note).await?;
    notes::delete(connection, note).await?;
    // Two statements, for the two indexes.
    for sql in [
        "delete from facts where note = ?1 and kind = 32 and seq <= ?2",
        "delete from facts where note = ?1 and kind <> 32 and kind <> 37 and seq <= ?2",
    ] {
        sqlx::query(sql)
            .bind(note)
            .bind(column(until))
            .execute(&mut *connection)
            .await?;
    }
    forget_past(connection, note).await
}

async fn forget_past(connection: &mut SqliteConnection, no: i64) -> Result<(), StoreError> {
    sqlx::query("delete from copy_pasts where no = ?")
        .bind(no)
        .execute(connection)
        .await?;
    Ok(())
}
