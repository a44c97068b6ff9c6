//! The single writer: the one task that owns the session.
//!
//! Calls queue up in its inbox. It takes what is there, decides each on what it knows, commits the
//! lot in one transaction, and only then answers and tells. So an acknowledgement means that the
//! change is on disk, and facts committed together are told together.
//!
//! A failed commit answers everybody in it with the error. What became of it is not known (an I/O
//! error can leave the rows there), so everything is loaded anew, and sockets that may have missed
//! facts are cut: they come back and replay.

mod admit;
mod answer;
mod begin;
mod calls;
mod copy;
mod files;
mod inbox;
mod joined;
mod mixed;
mod pend;
mod pend_file;
mod relay;
mod round;
mod settle;
mod steps;
mod tidy;

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use hearth_protocol::limits::Limits;
use hearth_protocol::signal::{Cursors, event};
use hearth_protocol::{FactKind, NoteKey, Timestamp};
use hearth_store::{Reader, Writer as StoreWriter};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::answers::Answers;
use crate::bundle::Bundles;
use crate::feed::{Cut, Out};
use crate::handle::Shared;
use crate::notes::OpenNotes;
use crate::pause::Pause;
use crate::state::State;
use crate::tell::Told;

pub(crate) use answer::{error, ok};
pub(crate) use begin::begin_run;
pub(crate) use calls::other_contents;
pub use inbox::Settled;
pub(crate) use inbox::{
    Admission, AnswerTo, Attach, CallJob, Copied, CopiedPast, FileJob, Job, JoinedJob, Wanted, Who,
};
pub(crate) use relay::relay;
pub(crate) use steps::step_ids;

/// The most jobs committed together.
const MAX_ROUND: usize = 512;
/// The most facts kept in memory for those who have just caught up.
const RING_FACTS: usize = 1_024;
/// The most bytes of them.
const RING_BYTES: usize = 1_024 * 1_024;
/// Telling a socket costs about 6 µs, most of it the system's: at this pace that takes a third of a
/// core.
const PACE_PER_SOCKET: Duration = Duration::from_micros(17);
/// Nobody is to notice that a call waited.
const MAX_PAUSE: Duration = Duration::from_millis(4);

pub(crate) struct Writer {
    shared: Arc<Shared>,
    store: StoreWriter,
    reader: Reader,
    limits: Limits,
    inbox: mpsc::Receiver<Job>,
    /// What was taken from the inbox and did not fit into the last round.
    waiting: VecDeque<Job>,
    notes: OpenNotes,
    answers: Answers,
    ring: Ring,
    last_at: Timestamp,
    /// Checkpoints that could not be written yet go with the next commit.
    stopping: bool,
    /// Until then calls wait for company.
    next_round: Instant,
    /// A joined session's: what is decided elsewhere.
    following: Option<joined::Following>,
    /// What this process believed is in the file was thrown away since this was last looked at.
    reloaded: bool,
}

impl Writer {
    pub(crate) fn new(
        shared: Arc<Shared>,
        store: StoreWriter,
        reader: Reader,
        limits: Limits,
        inbox: mpsc::Receiver<Job>,
    ) -> Self {
        Self {
            notes: OpenNotes::new(&limits, shared.held.clone()),
            shared,
            store,
            reader,
            inbox,
            waiting: VecDeque::new(),
            limits,
            answers: Answers::default(),
            ring: Ring::default(),
            last_at: Timestamp(0),
            stopping: false,
            next_round: Instant::now(),
            following: None,
            reloaded: false,
        }
    }

    /// Of a joined session: `waiting` is what its outbox holds.
    pub(crate) fn following(
        mut self,
        waiting: Vec<crate::outbox::Waiting>,
        copy: hearth_store::CopyState,
    ) -> Self {
        let confirmed = self.shared.state().as_ref().clone();
        let following = joined::Following::new(confirmed, waiting, copy);
        self.shared.publish(following.shown());
        self.following = Some(following);
        self
    }

