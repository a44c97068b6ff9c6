//! What waits for the host of a joined session is in no index, which is made from the log. It is
//! looked through each time: there is little of it, and where there is much, not all of it.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hearth_protocol::answer::{FoundMessage, FoundNote};
use hearth_protocol::{FactKind, Message, MessageId, Note, NoteKey};
use hearth_store::{Excerpt, Reader, StoreError, Terms};

use super::Sight;
use crate::texts::shown_text;

/// How long the texts that wait may take to be put together and looked through.
const LOOK_WITHIN: Duration = Duration::from_millis(500);

/// What waits and has what is searched for.
#[derive(Default)]
pub(super) struct Found {
    pub(super) notes: Vec<FoundNote>,
    pub(super) messages: Vec<FoundMessage>,
    /// Of these the index knows only how they were before.
    pub(super) known_notes: HashSet<NoteKey>,
    pub(super) known_messages: HashSet<MessageId>,
    /// There was no time to look at everything.
    pub(super) is_partial: bool,
}

pub(super) async fn search(
    reader: &Reader,
    terms: &Arc<Terms>,
    sight: &Sight,
) -> Result<Found, StoreError> {
    let mut found = Found::default();
    if sight.state.pending.is_empty() {
        return Ok(found);
    }
    messages(terms, sight, &mut found);
    notes(reader, terms, sight, &mut found).await?;
    Ok(found)
}

/// The newest first. What became of a message last is what counts.
fn messages(terms: &Terms, sight: &Sight, found: &mut Found) {
    for fact in sight.state.pending.iter().rev() {
        let (FactKind::MessagePosted { message }
        | FactKind::MessageEdited { message }
        | FactKind::MessageDestroyed { message }) = &fact.kind
        else {
            continue;
        };
        let is_first = found.known_messages.insert(message.id);
        if is_first && has(terms, sight, message) {
            found.messages.push(super::found(terms, message.clone()));
        }
    }
}

fn has(terms: &Terms, sight: &Sight, message: &Message) -> bool {
    sight.has(message.room) && terms.are_in(&message.body)
}

async fn notes(
    reader: &Reader,
    terms: &Arc<Terms>,
    sight: &Sight,
    found: &mut Found,
) -> Result<(), StoreError> {
    let until = Instant::now() + LOOK_WITHIN;
    for key in keys(sight) {
        let in_sight = sight.state.notes.get(&key);
        let in_sight = in_sight.filter(|note| note.trashed_at.is_none() && sight.has(note.room));
        let Some(note) = in_sight else { continue };
        if Instant::now() >= until {
            found.is_partial = true;
            return Ok(());
        }
        // One that cannot be put together is in the log, and the index has it as it was.
        let Ok(text) = shown_text(reader, &sight.state, key).await else {
            continue;
        };
        found.known_notes.insert(key);
        let (terms, note) = (terms.clone(), note.as_ref().clone());
        let work = tokio::task::spawn_blocking(move || look(&terms, note, &text.body()));
        found
            .notes
            .extend(work.await.map_err(|_| StoreError::Closed)?);
    }
    Ok(())
}

/// Notes of which something waits, those that were written last first.
fn keys(sight: &Sight) -> Vec<NoteKey> {
    let mut seen = HashSet::new();
    let newest_first = sight.state.pending.iter().rev();
    let keys = newest_first.filter_map(|fact| match &fact.kind {
        FactKind::NoteCreated { note } | FactKind::NoteUpdated { note } => Some(note.key),
        FactKind::NoteEdited { key, .. } => Some(*key),
        _ => None,
    });
    keys.filter(|key| seen.insert(*key)).collect()
}

fn look(terms: &Terms, note: Note, body: &str) -> Option<FoundNote> {
    let title = note.title.as_str();
    if !terms.are_in(&format!("{title}\n{body}")) {
        return None;
    }
    let excerpt = Excerpt::around(terms, body);
    Some(FoundNote {
        title_ranges: terms.ranges_in(title),
        note,
        excerpt: excerpt.text,
        ranges: excerpt.ranges,
    })
}
