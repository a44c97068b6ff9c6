//! Making a copy the session of its own person.

use super::{PastOf, erase, table};
use crate::error::StoreError;
use crate::ids::Ids;
use crate::session;
use crate::writer::Writer;
use sqlx::SqliteConnection;

impl Writer {
    /// Makes what is in this file a session that is hosted here, whose owner is the one whose copy
    /// it was: all of it or nothing. Answers whether it was a copy.
    ///
    /// Its log keeps the host's numbers and goes on after the last; what the person did not see is
    /// missing from it. What was on its way into sight and is not whole is erased. What waited for
    /// the host stays in the outbox.
    pub async fn make_own(&mut self) -> Result<bool, StoreError> {
        let mut writing = self.writing().await?;
        let connection = &mut *writing.transaction;
        let Some(copy) = table::load(connection).await? else {
            return Ok(false);
        };
        let me = writing.ids.known(copy.member.0)?;
        for past in copy.pasts {
            erase_past(connection, writing.ids, past.of, me).await?;
        }
        session::set_owner(connection, me).await?;
        for sql in [
            "update session set gaps_until = (select coalesce(max(seq), 0) from facts)",
            "delete from copy_pasts",
            "delete from copy",
        ] {
            sqlx::query(sql).execute(&mut *connection).await?;
        }
        writing.commit().await?;
        self.read_anew();
        Ok(true)
    }
}

async fn erase_past(
    connection: &mut SqliteConnection,
    ids: &Ids,
    of: PastOf,
    me: i64,
) -> Result<(), StoreError> {
    match of {
        PastOf::Room(room) => {
            if let Some(no) = ids.get(room.0) {
                erase::room(connection, no, me, u64::MAX).await?;
            }
        }
        PastOf::Note(key) => {
            if let Some(no) = ids.get(key.0) {
                erase::note(connection, no, u64::MAX).await?;
            }
        }
    }
    Ok(())
}
