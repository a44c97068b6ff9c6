//! What can be said of logged updates without building the text.

use std::collections::BTreeMap;

use crate::door::form::{Deletion, Piece, Section, Update, in_order};
use crate::{ClientId, Damaged};

/// How much an update typed and deleted, in UTF-16 code units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// Units it typed.
    pub added: u64,
    /// Units it deleted.
    pub removed: u64,
}

impl Extent {
    /// The extent of a logged update.
    pub fn of(update: &[u8]) -> Result<Self, Damaged> {
        let update = parse(update)?;
        let pieces = update.sections.iter().flat_map(|section| &section.pieces);
        let typed = pieces.filter(|piece| piece.text.is_some());
        let ranges = update.deleted.iter().flat_map(|deletion| &deletion.ranges);
        Ok(Self {
            added: typed.map(|piece| u64::from(piece.len)).sum(),
            removed: ranges.map(|range| u64::from(range.end - range.start)).sum(),
        })
    }
}

/// Consecutive updates of a log as one, for whoever has what was before them.
pub fn merge<'a>(updates: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<u8>, Damaged> {
    let mut typed: BTreeMap<ClientId, Vec<Piece<'a>>> = BTreeMap::new();
    let mut deleted: BTreeMap<ClientId, Vec<_>> = BTreeMap::new();
    for update in updates {
        let update = parse(update)?;
        for section in update.sections {
            let pieces = typed.entry(section.client).or_default();
            if pieces
                .last()
                .is_some_and(|last| last.end() != section.start())
            {
                return Err(Damaged);
            }
            pieces.extend(section.pieces);
        }
        for Deletion { client, ranges } in update.deleted {
            deleted.entry(client).or_default().extend(ranges);
        }
    }
    let sections = typed.into_iter().rev();
    let deleted = deleted.into_iter().rev();
    let merged = Update {
        sections: sections
            .map(|(client, pieces)| Section { client, pieces })
            .collect(),
        deleted: deleted
            .map(|(client, ranges)| Deletion {
                client,
                ranges: in_order(ranges),
            })
            .collect(),
    };
    Ok(merged.encode())
}

fn parse(update: &[u8]) -> Result<Update<'_>, Damaged> {
    Update::parse(update).map_err(|_| Damaged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Edit, Limits, Text, write};

    /// A log of bodies, written in turn by two clients.
    fn log(bodies: &[&str]) -> Vec<Vec<u8>> {
        let limits = Limits {
            body_bytes: 1_000,
            changes: 100,
        };
        let mut text = Text::new();
        let write = |(index, body): (usize, &&str)| {
            let client = ClientId::new(1 + index as u32 % 2);
            let edit = Edit::Body((*body).to_owned());
            let update = write(&text, client, &edit, limits).unwrap().unwrap();
            text.apply(&update).unwrap();
            update
        };
        bodies.iter().enumerate().map(write).collect()
    }

    #[test]
    fn updates_merged_make_the_text_that_they_make_one_by_one() {
        let log = log(&["one", "one two", "one 🎈 two", "two", "two three", "three"]);
        let slices = || log.iter().map(Vec::as_slice);
        for from in 0..log.len() {
            let later = merge(slices().skip(from)).unwrap();
            let text = Text::load(None, slices().take(from).chain([&later[..]]));
            assert_eq!(text.unwrap().body(), "three");
        }
        assert_eq!(merge([]), Ok(vec![0, 0]));
        assert_eq!(merge([&log[0][..], &log[4]]), Err(Damaged), "2 is missing");
        assert_eq!(merge([&b"?"[..]]), Err(Damaged));
    }

    #[test]
    fn an_extent_counts_what_was_typed_and_deleted() {
        let log = log(&["one 🎈", "one", "two"]);
        let extents = log.iter().map(|update| Extent::of(update).unwrap());
        let extents: Vec<_> = extents.map(|one| (one.added, one.removed)).collect();
        assert_eq!(extents, [(6, 0), (0, 3), (3, 3)]);
    }
}
