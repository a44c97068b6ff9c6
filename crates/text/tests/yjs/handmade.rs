//! Updates made by hand, each against one rule of the door.

use hearth_text::{ClientId, DoorLimits, MemberId, Note, Refused, Verdict};

use crate::update::{Content, Forged, Id, Piece, Section};

pub(crate) const ANNA: MemberId = MemberId::new(1);
pub(crate) const BEN: MemberId = MemberId::new(2);
pub(crate) const EVE: MemberId = MemberId::new(3);
pub(crate) const A: u32 = 100_000;
pub(crate) const B: u32 = 200_000;
pub(crate) const E: u32 = 300_000;

/// Anna typed `ab🎈cd`, Ben then `X` and `Y`, and Anna deleted `c`.
pub(crate) fn history() -> [(MemberId, Forged); 4] {
    [
        (ANNA, typed(A, 0, None, None, "ab🎈cd")),
        (BEN, typed(B, 0, Some((A, 1)), Some((A, 2)), "X")),
        (BEN, typed(B, 1, Some((A, 5)), None, "Y")),
        (ANNA, deleted(A, 4, 1)),
    ]
}

/// `abX🎈dY`.
pub(crate) fn note() -> Note {
    let mut note = Note::new(DoorLimits::default());
    for (member, update) in history() {
        accept(&mut note, member, &update);
    }
    assert_eq!(note.text().body(), "abX🎈dY");
    note
}

pub(crate) fn typed(
    client: u32,
    clock: u32,
    origin: Option<Id>,
    right: Option<Id>,
    text: &str,
) -> Forged {
    let content = Content::Text(text.to_owned());
    Forged::typed(client, clock, Piece::new(origin, right, content))
}

pub(crate) fn deleted(client: u32, clock: u32, len: u32) -> Forged {
    Forged {
        sections: Vec::new(),
        deleted: vec![(client, vec![(clock, len)])],
    }
}

#[track_caller]
pub(crate) fn accept(note: &mut Note, member: MemberId, update: &Forged) -> Vec<u8> {
    match note.edit(member, &update.encode()) {
        Ok(Verdict::Accepted { update }) => update,
        other => panic!("{other:?}"),
    }
}

/// The body after an update that Eve sends.
#[track_caller]
pub(crate) fn check_accepted(update: &Forged, body: &str) {
    let mut note = note();
    accept(&mut note, EVE, update);
    assert_eq!(note.text().body(), body);
}

#[track_caller]
pub(crate) fn check_refused(member: MemberId, update: &[u8], expected: &Refused) {
    let mut note = note();
    let before = note.checkpoint();
    let verdict = note.edit(member, update);
    match (verdict, expected) {
        // Which of the many mistakes in form it is does not matter.
        (Ok(Verdict::Refused(Refused::Malformed(_))), Refused::Malformed(_)) => {}
        (verdict, expected) => assert_eq!(verdict, Ok(Verdict::Refused(*expected))),
    }
    assert_eq!(note.checkpoint(), before, "nothing has changed");
    let after = typed(E, 0, Some((B, 1)), None, "!");
    accept(&mut note, EVE, &after);
    assert_eq!(note.text().body(), "abX🎈dY!");
}

#[test]
fn nobody_goes_on_under_the_id_of_another() {
    let not_yours = |client| Refused::NotYours {
        client: ClientId::new(client),
    };
    let under_a = typed(A, 6, Some((B, 1)), None, "x").encode();
    check_refused(EVE, &under_a, &not_yours(A));
    check_refused(BEN, &under_a, &not_yours(A));
    accept(&mut note(), ANNA, &typed(A, 6, Some((B, 1)), None, "x"));
    for host in [1, 5, 65_535] {
        let update = typed(host, 0, Some((B, 1)), None, "x").encode();
        check_refused(EVE, &update, &not_yours(host));
    }
    let update = typed(E, 0, Some((B, 1)), None, "x").encode();
    let both = typed(A, 0, None, None, "ab🎈cdx").encode();
    for member in [ANNA, BEN, MemberId::HOST] {
        let mut note = note();
        assert!(matches!(
            note.edit(member, &update),
            Ok(Verdict::Accepted { .. })
        ));
        assert_eq!(
            note.edit(EVE, &update),
            Ok(Verdict::Nothing),
            "repeating is free"
        );
        let verdict = Verdict::Refused(not_yours(A));
        assert_eq!(note.edit(EVE, &both), Ok(verdict), "going on is not");
    }
}