    /// Works until it is told to stop or nobody is left to ask it for anything.
    pub(crate) async fn run(mut self) {
        let pause = Pause::new();
        while !self.stopping {
            if self.waiting.is_empty() {
                match self.inbox.recv().await {
                    Some(job) => self.waiting.push_back(job),
                    None => break,
                }
            }
            let early = self.next_round.saturating_duration_since(Instant::now());
            if !early.is_zero() {
                pause.wait(early).await;
            }
            let begun = Instant::now();
            while self.waiting.len() < MAX_ROUND {
                match self.inbox.try_recv() {
                    Ok(job) => self.waiting.push_back(job),
                    Err(_) => break,
                }
            }
            let sockets = match self.following.take() {
                Some(following) => self.joined_round(following).await,
                None => self.round().await,
            };
            self.next_round = next_round(begun, Instant::now(), sockets);
        }
        self.close().await;
    }

    /// The time of the next fact: never before that of the last one, whatever the clock does.
    fn now(&mut self) -> Timestamp {
        self.last_at = self.last_at.max(crate::handle::now());
        self.last_at
    }

    /// Texts to be written down. Those of a joined session hold what is not in its log yet.
    fn checkpoints(
        &mut self,
        of: impl FnOnce(&mut OpenNotes) -> Vec<hearth_store::Write>,
    ) -> Vec<hearth_store::Write> {
        match self.shared.joined {
            Some(_) => Vec::new(),
            None => of(&mut self.notes),
        }
    }

    /// Loads everything anew after a commit of which nobody knows how it ended.
    async fn reload(&mut self) {
        self.reloaded = true;
        self.notes.forget();
        let before = self.shared.state().head();
        match self.store.load().await {
            Ok(loaded) => {
                let state = State::new(loaded);
                let moved = state.head() != before;
                self.shared.publish(state);
                if moved {
                    self.ring = Ring::default();
                    self.shared.search.heard(true, true);
                    self.shared.hub.cut(Cut::Slow, |_| true);
                }
            }
            Err(error) => tracing::error!(%error, "the session file could not be read again"),
        }
    }

    async fn close(mut self) {
        let checkpoints = self.checkpoints(OpenNotes::last_checkpoints);
        if !checkpoints.is_empty() {
            let batch = hearth_store::Batch {
                facts: Vec::new(),
                other: checkpoints,
            };
            if let Err(error) = self.store.commit(&batch).await {
                tracing::warn!(%error, "the last checkpoints were not written; opening takes longer");
            }
        }
        self.shared.hub.cut(Cut::Stopping, |_| true);
        if let Err(error) = self.store.close().await {
            tracing::error!(%error, "the session file was not closed cleanly");
        }
    }
}

/// The facts committed last, for those who have just caught up with the log.
#[derive(Default)]
struct Ring {
    told: VecDeque<Told>,
    bytes: usize,
    /// Every fact after this number is in it. Numbers of a copy have gaps, so the oldest fact's
    /// does not say that.
    since: u64,
}

impl Ring {
    /// Takes in what came after `before`.
    fn extend(&mut self, told: &[Told], before: u64) {
        if self.told.is_empty() {
            self.since = before;
        }
        // What waits for the host has no number, and is told to each newcomer by itself.
        for one in told.iter().filter(|told| told.fact.seq.is_some()) {
            self.bytes += one.bytes();
            self.told.push_back(one.clone());
        }
        while self.told.len() > RING_FACTS || self.bytes > RING_BYTES {
            let Some(oldest) = self.told.pop_front() else {
                break;
            };
            self.bytes -= oldest.bytes();
            self.since = oldest.seq();
        }
    }

