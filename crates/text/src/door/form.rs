//! The form of an update: Yjs version 1, of a note's text and nothing else.
//!
//! Parsed and written by our own code, because yrs must not see bytes nobody
//! has looked at, and because what is new in an update is told as new bytes.

use std::ops::Range;

use super::Refused;
use super::bytes::{Reader, Writer};
use crate::ClientId;

/// Every position under one client id lies below this.
pub(crate) const MOST_CLOCK: u32 = 1 << 30;

const BODY: &[u8] = b"body";
const HAS_ORIGIN: u8 = 0x80;
const HAS_RIGHT: u8 = 0x40;
const DELETED: u8 = 1;
const STRING: u8 = 4;

/// Room is made for so many things when as many are announced, and for more
/// once they are there: an announcement costs its sender nothing.
const AT_ONCE: usize = 1_024;

/// A parsed update.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Update<'a> {
    /// What was typed, by descending client id, each client once.
    pub(crate) sections: Vec<Section<'a>>,
    /// What was deleted: ascending ranges of clocks, each client once.
    pub(crate) deleted: Vec<Deletion>,
}

/// What one client typed, without gaps.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Section<'a> {
    pub(crate) client: ClientId,
    /// Never empty.
    pub(crate) pieces: Vec<Piece<'a>>,
}

/// What of one client's is deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Deletion {
    pub(crate) client: ClientId,
    /// Ascending, and never empty.
    pub(crate) ranges: Vec<Range<u32>>,
}

/// One insertion: units that were put between two others at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece<'a> {
    pub(crate) clock: u32,
    /// In UTF-16 code units.
    pub(crate) len: u32,
    /// The unit it was put behind; none: the beginning.
    pub(crate) origin: Option<Id>,
    /// The unit it was put in front of; none: the end.
    pub(crate) right: Option<Id>,
    /// The text, or nothing if it was deleted before it was told.
    pub(crate) text: Option<&'a str>,
}

/// One UTF-16 code unit of everything ever typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Id {
    pub(crate) client: ClientId,
    pub(crate) clock: u32,
}

impl Section<'_> {
    pub(crate) fn start(&self) -> u32 {
        self.pieces.first().map_or(0, |piece| piece.clock)
    }
}

impl Piece<'_> {
    pub(crate) fn end(&self) -> u32 {
        self.clock + self.len
    }

    /// Whether this might as well have been typed together with the piece that
    /// ends where it begins.
    fn continues(&self, before: &Self, client: ClientId) -> bool {
        let clock = before.end() - 1;
        let both_text = before.text.is_some() && self.text.is_some();
        both_text && self.right == before.right && self.origin == Some(Id { client, clock })
    }
}

impl<'a> Update<'a> {
    pub(crate) fn is_empty(&self) -> bool {
        self.sections.is_empty() && self.deleted.is_empty()
    }

    /// Reads an update, refusing whatever a text of ours cannot contain.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, Refused> {
        let mut reader = Reader::new(bytes);
        let sections = parse_sections(&mut reader)?;
        let deleted = parse_deleted(&mut reader)?;
        if !reader.is_at_end() {
            return Err(Refused::Malformed("something follows its end"));
        }
        Ok(Self { sections, deleted })
    }

    /// Writes the update as Yjs would, with pieces that go on where the one in
    /// front ends written as one: a merged update has one for each key pressed,
    /// and yrs takes time and memory by the square of their number to join them.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.number(self.sections.len() as u32);
        for section in &self.sections {
            let pieces = || {
                section
                    .pieces
                    .chunk_by(|one, next| next.continues(one, section.client))
            };
            writer.number(pieces().count() as u32);
            writer.number(section.client.get());
            writer.number(section.start());
            for pieces in pieces() {
                encode_pieces(&mut writer, pieces);
            }
        }
        writer.number(self.deleted.len() as u32);
        for deletion in &self.deleted {
            writer.number(deletion.client.get());
            writer.number(deletion.ranges.len() as u32);
            for range in &deletion.ranges {
                writer.number(range.start);
                writer.number(range.end - range.start);
            }
        }
        writer.into_bytes()
    }
}

fn parse_sections<'a>(reader: &mut Reader<'a>) -> Result<Vec<Section<'a>>, Refused> {
    // A client, a clock, a count and one piece are eight bytes at least.
    let count = reader.count(8)?;
    let mut sections: Vec<Section<'a>> = Vec::with_capacity(count.min(AT_ONCE));
    for _ in 0..count {
        let pieces = reader.count(5)?;
        let client = ClientId::new(reader.number()?);
        if sections.last().is_some_and(|last| last.client <= client) {
            return Err(Refused::Malformed(
                "its clients are not in descending order",
            ));
        }
        if pieces == 0 {
            return Err(Refused::Malformed("a client is named who typed nothing"));
        }
        let clock = reader.number()?;
        let pieces = parse_pieces(reader, pieces, clock)?;
        sections.push(Section { client, pieces });
    }
    Ok(sections)
}

