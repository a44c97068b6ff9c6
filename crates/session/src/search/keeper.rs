//! The task that keeps the search index up to date.
//!
//! It does not listen to facts: it hears that there are some, and reads from the log what came
//! after the index's own mark. So it makes no difference whether they came just now or while the
//! index was away.

use std::sync::Arc;
use std::time::Duration;

use hearth_store::{SearchChanges, SearchIndex, SearchMark, SearchReader, StoreError};
use tokio::time::Instant;

use super::gather::{changes, out_of_sight, some_texts};
use super::standing::{Due, Standing};
use crate::failure::SessionError;
use crate::handle::Shared;

/// How much of the log one step reads, about, and how much text one step writes.
pub(super) const STEP_BYTES: usize = 1 << 20;
/// After this long the keeper tries again what failed.
const RETRY_AFTER: Duration = Duration::from_secs(10);

/// Starts the task; it ends when the session stops.
pub(crate) fn start(shared: &Arc<Shared>) {
    let keeper = Keeper {
        shared: shared.clone(),
        troubled: false,
    };
    shared.tasks.spawn(keeper.run());
}

struct Keeper {
    shared: Arc<Shared>,
    /// It did not work last time, and that is in the host's log.
    troubled: bool,
}

impl Keeper {
    async fn run(mut self) {
        let stopping = self.shared.stopping.clone();
        let mut anew = false;
        while !stopping.is_cancelled() {
            let Err(error) = self.keep(anew).await else {
                continue;
            };
            if stopping.is_cancelled() {
                // What it read from was closed under it.
                break;
            }
            self.is_troubled(&error);
            // A new file cures a damaged one. What does not help is not done again and again.
            let cured = !anew && is_damage(&error);
            anew = is_damage(&error);
            if !cured {
                tokio::select! {
                    () = tokio::time::sleep(RETRY_AFTER) => {}
                    () = stopping.cancelled() => {}
                }
            }
        }
        self.let_go().await;
    }

    /// Says once that it does not work, however often it is tried.
    fn is_troubled(&mut self, error: &SessionError) {
        if !std::mem::replace(&mut self.troubled, true) {
            tracing::warn!(%error, "the search index cannot be kept; hosting goes on");
        }
        let unwritable = !is_damage(error);
        let set = |standing: &mut Standing| standing.unwritable = unwritable;
        self.shared.search.standing.send_modify(set);
    }

    /// Opens the index and keeps it up to date until the session stops or something fails.
    async fn keep(&mut self, anew: bool) -> Result<(), SessionError> {
        let (mut index, reader) = self.open(anew).await?;
        let seq = index.mark().map_or(0, |mark| mark.seq);
        self.shared.search.standing.send_modify(|standing| {
            standing.index = Some(reader.clone());
            standing.seq = seq;
        });
        let outcome = self.keep_open(&mut index).await;
        if outcome.as_ref().is_err_and(|error| !is_damage(error)) {
            // What is in it can still be found.
            return outcome;
        }
        self.let_go().await;
        let closed = index.close().await;
        outcome?;
        Ok(closed?)
    }

    /// Ends searching.
    async fn let_go(&self) {
        let mut before = None;
        self.shared.search.standing.send_modify(|standing| {
            before = standing.index.take();
            standing.complete = false;
        });
        if let Some(before) = before {
            before.close().await;
        }
    }

    async fn open(&self, anew: bool) -> Result<(SearchIndex, SearchReader), SessionError> {
        self.let_go().await;
        self.shared.search.takes_damage();
        let reader = &self.shared.reader;
        if anew {
            self.has_disk()?;
            return Ok(SearchIndex::anew(reader).await?);
        }
        let (index, found) = SearchIndex::open(reader).await?;
        let state = self.shared.state();
        let ours = |mark: SearchMark| state.knows(mark.seq.max(mark.edits), Some(mark.run));
        if index.mark().is_none_or(ours) {
            return Ok((index, found));
        }
        tracing::info!("the search index is of another history and is made anew");
        found.close().await;
        drop(index);
        self.has_disk()?;
        Ok(SearchIndex::anew(reader).await?)
    }

    /// What can be made again does not take the last of the disk.
    fn has_disk(&self) -> Result<(), StoreError> {
        match self.shared.is_disk_low() {
            true => Err(StoreError::Full),
            false => Ok(()),
        }
    }

