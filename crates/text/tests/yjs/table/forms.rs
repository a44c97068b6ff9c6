//! Rule A: what an update of a note's text looks like, and nothing else.

use super::{MISSING, Makes, Malformed, Nothing, Outcome, Table};
use crate::handmade::{A, B, E, deleted, typed};
use crate::update::{Content, Forged, Piece, Section, number};

/// The kinds of content that Yjs has names for, by their numbers.
const KINDS: &[&str] = &[
    "a gap left by its garbage collector",
    "deleted",
    "JSON",
    "binary",
    "a string",
    "an embedded object",
    "a format",
    "a type",
    "anything",
    "a subdocument",
    "a part skipped",
];

pub(super) fn fill(table: &mut Table) {
    kinds(table);
    ends(table);
    clients(table);
    texts(table);
    broken_texts(table);
    unseen(table);
    parents(table);
    deletions(table);
}

fn at_end(text: &str) -> Forged {
    typed(E, 0, Some((B, 1)), None, text)
}

fn kinds(table: &mut Table) {
    for kind in (0..0x40).filter(|kind| *kind != 1 && *kind != 4) {
        let mut update = at_end("hello");
        update.sections[0].pieces[0].flags = 4 ^ kind;
        let known = KINDS.get(usize::from(kind)).copied();
        let name = known.unwrap_or("a kind that is none");
        table.eve(format!("content {kind:#x}, {name}"), update, Malformed);
    }
}