fn parse_pieces<'a>(
    reader: &mut Reader<'a>,
    count: usize,
    mut clock: u32,
) -> Result<Vec<Piece<'a>>, Refused> {
    let mut pieces = Vec::with_capacity(count.min(AT_ONCE));
    for _ in 0..count {
        let piece = parse_piece(reader, clock)?;
        clock = clock
            .checked_add(piece.len)
            .filter(|end| *end < MOST_CLOCK)
            .ok_or(Refused::Malformed("a clock is too high"))?;
        pieces.push(piece);
    }
    Ok(pieces)
}

fn parse_piece<'a>(reader: &mut Reader<'a>, clock: u32) -> Result<Piece<'a>, Refused> {
    let flags = reader.byte()?;
    let kind = flags & !(HAS_ORIGIN | HAS_RIGHT);
    if kind != STRING && kind != DELETED {
        return Err(Refused::Malformed("it holds something else than text"));
    }
    let origin = parse_id(reader, flags & HAS_ORIGIN != 0)?;
    let right = parse_id(reader, flags & HAS_RIGHT != 0)?;
    if origin.is_none() && right.is_none() && (reader.number()? != 1 || reader.bytes()? != BODY) {
        return Err(Refused::Malformed(
            "it is about something else than the body",
        ));
    }
    let (len, text) = if kind == STRING {
        let text = parse_text(reader)?;
        (utf16_len(text), Some(text))
    } else {
        (reader.number()?, None)
    };
    if len == 0 {
        return Err(Refused::Malformed("a piece of text is empty"));
    }
    Ok(Piece {
        clock,
        len,
        origin,
        right,
        text,
    })
}

fn parse_id(reader: &mut Reader<'_>, present: bool) -> Result<Option<Id>, Refused> {
    if !present {
        return Ok(None);
    }
    Ok(Some(Id {
        client: ClientId::new(reader.number()?),
        clock: reader.number()?,
    }))
}

fn parse_text<'a>(reader: &mut Reader<'a>) -> Result<&'a str, Refused> {
    let text = std::str::from_utf8(reader.bytes()?)
        .map_err(|_| Refused::Malformed("its text is not UTF-8"))?;
    if text.contains('\r') {
        return Err(Refused::Malformed("its text holds a carriage return"));
    }
    Ok(text)
}

fn parse_deleted(reader: &mut Reader<'_>) -> Result<Vec<Deletion>, Refused> {
    let count = reader.count(4)?;
    let mut deletions = Vec::with_capacity(count.min(AT_ONCE));
    for _ in 0..count {
        let client = ClientId::new(reader.number()?);
        let count = reader.count(2)?;
        if count == 0 {
            return Err(Refused::Malformed(
                "a client is named of whom nothing is deleted",
            ));
        }
        let ranges = parse_ranges(reader, count)?;
        deletions.push(Deletion { client, ranges });
    }
    let mut seen: Vec<ClientId> = deletions.iter().map(|one| one.client).collect();
    seen.sort_unstable();
    seen.dedup();
    if seen.len() != deletions.len() {
        return Err(Refused::Malformed(
            "a client is named twice in what is deleted",
        ));
    }
    Ok(deletions)
}

fn parse_ranges(reader: &mut Reader<'_>, count: usize) -> Result<Vec<Range<u32>>, Refused> {
    let mut ranges = Vec::with_capacity(count.min(AT_ONCE));
    let mut last = 0;
    for _ in 0..count {
        let start = reader.number()?;
        let end = start
            .checked_add(reader.number()?)
            .filter(|end| *end < MOST_CLOCK && *end > start && start >= last)
            .ok_or(Refused::Malformed(
                "what is deleted is not in ascending ranges",
            ))?;
        ranges.push(start..end);
        last = end;
    }
    Ok(ranges)
}

/// Writes pieces that continue each other.
fn encode_pieces(writer: &mut Writer, pieces: &[Piece<'_>]) {
    let Some(first) = pieces.first() else {
        return;
    };
    let mut flags = if first.text.is_some() {
        STRING
    } else {
        DELETED
    };
    flags |= first.origin.map_or(0, |_| HAS_ORIGIN);
    flags |= first.right.map_or(0, |_| HAS_RIGHT);
    writer.byte(flags);
    for id in [first.origin, first.right].into_iter().flatten() {
        writer.number(id.client.get());
        writer.number(id.clock);
    }
    if first.origin.is_none() && first.right.is_none() {
        writer.number(1);
        writer.bytes(BODY);
    }
    match first.text {
        Some(_) => writer.texts(|| pieces.iter().filter_map(|piece| piece.text)),
        None => writer.number(first.len),
    }
}

/// How long a text is in UTF-16 code units.
pub(crate) fn utf16_len(text: &str) -> u32 {
    let units = if text.is_ascii() {
        text.len()
    } else {
        text.encode_utf16().count()
    };
    // Texts come from updates and bodies, both of them limited far below.
    u32::try_from(units).unwrap_or(u32::MAX)
}

/// Ranges by their clocks, those that meet as one.
pub(crate) fn in_order(mut ranges: Vec<Range<u32>>) -> Vec<Range<u32>> {
    ranges.sort_unstable_by_key(|range| range.start);
    ranges.dedup_by(|next, last| {
        let meet = last.end >= next.start;
        if meet {
            last.end = last.end.max(next.end);
        }
        meet
    });
    ranges
}
