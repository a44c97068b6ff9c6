//! The list of runs that an order is.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Refused;
use super::budget::Budget;
use crate::ClientId;

/// Runs, each behind the one in front of it, and found by their units.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    runs: Vec<Run>,
    /// Runs that were joined or taken out, to be used again.
    free: Vec<u32>,
    first: Option<u32>,
    clients: Vec<Client>,
}

/// A unit, its client by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    pub(crate) client: u32,
    pub(crate) clock: u32,
}

#[derive(Debug)]
struct Client {
    id: ClientId,
    /// Its runs by their first clock.
    runs: BTreeMap<u32, u32>,
}

/// Units of one client that stand side by side: each but the first has the one
/// before it as its origin, all have the same right origin, and all are deleted
/// or none. yrs keeps its items by the same rule.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub(crate) client: u32,
    pub(crate) clock: u32,
    pub(crate) len: u32,
    pub(crate) origin: Option<Unit>,
    pub(crate) right: Option<Unit>,
    pub(crate) deleted: bool,
    before: Option<u32>,
    after: Option<u32>,
    /// When an order last looked at it.
    pub(crate) stamp: u32,
}

/// A run from one of its units on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) run: u32,
    pub(crate) skip: u32,
}

impl Runs {
    /// Makes room for one more client, whose number is how many there were.
    pub(crate) fn add_client(&mut self, id: ClientId) {
        let runs = BTreeMap::new();
        self.clients.push(Client { id, runs });
    }

    /// Forgets the clients added last; they must have nothing in here.
    pub(crate) fn keep_clients(&mut self, count: usize) {
        self.clients.truncate(count);
    }

    /// How many runs there are, which is what the order costs.
    pub(crate) fn len(&self) -> usize {
        self.runs.len() - self.free.len()
    }

    /// Takes out every unit of a client from `clock` on. Nothing that stays
    /// may have one of them as its origin.
    pub(crate) fn truncate(&mut self, client: u32, clock: u32) {
        while let Some((start, run)) = self.last_run(client) {
            if start < clock {
                let run = &mut self.runs[run as usize];
                run.len = run.len.min(clock - start);
                return;
            }
            self.clients[client as usize].runs.remove(&start);
            self.unlink(run);
            let Run { before, after, .. } = self.runs[run as usize];
            if let (Some(before), Some(after)) = (before, after) {
                self.join(before, after);
            }
        }
    }

