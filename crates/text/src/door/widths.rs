//! How many bytes of UTF-8 each unit of a client's text has, in runs.

use std::ops::Range;

/// The units of one client from clock 0 on.
#[derive(Debug, Default)]
pub(crate) struct Widths {
    runs: Vec<Run>,
}

/// How much text some units are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Measure {
    /// UTF-16 code units that somebody can see.
    pub(crate) units: u64,
    /// Bytes of UTF-8.
    pub(crate) bytes: u64,
}

#[derive(Clone, Copy, Debug)]
struct Run {
    start: u32,
    width: Width,
}

/// What a unit is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Width {
    /// Deleted before it was told: no bytes, and no character to be cut.
    Unseen,
    One,
    Two,
    Three,
    /// Half of a character of two units and four bytes. A run of these begins
    /// with a first half.
    Half,
}

impl Widths {
    /// Adds the units of `text`, which begin at `clock`, the present end.
    pub(crate) fn push(&mut self, mut clock: u32, text: &str) {
        if text.is_ascii() {
            return self.push_unit(clock, Width::One);
        }
        for char in text.chars() {
            let width = match char.len_utf8() {
                1 => Width::One,
                2 => Width::Two,
                3 => Width::Three,
                _ => Width::Half,
            };
            self.push_unit(clock, width);
            clock += char.len_utf16() as u32;
        }
    }

    /// Adds units whose text nobody will ever see.
    pub(crate) fn push_unseen(&mut self, clock: u32) {
        self.push_unit(clock, Width::Unseen);
    }

    /// Whether the unit is the second half of a character.
    pub(crate) fn is_second_half(&self, clock: u32) -> bool {
        self.run_at(clock).is_some_and(|index| {
            let run = self.runs[index];
            run.width == Width::Half && (clock - run.start) % 2 == 1
        })
    }

    /// How much text these units are.
    pub(crate) fn measure(&self, range: Range<u32>) -> Measure {
        let mut measure = Measure::default();
        let mut index = self.run_at(range.start).unwrap_or_default();
        let mut at = range.start;
        while at < range.end && index < self.runs.len() {
            let next = self.runs.get(index + 1).map_or(range.end, |run| run.start);
            let end = next.min(range.end);
            let units = u64::from(end - at);
            let (seen, bytes) = match self.runs[index].width {
                Width::Unseen => (0, 0),
                Width::One => (1, 1),
                Width::Two | Width::Half => (1, 2),
                Width::Three => (1, 3),
            };
            measure.units += seen * units;
            measure.bytes += bytes * units;
            at = end;
            index += 1;
        }
        measure
    }

    /// Forgets every unit from `clock` on.
    pub(crate) fn truncate(&mut self, clock: u32) {
        let keep = self.runs.partition_point(|run| run.start < clock);
        self.runs.truncate(keep);
    }

    /// How many runs there are, which is what they cost.
    pub(crate) fn len(&self) -> usize {
        self.runs.len()
    }

    fn push_unit(&mut self, clock: u32, width: Width) {
        if self.runs.last().is_none_or(|run| run.width != width) {
            let start = clock;
            self.runs.push(Run { start, width });
        }
    }

    fn run_at(&self, clock: u32) -> Option<usize> {
        self.runs
            .partition_point(|run| run.start <= clock)
            .checked_sub(1)
    }
}

impl Measure {
    pub(crate) fn of(text: &str) -> Self {
        Self {
            units: super::form::utf16_len(text).into(),
            bytes: text.len() as u64,
        }
    }
}

impl std::ops::AddAssign for Measure {
    fn add_assign(&mut self, other: Self) {
        self.units += other.units;
        self.bytes += other.bytes;
    }
}

impl std::ops::Sub for Measure {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            units: self.units - other.units,
            bytes: self.bytes - other.bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_know_their_bytes_and_halves() {
        let mut widths = Widths::default();
        widths.push(0, "aé漢🎈🎈b");
        widths.push(8, "🎉");
        widths.push_unseen(10);
        let bytes = |range| widths.measure(range).bytes;
        assert_eq!(bytes(0..15), 1 + 2 + 3 + 4 + 4 + 1 + 4);
        assert_eq!(bytes(1..5), 2 + 3 + 4);
        assert_eq!(bytes(3..3), 0);
        assert_eq!(widths.measure(7..15), Measure { units: 3, bytes: 5 });
        let halves = (0..15).filter(|clock| widths.is_second_half(*clock));
        assert_eq!(halves.collect::<Vec<_>>(), [4, 6, 9]);
    }

    #[test]
    fn what_is_forgotten_is_written_over() {
        let mut widths = Widths::default();
        widths.push(0, "ab🎈");
        widths.truncate(2);
        widths.push(2, "ab");
        assert_eq!((widths.measure(0..4).bytes, widths.len()), (4, 1));
        assert!(!widths.is_second_half(3));
    }
}
