use std::time::{Duration, Instant};

use super::*;
use crate::Change;

const LIMITS: Limits = Limits {
    body_bytes: 1 << 20,
    changes: 1_000,
};
const ANNA: ClientId = ClientId::new(1);
const BEN: ClientId = ClientId::new(2);

fn text(body: &str) -> Text {
    let mut text = Text::new();
    if !body.is_empty() {
        let update = whole(&text, ClientId::new(9), body);
        text.apply(&update).unwrap();
    }
    assert_eq!(text.body(), body);
    text
}

#[track_caller]
fn whole(base: &Text, client: ClientId, body: &str) -> Vec<u8> {
    write(base, client, &Edit::Body(body.to_owned()), LIMITS)
        .unwrap()
        .expect("something changes")
}

fn changes(changes: &[(u32, u32, &str)]) -> Edit {
    let change = |&(from, to, insert): &(u32, u32, &str)| Change {
        from,
        to: Some(to),
        insert: Some(insert.to_owned()),
    };
    Edit::Changes(changes.iter().map(change).collect())
}

/// What `base` becomes when each edit, made against it, is merged; in every
/// order the same.
#[track_caller]
fn merged(base: &Text, updates: &[Vec<u8>]) -> String {
    let together = |updates: &mut dyn Iterator<Item = &Vec<u8>>| {
        let mut copy = Text::load(Some(&base.checkpoint()), []).unwrap();
        for update in updates {
            copy.apply(update).unwrap();
            copy.apply(update).unwrap();
        }
        copy.body()
    };
    let body = together(&mut updates.iter());
    assert_eq!(together(&mut updates.iter().rev()), body);
    body
}

#[track_caller]
fn check_changes_make(body: &str, edit: &[(u32, u32, &str)], expected: &str) {
    let base = text(body);
    let update = write(&base, ANNA, &changes(edit), LIMITS).unwrap();
    assert_eq!(merged(&base, update.as_slice()), expected);
    assert_eq!(base.body(), body, "the base stays as it is");
}

#[track_caller]
fn check_refused(body: &str, edit: &Edit, message: &str) {
    let refused = write(&text(body), ANNA, edit, LIMITS).unwrap_err();
    assert_eq!(refused.to_string(), message);
}

#[test]
fn changes_count_in_the_text_they_were_made_against() {
    check_changes_make("one two", &[(0, 3, "1"), (4, 7, "2")], "1 2");
    check_changes_make(
        "abc",
        &[(1, 1, "x"), (1, 2, "y"), (2, 2, "z"), (3, 3, "!")],
        "axyzc!",
    );
    check_changes_make(
        "a🎈b🎈",
        &[(1, 3, "🎉"), (4, 4, "-"), (6, 6, "é")],
        "a🎉b-🎈é",
    );
    check_changes_make("", &[(0, 0, "first")], "first");
    check_changes_make("all", &[(0, 3, "")], "");
}

#[test]
fn a_change_without_end_or_text_inserts_or_removes_only() {
    let base = text("abc");
    let edit = Edit::Changes(vec![
        Change {
            from: 0,
            to: Some(1),
            insert: None,
        },
        Change {
            from: 3,
            to: None,
            insert: Some("d".into()),
        },
    ]);
    let update = write(&base, ANNA, &edit, LIMITS).unwrap().unwrap();
    assert_eq!(merged(&base, &[update]), "bcd");
}

#[test]
fn carriage_returns_never_get_in() {
    check_changes_make("ab", &[(1, 1, "\r\n\r")], "a\n\nb");
    let base = text("ab");
    let update = whole(&base, ANNA, "a\r\nb\r");
    assert_eq!(merged(&base, &[update]), "a\nb\n");
}

#[test]
fn what_changes_nothing_makes_no_update() {
    let base = text("a\nb");
    for edit in [
        Edit::Body("a\nb".into()),
        Edit::Body("a\r\nb".into()),
        Edit::Changes(vec![]),
        changes(&[(1, 2, "\r"), (3, 3, "")]),
    ] {
        assert_eq!(write(&base, ANNA, &edit, LIMITS), Ok(None), "{edit:?}");
    }
}

