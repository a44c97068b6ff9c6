//! Formatting, lints and types: each a failure, none only a warning.

use anyhow::Result;
use xshell::{Shell, cmd};

use crate::{
    heading,
    setup::{Need, Node, ensure},
    ui,
};

pub(crate) fn lint(sh: &Shell) -> Result<()> {
    ensure(sh, &[Need::Compiler, Need::OpenSsl, Need::WebKit])?;
    // The programs embed the interface, so that even checking them needs it built.
    ui::build(sh)?;

    heading("Rust: formatting");
    cmd!(sh, "cargo fmt --all --check").run()?;
    heading("Rust: lints");
    cmd!(sh, "cargo clippy --workspace --all-targets -- -D warnings").run()?;

    let node = Node::ready(sh)?;
    for script in ["format:check", "lint", "check"] {
        heading(&format!("Interface: {script}"));
        node.npm(sh, &ui::dir()).args(["run", script]).run()?;
    }
    heading("Tests in JavaScript: formatting");
    let prettier = ui::dir().join("node_modules/prettier/bin/prettier.cjs");
    let files = ["tests/**/*.mjs", "crates/**/*.mjs"];
    node.node(sh)
        .arg(prettier)
        .args(["--check", "--config", "tests/.prettierrc.json"])
        .args(files)
        .run()?;
    Ok(())
}