    /// What came after `from`; nothing when that is longer ago than the ring remembers.
    fn after(&self, from: u64, head: u64) -> Option<Vec<Told>> {
        if from == head {
            return Some(Vec::new());
        }
        if self.told.is_empty() || from < self.since {
            return None;
        }
        Some(
            self.told
                .iter()
                .filter(|told| told.seq() > from)
                .cloned()
                .collect(),
        )
    }
}

/// What changed and is told in bundles by the tickers.
#[derive(Default)]
pub(crate) struct Dirty {
    /// Titles may differ from what `/home` last heard.
    pub(crate) titles: bool,
    /// Notes whose text changed.
    pub(crate) notes: HashSet<NoteKey>,
    /// Cursors that are gone since cursors were told.
    pub(crate) cursors: Vec<(NoteKey, hearth_protocol::signal::Cursor)>,
    /// Those who left since presence was told.
    pub(crate) gone: Vec<hearth_protocol::signal::Presence>,
}

/// Makes a socket live from `from` on, telling it what came meanwhile.
fn attach(writer: &Writer, attach: &Attach, state: &State) -> bool {
    let mut sockets = writer.shared.hub.lock();
    let Some(socket) = sockets.by_id.get_mut(&attach.connection) else {
        return true;
    };
    let Some(missed) = writer.ring.after(attach.from, state.head()) else {
        return false;
    };
    if let Some(answer) = &attach.answer {
        socket.feed.send(answer.clone());
    }
    match attach.wanted {
        Wanted::Facts(live) => {
            socket.live = Some(live);
            crate::tell::tell(socket, &missed, &mut Bundles::default());
        }
        Wanted::Note(key) => {
            socket.open.entry(key).or_default();
            let of_note = |told: &Told| matches!(&told.fact.kind, FactKind::NoteEdited { key: edited, .. } if *edited == key);
            let edits: Vec<_> = missed.into_iter().filter(of_note).collect();
            crate::tell::tell(socket, &edits, &mut Bundles::default());
            let feed = socket.feed.clone();
            let cursors = crate::cursors::present(&sockets, key, state);
            if !cursors.is_empty() {
                feed.send(Out::signal(event::CURSORS, &Cursors { key, cursors }));
            }
        }
    }
    true
}

/// When the round after one that told so many sockets begins at the earliest. What comes meanwhile
/// is committed and told together: one packet for each socket instead of one for each call. The
/// more are told, the further apart rounds begin; where few are, nobody waits.
fn next_round(begun: Instant, ended: Instant, sockets: usize) -> Instant {
    let sockets = u32::try_from(sockets).unwrap_or(u32::MAX);
    let pace = PACE_PER_SOCKET.saturating_mul(sockets);
    // A round that took longer than that has let enough come together.
    (begun + pace).clamp(ended, ended + MAX_PAUSE)
}

/// Tells facts that were committed together; answers how many sockets hear of them.
fn tell_all(shared: &Shared, told: &[Told]) -> usize {
    let sockets = shared.hub.lock();
    let mut bundles = Bundles::default();
    sockets
        .main()
        .filter(|(_, socket)| crate::tell::tell(socket, told, &mut bundles))
        .count()
}

/// Closes notes that somebody has open and may no longer see.
fn close_out_of_sight(shared: &Shared, state: &State) {
    for socket in shared.hub.lock().by_id.values_mut() {
        let member = socket.member;
        socket.open.retain(|key, _| {
            state
                .visible_note(member, *key)
                .is_some_and(|note| note.trashed_at.is_none())
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_wait_for_company_only_where_many_are_told() {
        let ms = Duration::from_millis;
        let begun = Instant::now();
        let ended = begun + ms(1);
        assert_eq!(next_round(begun, ended, 0), ended);
        assert_eq!(next_round(begun, ended, 2), ended);
        assert_eq!(next_round(begun, ended, 100), begun + ms(17) / 10);
        assert_eq!(next_round(begun, begun + ms(9), 100), begun + ms(9));
        assert_eq!(next_round(begun, ended, 1_000), ended + MAX_PAUSE);
    }
}
