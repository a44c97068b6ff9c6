//! The host's facts come into the copy, with the host's numbers.

use std::collections::HashSet;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearth_protocol::error::{CallError, Code};
use hearth_protocol::{CallId, Fact, FactKind, MemberId};
use hearth_store::{CopyBatch, Past, PastCopied, PastOf, Write};

use super::inbox::{Copied, CopiedPast};
use super::joined::Following;
use super::round::take_in;
use super::{Ring, Writer};
use crate::joined::Joined;
use crate::state::State;
use crate::tell::{Told, audience, room_of};

/// Opening a note of a copy replays about so many edits at most.
const CHECKPOINT_AFTER_EDITS: u64 = 1_000;

/// What copying a page came to.
pub(super) struct Arrived {
    /// What came into sight.
    pub(super) pasts: Vec<Past>,
    /// How many sockets were told.
    pub(super) sockets: usize,
}

impl Writer {
    /// Appends a page of the host's log. Facts that are here already are passed over.
    pub(super) async fn copy(
        &mut self,
        copied: Copied,
        joined: &Joined,
        following: &mut Following,
    ) -> Result<Arrived, CallError> {
        copied.facts.iter().try_for_each(check)?;
        let before = following.confirmed.head();
        let calls: Vec<(Option<MemberId>, CallId)> = copied
            .facts
            .iter()
            .filter_map(|fact| Some((fact.by, fact.id?)))
            .collect();
        let mut arrived = following.waiting_of(&calls, joined.me);
        arrived.extend(following.outbox.taken_until(copied.next));
        let batch = CopyBatch {
            facts: copied.facts,
            next: copied.next,
            run: copied.run,
            other: arrived
                .iter()
                .map(|id| Write::OutboxDone { id: *id })
                .collect(),
        };
        let written = match self.store.copy(&batch).await {
            Ok(written) => written,
            Err(error) => {
                self.reload().await;
                return Err(self.shared.told(&error.into()));
            }
        };
        let new: HashSet<u64> = written.new.iter().copied().collect();
        let is_new = |fact: &Fact| fact.seq.is_some_and(|seq| new.contains(&seq));
        let facts = batch.facts.into_iter().filter(is_new).map(Arc::new);
        let mut told = Vec::new();
        for fact in facts {
            told.push(take_in(&fact, &mut following.confirmed).1);
        }
        following.copy.next = following.copy.next.max(batch.next);
        following.copy.run = batch.run.or(following.copy.run);
        if written.reload {
            self.load_confirmed(following).await?;
        }
        for id in arrived {
            following.outbox.take(id);
        }
        self.forget_edited(&told);
        self.checkpoint_edited(&told, joined, following);
        following
            .mixed
            .show(&following.outbox, &following.confirmed);
        let shown = following.shown();
        self.shared.publish(shown.clone());
        following.release(&calls, joined.me);
        self.ring.extend(&told, before);
        following.unsaid.extend(told);
        following
            .fetching
            .extend(written.pasts.iter().map(|past| past.of));
        let sockets = self.say(following);
        crate::joined::tell_link(&self.shared, joined, None, following.outbox.len());
        Ok(Arrived {
            pasts: written.pasts,
            sockets,
        })
    }

    /// The past of what came into sight: it is in no list until it is whole.
    pub(super) async fn copy_past(
        &mut self,
        copied: CopiedPast,
        following: &mut Following,
    ) -> Result<PastCopied, CallError> {
        copied.facts.iter().try_for_each(check)?;
        let CopiedPast {
            asked,
            facts,
            next,
            head,
        } = copied;
        let copy = self.store.copy_past(&asked, &facts, next, head);
        let done = match copy.await {
            Ok(done) => done,
            Err(error) => {
                self.reload().await;
                return Err(self.shared.told(&error.into()));
            }
        };
        match done {
            PastCopied::Going(_) => {}
            PastCopied::Gone => self.end_past(asked.of, following).await?,
            PastCopied::Whole => {
                self.end_past(asked.of, following).await?;
                self.shared.search.heard(true, true);
            }
        }
        Ok(done)
    }

    /// The host does not show the past of this any longer.
    pub(super) async fn give_up_past(
        &mut self,
        of: PastOf,
        following: &mut Following,
    ) -> Result<(), CallError> {
        let given_up = self.store.give_up_past(of).await;
        given_up.map_err(|error| self.shared.told(&error.into()))?;
        self.end_past(of, following).await
    }

    async fn end_past(&mut self, of: PastOf, following: &mut Following) -> Result<(), CallError> {
        self.load_confirmed(following).await?;
        self.notes.forget();
        // Whom its facts concern was not known when they came.
        self.ring = Ring::default();
        self.shared.publish(following.shown());
        following.fetching.remove(&of);
        self.say(following);
        Ok(())
    }

    /// Tells what was copied. While the past of something is on its way, what came after it into
    /// sight waits too: whoever hears of a room can open it.
    fn say(&mut self, following: &mut Following) -> usize {
        if !following.fetching.is_empty() {
            return 0;
        }
        let state = self.shared.state();
        let told: Vec<_> = std::mem::take(&mut following.unsaid)
            .into_iter()
            .map(|told| {
                let room = room_of(&told.fact.kind, &state);
                Told {
                    audience: audience(&told.fact, room, &state),
                    ..told
                }
            })
            .collect();
        self.tell(&told, &state)
    }

    async fn load_confirmed(&mut self, following: &mut Following) -> Result<(), CallError> {
        let loaded = self.store.load().await;
        let loaded = loaded.map_err(|error| self.shared.told(&error.into()))?;
        if let Some(copy) = loaded.copy.clone() {
            following.copy = copy;
        }
        following.confirmed = State::new(loaded);
        Ok(())
    }

    /// Has notes checkpointed that were edited often, beside the writer and one at a time: nobody
    /// here has their texts in memory.
    fn checkpoint_edited(&mut self, told: &[Told], joined: &Joined, following: &mut Following) {
        let edited = told.iter().filter_map(|one| match &one.fact.kind {
            FactKind::NoteEdited { key, version, .. } => Some((*key, *version)),
            _ => None,
        });
        for (key, version) in edited {
            let since = following.edited.entry(key).or_default();
            *since += 1;
            if *since < CHECKPOINT_AFTER_EDITS {
                continue;
            }
            let Ok(turn) = joined.checkpointing.clone().try_acquire_owned() else {
                continue;
            };
            following.edited.remove(&key);
            let shared = self.shared.clone();
            self.shared.tasks.spawn(async move {
                let _turn = turn;
                if let Err(error) = crate::texts::checkpoint(&shared, key, version).await {
                    tracing::warn!(%error, note.id = %key, "a note was not checkpointed");
                }
            });
        }
    }

    /// Texts in memory are as the copy had them before.
    fn forget_edited(&mut self, told: &[Told]) {
        for one in told {
            if let FactKind::NoteEdited { key, .. } = &one.fact.kind {
                self.notes.let_go(*key);
            }
        }
    }
}

/// What the log of a copy may hold: a host is not believed blindly either.
fn check(fact: &Fact) -> Result<(), CallError> {
    let FactKind::NoteEdited { update, .. } = &fact.kind else {
        return Ok(());
    };
    let formed = STANDARD
        .decode(update)
        .is_ok_and(|bytes| hearth_text::is_update(&bytes));
    formed.then_some(()).ok_or_else(|| {
        CallError::new(
            Code::BadRequest,
            "The host sent an edit that is none. It may be damaged; nothing more is copied from it.",
        )
    })
}
