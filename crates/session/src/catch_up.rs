//! `thanks`: the state of the session for those who start over, pages of what was missed for those
//! who come back. What a replica asks for is in `follow.rs`.
//!
//! Pages are read beside the writer. The last one is handed to the writer, which puts it into the
//! feed and makes the socket live in the same step: nothing falls between the two.

use std::collections::HashSet;
use std::sync::Arc;

use hearth_protocol::answer::{Snapshot, Thanked};
use hearth_protocol::call::Thanks;
use hearth_protocol::error::{CallError, Code};
use hearth_protocol::signal::{NoteVersion, NoteVersions, event};
use hearth_protocol::{MemberId, NoteKey, RunId, Timestamp};
use serde_json::value::RawValue;
use tokio::sync::oneshot;

use crate::failure::told;
use crate::feed::{FeedSender, Out, Ticket, to_raw};
use crate::follow::{self, PastOf};
use crate::handle::Shared;
use crate::read::{NEWEST_MESSAGES, notes_of, room_views, show_waiting};
use crate::state::State;
use crate::tell::{ConnectionId, Live, concerns};
use crate::writer::{Attach, Job, Wanted};

/// The most bytes of facts in one page.
pub(crate) const PAGE_BYTES: usize = 1_024 * 1_024;
/// How often the last page is looked for anew while others write faster than it is read.
pub(crate) const MAX_TRIES: usize = 100;

/// The socket that asks.
pub(crate) struct Asker {
    pub(crate) connection: ConnectionId,
    pub(crate) member: MemberId,
    pub(crate) feed: FeedSender,
    pub(crate) ticket: Option<Ticket>,
}

/// Answers `thanks`, and makes the socket live with the last page.
pub(crate) async fn thanks(shared: &Shared, asker: &Asker, call: &Thanks) -> Result<(), CallError> {
    let live = Live {
        batch: call.batch.unwrap_or(false),
        follows: call.follow.is_some(),
    };
    if let Some(of) = PastOf::asked(call)? {
        return follow::past(shared, asker, call, of).await;
    }
    if live.follows {
        return follow::follow(shared, asker, call, live).await;
    }
    match call.since {
        None => start_over(shared, asker, live).await,
        Some(since) => come_back(shared, asker, since, call, live).await,
    }
}

async fn start_over(shared: &Shared, asker: &Asker, live: Live) -> Result<(), CallError> {
    shared.pace.check_catch_up(asker.member)?;
    for _ in 0..MAX_TRIES {
        let state = shared.state();
        let answer = Thanked {
            snapshot: Some(snapshot(shared, &state, asker.member).await?),
            facts: None,
            next: None,
            head: state.head(),
            run: state.session().run,
            live: true,
        };
        if attach(shared, asker, state.head(), live, &answer).await? {
            return Ok(());
        }
    }
    Err(CallError::internal())
}

async fn snapshot(shared: &Shared, state: &State, me: MemberId) -> Result<Snapshot, CallError> {
    let joined: Vec<_> = state.joined_rooms(me).collect();
    let ids: Vec<_> = joined.iter().map(|room| room.room.id).collect();
    let rooms = room_views(
        &shared.reader,
        state,
        me,
        state.visible_rooms(me).map(AsRef::as_ref),
    )
    .await;
    let messages = shared
        .reader
        .newest_messages(&ids, NEWEST_MESSAGES, state.head())
        .await;
    let mut messages = messages.map_err(|error| told(&error.into()))?;
    show_waiting(state, &mut messages, |room| ids.contains(&room));
    let waiting = state.waiting_ids();
    Ok(Snapshot {
        rooms: rooms.map_err(|error| told(&error))?,
        notes: joined
            .iter()
            .flat_map(|room| notes_of(state, room, &waiting))
            .collect(),
        members: state
            .members
            .values()
            .map(|member| member.as_ref().clone())
            .collect(),
        messages,
    })
}

/// Refuses a number from another history of this session.
pub(crate) fn check_history(
    shared: &Shared,
    since: u64,
    run: Option<RunId>,
) -> Result<(), CallError> {
    if shared.state().knows(since, run) {
        return Ok(());
    }
    Err(CallError::new(
        Code::Diverged,
        "This session has another history than the one you saw. Start over without `since`.",
    ))
}

