use super::*;

/// Writes a difference out: `[-gone-]`, `{+new+}`, the rest as it is.
fn show(old: &str, new: &str) -> String {
    let parts = difference(old, new);
    check_covers(old, new, &parts);
    let show = |part| match part {
        Part::Equal { old: range, .. } => old[range].to_owned(),
        Part::Delete { old: range } => format!("[-{}-]", &old[range]),
        Part::Insert { new: range } => format!("{{+{}+}}", &new[range]),
    };
    parts.into_iter().map(show).collect()
}

#[track_caller]
fn check_covers(old: &str, new: &str, parts: &[Part]) {
    let (mut at_old, mut at_new) = (0, 0);
    for part in parts {
        if let Part::Equal { old: a, new: b } = part {
            assert_eq!(old[a.clone()], new[b.clone()]);
        }
        if let Part::Equal { old, .. } | Part::Delete { old } = part {
            assert_eq!(old.start, at_old);
            assert!(!old.is_empty());
            at_old = old.end;
        }
        if let Part::Equal { new, .. } | Part::Insert { new } = part {
            assert_eq!(new.start, at_new);
            assert!(!new.is_empty());
            at_new = new.end;
        }
    }
    assert_eq!((at_old, at_new), (old.len(), new.len()));
}

#[track_caller]
fn check(old: &str, new: &str, expected: &str) {
    assert_eq!(show(old, new), expected);
}

#[test]
fn equal_texts_have_no_difference() {
    assert_eq!(difference("", ""), []);
    check("the same\n", "the same\n", "the same\n");
}

#[test]
fn words_are_told_apart_and_keep_the_letters_they_share() {
    check("a cat sat", "a car sat", "a ca[-t-]{+r+} sat");
    check("one two three", "one three", "one [-two -]three");
    check("", "all new", "{+all new+}");
    check("all gone", "", "[-all gone-]");
}

#[test]
fn neighbouring_changes_are_one() {
    check(
        "we met on monday morning here",
        "we met on friday evening here",
        "we met on [-monday mor-]{+friday eve+}ning here",
    );
}

#[test]
fn a_line_between_lines_that_begin_alike_is_that_line() {
    check("- a\n- c\n", "- a\n- b\n- c\n", "- a\n{+- b\n+}- c\n");
    check("- a\n- b\n- c", "- a\n- c", "- a\n[-- b\n-]- c");
}

#[test]
fn far_apart_changes_stay_apart() {
    check(
        "first\nsame\nsame\nlast",
        "First\nsame\nsame\nlast!",
        "[-f-]{+F+}irst\nsame\nsame\nlast{+!+}",
    );
}

#[test]
fn characters_of_many_bytes_are_never_cut() {
    // These share their first bytes, or their last ones.
    check("🎈", "🎉", "[-🎈-]{+🎉+}");
    check("é", "è", "[-é-]{+è+}");
    check("\u{e9}", "\u{1e9}", "[-\u{e9}-]{+\u{1e9}+}");
    check("a漢b", "a字b", "a[-漢-]{+字+}b");
}

/// Texts of words drawn by a counter, without a random number's dependency.
fn text(seed: u64, words: usize) -> String {
    let mut state = seed;
    let mut text = String::new();
    for index in 0..words {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        text.push_str(
            ["pear", "fig", "🍐", "plum", "elderberry", "漢"][(state >> 33) as usize % 6],
        );
        text.push(if index % 11 == 10 { '\n' } else { ' ' });
    }
    text
}

#[test]
fn random_texts_are_covered_whole() {
    for seed in 0..200 {
        let (old, new) = (text(seed, 60), text(seed / 2, 60 + seed as usize % 7));
        show(&old, &new);
        show(&old, &new.replace("fig", "🍒"));
    }
}

#[test]
fn a_mebibyte_of_everything_new_takes_bounded_time_and_few_changes() {
    let long = |seed| text(seed, 190_000);
    let one_line = |text: String| text.replace('\n', " ");
    for (old, new) in [
        (long(1), long(2)),
        (one_line(long(1)), one_line(long(2))),
        (long(1), long(1).replace("fig", "date")),
        ("ab".repeat(500_000), "ba".repeat(500_000)),
    ] {
        let begun = Instant::now();
        let changes = changes(&old, &new);
        let took = begun.elapsed();
        assert!(changes.len() <= MOST_CHANGES, "{}", changes.len());
        // Generous: this runs unoptimised, on busy machines.
        assert!(took < Duration::from_secs(20), "{took:?}");
        check_covers(&old, &new, &difference(&old, &new));
    }
}
