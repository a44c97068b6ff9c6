//! A migration that somebody's session file has been through is never edited:
//! their file would not become what ours is.

use std::fs;

use sha2::{Digest, Sha256};

use crate::{none, root};

/// A line per migration: its SHA-256 and its name.
const KNOWN: &str = include_str!("migrations.txt");

#[test]
fn migrations_are_only_ever_added() {
    let mut found: Vec<String> = fs::read_dir(root().join("migrations"))
        .expect("migrations/ is there")
        .map(|entry| entry.expect("a file").path())
        .map(|path| {
            let sum = Sha256::digest(fs::read(&path).expect("the migration can be read"));
            let name = path.file_name().expect("a name").to_string_lossy();
            let sum: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{sum}  {name}")
        })
        .collect();
    found.sort_by(|a, b| name(a).cmp(name(b)));
    let known: Vec<&str> = KNOWN.lines().collect();
    let edited = known
        .iter()
        .filter(|line| !found.iter().any(|found| found == *line))
        .map(|line| format!("{} was edited or removed", name(line)))
        .collect();
    none("Write a further migration instead.", edited);
    let new = found
        .iter()
        .filter(|line| !known.contains(&line.as_str()))
        .cloned()
        .collect();
    none("Add to tests/tidy/migrations.txt, for good:", new);
}

fn name(line: &str) -> &str {
    line.split("  ").last().unwrap_or(line)
}
