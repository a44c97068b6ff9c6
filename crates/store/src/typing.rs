//! What typing writes: edits of a note or two and nothing else, hundreds of times a second.
//!
//! Each statement is a trip to the connection's thread and back, which takes longer than what is
//! done there. So all that comes before the commit is sent as one; the commit stays by itself,
//! because only of that is it not known what its failure means.

use std::collections::BTreeMap;

use hearth_protocol::FactKind;
use sqlx::{QueryBuilder, SqliteConnection};

use crate::batch::Batch;
use crate::error::StoreError;
use crate::fact_log;
use crate::ids::Ids;
use crate::notes;

/// The most that is written so. Each number of edits and of notes is a statement of its own, and
/// every one of them is kept.
const MOST_EDITS: usize = 16;
const MOST_NOTES: usize = 2;

/// Whether `batch` is of this kind: nothing in it needs a number that is not given yet.
pub(crate) fn is_typing(ids: &Ids, batch: &Batch) -> bool {
    let is_known = |new: &crate::batch::NewFact| {
        let FactKind::NoteEdited { key, .. } = &new.fact.kind else {
            return false;
        };
        let member = new.fact.by.map(|member| member.0);
        let room = new.room.map(|room| room.0);
        let mut named = [Some(key.0), member, room].into_iter().flatten();
        named.all(|id| ids.get(id).is_some())
    };
    batch.other.is_empty()
        && (1..=MOST_EDITS).contains(&batch.facts.len())
        && batch.facts.iter().all(is_known)
}

/// Appends edits to the log after `head`, writes what they did to their notes, and commits.
/// Nothing when they are of too many notes.
pub(crate) async fn commit(
    connection: &mut SqliteConnection,
    ids: &mut Ids,
    head: u64,
    batch: &Batch,
) -> Result<Option<()>, StoreError> {
    let mut last = BTreeMap::new();
    for new in &batch.facts {
        if let Some((note, edit)) = notes::LastEdit::of(ids, &new.fact)? {
            last.insert(note, edit);
        }
    }
    if last.len() > MOST_NOTES {
        return Ok(None);
    }
    let rows = fact_log::rows(ids, head, &batch.facts)?;
    let mut query = QueryBuilder::new("begin immediate; ");
    fact_log::push_insert(&mut query, rows.into_iter());
    for (note, edit) in last {
        query.push("; ");
        notes::push_edited(&mut query, note, edit);
    }
    query.build().execute(&mut *connection).await?;
    let committed = sqlx::query("commit").execute(connection).await;
    committed.map_err(StoreError::of_commit)?;
    Ok(Some(()))
}
