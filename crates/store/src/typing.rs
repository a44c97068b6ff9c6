//! What typing writes: edits of a note or two and nothing else, hundreds of times a second.
//!
//! Each statement is a trip to the connection's thread and back, which takes longer than what is
//! done there. So all that comes before the commit is sent as one; the commit stays by itself,
//! because only of that is it not known what its failure means.

use std::collections::{BTreeMap, BTreeSet};

use hearth_protocol::{FactKind, NoteKey};
use sqlx::{QueryBuilder, SqliteConnection};

use crate::batch::{Batch, NewFact};
use crate::error::StoreError;
use crate::fact_log;
use crate::ids::Ids;
use crate::notes;

/// The most that is written so. Each number of edits and of notes is a statement of its own, and
/// every one of them is kept.
const MOST_EDITS: usize = 16;
const MOST_NOTES: usize = 2;

/// Whether `batch` is of this kind: of few notes, and nothing in it needs a number that is not given
/// yet.
pub(crate) fn is_typing(ids: &Ids, batch: &Batch) -> bool {
    let is_known = |new: &NewFact| {
        let member = new.fact.by.map(|member| member.0);
        let room = new.room.map(|room| room.0);
        let note = edited(new).map(|note| note.0);
        let mut named = [note, member, room].into_iter().flatten();
        note.is_some() && named.all(|id| ids.get(id).is_some())
    };
    let notes: BTreeSet<_> = batch.facts.iter().filter_map(edited).collect();
    batch.other.is_empty()
        && (1..=MOST_EDITS).contains(&batch.facts.len())
        && batch.facts.iter().all(is_known)
        && notes.len() <= MOST_NOTES
}

fn edited(new: &NewFact) -> Option<NoteKey> {
    match &new.fact.kind {
        FactKind::NoteEdited { key, .. } => Some(*key),
        _ => None,
    }
}

/// Appends edits to the log after `head`, writes what they did to their notes, and commits.
pub(crate) async fn commit(
    connection: &mut SqliteConnection,
    ids: &mut Ids,
    head: u64,
    batch: &Batch,
) -> Result<(), StoreError> {
    let rows = fact_log::rows(ids, head, &batch.facts)?;
    let mut last = BTreeMap::new();
    for new in &batch.facts {
        last.extend(notes::LastEdit::of(ids, &new.fact)?);
    }
    let mut query = QueryBuilder::new("begin immediate; ");
    fact_log::push_insert(&mut query, rows.into_iter());
    for (note, edit) in last {
        query.push("; ");
        notes::push_edited(&mut query, note, edit);
    }
    if let Err(error) = query.build().execute(&mut *connection).await {
        // The lock is let go of at once; should that fail too, the connection is made anew anyway.
        let _ = sqlx::query("rollback").execute(connection).await;
        return Err(error.into());
    }
    let committed = sqlx::query("commit").execute(connection).await;
    committed.map_err(StoreError::of_commit)?;
    Ok(())
}