fn ends(table: &mut Table) {
    let whole = at_end("hello").encode();
    let behind = |more: &[u8]| [&whole[..], more].concat();
    table.bytes("nothing at all", vec![], Malformed);
    table.bytes("no clients, and then nothing", vec![0], Malformed);
    table.bytes("no clients and no deletions", vec![0, 0], Nothing);
    table.bytes("an empty update and a byte", vec![0, 0, 0], Malformed);
    table.bytes("a state vector", vec![1, 0xe0, 0xa7, 0x12, 5], Malformed);
    table.bytes("a byte follows", behind(&[0]), Malformed);
    table.bytes("itself follows", behind(&whole), Malformed);
    table.bytes("JSON", br#"{"update":"AAA="}"#.to_vec(), Malformed);
    table.bytes(
        "base64",
        b"AQGgjQYABAEEYm9keQVoZWxsbwA=".to_vec(),
        Malformed,
    );
    // Version 2 begins with a feature flag and columns with their lengths.
    let second = [0, 0, 5, 0xe0, 0xa7, 0x12, 0, 0, 1, 4, 3, 0, 0, 0];
    table.bytes("an update of version 2", second.to_vec(), Malformed);
    table.bytes("all ones", vec![0xff; 40], Malformed);
    table.bytes(
        "very many clients",
        vec![0xff, 0xff, 0xff, 0xff, 0xf],
        Malformed,
    );
}

fn clients(table: &mut Table) {
    let section = |client, clock| Section {
        client,
        clock,
        ..at_end("x").sections.remove(0)
    };
    let mut of = |name: &str, sections: Vec<Section>, outcome| {
        let deleted = Vec::new();
        table.eve(name, Forged { sections, deleted }, outcome);
    };
    let (low, high) = (E, E + 1);
    of(
        "clients in descending order",
        vec![section(high, 0), section(low, 0)],
        Makes("abX🎈dYxx"),
    );
    of(
        "clients in ascending order",
        vec![section(low, 0), section(high, 0)],
        Malformed,
    );
    of(
        "a client twice",
        vec![section(E, 0), section(E, 0)],
        Malformed,
    );
    of(
        "a client twice, going on",
        vec![section(E, 0), section(E, 1)],
        Malformed,
    );
    of(
        "a client again behind another",
        vec![section(high, 0), section(low, 0), section(high, 1)],
        Malformed,
    );
    let nothing = |client| Section {
        pieces: vec![],
        ..section(client, 0)
    };
    of("a client without pieces", vec![nothing(E)], Malformed);
    of(
        "a client without pieces, then one with",
        vec![nothing(high), section(low, 0)],
        Malformed,
    );
    of(
        "a client without pieces behind one with",
        vec![section(high, 0), nothing(low)],
        Malformed,
    );
}

fn texts(table: &mut Table) {
    let in_the_text: &[(&str, &str, Outcome)] = &[
        ("no text", "", Malformed),
        ("a carriage return", "\r", Malformed),
        ("a carriage return between letters", "a\rb", Malformed),
        ("a line break of two", "a\r\nb", Malformed),
        ("a carriage return at the end", "word\r", Malformed),
        ("a line break", "\n", Makes("abX🎈dY\n")),
        ("a zero", "\0", Makes("abX🎈dY\0")),
        (
            "what stands for a lone surrogate",
            "\u{fffd}",
            Makes("abX🎈dY\u{fffd}"),
        ),
        ("a byte order mark", "\u{feff}", Makes("abX🎈dY\u{feff}")),
        (
            "a code point that is no character",
            "\u{ffff}",
            Makes("abX🎈dY\u{ffff}"),
        ),
        (
            "the last code point before surrogates",
            "\u{d7ff}",
            Makes("abX🎈dY\u{d7ff}"),
        ),
        (
            "the first code point behind them",
            "\u{e000}",
            Makes("abX🎈dY\u{e000}"),
        ),
        (
            "the first of two units",
            "\u{10000}",
            Makes("abX🎈dY\u{10000}"),
        ),
        (
            "the last code point",
            "\u{10ffff}",
            Makes("abX🎈dY\u{10ffff}"),
        ),
        ("a line separator", "\u{2028}", Makes("abX🎈dY\u{2028}")),
        (
            "a change of direction",
            "\u{202e}",
            Makes("abX🎈dY\u{202e}"),
        ),
        ("a family of joined characters", "👩‍👧", Makes("abX🎈dY👩‍👧")),
        ("an accent alone", "\u{301}", Makes("abX🎈dY\u{301}")),
    ];
    for (name, text, outcome) in in_the_text {
        table.eve(*name, at_end(text), *outcome);
    }
}

fn broken_texts(table: &mut Table) {
    let bytes: &[(&str, &[u8])] = &[
        ("a high surrogate", &[0xed, 0xa0, 0xbd]),
        ("a low surrogate", &[0xed, 0xb2, 0x88]),
        (
            "two surrogates as six bytes",
            &[0xed, 0xa0, 0xbd, 0xed, 0xb2, 0x88],
        ),
        ("an overlong zero", &[0xc0, 0x80]),
        ("an overlong slash", &[0xe0, 0x80, 0xaf]),
        (
            "an overlong character of four bytes",
            &[0xf0, 0x82, 0x82, 0xac],
        ),
        ("beyond the last code point", &[0xf4, 0x90, 0x80, 0x80]),
        ("five bytes for one", &[0xf8, 0x88, 0x80, 0x80, 0x80]),
        ("a continuation alone", &[0x80]),
        ("half a character of two bytes", &[0xc3]),
        ("half a character of three bytes", &[0xe2, 0x82]),
        ("half a character of four bytes", &[0xf0, 0x9f, 0x8e]),
        ("a byte that is never there", &[0xff]),
        ("Latin 1", b"Gr\xfc\xdfe"),
    ];
    for (name, text) in bytes {
        let mut update = vec![1, 1];
        number(&mut update, E);
        update.extend([0, 0x84]);
        number(&mut update, B);
        update.extend([1, text.len() as u8]);
        update.extend(*text);
        update.push(0);
        table.bytes(format!("not UTF-8: {name}"), update, Malformed);
    }
}

/// Text that was deleted before it was told.
fn unseen(table: &mut Table) {
    let mut of = |len: u32, outcome: Outcome| {
        let piece = Piece::new(Some((B, 1)), None, Content::Deleted(len));
        let update = Forged::typed(E, 0, piece);
        table.eve(format!("{len} units that nobody has seen"), update, outcome);
    };
    of(0, Malformed);
    of(1, Makes("abX🎈dY"));
    of(65_536, Makes("abX🎈dY"));
    of(65_537, Malformed);
    of((1 << 30) - 1, Malformed);
    of(1 << 30, Malformed);
    of(u32::MAX, Malformed);
}

fn parents(table: &mut Table) {
    for root in ["title", "", "bod", "body2", "Body", "body\0", "ｂｏｄｙ"] {
        let mut update = typed(E, 0, None, None, "x");
        update.sections[0].pieces[0].root = root.as_bytes().to_vec();
        table.eve(format!("under the root {root:?}"), update, Malformed);
    }
    let of = |parent: &[u8], flags: u8| {
        let mut bytes = vec![1, 1];
        number(&mut bytes, E);
        bytes.extend([0, flags]);
        bytes.extend(parent);
        bytes.extend([1, b'x', 0]);
        bytes
    };
    let mut body = vec![1, 4];
    body.extend(b"body");
    table.bytes("under the body", of(&body, 4), Makes("abX🎈dYx"));
    let mut item = vec![0];
    number(&mut item, A);
    item.push(0);
    table.bytes("under another item", of(&item, 4), Malformed);
    table.bytes(
        "under a root of kind 2",
        of(&[&[2], &body[1..]].concat(), 4),
        Malformed,
    );
    table.bytes(
        "with a key",
        of(&[&body[..], &[1, b'k']].concat(), 0x24),
        Malformed,
    );
    let mut both = Vec::new();
    number(&mut both, B);
    both.push(1);
    both.extend(&body);
    table.bytes("with an origin and a parent", of(&both, 0x84), Malformed);
}

fn deletions(table: &mut Table) {
    let mut of = |name: &str, deleted: &[(u32, &[(u32, u32)])], outcome| {
        let deleted = deleted.iter();
        let deleted = deleted.map(|(client, ranges)| (*client, ranges.to_vec()));
        let update = Forged {
            sections: Vec::new(),
            deleted: deleted.collect(),
        };
        table.eve(name, update, outcome);
    };
    of(
        "ranges that meet",
        &[(A, &[(0, 1), (1, 1)])],
        Makes("X🎈dY"),
    );
    of("ranges apart", &[(A, &[(0, 1), (5, 1)])], Makes("bX🎈Y"));
    of(
        "two clients, descending",
        &[(B, &[(0, 1)]), (A, &[(0, 1)])],
        Makes("b🎈dY"),
    );
    of(
        "two clients, ascending",
        &[(A, &[(0, 1)]), (B, &[(0, 1)])],
        Makes("b🎈dY"),
    );
    of("ranges that overlap", &[(A, &[(0, 2), (1, 1)])], Malformed);
    of("a range twice", &[(A, &[(0, 1), (0, 1)])], Malformed);
    of(
        "ranges in descending order",
        &[(A, &[(5, 1), (0, 1)])],
        Malformed,
    );
    of("an empty range", &[(A, &[(0, 0)])], Malformed);
    of(
        "an empty range behind another",
        &[(A, &[(0, 1), (4, 0)])],
        Malformed,
    );
    of("no range", &[(A, &[])], Malformed);
    of(
        "a client deleted from twice",
        &[(A, &[(0, 1)]), (A, &[(1, 1)])],
        Malformed,
    );
    of(
        "a client deleted from again",
        &[(A, &[(0, 1)]), (B, &[(0, 1)]), (A, &[(1, 1)])],
        Malformed,
    );
    of(
        "a range beyond every clock",
        &[(A, &[(1 << 30, 1)])],
        Malformed,
    );
    of(
        "a range that wraps around",
        &[(A, &[(4, u32::MAX - 3)])],
        Malformed,
    );
    of(
        "a range up to the last clock",
        &[(A, &[(0, (1 << 30) - 1)])],
        MISSING,
    );
    table.eve("everything deleted", all_deleted(), Makes(""));
}

fn all_deleted() -> Forged {
    let mut update = deleted(A, 0, 6);
    update.deleted.push((B, vec![(0, 2)]));
    update
}
