//! What facts do to what this member may see.

use hearth_protocol::{Fact, FactKind, MemberId, NoteKey, RoomId};
use sqlx::SqliteConnection;

use super::{Copied, Past, PastOf, erase, table};
use crate::error::StoreError;
use crate::fact_log::column;
use crate::ids::Ids;
use crate::notes;
use crate::project::Projector;

/// Projects copied facts in order, and follows what comes into and goes out of sight.
pub(super) struct Follower<'a> {
    pub(super) me: MemberId,
    /// Notes that moved up to here may not be here whole: see `0010_copies.sql`.
    pub(super) told_at: u64,
    pub(super) ids: &'a Ids,
    pub(super) projector: Projector<'a>,
    pub(super) copied: Copied,
}

impl Follower<'_> {
    /// Takes the next fact, which is in the log already.
    pub(super) async fn take(
        &mut self,
        connection: &mut SqliteConnection,
        fact: &Fact,
    ) -> Result<(), StoreError> {
        let seq = fact.seq.unwrap_or_default();
        self.copied.new.push(seq);
        match &fact.kind {
            FactKind::RoomJoined { room, member } if *member == self.me => {
                self.came_into_room(connection, *room, seq).await?;
            }
            FactKind::NoteMoved { note } => {
                self.note_moved(connection, note.key, seq).await?;
            }
            // Its texts may be among what has come of its past, where projecting does not see them.
            FactKind::RoomPurged { room } if self.is_hidden(room.0) => {
                return self.lose_room(connection, *room, seq - 1).await;
            }
            FactKind::NotePurged { key } if self.is_hidden(key.0) => {
                return self.lose_note(connection, *key, seq - 1).await;
            }
            _ => {}
        }
        self.projector.take(connection, fact).await?;
        match &fact.kind {
            FactKind::RoomLeft { room, member } if *member == self.me => {
                self.went_out_of_room(connection, *room, seq).await?;
            }
            FactKind::NoteLeft { key, .. } => self.lose_note(connection, *key, seq).await?,
            _ => {}
        }
        Ok(())
    }

    fn is_hidden(&self, id: uuid::Uuid) -> bool {
        self.ids
            .get(id)
            .is_some_and(|no| self.projector.hidden.contains(&no))
    }

    async fn came_into_room(
        &mut self,
        connection: &mut SqliteConnection,
        room: RoomId,
        seq: u64,
    ) -> Result<(), StoreError> {
        let no = self.ids.known(room.0)?;
        let known = sqlx::query_scalar("select exists (select 1 from rooms where no = ?)")
            .bind(no)
            .fetch_one(&mut *connection)
            .await?;
        match known {
            true => Ok(()),
            false => self.want(connection, no, PastOf::Room(room), seq).await,
        }
    }

    /// A public room stays in sight.
    async fn went_out_of_room(
        &mut self,
        connection: &mut SqliteConnection,
        room: RoomId,
        seq: u64,
    ) -> Result<(), StoreError> {
        match is_public(connection, self.ids.known(room.0)?).await? {
            true => Ok(()),
            false => self.lose_room(connection, room, seq).await,
        }
    }

    async fn note_moved(
        &mut self,
        connection: &mut SqliteConnection,
        key: NoteKey,
        seq: u64,
    ) -> Result<(), StoreError> {
        let no = self.ids.known(key.0)?;
        let known: bool = sqlx::query_scalar("select exists (select 1 from notes where no = ?)")
            .bind(no)
            .fetch_one(&mut *connection)
            .await?;
        if known && seq > self.told_at {
            return Ok(());
        }
        if known {
            notes::delete(connection, no).await?;
        }
        self.want(connection, no, PastOf::Note(key), seq).await
    }

    /// Writes down that a past is to be fetched, if it is not being fetched already.
    async fn want(
        &mut self,
        connection: &mut SqliteConnection,
        no: i64,
        of: PastOf,
        until: u64,
    ) -> Result<(), StoreError> {
        if !self.projector.hidden.insert(no) {
            return Ok(());
        }
        sqlx::query("insert into copy_pasts (no, is_room, next, until) values (?, ?, 0, ?)")
            .bind(no)
            .bind(matches!(of, PastOf::Room(_)))
            .bind(column(until))
            .execute(connection)
            .await?;
        self.copied.pasts.push(Past { of, next: 0, until });
        Ok(())
    }

    async fn lose_room(
        &mut self,
        connection: &mut SqliteConnection,
        room: RoomId,
        until: u64,
    ) -> Result<(), StoreError> {
        let no = self.ids.known(room.0)?;
        let me = self.ids.known(self.me.0)?;
        let gone = erase::room(connection, no, me, until).await?;
        table::count_sight(connection).await?;
        self.copied.lost_rooms.push(room);
        self.forget_pasts(no, &gone)
    }

    async fn lose_note(
        &mut self,
        connection: &mut SqliteConnection,
        key: NoteKey,
        until: u64,
    ) -> Result<(), StoreError> {
        let no = self.ids.known(key.0)?;
        erase::note(connection, no, until).await?;
        table::count_sight(connection).await?;
        self.copied.lost_notes.push(key);
        self.forget_pasts(no, &[])
    }

    /// What was erased need not be fetched.
    fn forget_pasts(&mut self, no: i64, notes: &[i64]) -> Result<(), StoreError> {
        for gone in notes.iter().chain([&no]) {
            self.projector.hidden.remove(gone);
            let id = self.ids.id(*gone)?;
            self.copied.pasts.retain(|past| match past.of {
                PastOf::Room(room) => room.0 != id,
                PastOf::Note(note) => note.0 != id,
            });
        }
        Ok(())
    }
}

async fn is_public(connection: &mut SqliteConnection, room: i64) -> Result<bool, StoreError> {
    let public =
        sqlx::query_scalar("select exists (select 1 from rooms where no = ? and private = 0)")
            .bind(room)
            .fetch_one(connection)
            .await?;
    Ok(public)
}
