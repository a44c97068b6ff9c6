//! Five hundred updates made by hand, each with what has to become of it.
//!
//! All are sent to the note `abX🎈dY` of [`handmade`](crate::handmade). Whatever
//! is refused leaves no trace, whatever is let in makes the same text in Yjs, and
//! afterwards the others go on.

mod forms;
mod neighbours;
mod numbers;
mod rules;

use std::collections::HashSet;

use hearth_text::{ClientId, MemberId, Refused, Verdict};

use crate::handmade::{EVE, history, note, typed};
use crate::host::Host;
use crate::memory::measured;
use crate::node::{Text, disagreements};
use crate::update::Forged;

/// Somebody who comes when all is over, and has not seen anything.
const DORA: (MemberId, u32) = (MemberId::new(4), 4_000_000);

/// One update, and what has to become of it.
struct Case {
    name: String,
    by: MemberId,
    update: Vec<u8>,
    outcome: Outcome,
}

#[derive(Clone, Copy, Debug)]
enum Outcome {
    /// Of all mistakes in form, which one it is does not matter.
    Malformed,
    Refused(Refused),
    /// All of it was known.
    Nothing,
    /// It is in, and makes some text that Yjs makes too.
    Harmless,
    /// It is in, and makes this text.
    Makes(&'static str),
}

use Outcome::{Harmless, Makes, Malformed, Nothing};

const MISSING: Outcome = Outcome::Refused(Refused::Missing);
const SPLITS: Outcome = Outcome::Refused(Refused::SplitsCharacter);
const MISPLACED: Outcome = Outcome::Refused(Refused::Misplaced);

const fn gap(client: u32) -> Outcome {
    let client = ClientId::new(client);
    Outcome::Refused(Refused::Gap { client })
}

const fn not_yours(client: u32) -> Outcome {
    let client = ClientId::new(client);
    Outcome::Refused(Refused::NotYours { client })
}

#[derive(Default)]
struct Table {
    cases: Vec<Case>,
}

impl Table {
    /// Bytes that Eve sends.
    fn bytes(&mut self, name: impl Into<String>, update: Vec<u8>, outcome: Outcome) {
        let (name, by) = (name.into(), EVE);
        self.cases.push(Case {
            name,
            by,
            update,
            outcome,
        });
    }

    /// An update that Eve sends.
    fn eve(&mut self, name: impl Into<String>, update: Forged, outcome: Outcome) {
        self.bytes(name, update.encode(), outcome);
    }

    fn by(&mut self, by: MemberId, name: impl Into<String>, update: Forged, outcome: Outcome) {
        self.eve(name, update, outcome);
        self.cases.last_mut().expect("there is one").by = by;
    }
}

fn cases() -> Vec<Case> {
    let mut table = Table::default();
    numbers::fill(&mut table);
    forms::fill(&mut table);
    rules::fill(&mut table);
    neighbours::fill(&mut table);
    table.cases
}

#[test]
fn five_hundred_handmade_updates_are_refused_or_harmless() {
    let cases = cases();
    let names: HashSet<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), cases.len(), "each has a name of its own");
    assert!(cases.len() >= 500, "{}", cases.len());
    let texts: Vec<Text> = cases.iter().map(check).collect();
    assert_eq!(disagreements(&texts), Vec::<String>::new());
}

#[test]
fn what_is_refused_again_and_again_is_not_kept() {
    let mut note = note();
    let mut cases = cases();
    cases.retain(|case| !matches!(case.outcome, Harmless | Makes(_)));
    let mut send_all = || {
        for case in &cases {
            let verdict = note.edit(case.by, &case.update).expect("the note holds");
            assert!(!matches!(verdict, Verdict::Accepted { .. }));
        }
    };
    // Lists may have grown to make room once.
    send_all();
    let ((), memory) = measured(|| (0..50).for_each(|_| send_all()));
    assert!(memory.bytes_current < 1 << 10, "{memory:?}");
}

/// Sends it, looks what became of it and whether the others go on, and gives the
/// text that Yjs has to make of the log.
fn check(case: &Case) -> Text {
    let name = &case.name;
    let mut host = Host::new();
    for (member, update) in history() {
        host.edit(member, &update.encode()).expect("it fits");
    }
    let before = host.note.checkpoint();
    let (verdict, memory) = measured(|| host.note.edit(case.by, &case.update));
    let verdict = verdict.expect("the note holds");
    assert!(memory.bytes_max < 1 << 16, "{name}: {memory:?}");
    let body = host.note.text().body();
    match (&case.outcome, &verdict) {
        (Malformed, Verdict::Refused(Refused::Malformed(_))) | (Nothing, Verdict::Nothing) => {}
        (Outcome::Refused(expected), Verdict::Refused(refused)) => {
            assert_eq!(refused, expected, "{name}");
        }
        (Harmless, Verdict::Accepted { .. }) => {}
        (Makes(expected), Verdict::Accepted { .. }) => assert_eq!(body, *expected, "{name}"),
        (expected, verdict) => panic!("{name}: {verdict:?} where {expected:?} was due"),
    }
    match verdict {
        Verdict::Accepted { update } => host.log.push((case.by, update)),
        _ => {
            assert_eq!(host.note.checkpoint(), before, "{name}");
            assert!(memory.bytes_current < 1 << 14, "{name}: {memory:?}");
        }
    }
    let last = typed(DORA.1, 0, None, None, "!").encode();
    assert_eq!(host.edit(DORA.0, &last), Ok(true), "{name}");
    Text {
        name: name.clone(),
        updates: host.log.into_iter().map(|(_, update)| update).collect(),
        body: host.note.text().body(),
    }
}
