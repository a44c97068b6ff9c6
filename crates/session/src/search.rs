//! `search`: which notes and messages have these words.
//!
//! The index runs behind the log: [`keeper`] brings it up to date beside the writer. Titles and
//! messages are in it before a search that came after them is answered; a note's text is when
//! nobody has typed in it for a moment. What is found is held against the present state before it
//! is shown, so what was taken back meanwhile is not found, however far behind the index is.

mod gather;
mod keeper;
mod standing;
mod turns;
mod waiting;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hearth_protocol::answer::{FoundMessage, FoundNote, SearchAnswer};
use hearth_protocol::call::Search as SearchCall;
use hearth_protocol::error::{CallError, Code};
use hearth_protocol::{MemberId, Message, RoomId};
use hearth_store::{Excerpt, SearchReader, StoreError, Terms};

use crate::failure::told;
use crate::handle::Shared;
use crate::state::State;

pub(crate) use keeper::start;
pub(crate) use standing::Search;

/// Notes and messages found, unless said, and at most.
const FOUND: (u32, u32) = (20, 100);
/// How long one search waits for its turn.
const TURN_WITHIN: Duration = Duration::from_secs(5);
/// How long looking may take, for notes and for messages each.
const LOOK_WITHIN: Duration = Duration::from_secs(1);
/// When to try again what could not be answered yet.
const RETRY_MS: u64 = 1_000;

/// Answers a search. It has been authorized.
pub(crate) async fn search(
    shared: &Shared,
    me: MemberId,
    call: &SearchCall,
) -> Result<SearchAnswer, CallError> {
    let terms = Arc::new(Terms::new(&call.query));
    if terms.is_empty() {
        return Ok(SearchAnswer {
            notes: Vec::new(),
            messages: Vec::new(),
            partial: None,
        });
    }
    let turn = tokio::time::timeout(TURN_WITHIN, shared.search.turns.take(me)).await;
    let Ok(Some(_turn)) = turn else {
        return Err(CallError::rate_limited(RETRY_MS));
    };
    let (index, complete) = shared.search.caught_up(shared.state().head()).await?;
    let sight = Sight {
        state: shared.state(),
        me,
        room: call.room,
    };
    let limit = call.limit.unwrap_or(FOUND.0).clamp(1, FOUND.1) as usize;
    let found = async {
        let waiting = waiting::search(&shared.reader, &terms, &sight).await?;
        let notes = notes(&index, &terms, limit, &sight, &waiting).await?;
        let messages = messages(shared, &index, &terms, limit, &sight, &waiting).await?;
        Ok((notes, messages, waiting))
    };
    let (notes, messages, waiting) = found
        .await
        .map_err(|error: StoreError| refused(shared, error))?;
    let is_partial = !complete || waiting.is_partial;
    Ok(SearchAnswer {
        notes: with_waiting_notes(waiting.notes, notes, &terms, limit),
        messages: with_waiting_messages(waiting.messages, messages, limit),
        partial: is_partial.then_some(true),
    })
}

/// What waits was written last, and among equals it comes first.
fn with_waiting_notes(
    mut notes: Vec<FoundNote>,
    indexed: Vec<FoundNote>,
    terms: &Terms,
    limit: usize,
) -> Vec<FoundNote> {
    if notes.is_empty() {
        return indexed;
    }
    notes.extend(indexed);
    // Stable: those that have it in the title stay the best of their kind.
    notes.sort_by_key(|found| !terms.are_in(found.note.title.as_str()));
    notes.truncate(limit);
    notes
}

fn with_waiting_messages(
    mut messages: Vec<FoundMessage>,
    posted: Vec<FoundMessage>,
    limit: usize,
) -> Vec<FoundMessage> {
    messages.extend(posted);
    messages.truncate(limit);
    messages
}

