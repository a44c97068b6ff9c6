//! Rules B and C: an update goes on where its clients stand, under ids of its
//! sender's own, builds on what is there, cuts no character, and what is known of
//! it is taken away.

use hearth_text::MemberId;

use super::{Harmless, MISPLACED, MISSING, Makes, Nothing, Outcome, SPLITS, Table, gap, not_yours};
use crate::handmade::{A, ANNA, B, BEN, E, EVE, deleted, typed};
use crate::update::{Content, Forged, Id, Piece, Section};

pub(super) fn fill(table: &mut Table) {
    gaps(table);
    owners(table);
    origins(table);
    circles(table);
    missing_deletions(table);
    cuts(table);
    known_in_part(table);
    known(table);
}

fn gaps(table: &mut Table) {
    for clock in [1, 2, 127, 128, 16_383, 16_384, (1 << 30) - 2] {
        let update = typed(E, clock, Some((B, 1)), None, "x");
        table.eve(format!("a new client begins at {clock}"), update, gap(E));
    }
    for clock in [7, 8, 100] {
        let update = typed(A, clock, Some((B, 1)), None, "x");
        table.by(ANNA, format!("Anna goes on at {clock}"), update, gap(A));
        let update = typed(A, clock, Some((B, 1)), None, "x");
        table.eve(format!("Eve goes on for Anna at {clock}"), update, gap(A));
    }
}

fn owners(table: &mut Table) {
    let next = |client, clock| typed(client, clock, Some((B, 1)), None, "x");
    for (name, member) in [
        ("Anna", ANNA),
        ("Ben", BEN),
        ("Eve", EVE),
        ("the host", MemberId::HOST),
    ] {
        let mine = |owner, client| {
            if owner == member {
                Makes("abX🎈dYx")
            } else {
                not_yours(client)
            }
        };
        table.by(
            member,
            format!("{name} goes on as Anna"),
            next(A, 6),
            mine(ANNA, A),
        );
        table.by(
            member,
            format!("{name} goes on as Ben"),
            next(B, 2),
            mine(BEN, B),
        );
        for host in [1, 2, 300, 65_535] {
            let case = format!("{name} types as the host's {host}");
            table.by(member, case, next(host, 0), mine(MemberId::HOST, host));
        }
        for new in [65_536, E, 1 << 30, u32::MAX] {
            table.by(
                member,
                format!("{name} is new as {new}"),
                next(new, 0),
                Makes("abX🎈dYx"),
            );
        }
        table.by(
            member,
            format!("{name} repeats Anna"),
            typed(A, 0, None, None, "ab🎈cd"),
            Nothing,
        );
    }
    let mut both = next(E, 0);
    both.sections.push(next(A, 6).sections.remove(0));
    table.eve("new as herself and as Anna", both, not_yours(A));
    let mut both = next(E, 0);
    both.sections
        .push(typed(A, 0, None, None, "ab").sections.remove(0));
    table.eve("new as herself, repeating Anna", both, Makes("abX🎈dYx"));
}

fn origins(table: &mut Table) {
    let unknown: [(&str, Id); 9] = [
        ("Anna's next", (A, 6)),
        ("Anna's one after", (A, 7)),
        ("Anna's last of all", (A, (1 << 30) - 1)),
        ("Ben's next", (B, 2)),
        ("itself", (E, 0)),
        ("its own next", (E, 1)),
        ("somebody's first", (7_000_000, 0)),
        ("the host's first", (1, 0)),
        ("the last of the last client", (u32::MAX, u32::MAX)),
    ];
    for (name, id) in unknown {
        let update = typed(E, 0, Some(id), None, "x");
        table.eve(format!("the origin is {name}"), update, MISSING);
        let update = typed(E, 0, None, Some(id), "x");
        table.eve(format!("the right origin is {name}"), update, MISSING);
        let update = typed(E, 0, Some((B, 1)), Some(id), "x");
        table.eve(format!("behind the end and before {name}"), update, MISSING);
    }
    let mut doubled = typed(E, 0, Some((B, 1)), None, "x");
    let again = doubled.sections[0].pieces[0].clone();
    doubled.sections[0].pieces.push(again);
    table.eve("the same piece twice", doubled, MISPLACED);
}

/// Behind which unit something is, and in front of which.
type Place = (Option<Id>, Option<Id>);