#[test]
fn owners_are_remembered_through_a_checkpoint() {
    let checkpoint = note().checkpoint();
    let load = |checkpoint: &_| Note::load(Some(checkpoint), [], DoorLimits::default()).unwrap();
    let more = typed(A, 6, Some((B, 1)), None, "x");
    let verdict = load(&checkpoint).edit(EVE, &more.encode());
    assert!(matches!(
        verdict,
        Ok(Verdict::Refused(Refused::NotYours { .. }))
    ));
    accept(&mut load(&checkpoint), ANNA, &more);

    let mut forgotten = checkpoint;
    forgotten.owners.clear();
    let verdict = load(&forgotten).edit(ANNA, &more.encode());
    assert!(matches!(
        verdict,
        Ok(Verdict::Refused(Refused::NotYours { .. }))
    ));
}

#[test]
fn everything_an_update_builds_on_is_there() {
    let gap = Refused::Gap {
        client: ClientId::new(E),
    };
    check_refused(EVE, &typed(E, 1, Some((B, 1)), None, "x").encode(), &gap);
    for id in [(A, 6), (B, 2), (E, 0), (E, 5), (7, 0)] {
        let update = typed(E, 0, Some(id), None, "x").encode();
        check_refused(EVE, &update, &Refused::Missing);
        let update = typed(E, 0, None, Some(id), "x").encode();
        check_refused(EVE, &update, &Refused::Missing);
    }
    for (client, clock, len) in [(A, 6, 1), (A, 5, 2), (B, 0, 3), (E, 0, 1), (7, 0, 1)] {
        let update = deleted(client, clock, len).encode();
        check_refused(EVE, &update, &Refused::Missing);
    }
}

#[test]
fn clients_of_one_update_may_build_on_each_other_but_not_in_a_circle() {
    let section = |client: u32, origins: &[Id]| Section {
        client,
        clock: 0,
        pieces: (origins.iter())
            .map(|id| Piece::new(Some(*id), None, Content::Text(client.to_string())))
            .collect(),
    };
    let update = |sections: &[Section]| Forged {
        sections: sections.to_vec(),
        deleted: Vec::new(),
    };
    // 900001 types behind Y, 900000 behind that, and 900001 behind that again.
    let first = section(900_001, &[(B, 1), (900_000, 5)]);
    let second = section(900_000, &[(900_001, 5)]);
    let update_in_turn = update(&[first, second]);
    check_accepted(&update_in_turn, "abX🎈dY900001900000900001");

    let first = section(900_001, &[(900_000, 0)]);
    let second = section(900_000, &[(900_001, 0)]);
    let circle = update(&[first, second]).encode();
    check_refused(EVE, &circle, &Refused::Missing);
}

#[test]
fn no_character_of_two_units_is_cut() {
    let cut = |update: Forged| check_refused(EVE, &update.encode(), &Refused::SplitsCharacter);
    cut(typed(E, 0, Some((A, 2)), Some((A, 3)), "x"));
    cut(typed(E, 0, Some((A, 2)), None, "x"));
    cut(typed(E, 0, Some((A, 1)), Some((A, 3)), "x"));
    cut(deleted(A, 2, 1));
    cut(deleted(A, 3, 1));
    cut(deleted(A, 3, 3));
    cut(deleted(A, 1, 2));
    check_accepted(&deleted(A, 2, 2), "abXdY");
    // What is known ends where a character of the repeated text does not.
    let longer = typed(A, 0, None, None, "ab🎈c🎈").encode();
    check_refused(ANNA, &longer, &Refused::SplitsCharacter);
}

#[test]
fn what_is_known_is_taken_away_and_what_is_new_is_told() {
    let mut note = note();
    let again = typed(A, 0, None, None, "ab🎈cd");
    assert_eq!(note.edit(EVE, &again.encode()), Ok(Verdict::Nothing));
    assert_eq!(
        note.edit(EVE, &deleted(A, 4, 1).encode()),
        Ok(Verdict::Nothing)
    );

    // Known in part, with another text for what is known.
    let more = typed(A, 4, Some((A, 3)), None, "??ef");
    let told = accept(&mut note, ANNA, &more);
    assert_eq!(told, typed(A, 6, Some((A, 5)), None, "ef").encode());
    // Nobody knows of Ben's `Y` who types on at the end.
    assert_eq!(note.text().body(), "abX🎈defY");

    let told = accept(&mut note, EVE, &deleted(A, 1, 6));
    let mut rest = deleted(A, 1, 3);
    rest.deleted[0].1.push((5, 2));
    assert_eq!(told, rest.encode());
    assert_eq!(note.text().body(), "aXfY");
}

#[test]
fn what_is_known_may_be_deleted_at_any_length() {
    let mut note = note();
    let long = "e".repeat(70_000);
    accept(&mut note, EVE, &typed(E, 0, Some((B, 1)), None, &long));
    accept(&mut note, EVE, &deleted(E, 0, 70_000));
    let content = Content::Deleted(70_000);
    let joined = Forged::typed(E, 0, Piece::new(Some((B, 1)), None, content));
    assert_eq!(note.edit(EVE, &joined.encode()), Ok(Verdict::Nothing));
}