fn refused(shared: &Shared, error: StoreError) -> CallError {
    match error {
        StoreError::TooMuch => CallError::bad_request(
            "That is in too many places to look at them all. Search for a longer word or for more words.",
        ),
        StoreError::Damaged { .. } => {
            shared.search.is_damaged();
            getting_ready()
        }
        // The index is being thrown away, or the session closed.
        StoreError::Closed => getting_ready(),
        error => told(&error.into()),
    }
}

fn getting_ready() -> CallError {
    CallError {
        retry_after_ms: Some(RETRY_MS),
        ..CallError::new(
            Code::RateLimited,
            "The host is still getting ready to search. Try again in a moment.",
        )
    }
}

/// What somebody looks through.
struct Sight {
    state: Arc<State>,
    me: MemberId,
    room: Option<RoomId>,
}

impl Sight {
    fn has(&self, room: RoomId) -> bool {
        self.room.is_none_or(|only| only == room)
            && self.state.visible_room(self.me, room).is_some()
    }
}

async fn notes(
    index: &SearchReader,
    terms: &Arc<Terms>,
    limit: usize,
    sight: &Sight,
    waiting: &waiting::Found,
) -> Result<Vec<FoundNote>, StoreError> {
    let in_sight = |key| {
        let note = sight.state.notes.get(&key);
        let note = note.filter(|note| note.trashed_at.is_none() && sight.has(note.room));
        note.filter(|_| !waiting.known_notes.contains(&key))
    };
    let until = Instant::now() + LOOK_WITHIN;
    let found = index
        .notes(terms, limit, until, |key| in_sight(key).is_some())
        .await?;
    let shown = found.into_iter().filter_map(|(key, excerpt)| {
        let note = in_sight(key)?.as_ref().clone();
        Some(FoundNote {
            title_ranges: terms.ranges_in(note.title.as_str()),
            note,
            excerpt: excerpt.text,
            ranges: excerpt.ranges,
        })
    });
    Ok(shown.collect())
}

async fn messages(
    shared: &Shared,
    index: &SearchReader,
    terms: &Arc<Terms>,
    limit: usize,
    sight: &Sight,
    waiting: &waiting::Found,
) -> Result<Vec<FoundMessage>, StoreError> {
    let until = Instant::now() + LOOK_WITHIN;
    let mut before = None;
    let mut found = Vec::new();
    // More than once only where messages have changed since they were indexed.
    while found.len() < limit {
        let missing = limit - found.len();
        let posted = index
            .messages(terms, before, missing, until, |room| sight.has(room))
            .await?;
        before = posted.last().copied();
        if before.is_none() {
            break;
        }
        let now = shared.reader.messages_posted(&posted).await?;
        let now = now.into_iter().filter(|message| {
            sight.has(message.room) && !waiting.known_messages.contains(&message.id)
        });
        let now: HashMap<u64, Message> = now.map(|message| (message.seq, message)).collect();
        found.extend(shown(terms.clone(), posted, now).await?);
    }
    Ok(found)
}

/// Those that still have what is searched for, with a piece of them.
async fn shown(
    terms: Arc<Terms>,
    posted: Vec<u64>,
    mut now: HashMap<u64, Message>,
) -> Result<Vec<FoundMessage>, StoreError> {
    let work = move || {
        let messages = posted.iter().filter_map(|seq| now.remove(seq));
        messages
            .filter(|message| terms.are_in(&message.body))
            .map(|message| found(&terms, message))
            .collect()
    };
    // A hundred long messages take the processor for a while.
    let work = tokio::task::spawn_blocking(work);
    work.await.map_err(|_| StoreError::Closed)
}

fn found(terms: &Terms, message: Message) -> FoundMessage {
    let excerpt = Excerpt::around(terms, &message.body);
    FoundMessage {
        id: message.id,
        seq: message.seq,
        room: message.room,
        at: message.at,
        by: message.by,
        edited_at: message.edited_at,
        note: message.note,
        made_at: message.made_at,
        excerpt: excerpt.text,
        ranges: excerpt.ranges,
    }
}
