//! Changing something in an update's structure.

use crate::random::Random;
use crate::update::{Content, Forged, Id, Piece, Section};

/// Where numbers end that somebody may have got wrong by one.
const EDGES: &[u32] = &[
    0,
    1,
    127,
    128,
    65_535,
    65_536,
    65_537,
    (1 << 30) - 1,
    1 << 30,
    u32::MAX - 1,
    u32::MAX,
];

/// Bends one thing. `some` and `other` are units that are there, or nearly.
pub(crate) fn bend(update: &mut Forged, random: &mut Random, some: Id, other: Id) {
    if random.chance(20) || update.sections.is_empty() {
        return bend_deleted(update, random, some);
    }
    let at = random.below(update.sections.len());
    match random.below(10) {
        0 => update.sections.insert(at, update.sections[at].clone()),
        1 => update.sections.reverse(),
        2 => drop(update.sections.remove(at)),
        3 | 4 => bend_section(&mut update.sections[at], random, some),
        _ => {
            if let Some(piece) = any(&mut update.sections[at].pieces, random) {
                bend_piece(piece, random, some, other);
            }
        }
    }
}

fn bend_section(section: &mut Section, random: &mut Random, some: Id) {
    let at = random.below(section.pieces.len() + 1);
    let edge = *random.one(EDGES);
    match random.below(6) {
        0 => {
            let moved = section.clock.wrapping_add(random.below(5) as u32);
            section.clock = moved.wrapping_sub(2);
        }
        1 => section.clock = edge,
        2 => section.client = some.0,
        3 => section.client = edge,
        4 if at < section.pieces.len() => {
            section.pieces.insert(at, section.pieces[at].clone());
        }
        5 if at < section.pieces.len() => drop(section.pieces.remove(at)),
        _ => section.pieces.reverse(),
    }
}

fn bend_piece(piece: &mut Piece, random: &mut Random, some: Id, other: Id) {
    match random.below(12) {
        0 => piece.origin = Some(some),
        1 => piece.right = Some(some),
        2 => (piece.origin, piece.right) = (Some(some), Some(other)),
        3 => piece.origin = None,
        4 => piece.right = None,
        5 => std::mem::swap(&mut piece.origin, &mut piece.right),
        6 => piece.origin = Some((some.0, *random.one(EDGES))),
        7 => piece.content = Content::Deleted(1 + random.below(70_000) as u32),
        8 => piece.content = Content::Deleted(*random.one(EDGES)),
        9 => piece.flags = 1 << random.below(8),
        10 => {
            (piece.origin, piece.right) = (None, None);
            piece.root = random
                .one(&["title", "", "bod", "body "])
                .as_bytes()
                .to_vec();
        }
        _ => bend_content(&mut piece.content, random),
    }
}

fn bend_content(content: &mut Content, random: &mut Random) {
    let Content::Text(text) = content else {
        *content = Content::Text("was deleted".into());
        return;
    };
    match random.below(5) {
        0 => drop(text.pop()),
        1 => text.push_str(random.one::<&str>(&["x", "🎈", "\r", "\0", "\u{fffd}", "\n"])),
        2 => *text = text.chars().rev().collect(),
        3 => *text = text.repeat(2),
        _ => *content = Content::Deleted(text.encode_utf16().count() as u32),
    }
}

fn bend_deleted(update: &mut Forged, random: &mut Random, some: Id) {
    let edge = *random.one(EDGES);
    let range = (some.1, 1 + random.below(5) as u32);
    let Some((client, ranges)) = any(&mut update.deleted, random) else {
        return update.deleted.push((some.0, vec![range]));
    };
    match random.below(8) {
        0 => *client = some.0,
        1 => ranges.push(range),
        2 => ranges.insert(0, range),
        3 => ranges.reverse(),
        4 => ranges.clear(),
        5 => ranges.push((edge, range.1)),
        6 => ranges.push((range.0, edge)),
        _ => {
            let again = (*client, ranges.clone());
            update.deleted.push(again);
        }
    }
}

fn any<'a, T>(list: &'a mut [T], random: &mut Random) -> Option<&'a mut T> {
    let len = list.len();
    (len > 0).then(|| &mut list[random.below(len)])
}