/// Clients who typed letters, each behind one unit and in front of another.
fn letters(of: &[(u32, &[Place])]) -> Forged {
    let letter = |&(origin, right): &Place| Piece::new(origin, right, Content::Text("x".into()));
    let section = |&(client, places): &(u32, &[Place])| Section {
        client,
        clock: 0,
        pieces: places.iter().map(letter).collect(),
    };
    Forged {
        sections: of.iter().map(section).collect(),
        deleted: Vec::new(),
    }
}

fn circles(table: &mut Table) {
    let [low, middle, high] = [E, E + 1, E + 2];
    let behind = |client, clock| (Some((client, clock)), None);
    let before = |client, clock| (None, Some((client, clock)));
    let end = behind(B, 1);
    let mut of = |name: &str, sections: &[(u32, &[_])], outcome: Outcome| {
        table.eve(name, letters(sections), outcome);
    };
    of(
        "the high behind the low",
        &[(high, &[behind(low, 0)]), (low, &[end])],
        Makes("abX🎈dYxx"),
    );
    of(
        "the low behind the high",
        &[(high, &[end]), (low, &[behind(high, 0)])],
        Makes("abX🎈dYxx"),
    );
    of(
        "in turns",
        &[
            (high, &[end, behind(low, 0)]),
            (low, &[behind(high, 0), behind(high, 1)]),
        ],
        Harmless,
    );
    of(
        "in turns, the low first",
        &[
            (high, &[behind(low, 0), behind(low, 1)]),
            (low, &[end, behind(high, 0)]),
        ],
        Harmless,
    );
    of(
        "a chain of three",
        &[
            (high, &[behind(low, 0)]),
            (middle, &[behind(high, 0)]),
            (low, &[end]),
        ],
        Makes("abX🎈dYxxx"),
    );
    of(
        "each behind the other",
        &[(high, &[behind(low, 0)]), (low, &[behind(high, 0)])],
        MISSING,
    );
    of(
        "each before the other",
        &[(high, &[before(low, 0)]), (low, &[before(high, 0)])],
        MISSING,
    );
    of(
        "behind and before each other",
        &[(high, &[behind(low, 0)]), (low, &[before(high, 0)])],
        MISSING,
    );
    of(
        "a circle of three",
        &[
            (high, &[behind(middle, 0)]),
            (middle, &[behind(low, 0)]),
            (low, &[behind(high, 0)]),
        ],
        MISSING,
    );
    of(
        "a circle behind a good beginning",
        &[
            (high, &[end, behind(low, 1)]),
            (low, &[end, behind(high, 1)]),
        ],
        MISSING,
    );
    of(
        "behind its own next",
        &[(high, &[behind(high, 1), end])],
        MISSING,
    );
    of(
        "behind what is not in the other's part",
        &[(high, &[behind(low, 1)]), (low, &[end])],
        MISSING,
    );
}

fn missing_deletions(table: &mut Table) {
    for (name, client, clock, len) in [
        ("Anna's next", A, 6, 1),
        ("Anna's last and next", A, 5, 2),
        ("all of Anna's and more", A, 0, 7),
        ("Ben's next", B, 2, 1),
        ("a client's that is new", E, 0, 1),
        ("a client's of the host's", 1, 0, 1),
        ("the last client's", u32::MAX, 0, 1),
    ] {
        table.eve(
            format!("it deletes {name}"),
            deleted(client, clock, len),
            MISSING,
        );
    }
    let mut own = typed(E, 0, Some((B, 1)), None, "xyz");
    own.deleted = vec![(E, vec![(1, 1)])];
    table.eve("it deletes what it brings", own.clone(), Makes("abX🎈dYxz"));
    own.deleted = vec![(E, vec![(1, 3)])];
    table.eve("it deletes more than it brings", own, MISSING);
}

