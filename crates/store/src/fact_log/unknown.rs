//! Facts that were kept although they could not be read.

use hearth_protocol::{Fact, FactKind, NoteKey, RoomId};
use sqlx::SqliteConnection;
use uuid::Uuid;

use super::{column, read, write};
use crate::error::StoreError;
use crate::ids::Ids;

/// Gives facts that an older build could not read, and this one can, the rows they would have had
/// from the beginning.
pub(crate) async fn recognize(
    connection: &mut SqliteConnection,
    ids: &mut Ids,
) -> Result<(), StoreError> {
    let mut since = 0;
    loop {
        let page = read::unknown(connection, since).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        since = last.seq.unwrap_or_default();
        for kept in page {
            let Ok(read) = serde_json::from_str::<Fact>(&kept.to_listed_json()) else {
                continue;
            };
            if read.kind.code() != FactKind::UNKNOWN_CODE {
                let room = room_of(connection, &read).await?;
                write::replace(connection, ids, &read, room).await?;
            }
        }
    }
}

/// As well as it can be told now. It decides nothing in a copy, whose person may see all of it.
async fn room_of(
    connection: &mut SqliteConnection,
    fact: &Fact,
) -> Result<Option<RoomId>, StoreError> {
    let kept: Option<Uuid> = sqlx::query_scalar(
        "select ids.id from facts join ids on ids.no = facts.room where facts.seq = ?",
    )
    .bind(column(fact.seq.unwrap_or_default()))
    .fetch_optional(connection)
    .await?;
    let kept = kept.map(RoomId);
    Ok(fact
        .kind
        .concerned_room(|_| kept.is_some(), |_: NoteKey| kept))
}