    async fn keep_open(&mut self, index: &mut SearchIndex) -> Result<(), SessionError> {
        self.take_sight(index).await?;
        self.take_other(index).await?;
        self.take_texts(index).await?;
        if std::mem::take(&mut self.troubled) {
            tracing::info!("the search index is kept again");
        }
        self.shared.search.standing.send_modify(|standing| {
            standing.unwritable = false;
        });
        let stopping = self.shared.stopping.clone();
        while !stopping.is_cancelled() {
            if self.take_sight(index).await? {
                self.take_other(index).await?;
                self.take_texts(index).await?;
            }
            let due = self.shared.search.due();
            let now = Instant::now();
            match due {
                Due::Anew => return Err(damaged().into()),
                Due::Other(at) if at <= now => self.take_other(index).await?,
                Due::Texts(at) if at <= now => self.take_texts(index).await?,
                Due::Other(at) | Due::Texts(at) => tokio::select! {
                    () = tokio::time::sleep_until(at) => {}
                    () = self.shared.search.wake.notified() => {}
                    () = stopping.cancelled() => {}
                },
                Due::Nothing => tokio::select! {
                    () = self.shared.search.wake.notified() => {}
                    () = stopping.cancelled() => {}
                },
            }
        }
        Ok(())
    }

    /// Takes out what a copy has lost sight of, and begins again for what came into sight: its facts
    /// have numbers from long before the mark. Answers whether there was something.
    async fn take_sight(&self, index: &mut SearchIndex) -> Result<bool, SessionError> {
        let state = self.shared.state();
        let mark = self.mark(index);
        if mark.sights == state.sights() {
            return Ok(false);
        }
        let changes = out_of_sight(&state, index).await?;
        let mark = SearchMark {
            seq: 0,
            edits: 0,
            sights: state.sights(),
            ..mark
        };
        index.commit(changes, mark).await?;
        Ok(true)
    }

    /// Indexes the titles and messages that came after the mark.
    async fn take_other(&self, index: &mut SearchIndex) -> Result<(), SessionError> {
        self.shared.search.takes_other();
        let state = self.shared.state();
        let head = state.head();
        let mut mark = self.mark(index);
        while mark.seq < head && !self.shared.stopping.is_cancelled() {
            self.has_disk()?;
            let (changes, next) = changes(&self.shared.reader, &state, index, mark.seq).await?;
            mark.seq = next;
            mark.run = state.session().run;
            index.commit(changes, mark).await?;
        }
        let set = |standing: &mut Standing| standing.seq = mark.seq;
        self.shared.search.standing.send_modify(set);
        Ok(())
    }

    /// Indexes the texts that were changed after the mark.
    async fn take_texts(&self, index: &mut SearchIndex) -> Result<(), SessionError> {
        self.shared.search.takes_texts();
        let head = self.shared.state().head();
        let reader = &self.shared.reader;
        let mut left = reader.notes_edited(self.mark(index).edits).await?.into();
        loop {
            if self.shared.stopping.is_cancelled() {
                return Ok(());
            }
            self.has_disk()?;
            // A first filling takes its time, and what is said meanwhile is not to wait for it.
            if matches!(self.shared.search.due(), Due::Other(at) if at <= Instant::now()) {
                self.take_other(index).await?;
            }
            let state = self.shared.state();
            let bodies = some_texts(reader, &state, &mut left).await?;
            let mut mark = self.mark(index);
            mark.run = state.session().run;
            if left.is_empty() {
                mark.edits = head;
            }
            let changes = SearchChanges {
                bodies,
                ..SearchChanges::default()
            };
            index.commit(changes, mark).await?;
            if left.is_empty() {
                break;
            }
        }
        let set = |standing: &mut Standing| standing.complete = true;
        self.shared.search.standing.send_modify(set);
        Ok(())
    }

    fn mark(&self, index: &SearchIndex) -> SearchMark {
        index.mark().unwrap_or_else(|| SearchMark {
            run: self.shared.state().session().run,
            seq: 0,
            edits: 0,
            sights: self.shared.state().sights(),
        })
    }
}

fn damaged() -> StoreError {
    StoreError::Damaged {
        detail: "a search could not read the index".to_owned(),
    }
}

fn is_damage(error: &SessionError) -> bool {
    matches!(error, SessionError::Store(StoreError::Damaged { .. }))
}