fn cuts(table: &mut Table) {
    let end = Some((B, 1));
    for (clock, len) in [(2, 1), (3, 1), (0, 3), (1, 2), (3, 3)] {
        let name = format!("it deletes half a character, {len} from {clock}");
        table.eve(name, deleted(A, clock, len), SPLITS);
    }
    for (clock, len, body) in [(2, 2, "abXdY"), (1, 3, "aXdY"), (2, 4, "abXY")] {
        let name = format!("it deletes a whole character, {len} from {clock}");
        table.eve(name, deleted(A, clock, len), Makes(body));
    }
    let mut own = |name: &str, text: &str, next: (Option<Id>, Option<Id>), outcome: Outcome| {
        let mut update = typed(E, 0, end, None, text);
        let piece = Piece::new(next.0, next.1, Content::Text("x".into()));
        update.sections[0].pieces.push(piece);
        table.eve(name, update, outcome);
    };
    let (first, second) = (Some((E, 0)), Some((E, 1)));
    own("into its own character", "🎈", (first, second), SPLITS);
    own(
        "behind the first half of its own",
        "🎈",
        (first, None),
        SPLITS,
    );
    own(
        "before the second half of its own",
        "🎈",
        (end, second),
        SPLITS,
    );
    own(
        "behind its own character",
        "🎈",
        (second, None),
        Makes("abX🎈dY🎈x"),
    );
    own(
        "between its own characters",
        "🎈🎈",
        (second, Some((E, 2))),
        Makes("abX🎈dY🎈x🎈"),
    );
    own(
        "into a joined family, between its characters",
        "👩‍👧",
        (second, Some((E, 2))),
        Harmless,
    );
    own(
        "into a joined family, into its second",
        "👩‍👧",
        (Some((E, 3)), Some((E, 4))),
        SPLITS,
    );
    let mut halves = typed(E, 0, end, None, "a🎈b🎈");
    halves.deleted = vec![(E, vec![(0, 2)])];
    table.eve("it deletes half of what it brings", halves.clone(), SPLITS);
    halves.deleted = vec![(E, vec![(3, 3)])];
    table.eve(
        "it deletes whole characters of what it brings",
        halves,
        Makes("abX🎈dYa🎈"),
    );
}

/// Anna repeats the end of what she typed, and goes on.
fn known_in_part(table: &mut Table) {
    let whole = "ab🎈cd";
    for (clock, skipped) in [(0, 0), (1, 1), (2, 2), (4, 6), (5, 7)] {
        let text = format!("{}!?", &whole[skipped..]);
        let update = typed(A, clock, None, None, &text);
        let name = format!("repeated from {clock} on, and more");
        table.by(ANNA, name, update, Makes("abX🎈d!?Y"));
        let update = typed(A, clock, None, None, &text);
        table.eve(
            format!("repeated by Eve from {clock} on, and more"),
            update,
            not_yours(A),
        );
    }
    let ends_within = typed(A, 0, None, None, "ab🎈c🎈!");
    table.by(
        ANNA,
        "what is known ends within a character",
        ends_within,
        SPLITS,
    );
    let other = typed(A, 0, None, None, "??????!");
    table.by(
        ANNA,
        "known in part, with another text",
        other,
        Makes("abX🎈d!Y"),
    );
    let unseen = |len| Forged::typed(A, 0, Piece::new(None, None, Content::Deleted(len)));
    table.by(
        ANNA,
        "known in part, deleted since",
        unseen(8),
        Makes("abX🎈dY"),
    );
    table.by(ANNA, "known as deleted", unseen(6), Nothing);
}

fn known(table: &mut Table) {
    let all = || typed(A, 0, None, None, "ab🎈cd");
    table.eve("all that Anna typed", all(), Nothing);
    table.eve(
        "with another text",
        typed(A, 0, None, None, "????"),
        Nothing,
    );
    table.eve(
        "a part of it",
        typed(A, 1, Some((A, 0)), None, "b"),
        Nothing,
    );
    // What it says of known text is not looked at, and not passed on.
    table.eve(
        "from the middle of a character",
        typed(A, 3, None, None, "?"),
        Nothing,
    );
    table.eve(
        "put elsewhere",
        typed(A, 0, Some((9, 9)), Some((9, 9)), "ab"),
        Nothing,
    );
    table.eve(
        "what Ben typed",
        typed(B, 0, Some((A, 1)), Some((A, 2)), "X"),
        Nothing,
    );
    table.eve("what is deleted already", deleted(A, 4, 1), Nothing);
    table.eve(
        "deleted already and not yet",
        deleted(A, 4, 2),
        Makes("abX🎈Y"),
    );
    let mut everything = all();
    everything.deleted = vec![(A, vec![(4, 1)])];
    table.eve("everything of Anna's", everything, Nothing);
    let piece = |text: &str| Piece::new(None, None, Content::Text(text.into()));
    let mut parts = all();
    parts.sections[0].pieces = vec![piece("a"), piece("b🎈"), piece("cd")];
    table.eve("known, in other pieces", parts, Nothing);
}