#[test]
fn changes_that_do_not_fit_the_text_are_refused_with_the_reason() {
    check_refused(
        "abc",
        &changes(&[(0, 1, ""), (2, 4, "x")]),
        "Change 1 reaches to 4, but the text ends at 3 (counted in UTF-16 units).",
    );
    check_refused(
        "abc",
        &changes(&[(2, 1, "x")]),
        "Change 0 ends at 1, before it begins at 2.",
    );
    check_refused(
        "abc",
        &changes(&[(1, 3, "x"), (2, 3, "y")]),
        "Change 1 begins at 2, before the previous one ends at 3. \
         List changes in ascending order, without overlap.",
    );
    for edit in [
        changes(&[(1, 2, "x")]),
        changes(&[(0, 1, "")]),
        changes(&[(1, 1, "")]),
    ] {
        check_refused(
            "🎈",
            &edit,
            "Position 1 of change 0 lies inside a character of two UTF-16 units. Move it by one.",
        );
    }
    check_refused(
        "abc",
        &changes(&vec![(0, 0, "x"); 1_001]),
        "The edit has 1001 changes, and 1000 are allowed at once. Send it in parts.",
    );
    check_refused(
        "",
        &changes(&[(u32::MAX, u32::MAX, "x")]),
        "Change 0 reaches to 4294967295, but the text ends at 0 (counted in UTF-16 units).",
    );
}

#[test]
fn a_body_over_the_limit_is_refused_and_one_at_the_limit_is_not() {
    let message = "The note would be 1048577 bytes long, and 1048576 are allowed. \
                   Shorten it or split it in two.";
    let full = "é".repeat(1 << 19);
    check_refused("", &Edit::Body(format!("{full}x")), message);
    check_refused("x", &changes(&[(0, 0, &full)]), message);
    check_changes_make("x", &[(0, 1, &full)], &full);
}

#[test]
fn concurrent_edits_of_one_text_merge_in_any_order() {
    let base = text("The quick fox jumps.\nIt is late.\n");
    let anna = whole(&base, ANNA, "The quick brown fox jumps.\nIt is late.\n");
    let ben = whole(&base, BEN, "The quick fox leaps.\nIt is early. 🎈\n");
    assert_eq!(
        merged(&base, &[anna, ben]),
        "The quick brown fox leaps.\nIt is early. 🎈\n"
    );
}

#[test]
fn an_edit_of_an_old_version_leaves_what_came_since() {
    let first = text("milk\nbread\n");
    let mut now = Text::load(Some(&first.checkpoint()), []).unwrap();
    now.apply(&whole(&first, ANNA, "milk\nbread\ncheese\n"))
        .unwrap();
    now.apply(&whole(&now, ANNA, "oat milk\nbread\ncheese\n"))
        .unwrap();
    // Ben still has the first version before him.
    now.apply(&whole(&first, BEN, "milk\nrye bread\n")).unwrap();
    assert_eq!(now.body(), "oat milk\nrye bread\ncheese\n");
}

#[test]
fn text_typed_behind_a_replaced_word_stays_behind_it() {
    let base = text("colour");
    let anna = whole(&base, ANNA, "colours");
    for (client, number) in [(BEN, 2), (ClientId::new(0), 0)] {
        let edit = write(&base, client, &changes(&[(0, 6, "hue")]), LIMITS).unwrap();
        assert_eq!(
            merged(&base, &[anna.clone(), edit.unwrap()]),
            "hues",
            "{number}"
        );
    }
}

#[test]
fn one_client_goes_on_where_its_clock_stands() {
    let mut text = text("a");
    for body in ["ab", "abc", "bc", "bc!"] {
        text.apply(&whole(&text, ANNA, body)).unwrap();
        assert_eq!(text.body(), body);
    }
}

#[test]
fn an_update_carries_only_what_is_new() {
    let mut base = text(&"many words here ".repeat(100));
    base.apply(&whole(&base, BEN, "few words here")).unwrap();
    let update = whole(&base, ANNA, "few words there");
    assert!(update.len() < 40, "{} bytes", update.len());
}

#[test]
fn a_text_with_a_long_history_is_written_in_bounded_time() {
    let mut base = text(&"- another line of a long list\n".repeat(33_000));
    let edited = base.body().replacen("line", "row", 500);
    base.apply(&whole(&base, BEN, &edited)).unwrap();
    let (begun, next) = (Instant::now(), edited.replace("another", "one more"));
    let update = whole(&base, ANNA, &next);
    let took = begun.elapsed();
    base.apply(&update).unwrap();
    assert_eq!(base.body(), next);
    // Generous: this runs unoptimised, on busy machines.
    assert!(took < Duration::from_secs(20), "{took:?}");
}
