//! What is in the repository, and what must not be.

use std::{collections::BTreeSet, fs};

use crate::{none, root, tracked};

/// Everything at the top; other things have a place further down. Names that
/// begin with a dot are allowed too.
const TOP: &[&str] = &[
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "crates",
    "docs",
    "migrations",
    "src-tauri",
    "tauri.conf.json",
    "tests",
    "ui",
    "xtask",
];

/// What somebody can still hold in the head.
const MOST_LINES: usize = 600;

/// This file has to name what it looks for.
const SELF: &str = "tests/tidy/files.rs";

#[test]
fn the_top_level_holds_only_what_belongs_there() {
    let tops: BTreeSet<String> = tracked()
        .iter()
        .filter_map(|path| path.split('/').next().map(str::to_owned))
        .collect();
    let breaches = tops
        .into_iter()
        .filter(|top| !top.starts_with('.') && !TOP.contains(&top.as_str()))
        .collect();
    none("These belong further down.", breaches);
}

#[test]
fn nothing_names_a_machine_or_a_registry() {
    let hosts = [
        "registry.npmjs",
        "npmmirror.",
        "static.crates.io",
        "index.crates.io",
        "pypi.org",
        "files.pythonhosted",
        "deb.debian.org",
    ];
    let is_breach = |line: &str| names_a_folder_of_somebody(line) || has_any(line, &hosts);
    none(
        "These hold on one machine only.",
        lines(is_breach, |_| true),
    );
}

#[test]
fn nothing_is_left_for_later() {
    let words = ["todo!(", "unimplemented!(", "TODO", "FIXME", "XXX"];
    let is_breach = |line: &str| has_any(line, &words);
    none(
        "Do it, or write down in the documents why not.",
        lines(is_breach, is_code),
    );
}

#[test]
fn no_test_is_switched_off() {
    // A test may leave out what a machine cannot do; it says so while it runs.
    let words = [
        "#[ignore",
        "#[should_panic",
        "test.skip(",
        "it.skip(",
        "describe.skip(",
        ".only(",
        "pytest.mark.skip(",
    ];
    let is_breach = |line: &str| has_any(line, &words);
    none(
        "A test that does not run guards nothing.",
        lines(is_breach, is_code),
    );
}

#[test]
fn a_file_fits_in_the_head() {
    let breaches = tracked()
        .into_iter()
        .filter(|path| is_code(path) && !is_generated(path))
        .filter_map(|path| {
            let lines = text(&path)?.lines().count();
            (lines > MOST_LINES).then(|| format!("{path}: {lines} lines"))
        })
        .collect();
    none("Longer than 600 lines: which two things is it?", breaches);
}

/// All lines of such files that are a breach, with where they stand.
fn lines(is_breach: impl Fn(&str) -> bool, of: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for path in tracked() {
        if path == SELF || !of(&path) {
            continue;
        }
        for (number, line) in text(&path).unwrap_or_default().lines().enumerate() {
            if is_breach(line) {
                let line: String = line.trim().chars().take(100).collect();
                found.push(format!("{path}:{}: {line}", number + 1));
            }
        }
    }
    found
}

fn has_any(line: &str, words: &[&str]) -> bool {
    words.iter().any(|word| line.contains(word))
}

/// A path on one person's machine. `/home` alone is a namespace of the event API.
fn names_a_folder_of_somebody(line: &str) -> bool {
    let below_home = ["/home/", "/Users/"].iter().any(|home| {
        line.split(home).skip(1).any(|rest| {
            let name = rest.find(|c: char| !c.is_alphanumeric());
            name.is_some_and(|end| end > 0 && rest[end..].starts_with('/'))
        })
    });
    below_home || has_any(line, &["/root/", "/work/", "C:\\Users"])
}

fn is_code(path: &str) -> bool {
    let endings = [
        ".rs", ".ts", ".svelte", ".mjs", ".js", ".py", ".sql", ".css", "/run",
    ];
    endings.iter().any(|ending| path.ends_with(ending))
}

fn is_generated(path: &str) -> bool {
    path.starts_with("ui/src/lib/protocol/")
}

/// The file's text; nothing for a picture.
fn text(path: &str) -> Option<String> {
    fs::read_to_string(root().join(path)).ok()
}
