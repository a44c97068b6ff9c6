//! House rules that no compiler checks: who may know what, and what a change
//! must not touch or leave behind.

mod files;
mod layers;
mod migrations;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// The top of the repository.
fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests
        .parent()
        .expect("tests/ is in the repository")
        .to_owned()
}

/// What git keeps, and what it would keep after `git add`.
fn tracked() -> Vec<String> {
    let listed = run(Command::new("git")
        .args([
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "--deduplicate",
        ])
        .current_dir(root()));
    // A file that was removed and not yet committed is still listed.
    let there = |path: &&str| root().join(path).exists();
    listed.lines().filter(there).map(str::to_owned).collect()
}

fn run(command: &mut Command) -> String {
    let output = command.output().expect("the program starts");
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("the program writes text")
}

/// Fails with one line for each breach, so that all can be mended at once.
#[track_caller]
fn none(rule: &str, breaches: Vec<String>) {
    assert!(breaches.is_empty(), "{rule}\n  {}", breaches.join("\n  "));
}