    /// Every unit in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Run> {
        let mut next = self.first;
        std::iter::from_fn(move || {
            let run = self.get(next?);
            next = run.after;
            Some(run)
        })
    }

    /// Which of these units are not deleted.
    pub(crate) fn live(
        &self,
        client: u32,
        clocks: &Range<u32>,
        budget: &mut Budget,
    ) -> Result<Vec<Range<u32>>, Refused> {
        let mut live: Vec<Range<u32>> = Vec::new();
        let mut at = clocks.start;
        while at < clocks.end {
            budget.spend(Budget::FIND)?;
            let place = self.find(Unit { client, clock: at })?;
            let run = self.get(place.run);
            let end = run.end().min(clocks.end);
            match live.last_mut() {
                _ if run.deleted => {}
                Some(last) if last.end == at => last.end = end,
                _ => live.push(at..end),
            }
            at = end;
        }
        Ok(live)
    }

    /// Marks units as deleted.
    pub(crate) fn delete(&mut self, client: u32, clocks: Range<u32>) {
        let mut at = clocks.start;
        while at < clocks.end
            && let Ok(place) = self.find(Unit { client, clock: at })
        {
            if place.skip > 0 {
                let skip = place.skip - 1;
                self.split_behind(Place { skip, ..place });
                continue;
            }
            let run = *self.get(place.run);
            if run.end() > clocks.end {
                let skip = clocks.end - run.clock - 1;
                self.split_behind(Place { skip, ..place });
                continue;
            }
            at = run.end();
            self.runs[place.run as usize].deleted = true;
            if let Some(after) = run.after {
                self.join(place.run, after);
            }
            if let Some(before) = run.before {
                self.join(before, place.run);
            }
        }
    }

    /// Where a unit stands.
    pub(crate) fn find(&self, unit: Unit) -> Result<Place, Refused> {
        let runs = self
            .clients
            .get(unit.client as usize)
            .map(|client| &client.runs);
        let (start, run) = runs
            .and_then(|runs| runs.range(..=unit.clock).next_back())
            .ok_or(Refused::Missing)?;
        let skip = unit.clock - start;
        if skip >= self.runs[*run as usize].len {
            return Err(Refused::Missing);
        }
        Ok(Place { run: *run, skip })
    }

    /// The beginning.
    pub(crate) fn first(&self) -> Option<Place> {
        self.first.map(|run| Place { run, skip: 0 })
    }

    /// The run behind a run.
    pub(crate) fn behind(&self, run: u32) -> Option<Place> {
        let after = self.runs[run as usize].after;
        after.map(|run| Place { run, skip: 0 })
    }

    /// The next unit's place.
    pub(crate) fn step(&self, place: Place) -> Option<Place> {
        let Place { run, skip } = place;
        if skip + 1 < self.get(run).len {
            return Some(Place {
                run,
                skip: skip + 1,
            });
        }
        self.behind(run)
    }

    pub(crate) fn unit_at(&self, place: Place) -> Unit {
        let run = self.get(place.run);
        Unit {
            client: run.client,
            clock: run.clock + place.skip,
        }
    }

    pub(crate) fn get(&self, run: u32) -> &Run {
        &self.runs[run as usize]
    }

    pub(crate) fn id(&self, client: u32) -> ClientId {
        self.clients[client as usize].id
    }

    /// Stamps a run.
    pub(crate) fn stamp(&mut self, run: u32, stamp: u32) -> Run {
        let run = &mut self.runs[run as usize];
        run.stamp = stamp;
        *run
    }

    pub(crate) fn clear_stamps(&mut self) {
        self.runs.iter_mut().for_each(|run| run.stamp = 0);
    }

    /// Makes a run longer at its end.
    pub(crate) fn extend(&mut self, run: u32, len: u32) {
        self.runs[run as usize].len += len;
    }

    /// Cuts a run behind a unit, unless it ends there.
    pub(crate) fn split_behind(&mut self, place: Place) {
        let run = *self.get(place.run);
        let len = place.skip + 1;
        if len == run.len {
            return;
        }
        self.runs[place.run as usize].len = len;
        let rest = Run {
            clock: run.clock + len,
            len: run.len - len,
            origin: Some(self.unit_at(place)),
            ..run
        };
        self.add(rest, Some(place.run));
    }

    /// Adds a run behind another one, or in front of all.
    pub(crate) fn add(&mut self, mut run: Run, before: Option<u32>) {
        let after = match before {
            Some(before) => self.runs[before as usize].after,
            None => self.first,
        };
        (run.before, run.after) = (before, after);
        let index = match self.free.pop() {
            Some(index) => {
                self.runs[index as usize] = run;
                index
            }
            None => {
                self.runs.push(run);
                (self.runs.len() - 1) as u32
            }
        };
        match before {
            Some(before) => self.runs[before as usize].after = Some(index),
            None => self.first = Some(index),
        }
        if let Some(after) = after {
            self.runs[after as usize].before = Some(index);
        }
        self.clients[run.client as usize]
            .runs
            .insert(run.clock, index);
    }

    fn unlink(&mut self, index: u32) {
        let Run { before, after, .. } = self.runs[index as usize];
        match before {
            Some(before) => self.runs[before as usize].after = after,
            None => self.first = after,
        }
        if let Some(after) = after {
            self.runs[after as usize].before = before;
        }
        self.free.push(index);
    }

    /// Makes two neighbours one, if they might as well be.
    fn join(&mut self, before: u32, after: u32) {
        let (left, right) = (self.runs[before as usize], self.runs[after as usize]);
        if follows(&left, &right) {
            self.clients[right.client as usize]
                .runs
                .remove(&right.clock);
            self.unlink(after);
            self.runs[before as usize].len += right.len;
        }
    }

    fn last_run(&self, client: u32) -> Option<(u32, u32)> {
        let last = self.clients[client as usize].runs.last_key_value();
        last.map(|(start, run)| (*start, *run))
    }
}

impl Run {
    pub(crate) fn new(
        client: u32,
        clock: u32,
        len: u32,
        origin: Option<Unit>,
        right: Option<Unit>,
        deleted: bool,
    ) -> Self {
        Self {
            client,
            clock,
            len,
            origin,
            right,
            deleted,
            before: None,
            after: None,
            stamp: 0,
        }
    }

    /// The clock behind its last unit.
    pub(crate) fn end(&self) -> u32 {
        self.clock + self.len
    }
}

/// The origin of a run's unit.
pub(crate) fn origin_at(run: &Run, skip: u32) -> Option<Unit> {
    if skip == 0 {
        return run.origin;
    }
    Some(Unit {
        client: run.client,
        clock: run.clock + skip - 1,
    })
}

/// Whether the second run could as well be the end of the first.
pub(crate) fn follows(first: &Run, second: &Run) -> bool {
    first.client == second.client
        && first.end() == second.clock
        && second.origin == origin_at(first, first.len)
        && first.right == second.right
        && first.deleted == second.deleted
}
