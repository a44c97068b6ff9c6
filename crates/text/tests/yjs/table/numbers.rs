//! Every number of an update, written as it must not be or at its edges.

use super::{MISPLACED, MISSING, Makes, Malformed, Outcome, Table, not_yours};
use crate::handmade::{A, B, E};
use crate::update::number;

/// Eve types `hi` behind everything and deletes the first letter.
const PARTS: &[Part] = &[
    Number("the number of clients", 1),
    Number("the number of pieces", 1),
    Number("the client", E),
    Number("the clock", 0),
    Bytes(&[0x84]),
    Number("the origin's client", B),
    Number("the origin's clock", 1),
    Number("the length of the text", 2),
    Bytes(b"hi"),
    Number("the number of clients deleted from", 1),
    Number("the client deleted from", A),
    Number("the number of ranges", 1),
    Number("the start of the range", 0),
    Number("the length of the range", 1),
];

const IN: Outcome = Makes("bX🎈dYhi");

/// What becomes of it with these numbers instead.
const EDGES: [u32; 5] = [0, (1 << 30) - 1, 1 << 30, i32::MAX as u32 + 1, u32::MAX];
const AT_EDGES: &[(&str, [Outcome; 5])] = &[
    ("the number of clients", [Malformed; 5]),
    ("the number of pieces", [Malformed; 5]),
    ("the client", [not_yours(0), IN, IN, IN, IN]),
    (
        "the clock",
        [IN, Malformed, Malformed, Malformed, Malformed],
    ),
    ("the origin's client", [MISSING; 5]),
    // Behind `X`, and yet at the end: whoever has that has the balloon behind it.
    (
        "the origin's clock",
        [MISPLACED, MISSING, MISSING, MISSING, MISSING],
    ),
    ("the length of the text", [Malformed; 5]),
    ("the number of clients deleted from", [Malformed; 5]),
    ("the client deleted from", [MISSING; 5]),
    ("the number of ranges", [Malformed; 5]),
    (
        "the start of the range",
        [IN, Malformed, Malformed, Malformed, Malformed],
    ),
    (
        "the length of the range",
        [Malformed, MISSING, Malformed, Malformed, Malformed],
    ),
];

enum Part {
    Number(&'static str, u32),
    Bytes(&'static [u8]),
}

use Part::{Bytes, Number};

pub(super) fn fill(table: &mut Table) {
    table.bytes("as it should be", with("", &[]), IN);
    for (name, outcomes) in AT_EDGES {
        for (edge, outcome) in EDGES.into_iter().zip(outcomes) {
            let mut bytes = Vec::new();
            number(&mut bytes, edge);
            let case = format!("{name} is {edge}");
            table.bytes(case, with(name, &bytes), *outcome);
        }
        for (how, bytes) in written_badly(value_of(name)) {
            table.bytes(format!("{name} is {how}"), with(name, &bytes), Malformed);
        }
    }
    let whole = with("", &[]);
    for end in 0..whole.len() {
        let name = format!("it ends after {end} bytes");
        table.bytes(name, whole[..end].to_vec(), Malformed);
    }
}

/// The update with the number of that name written like this.
fn with(name: &str, instead: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in PARTS {
        match part {
            Number(this, _) if *this == name => bytes.extend(instead),
            Number(_, value) => number(&mut bytes, *value),
            Bytes(these) => bytes.extend(*these),
        }
    }
    bytes
}

fn value_of(name: &str) -> u32 {
    let mut numbers = PARTS.iter().filter_map(|part| match part {
        Number(this, value) => (*this == name).then_some(*value),
        Bytes(_) => None,
    });
    numbers.next().expect("a number has this name")
}

fn written_badly(value: u32) -> [(&'static str, Vec<u8>); 5] {
    let mut short = Vec::new();
    number(&mut short, value);
    let padded = |length: usize| {
        let mut bytes = short.clone();
        bytes.resize(length, 0);
        let last = bytes.len() - 1;
        bytes[..last].iter_mut().for_each(|byte| *byte |= 0x80);
        bytes
    };
    [
        ("padded by a byte", padded(short.len() + 1)),
        ("padded to five bytes", padded(5)),
        ("padded to ten bytes", padded(10)),
        ("above 32 bits", vec![0xff, 0xff, 0xff, 0xff, 0x1f]),
        ("without an end", vec![0xff; 12]),
    ]
}
