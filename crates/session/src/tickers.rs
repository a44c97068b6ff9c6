//! What is told in bundles, and what is looked after from time to time.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use hearth_protocol::MemberId;
use hearth_protocol::object::NoteTitle;
use hearth_protocol::signal::{NoteTitles, NoteVersions, event};
use tokio::sync::oneshot;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::feed::Out;
use crate::handle::Shared;
use crate::state::State;
use crate::tell::Space;
use crate::writer::Job;

/// Presence is told at most this often.
const PRESENCE_EVERY: Duration = Duration::from_millis(100);
/// Cursors are told at most this often.
const CURSORS_EVERY: Duration = Duration::from_millis(50);
/// The texts of open notes are checked this often.
const CHECK_EVERY: Duration = Duration::from_secs(10);
/// Titles and versions are told at most this often.
const TITLES_EVERY: Duration = Duration::from_secs(1);
/// Disk, door and rate limits are looked after this often.
const LOOK_AFTER_EVERY: Duration = Duration::from_secs(5);
/// The same in a copy, which has only the disk to look after and is to cost nothing while idle.
const LOOK_AFTER_COPY_EVERY: Duration = Duration::from_secs(10);
/// The trash is looked through this often.
const TIDY_EVERY: Duration = Duration::from_secs(3_600);

/// Starts the tasks; they end when the session stops.
pub(crate) fn start(shared: &Arc<Shared>) {
    if shared.joined.is_none() {
        tell_who_is_here(shared);
    }
    shared.tasks.spawn(tell_lists(shared.clone()));
    let period = match shared.joined {
        Some(_) => LOOK_AFTER_COPY_EVERY,
        None => LOOK_AFTER_EVERY,
    };
    every(shared, period, |shared| {
        shared.check_disk();
        shared.pace.forget_the_quiet();
        for gone in shared.door.knocks.tidy(&shared.limits) {
            shared.tell_hosts(&gone);
        }
    });
    if shared.joined.is_none() {
        ask_every(shared, TIDY_EVERY, || Job::Tidy);
        ask_every(shared, CHECK_EVERY, || Job::CheckNotes);
    }
    shared.tasks.spawn(sweep_files(shared.clone()));
}

/// Titles and versions. It sleeps where nothing changes: an idle copy is to cost nothing.
async fn tell_lists(shared: Arc<Shared>) {
    loop {
        tokio::select! {
            () = shared.lists_changed.notified() => {}
            () = shared.stopping.cancelled() => break,
        }
        let (titles, notes) = {
            let mut dirty = shared.dirty();
            (
                std::mem::take(&mut dirty.titles),
                std::mem::take(&mut dirty.notes),
            )
        };
        if titles {
            tell_titles(&shared);
        }
        if !notes.is_empty() {
            tell_versions(&shared, &notes);
        }
        tokio::select! {
            () = sleep(TITLES_EVERY) => {}
            () = shared.stopping.cancelled() => break,
        }
    }
}

/// Presence and cursors of the sockets here; of a joined session the host tells them.
fn tell_who_is_here(shared: &Arc<Shared>) {
    every(shared, PRESENCE_EVERY, |shared| {
        let gone = std::mem::take(&mut shared.dirty().gone);
        let state = shared.state();
        crate::presence::flush(&mut shared.hub.lock(), gone, &state);
    });
    every(shared, CURSORS_EVERY, |shared| {
        let gone = std::mem::take(&mut shared.dirty().cursors);
        let state = shared.state();
        crate::cursors::flush(&mut shared.hub.lock(), gone, &state);
    });
}

/// Has bytes of files thrown away that no room has: what an earlier run left, what a purged room
/// had, what nothing came of. A few at a time, so that nobody waits behind it.
async fn sweep_files(shared: Arc<Shared>) {
    loop {
        let (done, swept) = oneshot::channel();
        if shared.send(Job::SweepFiles { done }).await.is_err() {
            break;
        }
        if swept.await == Ok(true) {
            continue;
        }
        tokio::select! {
            () = shared.files.loose.notified() => {}
            () = sleep(TIDY_EVERY) => {}
            () = shared.stopping.cancelled() => break,
        }
    }
}

/// Asks the writer for something from time to time.
fn ask_every(shared: &Arc<Shared>, period: Duration, job: impl Fn() -> Job + Send + 'static) {
    let shared = shared.clone();
    let tasks = shared.tasks.clone();
    tasks.spawn(async move {
        let mut ticks = interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {
                    if shared.send(job()).await.is_err() {
                        break;
                    }
                }
                () = shared.stopping.cancelled() => break,
            }
        }
    });
}

fn every(shared: &Arc<Shared>, period: Duration, work: impl Fn(&Shared) + Send + 'static) {
    let shared = shared.clone();
    let tasks = shared.tasks.clone();
    tasks.spawn(async move {
        let mut ticks = interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => work(&shared),
                () = shared.stopping.cancelled() => break,
            }
        }
    });
}

/// The titles of all notes that `member` may see.
pub(crate) fn titles(state: &State, member: MemberId) -> Vec<NoteTitle> {
    state
        .notes
        .values()
        .filter(|note| note.trashed_at.is_none() && state.visible_room(member, note.room).is_some())
        .map(|note| NoteTitle {
            key: note.key,
            title: note.title.clone(),
        })
        .collect()
}

fn tell_titles(shared: &Shared) {
    let state = shared.state();
    for socket in shared.hub.lock().by_id.values() {
        if socket.space == Space::Home {
            let notelist = titles(&state, socket.member);
            socket
                .feed
                .send(Out::signal(event::NOTE_TITLES, &NoteTitles { notelist }));
        }
    }
}

/// Tells those who have joined a note's room where its text stands.
fn tell_versions(shared: &Shared, notes: &HashSet<hearth_protocol::NoteKey>) {
    let state = shared.state();
    let all = crate::catch_up::versions(&state, notes);
    for (_, socket) in shared
        .hub
        .lock()
        .main()
        // Whoever follows hears of every edit.
        .filter(|(_, socket)| socket.live.is_some_and(|live| !live.follows))
    {
        let joined = |key| {
            let room = state
                .notes
                .get(key)
                .and_then(|note| state.rooms.get(&note.room));
            room.is_some_and(|room| room.members.contains(&socket.member))
        };
        let notes: Vec<_> = all
            .notes
            .iter()
            .filter(|note| joined(&note.key))
            .cloned()
            .collect();
        if !notes.is_empty() {
            socket
                .feed
                .send(Out::signal(event::NOTE_VERSIONS, &NoteVersions { notes }));
        }
    }
}
