//! A replica's way of catching up: everything its member may see, by pages, and the past of what
//! comes into sight later.
//!
//! What counts is what the member may see when the page is read. Whoever follows applies the facts
//! in order, forgets what `roomleft` and `noteleft` take out of sight, and asks for the past of a
//! room it comes into and of a note that was moved to where it can see it. So what changes between
//! two pages is made good by the facts that say so.

use std::collections::HashSet;

use hearth_protocol::answer::Thanked;
use hearth_protocol::call::Thanks;
use hearth_protocol::error::CallError;
use hearth_protocol::{Fact, FactKind, MemberId, NoteKey, RoomId};
use hearth_store::{FactMeta, FactPage};

use crate::catch_up::{Asker, MAX_TRIES, PAGE_BYTES, answer, attach, check_history};
use crate::failure::told;
use crate::handle::Shared;
use crate::state::State;
use crate::tell::Live;

/// How often one page looks on while it has found nothing, 20,000 facts at a time: whoever may see
/// little of a long log need not ask for every stretch of it.
const MAX_SCANS: usize = 8;

/// What a past is asked of.
#[derive(Debug, Clone, Copy)]
pub(crate) enum PastOf {
    Room(RoomId),
    Note(NoteKey),
}

impl PastOf {
    /// What this call asks the past of, if it does.
    pub(crate) fn asked(call: &Thanks) -> Result<Option<Self>, CallError> {
        match (call.room, call.note) {
            (None, None) => Ok(None),
            (Some(room), None) => Ok(Some(Self::Room(room))),
            (None, Some(key)) => Ok(Some(Self::Note(key))),
            (Some(_), Some(_)) => Err(CallError::bad_request(
                "Ask for the past of a `room` or of a `note`, not of both at once.",
            )),
        }
    }
}

/// Answers a page of all that the member may see, and makes the socket live with the last one.
pub(crate) async fn follow(
    shared: &Shared,
    asker: &Asker,
    call: &Thanks,
    live: Live,
) -> Result<(), CallError> {
    let since = call.since.unwrap_or(0);
    check_history(shared, since, call.run)?;
    shared.pace.check_catch_up(asker.member)?;
    for _ in 0..MAX_TRIES {
        let state = shared.state();
        let me = asker.member;
        let sight = Sight::of(shared, &state, me, since, state.head()).await?;
        let wanted = |meta: &FactMeta| sight.has(meta);
        let page = scan(shared, since, state.head(), wanted).await?;
        let page = thanked(
            &state,
            without_false_leaves(shared, &state, me, since, page).await?,
        );
        if !page.live {
            answer(shared, asker, &page);
            return Ok(());
        }
        if attach(shared, asker, page.next.unwrap_or(since), live, &page).await? {
            return Ok(());
        }
    }
    Err(CallError::internal())
}

/// Answers a page of the past of a room or a note.
pub(crate) async fn past(
    shared: &Shared,
    asker: &Asker,
    call: &Thanks,
    of: PastOf,
) -> Result<(), CallError> {
    let me = asker.member;
    let state = shared.state();
    match of {
        PastOf::Room(room) if state.known_room(me, room).is_none() => {
            return Err(CallError::not_found("room"));
        }
        PastOf::Note(key) if sees_note(&state, me, key) != Some(true) => {
            return Err(CallError::not_found("note"));
        }
        _ => {}
    }
    let since = call.since.unwrap_or(0);
    let until = call.until.unwrap_or(state.head());
    check_history(shared, since.max(call.until.unwrap_or(0)), call.run)?;
    shared.pace.check_catch_up(me)?;
    let sight = Sight::of(shared, &state, me, 0, 0).await?;
    let wanted = |meta: &FactMeta| is_of(&state, meta, of) && sight.has(meta);
    let page = match since < until {
        true => scan(shared, since, until, wanted).await?,
        false => FactPage {
            facts: Vec::new(),
            next: since,
        },
    };
    let page = without_false_leaves(shared, &state, me, since, page).await?;
    let page = Thanked {
        live: false,
        ..thanked(&state, page)
    };
    answer(shared, asker, &page);
    Ok(())
}

fn thanked(state: &State, page: FactPage) -> Thanked {
    Thanked {
        snapshot: None,
        live: page.next >= state.head(),
        facts: Some(page.facts),
        next: Some(page.next),
        head: state.head(),
        run: state.session().run,
    }
}

