//! What the author of a text must have seen when typing it.
//!
//! Whoever puts text next to a unit has that unit, and then also everything its
//! author had when typing it. Only what was news is written down; what follows
//! from it is worked out for those who are typing now.

use std::collections::HashMap;

use super::Refused;
use super::budget::Budget;
use super::runs::Unit;

/// How many numbers the worked-out rows of a note may hold together.
const MOST_NUMBERS: usize = 1 << 18;

/// What each client must have seen.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// What each client learned directly, by its own clock.
    learned: Vec<Vec<Learned>>,
    /// How many entries that is.
    count: usize,
    rows: HashMap<u32, Row>,
    uses: u64,
}

/// At this clock of its own a client had so many units of another one.
#[derive(Clone, Copy, Debug)]
struct Learned {
    clock: u32,
    client: u32,
    units: u32,
}

/// How many units of each client one client has.
#[derive(Debug)]
struct Row {
    units: Vec<u32>,
    used: u64,
}

impl Known {
    /// Makes room for one more client, whose number is how many there were.
    pub(crate) fn add_client(&mut self) {
        self.learned.push(Vec::new());
    }

    /// Forgets the clients added last, which nobody may have learned of.
    pub(crate) fn keep_clients(&mut self, count: usize) {
        self.learned.truncate(count);
    }

    /// How many things are written down.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// Notes that `author`, who has typed `clock` units, has these others too.
    pub(crate) fn learn(
        &mut self,
        author: u32,
        clock: u32,
        units: impl Iterator<Item = Unit>,
        budget: &mut Budget,
    ) -> Result<(), Refused> {
        self.work_out(author, clock, budget)?;
        let Some(row) = self.rows.get_mut(&author) else {
            return Ok(());
        };
        for unit in units.filter(|unit| unit.client != author) {
            let learned = Learned {
                clock,
                client: unit.client,
                units: unit.clock + 1,
            };
            if row.units_of(unit.client) < learned.units {
                row.spread(&self.learned, learned, budget)?;
                self.learned[author as usize].push(learned);
                self.count += 1;
            }
        }
        Ok(())
    }

    /// Notes what was learned, without working out what follows.
    ///
    /// For what is read back from our own file: nobody is typing yet.
    pub(crate) fn recall(&mut self, author: u32, clock: u32, units: impl Iterator<Item = Unit>) {
        for Unit {
            client,
            clock: last,
        } in units.filter(|unit| unit.client != author)
        {
            let learned = Learned {
                clock,
                client,
                units: last + 1,
            };
            let list = &mut self.learned[author as usize];
            let mut recent = list.iter().rev().take(8);
            let news = recent.all(|old| old.client != client || old.units < learned.units);
            if news {
                list.push(learned);
                self.count += 1;
            }
        }
    }

    /// How many units of each client the author has, as far as
    /// [`Self::learn`] was told of last.
    pub(crate) fn row(&self, author: u32) -> &[u32] {
        self.rows.get(&author).map_or(&[], |row| &row.units)
    }

    /// Forgets what a client learned from this clock of its own on.
    pub(crate) fn truncate(&mut self, client: u32, clock: u32) {
        let learned = &mut self.learned[client as usize];
        let keep = learned.partition_point(|learned| learned.clock < clock);
        self.count -= learned.len() - keep;
        learned.truncate(keep);
        self.rows.remove(&client);
    }

    /// Sees to it that there is a row for this author.
    fn work_out(&mut self, author: u32, clock: u32, budget: &mut Budget) -> Result<(), Refused> {
        self.uses += 1;
        if !self.rows.contains_key(&author) {
            self.make_room();
            budget.spend(self.learned.len() as u64 / 16)?;
            let mut row = Row {
                units: vec![0; self.learned.len()],
                used: 0,
            };
            let all = Learned {
                clock: 0,
                client: author,
                units: clock,
            };
            row.spread(&self.learned, all, budget)?;
            self.rows.insert(author, row);
        }
        if let Some(row) = self.rows.get_mut(&author) {
            row.used = self.uses;
            row.set(author, clock);
        }
        Ok(())
    }

    /// Drops the row that was not asked for the longest time, if need be.
    fn make_room(&mut self) {
        let most = (MOST_NUMBERS / self.learned.len().max(1)).max(4);
        if self.rows.len() < most {
            return;
        }
        let oldest = self.rows.iter().min_by_key(|(_, row)| row.used);
        if let Some(client) = oldest.map(|(client, _)| *client) {
            self.rows.remove(&client);
        }
    }
}

impl Row {
    fn units_of(&self, client: u32) -> u32 {
        self.units.get(client as usize).copied().unwrap_or(0)
    }

    fn set(&mut self, client: u32, units: u32) {
        let index = client as usize;
        if index >= self.units.len() {
            self.units.resize(index + 1, 0);
        }
        self.units[index] = units;
    }

    /// Takes in what was learned and all that follows from it.
    fn spread(
        &mut self,
        learned: &[Vec<Learned>],
        news: Learned,
        budget: &mut Budget,
    ) -> Result<(), Refused> {
        let mut waiting = vec![news];
        while let Some(Learned { client, units, .. }) = waiting.pop() {
            let had = self.units_of(client);
            if had >= units {
                continue;
            }
            self.set(client, units);
            let theirs = &learned[client as usize];
            let from = theirs.partition_point(|learned| learned.clock < had);
            let new = theirs[from..].iter();
            for theirs in new.take_while(|learned| learned.clock < units) {
                budget.spend(Budget::LEARN)?;
                waiting.push(*theirs);
            }
        }
        Ok(())
    }
}
