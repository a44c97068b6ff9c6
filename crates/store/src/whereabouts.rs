//! Who and what was where, at some point of the log.

use hearth_protocol::id::NoteKey;
use hearth_protocol::{MemberId, RoomId};
use sqlx::SqliteConnection;
use uuid::Uuid;

use crate::error::StoreError;
use crate::fact_log::column;

/// Whether a member was in a room right before fact `seq`.
pub(crate) async fn was_in_room(
    connection: &mut SqliteConnection,
    member: MemberId,
    room: RoomId,
    seq: u64,
) -> Result<bool, StoreError> {
    let last: Option<i64> = sqlx::query_scalar(
        "select facts.kind
            from facts
            where facts.subject = (select no from ids where id = ?1)
                and facts.room = (select no from ids where id = ?2)
                and facts.seq < ?3
            order by facts.seq desc
            limit 1",
    )
    .bind(member.0)
    .bind(room.0)
    .bind(column(seq))
    .fetch_optional(connection)
    .await?;
    Ok(last == Some(JOINED))
}

/// The number of `roomjoined`.
const JOINED: i64 = 25;

/// The private room that a note was moved to last before fact `seq`; `None` also for a public one.
pub(crate) async fn note_moved_to(
    connection: &mut SqliteConnection,
    note: NoteKey,
    seq: u64,
) -> Result<Option<RoomId>, StoreError> {
    let room: Option<Option<Uuid>> = sqlx::query_scalar(
        "select room.id
            from facts
            left join ids as room on room.no = facts.room
            where facts.note = (select no from ids where id = ?1)
                and facts.kind <> 32
                and facts.kind = 36
                and facts.seq < ?2
            order by facts.seq desc
            limit 1",
    )
    .bind(note.0)
    .bind(column(seq))
    .fetch_optional(connection)
    .await?;
    Ok(room.flatten().map(RoomId))
}

/// The facts after `since` up to `until` that say of a private room that it is gone for good, as far
/// as the member was in it then.
pub(crate) async fn room_purges(
    connection: &mut SqliteConnection,
    member: MemberId,
    since: u64,
    until: u64,
) -> Result<Vec<u64>, StoreError> {
    let seqs: Vec<i64> = sqlx::query_scalar(
        "select purged.seq
            from facts as purged
            where purged.kind = 24
                and purged.room is not null
                and purged.seq > ?1
                and purged.seq <= ?2
                and 25 = (
                    select facts.kind
                        from facts
                        where facts.subject = (select no from ids where id = ?3)
                            and facts.room = purged.room
                            and facts.seq < purged.seq
                        order by facts.seq desc
                        limit 1
                )
            order by purged.seq",
    )
    .bind(column(since))
    .bind(column(until))
    .bind(member.0)
    .fetch_all(connection)
    .await?;
    Ok(seqs.into_iter().map(|seq| seq as u64).collect())
}