#[test]
fn what_was_typed_letter_by_letter_is_told_as_one_piece() {
    let piece = |clock: u32, text: &str| {
        let content = Content::Text(text.to_owned());
        Piece::new(Some((E, clock - 1)), None, content)
    };
    let mut update = typed(E, 0, Some((B, 1)), None, "h");
    let more = [piece(1, "i"), piece(2, "🎈"), piece(4, "!")];
    update.sections[0].pieces.extend(more);
    let told = accept(&mut note(), EVE, &update);
    assert_eq!(told, typed(E, 0, Some((B, 1)), None, "hi🎈!").encode());

    // In front of something else it is another piece.
    let other = E + 1;
    let mut update = typed(other, 0, Some((E, 0)), None, "z");
    let mut section = typed(E, 0, Some((B, 1)), None, "x").sections.remove(0);
    let next = Content::Text("y".into());
    let next = Piece::new(Some((E, 0)), Some((other, 0)), next);
    section.pieces.push(next);
    update.sections.push(section);
    let mut note = note();
    assert_eq!(accept(&mut note, EVE, &update), update.encode());
    assert_eq!(note.text().body(), "abX🎈dYxyz");
}

#[test]
fn an_insertion_fits_between_two_neighbours_its_author_can_have_seen() {
    let misplaced = |member, update: Forged| {
        check_refused(member, &update.encode(), &Refused::Misplaced);
    };
    // The right origin does not follow, or is the origin.
    misplaced(EVE, typed(E, 0, Some((A, 1)), Some((A, 0)), "x"));
    misplaced(EVE, typed(E, 0, Some((B, 1)), Some((B, 0)), "x"));
    misplaced(EVE, typed(E, 0, Some((A, 1)), Some((A, 1)), "x"));
    // Whoever has Anna's `🎈` has her `b`, and whoever has Ben's `Y` all of hers.
    misplaced(EVE, typed(E, 0, Some((A, 0)), Some((A, 2)), "x"));
    misplaced(EVE, typed(E, 0, None, Some((A, 1)), "x"));
    misplaced(EVE, typed(E, 0, Some((A, 3)), Some((B, 1)), "x"));
    misplaced(EVE, typed(E, 0, None, Some((B, 1)), "x"));
    // Ben has his own `X`, and Eve has it once she has typed behind it.
    misplaced(BEN, typed(B, 2, Some((A, 1)), Some((A, 2)), "x"));
    let mut update = typed(E, 0, Some((B, 0)), Some((A, 2)), "x");
    update.sections[0].pieces.push(Piece::new(
        Some((A, 1)),
        Some((A, 2)),
        Content::Text("x".into()),
    ));
    misplaced(EVE, update);
    // Somebody new need not have seen anything.
    check_accepted(&typed(E, 0, Some((A, 1)), Some((A, 2)), "x"), "abXx🎈dY");
    check_accepted(&typed(E, 0, None, None, "x"), "abX🎈dYx");
}

#[test]
fn limits_hold_and_a_note_over_its_limit_may_shrink() {
    let limited = |limits: DoorLimits| {
        let checkpoint = note().checkpoint();
        Note::load(Some(&checkpoint), [], limits).unwrap()
    };
    let default = DoorLimits::default();
    let refused = |limits, update: &Forged| match limited(limits).edit(EVE, &update.encode()) {
        Ok(Verdict::Refused(refused)) => refused,
        other => panic!("{other:?}"),
    };
    let at_end = |text: &str| typed(E, 0, Some((B, 1)), None, text);

    // The note has nine bytes: four of them are the balloon.
    let limits = DoorLimits {
        body_bytes: 11,
        ..default
    };
    accept(&mut limited(limits), EVE, &at_end("é"));
    let (length, limit) = (12, 11);
    assert_eq!(
        refused(limits, &at_end("漢")),
        Refused::TooLong { length, limit }
    );
    let limits = DoorLimits {
        body_bytes: 5,
        ..default
    };
    let mut shrinks = at_end("é");
    shrinks.deleted.push((A, vec![(2, 2)]));
    accept(&mut limited(limits), EVE, &shrinks);

    let limits = DoorLimits {
        update_bytes: 10,
        ..default
    };
    let update = at_end("hello");
    let (length, limit) = (update.encode().len(), 10);
    assert_eq!(refused(limits, &update), Refused::TooBig { length, limit });

    let limits = DoorLimits {
        clients: 2,
        ..default
    };
    assert_eq!(refused(limits, &at_end("x")), Refused::Full);
    let limits = DoorLimits {
        pieces: 6,
        ..default
    };
    assert_eq!(refused(limits, &at_end("x")), Refused::Full);
    let limits = DoorLimits {
        steps: 10,
        ..default
    };
    assert_eq!(refused(limits, &at_end("x")), Refused::TooCostly);
    assert!(Refused::TooCostly.is_temporary() && !Refused::Full.is_temporary());
}
