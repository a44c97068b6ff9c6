//! Where the units of a body lie among everything ever typed, to write between
//! them.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::door::form::{Deletion, Id, MOST_CLOCK, Piece, Section, Update, in_order, utf16_len};
use crate::door::{Door, DoorLimits};
use crate::edit::Splice;
use crate::{ClientId, Damaged};

/// A body's visible units in order.
pub(crate) struct Layout {
    stretches: Vec<Stretch>,
    /// The last unit ever typed at the end, deleted or not.
    last: Option<Id>,
    units: u64,
}

/// Visible units of one client, side by side.
struct Stretch {
    first: Id,
    len: u32,
    /// The unit in front, deleted or not.
    before: Option<Id>,
}

impl Layout {
    /// The layout of the body that this checkpoint holds.
    pub(crate) fn of(checkpoint: &[u8]) -> Result<Self, Damaged> {
        let mut door = Door::new(DoorLimits::default());
        door.recall(None, checkpoint).map_err(|_| Damaged)?;
        let mut layout = Self {
            stretches: Vec::new(),
            last: None,
            units: door.units(),
        };
        for (client, run) in door.order() {
            let before = layout.last;
            let clock = run.end() - 1;
            layout.last = Some(Id { client, clock });
            if !run.deleted {
                let clock = run.clock;
                layout.stretches.push(Stretch {
                    first: Id { client, clock },
                    len: run.len,
                    before,
                });
            }
        }
        Ok(layout)
    }

    /// How many units the body has.
    pub(crate) fn units(&self) -> u64 {
        self.units
    }

    /// The update that makes these changes to `body`, typed under `client` from
    /// `clock` on.
    pub(crate) fn update(
        &self,
        body: &str,
        client: ClientId,
        mut clock: u32,
        splices: &[Splice],
    ) -> Result<Vec<u8>, Damaged> {
        let mut pieces = Vec::new();
        let mut deleted: BTreeMap<ClientId, Vec<Range<u32>>> = BTreeMap::new();
        let mut cursor = Cursor {
            layout: self,
            index: 0,
            skip: 0,
        };
        let mut at = 0;
        for splice in splices {
            cursor.advance(utf16_len(&body[at..splice.from]), |_, _| ());
            // In front of what goes: whoever typed on at the end of that
            // meanwhile then still stands behind.
            if !splice.insert.is_empty() {
                let piece = cursor.insertion(clock, &splice.insert);
                clock = piece.end();
                pieces.push(piece);
            }
            cursor.advance(
                utf16_len(&body[splice.from..splice.to]),
                |client, clocks| deleted.entry(client).or_default().push(clocks),
            );
            at = splice.to;
        }
        if clock >= MOST_CLOCK {
            return Err(Damaged);
        }
        let section = Section { client, pieces };
        let sections = [section].into_iter().filter(|s| !s.pieces.is_empty());
        let deleted = deleted.into_iter().rev();
        let deleted = deleted.map(|(client, ranges)| Deletion {
            client,
            ranges: in_order(ranges),
        });
        let update = Update {
            sections: sections.collect(),
            deleted: deleted.collect(),
        };
        Ok(update.encode())
    }
}

/// A position in a layout.
struct Cursor<'a> {
    layout: &'a Layout,
    index: usize,
    skip: u32,
}

impl<'a> Cursor<'a> {
    /// Goes over so many units, naming them.
    fn advance(&mut self, mut units: u32, mut pass: impl FnMut(ClientId, Range<u32>)) {
        while units > 0 {
            let Some(stretch) = self.layout.stretches.get(self.index) else {
                return;
            };
            let passed = units.min(stretch.len - self.skip);
            let clock = stretch.first.clock + self.skip;
            pass(stretch.first.client, clock..clock + passed);
            units -= passed;
            self.skip += passed;
            if self.skip == stretch.len {
                self.index += 1;
                self.skip = 0;
            }
        }
    }

    /// What inserts a text here.
    fn insertion<'t>(&self, clock: u32, text: &'t str) -> Piece<'t> {
        let (origin, right) = match self.layout.stretches.get(self.index) {
            None => (self.layout.last, None),
            Some(stretch) => {
                let Id { client, clock } = stretch.first;
                let clock = clock + self.skip;
                let before = Id {
                    client,
                    clock: clock.wrapping_sub(1),
                };
                let origin = if self.skip > 0 {
                    Some(before)
                } else {
                    stretch.before
                };
                (origin, Some(Id { client, clock }))
            }
        };
        Piece {
            clock,
            len: utf16_len(text),
            origin,
            right,
            text: Some(text),
        }
    }
}
