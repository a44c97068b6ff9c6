//! Updates made to cost: each is done or refused in bounded time.

use std::time::{Duration, Instant};

use hearth_text::{DoorLimits, MemberId, Note, Refused, Verdict};

use crate::update::{Content, Forged, Id, Piece, Section};

const EVE: MemberId = MemberId::new(3);
const BIG: u32 = 100_000;
const E: u32 = 300_000;

/// Generous: this runs on busy machines, beside other tests.
const LONG: Duration = Duration::from_secs(20);

/// A note with one long text, typed at once.
fn big() -> Note {
    let mut note = Note::new(DoorLimits::default());
    let text = Content::Text("e".repeat(500_000));
    send(
        &mut note,
        &Forged::typed(BIG, 0, Piece::new(None, None, text)),
    );
    note
}

#[track_caller]
fn send(note: &mut Note, update: &Forged) -> bool {
    let bytes = update.encode();
    let begun = Instant::now();
    let verdict = note.edit(EVE, &bytes).expect("the note holds");
    assert!(begun.elapsed() < LONG, "{:?}", begun.elapsed());
    match verdict {
        Verdict::Accepted { .. } => true,
        Verdict::Refused(Refused::TooCostly | Refused::Full) => false,
        other => panic!("{other:?}"),
    }
}

fn letter(origin: Option<Id>, right: Option<Id>) -> Piece {
    Piece::new(origin, right, Content::Text("x".into()))
}

fn typed(pieces: Vec<Piece>) -> Forged {
    let section = Section {
        client: E,
        clock: 0,
        pieces,
    };
    Forged {
        sections: vec![section],
        deleted: Vec::new(),
    }
}

fn by_many_clients(count: u32, piece: impl Fn(u32) -> Piece) -> Forged {
    let section = |index| Section {
        client: E + index,
        clock: 0,
        pieces: vec![piece(index)],
    };
    Forged {
        sections: (0..count).rev().map(section).collect(),
        deleted: Vec::new(),
    }
}

/// Puts a letter into the long text at each of these places.
fn into(places: impl Iterator<Item = u32>) -> Forged {
    typed(
        places
            .map(|at| letter(Some((BIG, at)), Some((BIG, at + 1))))
            .collect(),
    )
}

#[test]
fn typing_offline_for_hours_is_let_in() {
    let mut note = Note::new(DoorLimits::default());
    let before = |clock: u32| clock.checked_sub(1).map(|clock| (E, clock));
    let letters = (0..200_000).map(|clock| letter(before(clock), None));
    assert!(send(&mut note, &typed(letters.collect())));
    assert_eq!(note.text().utf16_len(), 200_000);
}

#[test]
fn replacing_everywhere_in_a_long_text_is_let_in() {
    let places = || (0..3_000).map(|index| index * 150);
    let mut update = into(places());
    let ranges = places().map(|at| (at + 1, 3)).collect();
    update.deleted.push((BIG, ranges));
    assert!(send(&mut big(), &update));
}

#[test]
fn cutting_a_long_text_again_and_again_is_bounded() {
    for step in [2, 50, 500] {
        let places = (0..499_000 / step).map(|index| index * step);
        send(&mut big(), &into(places.clone().take(200_000)));
        send(&mut big(), &into(places.clone().rev().take(200_000)));
        let ranges = places.map(|at| (at, 1)).collect();
        send(
            &mut big(),
            &Forged {
                sections: Vec::new(),
                deleted: vec![(BIG, ranges)],
            },
        );
    }
}

#[test]
fn many_clients_at_one_place_are_bounded() {
    for count in [2_000, 60_000] {
        send(&mut big(), &by_many_clients(count, |_| letter(None, None)));
        let before = |_| letter(None, Some((BIG, 0)));
        send(&mut big(), &by_many_clients(count, before));
        let behind = |index: u32| index.checked_sub(1).map(|index| (E + index, 0));
        send(
            &mut big(),
            &by_many_clients(count, |index| letter(behind(index), None)),
        );
        send(
            &mut big(),
            &by_many_clients(count, |index| letter(None, behind(index))),
        );
    }
}

#[test]
fn what_was_deleted_letter_by_letter_is_not_walked_through_for_free() {
    let mut note = big();
    let mut rounds = 0;
    // Every other letter, so that nothing of it can be joined.
    while rounds < 100 {
        let ranges = (0..1_000).map(|index| (rounds * 2_000 + index * 2, 1));
        let update = Forged {
            sections: Vec::new(),
            deleted: vec![(BIG, ranges.collect())],
        };
        assert!(send(&mut note, &update));
        rounds += 1;
    }
    assert!(!send(
        &mut note,
        &by_many_clients(400, |_| letter(None, None))
    ));
}

#[test]
fn a_note_does_not_grow_for_ever() {
    let mut note = Note::new(DoorLimits::default());
    // Each in front of all there is.
    let backwards = |client: u32| {
        let right = |clock: u32| match clock.checked_sub(1) {
            Some(clock) => Some((client, clock)),
            None => (client > E).then(|| (client - 1, 89_999)),
        };
        let pieces = (0..90_000).map(|clock| letter(None, right(clock)));
        let mut update = typed(pieces.collect());
        update.sections[0].client = client;
        update
    };
    let let_in = (0..5).take_while(|index| send(&mut note, &backwards(E + index)));
    assert_eq!(let_in.count(), 3, "four are more than a note may have");
}
