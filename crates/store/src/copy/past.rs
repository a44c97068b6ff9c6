//! The past of what came into sight.

use std::collections::{HashMap, HashSet};

use hearth_protocol::{Fact, FactKind, NoteKey, RoomId};
use sqlx::SqliteConnection;

use super::{Past, PastOf};
use crate::error::StoreError;
use crate::fact_log::{self, column};
use crate::ids::Ids;
use crate::project::Projector;
use crate::{files, messages, notes, rooms};

/// Rooms and notes whose past is not whole, and which are therefore in no projection.
pub(crate) async fn hidden(connection: &mut SqliteConnection) -> Result<HashSet<i64>, StoreError> {
    let hidden: Vec<i64> = sqlx::query_scalar("select no from copy_pasts")
        .fetch_all(connection)
        .await?;
    Ok(hidden.into_iter().collect())
}

/// What is still to be fetched of a past; `None` when it is not being fetched.
pub(super) async fn find(
    connection: &mut SqliteConnection,
    no: i64,
    of: PastOf,
) -> Result<Option<Past>, StoreError> {
    let found: Option<(i64, i64)> =
        sqlx::query_as("select next, until from copy_pasts where no = ?")
            .bind(no)
            .fetch_optional(connection)
            .await?;
    Ok(found.map(|(next, until)| Past {
        of,
        next: next as u64,
        until: until as u64,
    }))
}

/// Says how far a past is there.
pub(super) async fn advance(
    connection: &mut SqliteConnection,
    no: i64,
    next: u64,
) -> Result<(), StoreError> {
    sqlx::query("update copy_pasts set next = ? where no = ?")
        .bind(column(next))
        .bind(no)
        .execute(connection)
        .await?;
    Ok(())
}

/// Puts what a room or a note amounts to into the projections, from the whole log and in its order,
/// whatever of it was there before.
pub(super) async fn show(
    connection: &mut SqliteConnection,
    ids: &Ids,
    of: PastOf,
    no: i64,
) -> Result<(), StoreError> {
    sqlx::query("delete from copy_pasts where no = ?")
        .bind(no)
        .execute(&mut *connection)
        .await?;
    let (room, notes) = match of {
        PastOf::Room(_) => (Some(no), ever_in(connection, no).await?),
        PastOf::Note(_) => (None, vec![no]),
    };
    clear(connection, room, &notes).await?;
    let hidden = hidden(connection).await?;
    let mut projector = Projector::new(ids, hidden);
    let mut placed: HashMap<NoteKey, Vec<(u64, RoomId)>> = HashMap::new();
    let mut since = 0;
    loop {
        let facts = fact_log::about(connection, since, room, &notes).await?;
        let Some(last) = facts.last() else {
            break;
        };
        since = last.seq.unwrap_or_default();
        for fact in &facts {
            place(&mut placed, fact);
            projector.take(connection, fact).await?;
        }
    }
    projector.finish(connection).await?;
    for (key, places) in placed {
        put_in_their_rooms(connection, ids, ids.known(key.0)?, &places).await?;
    }
    Ok(())
}

/// The notes that are or once were in a room.
async fn ever_in(connection: &mut SqliteConnection, room: i64) -> Result<Vec<i64>, StoreError> {
    let found = sqlx::query_scalar(
        "select note from facts where room = ?1 and kind <> 32 and note is not null
            union
            select no from notes where room = ?1",
    )
    .bind(room)
    .fetch_all(connection)
    .await?;
    Ok(found)
}

async fn clear(
    connection: &mut SqliteConnection,
    room: Option<i64>,
    of: &[i64],
) -> Result<(), StoreError> {
    for note in of {
        notes::delete(connection, *note).await?;
    }
    if let Some(room) = room {
        messages::delete_of_room(connection, room).await?;
        files::delete_of_room(connection, room).await?;
        rooms::delete(connection, room).await?;
    }
    Ok(())
}

fn place(placed: &mut HashMap<NoteKey, Vec<(u64, RoomId)>>, fact: &Fact) {
    if let FactKind::NoteCreated { note } | FactKind::NoteMoved { note } = &fact.kind {
        let place = (fact.seq.unwrap_or_default(), note.room);
        placed.entry(note.key).or_default().push(place);
    }
}

/// Edits do not say in which room they were made, and nobody could tell while the past was not
/// there.
async fn put_in_their_rooms(
    connection: &mut SqliteConnection,
    ids: &Ids,
    note: i64,
    places: &[(u64, RoomId)],
) -> Result<(), StoreError> {
    for (index, (from, room)) in places.iter().enumerate() {
        let until = places.get(index + 1).map_or(u64::MAX, |(next, _)| *next);
        sqlx::query(
            "update facts
                set room = ?1
                where note = ?2 and kind = 32 and seq > ?3 and seq < ?4 and room is not ?1",
        )
        .bind(ids.known(room.0)?)
        .bind(note)
        .bind(column(*from))
        .bind(column(until))
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}
