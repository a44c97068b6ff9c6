//! What is to be written into the search index.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use hearth_protocol::{FactKind, Message, NoteKey, RoomId};
use hearth_store::{Reader, SearchChanges, SearchIndex};

use super::keeper::STEP_BYTES;
use crate::failure::SessionError;
use crate::state::State;

/// What the facts after `since` touch, a page of them, as it is at `state`; and how far they go.
pub(super) async fn changes(
    reader: &Reader,
    state: &State,
    index: &mut SearchIndex,
    since: u64,
) -> Result<(SearchChanges, u64), SessionError> {
    let page = reader
        .facts_but_edits(since, state.head(), STEP_BYTES, |_| true)
        .await?;
    let mut touched = Touched::default();
    for fact in &page.facts {
        touched.take(&fact.kind);
    }
    let mut changes = SearchChanges::default();
    for key in touched.notes {
        match state.notes.get(&key) {
            Some(note) => changes.titles.push((key, note.title.clone())),
            None => changes.gone_notes.push(key),
        }
    }
    if !touched.gone_rooms.is_empty() {
        // Notes go with their room, and no fact names them.
        let notes = index.notes().await?.into_iter();
        let gone = notes.filter(|key| !state.notes.contains_key(key));
        changes.gone_notes.extend(gone);
        changes.gone_rooms = touched.gone_rooms;
    }
    let seqs: Vec<u64> = touched.messages.keys().copied().collect();
    for message in reader.messages_posted(&seqs).await? {
        touched.messages.insert(message.seq, Some(message));
    }
    changes.messages = touched.messages.into_values().flatten().collect();
    Ok((changes, page.next))
}

/// What is in the index and in sight no more.
pub(super) async fn out_of_sight(
    state: &State,
    index: &mut SearchIndex,
) -> Result<SearchChanges, SessionError> {
    let notes = index.notes().await?.into_iter();
    let rooms = index.rooms().await?.into_iter();
    Ok(SearchChanges {
        gone_notes: notes.filter(|key| !state.notes.contains_key(key)).collect(),
        gone_rooms: rooms
            .filter(|room| !state.rooms.contains_key(room))
            .collect(),
        ..SearchChanges::default()
    })
}

/// What facts are about.
#[derive(Default)]
struct Touched {
    notes: BTreeSet<NoteKey>,
    /// By the fact that posted each; later with the message as it is now.
    messages: BTreeMap<u64, Option<Message>>,
    gone_rooms: Vec<RoomId>,
}

impl Touched {
    fn take(&mut self, kind: &FactKind) {
        match kind {
            FactKind::NoteCreated { note } | FactKind::NoteUpdated { note } => {
                self.notes.insert(note.key);
            }
            FactKind::NotePurged { key } => {
                self.notes.insert(*key);
            }
            FactKind::MessagePosted { message }
            | FactKind::MessageEdited { message }
            | FactKind::MessageDestroyed { message } => {
                self.messages.insert(message.seq, None);
            }
            FactKind::RoomPurged { room } => self.gone_rooms.push(*room),
            _ => {}
        }
    }
}

/// The texts of the first of these notes, which leave the list.
pub(super) async fn some_texts(
    reader: &Reader,
    state: &State,
    left: &mut VecDeque<NoteKey>,
) -> Result<Vec<(NoteKey, String)>, SessionError> {
    let mut bodies = Vec::new();
    let mut bytes = 0;
    while bytes < STEP_BYTES
        && let Some(key) = left.pop_front()
    {
        // Made or purged since: the next time knows of it.
        let Some(note) = state.notes.get(&key) else {
            continue;
        };
        match crate::texts::text_at(reader, key, note.version).await {
            Ok(text) => {
                let body = text.body();
                bytes += body.len();
                bodies.push((key, body));
            }
            Err(SessionError::Text(error)) => {
                tracing::error!(%error, note.key = %key.0, "a note cannot be put together and is not searched");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(bodies)
}
