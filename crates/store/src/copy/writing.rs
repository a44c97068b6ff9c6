//! What the writer of a copy can do.

use hearth_protocol::{Fact, NoteKey, RoomId};
use sqlx::SqliteConnection;

use super::places::Places;
use super::sight::Follower;
use super::{Copied, CopyBatch, Past, PastCopied, PastOf, erase, past, table};
use crate::batch::Write;
use crate::error::StoreError;
use crate::fact_log;
use crate::ids::Ids;
use crate::project::Projector;
use crate::writer::{Writer, write_other};

impl Writer {
    /// Appends facts with the host's numbers, projects them, and says how far the copy goes now:
    /// all of it or nothing. Facts that are here already are passed over, so a page may be copied
    /// twice.
    ///
    /// A power cut may take the last of it, which is then copied again: the host has it on its disk,
    /// and a call that had waited and is done is sent once more, which changes nothing.
    ///
    /// What went out of sight is erased, and what came into sight noted, in the same transaction.
    pub async fn copy(&mut self, batch: &CopyBatch) -> Result<Copied, StoreError> {
        let mut writing = match batch.other.iter().all(can_be_lost) {
            true => self.writing_copied().await?,
            false => self.writing().await?,
        };
        let connection = &mut *writing.transaction;
        let mark = table::mark(connection).await?;
        let mark = mark.ok_or_else(table::no_copy)?;
        let fresh = fresh(&batch.facts, mark.next, u64::MAX)?;
        append(connection, writing.ids, &fresh, None).await?;
        let hidden = past::hidden(connection).await?;
        let had_hidden = !hidden.is_empty();
        let mut follower = Follower {
            me: mark.member,
            told_at: mark.told_at,
            ids: writing.ids,
            projector: Projector::new(writing.ids, hidden),
            copied: Copied::default(),
        };
        for fact in &fresh {
            follower.take(connection, fact).await?;
        }
        follower.projector.finish(connection).await?;
        let mut copied = follower.copied;
        copied.reload = had_hidden
            || !copied.pasts.is_empty()
            || !copied.lost_rooms.is_empty()
            || !copied.lost_notes.is_empty();
        let last = fresh.last().and_then(|fact| fact.seq).unwrap_or_default();
        table::advance(connection, batch.next.max(last), batch.run).await?;
        for other in &batch.other {
            write_other(connection, writing.ids, other).await?;
        }
        writing.commit().await?;
        Ok(copied)
    }

    /// Adds a page of a past, as it was asked for: facts after `asked.next` up to `next`, told by the
    /// host when its last fact was `head` (as the page says). With the last page what it is of comes
    /// into every list, as if it had been in sight from the beginning.
    ///
    /// Answers where to go on, which is not always behind this page: something else that went out of
    /// sight meanwhile can make a past begin again. The last page of a large room takes as long as
    /// projecting all its facts does.
    pub async fn copy_past(
        &mut self,
        asked: &Past,
        facts: &[Fact],
        next: u64,
        head: u64,
    ) -> Result<PastCopied, StoreError> {
        let of = asked.of;
        let mut writing = self.writing().await?;
        let connection = &mut *writing.transaction;
        let found = match writing.ids.get(id(of)) {
            Some(no) => past::find(connection, no, of).await?.map(|past| (no, past)),
            None => None,
        };
        let Some((no, past)) = found else {
            writing.commit().await?;
            return Ok(PastCopied::Gone);
        };
        if past.next != asked.next {
            writing.commit().await?;
            return Ok(PastCopied::Going(past));
        }
        let fresh = fresh(facts, past.next, past.until)?;
        append(connection, writing.ids, &fresh, Some(of)).await?;
        let outcome = if next >= past.until {
            past::show(connection, writing.ids, of, no).await?;
            table::set_told_at(connection, head).await?;
            table::count_sight(connection).await?;
            PastCopied::Whole
        } else {
            let next = next.max(past.next);
            past::advance(connection, no, next).await?;
            PastCopied::Going(Past { next, ..past })
        };
        writing.commit().await?;
        Ok(outcome)
    }

    /// Ends the fetching of a past that the host says is not to be seen (`not_found`), and erases
    /// what has come of it.
    pub async fn give_up_past(&mut self, of: PastOf) -> Result<(), StoreError> {
        match of {
            PastOf::Room(room) => self.erase_room(room).await,
            PastOf::Note(key) => self.erase_note(key).await,
        }
    }

    /// Erases a room and the notes in it from a copy, log and all. [`Writer::copy`] does it by
    /// itself when the host tells that sight was lost.
    pub async fn erase_room(&mut self, room: RoomId) -> Result<(), StoreError> {
        let mut writing = self.writing().await?;
        let connection = &mut *writing.transaction;
        let mark = table::mark(connection).await?;
        let me = mark.ok_or_else(table::no_copy)?.member;
        if let Some(no) = writing.ids.get(room.0) {
            let me = writing.ids.get(me.0).unwrap_or_default();
            erase::room(connection, no, me, u64::MAX).await?;
            table::count_sight(connection).await?;
        }
        writing.commit().await
    }

    /// Erases a note from a copy, log and all; otherwise as [`Writer::erase_room`].
    pub async fn erase_note(&mut self, key: NoteKey) -> Result<(), StoreError> {
        let mut writing = self.writing().await?;
        let connection = &mut *writing.transaction;
        table::mark(connection).await?.ok_or_else(table::no_copy)?;
        if let Some(no) = writing.ids.get(key.0) {
            erase::note(connection, no, u64::MAX).await?;
            table::count_sight(connection).await?;
        }
        writing.commit().await
    }
}

/// What is no worse for being as it was before: it is done again, or was made of facts.
fn can_be_lost(write: &Write) -> bool {
    matches!(write, Write::OutboxDone { .. } | Write::Checkpoint { .. })
}

fn id(of: PastOf) -> uuid::Uuid {
    match of {
        PastOf::Room(room) => room.0,
        PastOf::Note(key) => key.0,
    }
}

/// The facts after `since` up to `until`, whose numbers must rise.
fn fresh(facts: &[Fact], since: u64, until: u64) -> Result<Vec<&Fact>, StoreError> {
    let mut last = 0;
    for fact in facts {
        let found = fact.seq.unwrap_or_default();
        if found <= last {
            let expected = last + 1;
            return Err(StoreError::OutOfOrder { expected, found });
        }
        last = found;
    }
    let wanted = |fact: &&Fact| fact.seq.is_some_and(|seq| seq > since && seq <= until);
    Ok(facts.iter().filter(wanted).collect())
}

/// Writes facts into the log. Of a past (`of`), some may be there: they came when it was seen for a
/// while.
async fn append(
    connection: &mut SqliteConnection,
    ids: &mut Ids,
    facts: &[&Fact],
    of: Option<PastOf>,
) -> Result<(), StoreError> {
    let mut places = Places::load(connection, facts).await?;
    let in_past = match of {
        Some(PastOf::Room(room)) => Some(room),
        _ => None,
    };
    let rows: Vec<_> = facts
        .iter()
        .map(|fact| (*fact, places.take(&fact.kind).or(in_past)))
        .collect();
    fact_log::append_copied(connection, ids, &rows).await
}