/// The first facts after `since` that are wanted, or how far there are none.
async fn scan(
    shared: &Shared,
    since: u64,
    until: u64,
    wanted: impl Fn(&FactMeta) -> bool + Send + Copy,
) -> Result<FactPage, CallError> {
    let mut page = FactPage {
        facts: Vec::new(),
        next: since,
    };
    for _ in 0..MAX_SCANS {
        let read = shared
            .reader
            .facts(page.next, until, PAGE_BYTES, wanted)
            .await;
        page = read.map_err(|error| told(&error.into()))?;
        if !page.facts.is_empty() || page.next >= until {
            break;
        }
    }
    Ok(page)
}

/// Whether a fact is part of the past of a room or a note. What is about a note that is gone for good
/// is not: it may have gone somewhere else, and then nothing in this past says so.
fn is_of(state: &State, meta: &FactMeta, of: PastOf) -> bool {
    let note = meta.note.map(|key| state.notes.get(&key));
    let now_in = |room| note.flatten().is_some_and(|note| note.room == room);
    let is_gone = note.is_some_and(|note| note.is_none());
    match of {
        PastOf::Room(room) => !is_gone && (meta.room == Some(room) || now_in(room)),
        PastOf::Note(key) => meta.note == Some(key),
    }
}

/// Whether a member may see the note, in the trash or in a destroyed room too, which may come back;
/// `None`: it is gone for good.
fn sees_note(state: &State, me: MemberId, key: NoteKey) -> Option<bool> {
    let note = state.notes.get(&key)?;
    Some(state.known_room(me, note.room).is_some())
}

/// What a member may see of the log.
struct Sight<'a> {
    state: &'a State,
    me: MemberId,
    /// Ends of purged private rooms that the member was in.
    purges: HashSet<u64>,
}

impl<'a> Sight<'a> {
    async fn of(
        shared: &Shared,
        state: &'a State,
        me: MemberId,
        since: u64,
        until: u64,
    ) -> Result<Self, CallError> {
        let purges = shared.reader.room_purges(me, since, until).await;
        let purges = purges.map_err(|error| told(&error.into()))?;
        Ok(Self {
            state,
            me,
            purges: purges.into_iter().collect(),
        })
    }

    /// A note is seen whole or not at all, wherever it was when something happened to it. Of one
    /// that is gone for good, and of everything else, the room decides.
    fn has(&self, meta: &FactMeta) -> bool {
        if meta.subject == Some(self.me) || self.purges.contains(&meta.seq) {
            return true;
        }
        let of_note = meta
            .note
            .filter(|_| meta.code != FactKind::NOTE_LEFT_CODE)
            .and_then(|key| sees_note(self.state, self.me, key));
        of_note.unwrap_or_else(|| {
            meta.room
                .is_none_or(|room| self.state.known_room(self.me, room).is_some())
        })
    }
}

/// Takes out what says that a note was lost from sight, for a member who saw it all the time or who,
/// asking from the beginning, has none of it to lose.
async fn without_false_leaves(
    shared: &Shared,
    state: &State,
    me: MemberId,
    since: u64,
    mut page: FactPage,
) -> Result<FactPage, CallError> {
    let mut kept = Vec::with_capacity(page.facts.len());
    for fact in page.facts {
        if is_true_leave(shared, state, me, since, &fact).await? {
            kept.push(fact);
        }
    }
    page.facts = kept;
    Ok(page)
}

async fn is_true_leave(
    shared: &Shared,
    state: &State,
    me: MemberId,
    since: u64,
    fact: &Fact,
) -> Result<bool, CallError> {
    let FactKind::NoteLeft { key, room } = &fact.kind else {
        return Ok(true);
    };
    if sees_note(state, me, *key) != Some(true) {
        return Ok(true);
    }
    if since == 0 {
        return Ok(false);
    }
    let seq = fact.seq.unwrap_or_default();
    let internal = |error: hearth_store::StoreError| told(&error.into());
    let was_in = |room| shared.reader.was_in_room(me, room, seq);
    let is_private = |room| {
        let room = state.rooms.get(&room);
        room.is_none_or(|room| room.room.private)
    };
    if is_private(*room) && !was_in(*room).await.map_err(internal)? {
        return Ok(false);
    }
    match shared
        .reader
        .note_moved_to(*key, seq)
        .await
        .map_err(internal)?
    {
        Some(room) => Ok(!was_in(room).await.map_err(internal)?),
        None => Ok(true),
    }
}