async fn come_back(
    shared: &Shared,
    asker: &Asker,
    since: u64,
    call: &Thanks,
    live: Live,
) -> Result<(), CallError> {
    check_history(shared, since, call.run)?;
    shared.pace.check_catch_up(asker.member)?;
    for _ in 0..MAX_TRIES {
        let state = shared.state();
        let page = page(shared, &state, asker.member, since).await?;
        let edited = edited_since(shared, &state, asker.member, since).await?;
        let versions = versions(&state, &edited);
        if !page.live {
            answer(shared, asker, &page);
            tell_versions(asker, &versions);
            return Ok(());
        }
        if attach(shared, asker, page.next.unwrap_or(since), live, &page).await? {
            tell_versions(asker, &versions);
            return Ok(());
        }
    }
    Err(CallError::internal())
}

fn tell_versions(asker: &Asker, versions: &NoteVersions) {
    if !versions.notes.is_empty() {
        asker.feed.send(Out::signal(event::NOTE_VERSIONS, versions));
    }
}

async fn page(
    shared: &Shared,
    state: &State,
    me: MemberId,
    since: u64,
) -> Result<Thanked, CallError> {
    let wanted = |meta: &hearth_store::FactMeta| concerns(state, me, meta);
    let read = shared
        .reader
        .facts_but_edits(since, state.head(), PAGE_BYTES, wanted)
        .await;
    let page = read.map_err(|error| told(&error.into()))?;
    Ok(Thanked {
        snapshot: None,
        live: page.next >= state.head(),
        facts: Some(page.facts),
        next: Some(page.next),
        head: state.head(),
        run: state.session().run,
    })
}

/// Notes of joined rooms that were written to since this fact: their edits are in no page.
async fn edited_since(
    shared: &Shared,
    state: &State,
    me: MemberId,
    since: u64,
) -> Result<HashSet<NoteKey>, CallError> {
    let edited = shared.reader.notes_edited(since).await;
    let edited = edited.map_err(|error| told(&error.into()))?;
    let joined = |key: &NoteKey| {
        let room = state
            .notes
            .get(key)
            .and_then(|note| state.rooms.get(&note.room));
        room.is_some_and(|room| room.members.contains(&me))
    };
    Ok(edited.into_iter().filter(joined).collect())
}

/// Where these notes stand now.
pub(crate) fn versions(state: &State, keys: &HashSet<NoteKey>) -> NoteVersions {
    let notes = keys
        .iter()
        .filter_map(|key| state.notes.get(key))
        .map(|note| NoteVersion {
            key: note.key,
            version: note.version,
            updated_at: Timestamp(note.updated_at.0),
            updated_by: note.updated_by,
        })
        .collect();
    NoteVersions { notes }
}

/// Written at once, not put together first: a page is long.
fn acknowledgement(answer: &Thanked) -> Arc<RawValue> {
    #[derive(serde::Serialize)]
    struct Acknowledgement<'a> {
        ok: &'a Thanked,
    }
    to_raw(&Acknowledgement { ok: answer })
}

pub(crate) fn answer(shared: &Shared, asker: &Asker, page: &Thanked) {
    let answer = acknowledgement(page);
    shared.pace.caught_up(asker.member, answer.get().len());
    if let Some(ticket) = asker.ticket {
        asker.feed.send(Out::Answer { ticket, answer });
    }
}

/// Hands the last page to the writer. False when facts came faster than it could be read.
pub(crate) async fn attach(
    shared: &Shared,
    asker: &Asker,
    from: u64,
    live: Live,
    page: &Thanked,
) -> Result<bool, CallError> {
    hand_over(
        shared,
        asker,
        from,
        Wanted::Facts(live),
        acknowledgement(page),
    )
    .await
}

/// Hands an answer to the writer, which puts it into the feed and in the same step lets the socket
/// hear what it wants from fact `from` on. False when that is too long ago: look again.
pub(crate) async fn hand_over(
    shared: &Shared,
    asker: &Asker,
    from: u64,
    wanted: Wanted,
    answer: Arc<RawValue>,
) -> Result<bool, CallError> {
    let bytes = answer.get().len();
    let (done, attached) = oneshot::channel();
    let answer = asker.ticket.map(|ticket| Out::Answer { ticket, answer });
    let job = Attach {
        connection: asker.connection,
        from,
        wanted,
        answer,
        done,
    };
    shared.send(Job::Attach(job)).await?;
    let attached = attached.await.map_err(|_| crate::failure::closing())?;
    if attached {
        shared.pace.caught_up(asker.member, bytes);
    }
    Ok(attached)
}
