//! The order of everything ever typed in a note, deleted or not: the list that
//! Yjs keeps, without the text, so that it can be asked what stands between two
//! units before yrs is given anything.

use super::budget::Budget;
use super::runs::{Place, Run, Runs, Unit, follows, origin_at};
use super::{Refused, Source};

/// Everything ever typed, in the order in which it stands in the text.
#[derive(Debug, Default)]
pub(crate) struct Order {
    pub(crate) runs: Runs,
    /// What the last run looked at was stamped with.
    stamp: u32,
}

/// What is to be put between two units.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Insertion {
    pub(crate) client: u32,
    pub(crate) clock: u32,
    pub(crate) len: u32,
    pub(crate) origin: Option<Unit>,
    pub(crate) right: Option<Unit>,
    /// It was deleted before it was told.
    pub(crate) deleted: bool,
}

impl Order {
    /// Puts an insertion where Yjs puts it. Its units, its origins' and its
    /// client's earlier ones, must be known.
    ///
    /// One from outside has to fit: `known` says how many units of each client
    /// its author must have seen, and none of those may stand between its origins.
    pub(crate) fn insert(
        &mut self,
        insertion: Insertion,
        source: Source,
        known: &[u32],
        budget: &mut Budget,
    ) -> Result<(), Refused> {
        let origin = insertion.origin;
        let origin = origin.map(|unit| self.runs.find(unit)).transpose()?;
        let next = match origin {
            None => self.runs.first(),
            Some(place) => self.runs.step(place),
        };
        if source == Source::Peer && !self.continues(&insertion, origin) {
            self.check_gap(next, insertion.right, known, budget)?;
        }
        let left = self.resolve(next, &insertion, budget)?;
        let left = match (left, origin) {
            (Some(run), _) => Some(run),
            (None, Some(place)) => {
                let first = place.skip + 1;
                let second = self.runs.get(place.run).len - first;
                budget.spend_on_cut(first, second)?;
                self.runs.split_behind(place);
                Some(place.run)
            }
            (None, None) => None,
        };
        self.link(insertion, left);
        Ok(())
    }

    /// Whether it goes on behind its author's previous unit, in front of what
    /// that was put in front of. It then fits because that did: its author has
    /// learned nothing in between, or its right origin would be another.
    fn continues(&self, insertion: &Insertion, origin: Option<Place>) -> bool {
        let Some(place) = origin else {
            return false;
        };
        let last = self.runs.unit_at(place);
        last.client == insertion.client
            && last.clock + 1 == insertion.clock
            && self.runs.get(place.run).right == insertion.right
    }

    /// Checks that the right origin follows, with nothing in between that the
    /// author must have seen.
    fn check_gap(
        &self,
        mut next: Option<Place>,
        right: Option<Unit>,
        known: &[u32],
        budget: &mut Budget,
    ) -> Result<(), Refused> {
        while let Some(place) = next {
            let unit = self.runs.unit_at(place);
            if right == Some(unit) {
                return Ok(());
            }
            // Whoever knows one unit of a run knows those before it, and so the
            // first one says it for all.
            if known.get(unit.client as usize) > Some(&unit.clock) {
                return Err(Refused::Misplaced);
            }
            budget.spend(Budget::LOOK)?;
            next = self.runs.behind(place.run);
        }
        match right {
            None => Ok(()),
            Some(_) => Err(Refused::Misplaced),
        }
    }

    /// Where Yjs puts an insertion among those that were made at the same place
    /// at the same time: behind the end of this run, or right behind the origin.
    ///
    /// This is the loop of its `Item.integrate`. Where that keeps two sets of
    /// items, the runs it passes are stamped in rising order here: one is in the
    /// first set if it was stamped since the loop began, and in the second if it
    /// was stamped since that was last emptied.
    fn resolve(
        &mut self,
        first: Option<Place>,
        insertion: &Insertion,
        budget: &mut Budget,
    ) -> Result<Option<u32>, Refused> {
        let begun = self.fresh_stamp();
        let mut conflicting = begun;
        let (mut left, mut next) = (None, first);
        while let Some(place) = next {
            let unit = self.runs.unit_at(place);
            if insertion.right == Some(unit) {
                break;
            }
            budget.spend(Budget::COMPARE)?;
            self.stamp += 1;
            let run = self.runs.stamp(place.run, self.stamp);
            let origin = origin_at(&run, place.skip);
            let passed = if origin == insertion.origin {
                if self.runs.id(run.client) < self.runs.id(insertion.client) {
                    true
                } else if run.right == insertion.right {
                    break;
                } else {
                    false
                }
            } else if let Some(stamp) = self.stamp_of(origin, begun, first)? {
                stamp < conflicting
            } else {
                break;
            };
            if passed {
                left = Some(place.run);
                conflicting = self.stamp + 1;
            }
            next = self.runs.behind(place.run);
        }
        Ok(left)
    }

    /// When a unit was passed by the loop that began then, if it was.
    fn stamp_of(
        &self,
        unit: Option<Unit>,
        begun: u32,
        first: Option<Place>,
    ) -> Result<Option<u32>, Refused> {
        let Some(unit) = unit else {
            return Ok(None);
        };
        let place = self.runs.find(unit)?;
        let stamp = self.runs.get(place.run).stamp;
        // The loop may have begun in the middle of a run.
        let before = first.is_some_and(|first| first.run == place.run && place.skip < first.skip);
        Ok((stamp >= begun && !before).then_some(stamp))
    }

    fn fresh_stamp(&mut self) -> u32 {
        if self.stamp > u32::MAX / 2 {
            self.stamp = 0;
            self.runs.clear_stamps();
        }
        self.stamp + 1
    }

    fn link(&mut self, insertion: Insertion, left: Option<u32>) {
        let run = Run::new(
            insertion.client,
            insertion.clock,
            insertion.len,
            insertion.origin,
            insertion.right,
            insertion.deleted,
        );
        match left {
            Some(left) if follows(self.runs.get(left), &run) => self.runs.extend(left, run.len),
            _ => self.runs.add(run, left),
        }
    }
}
