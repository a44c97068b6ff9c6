//! Rule D: every place between two units, for everybody who may type there.

use super::{Harmless, MISPLACED, Outcome, SPLITS, Table};
use crate::handmade::{A, ANNA, B, BEN, E, EVE, typed};
use crate::update::Id;

/// The units of `abX🎈cdY` in their order; the `c` is deleted.
const ORDER: [(&str, Id); 8] = [
    ("a", (A, 0)),
    ("b", (A, 1)),
    ("X", (B, 0)),
    ("the balloon's first half", (A, 2)),
    ("its second half", (A, 3)),
    ("c", (A, 4)),
    ("d", (A, 5)),
    ("Y", (B, 1)),
];

pub(super) fn fill(table: &mut Table) {
    let authors = [
        ("Anna", ANNA, (A, 6)),
        ("Ben", BEN, (B, 2)),
        ("Eve", EVE, (E, 0)),
    ];
    for (author, member, (client, clock)) in authors {
        for origin in 0..=ORDER.len() {
            for right in 0..=ORDER.len() {
                let behind = origin.checked_sub(1).map(|at| ORDER[at]);
                let before = ORDER.get(right).copied();
                let behind_name = behind.map_or("the beginning", |(name, _)| name);
                let before_name = before.map_or("the end", |(name, _)| name);
                let name = format!("{author} types behind {behind_name} and before {before_name}");
                let [origin_id, right_id] = [behind, before].map(|it| it.map(|(_, id)| id));
                let update = typed(client, clock, origin_id, right_id, "z");
                table.by(member, name, update, outcome(client, origin, right));
            }
        }
    }
}

/// What has to become of a letter typed behind so many units and in front of that
/// one. Said without the door's code: whoever has a unit has what its author had.
fn outcome(author: u32, origin: usize, right: usize) -> Outcome {
    let cuts_behind = origin == 4;
    let cuts_before = right == 4;
    if cuts_behind || cuts_before {
        return SPLITS;
    }
    let named = origin
        .checked_sub(1)
        .into_iter()
        .chain((right < ORDER.len()).then_some(right));
    let mut had: Vec<Id> = own(author);
    for at in named {
        had.extend(had_with(ORDER[at].1));
    }
    let between = ORDER.get(origin..right);
    let fits = between.is_some_and(|units| units.iter().all(|(_, unit)| !had.contains(unit)));
    if fits { Harmless } else { MISPLACED }
}

/// What somebody has who has typed in the note: their own, and all that with it.
fn own(author: u32) -> Vec<Id> {
    match author {
        A => had_with((A, 5)),
        B => had_with((B, 1)),
        _ => Vec::new(),
    }
}

fn had_with(unit: Id) -> Vec<Id> {
    let of_anna = |count| (0..count).map(|clock| (A, clock));
    match unit {
        // Typed at once, and yet one may have the beginning of it alone.
        (A, clock) => of_anna(clock + 1).collect(),
        // Typed between the `b` and the balloon.
        (B, 0) => of_anna(3).chain([(B, 0)]).collect(),
        // Typed behind the `d`.
        _ => of_anna(6).chain([(B, 0), (B, 1)]).collect(),
    }
}
