//! The interface: its packages and its build.

use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use anyhow::Result;
use xshell::Shell;

use crate::{
    heading, root,
    setup::{Node, npm_ci},
};

/// The interface's folder.
pub(crate) fn dir() -> PathBuf {
    root().join("ui")
}

/// Installs the interface's packages when they changed, and builds it when it
/// changed: the programs embed the result, so each new build compiles them again.
pub(crate) fn build(sh: &Shell) -> Result<()> {
    let node = Node::ready(sh)?;
    let ui = dir();
    npm_ci(sh, &node, &ui)?;
    if is_fresh(&ui) {
        return Ok(());
    }
    heading("Building the interface");
    node.npm(sh, &ui).args(["run", "build"]).run()?;
    Ok(())
}

/// Whether the build is newer than everything it is made of.
fn is_fresh(ui: &Path) -> bool {
    let Ok(built) = modified(&ui.join("dist/index.html")) else {
        return false;
    };
    let sources = [
        "src",
        "public",
        "index.html",
        "package-lock.json",
        "vite.config.ts",
        "svelte.config.js",
    ];
    ui.join("dist/assets").is_dir()
        && sources
            .iter()
            .all(|source| newest(&ui.join(source)).is_none_or(|changed| changed < built))
}

/// When the last change happened in there; a folder's own time tells of removed files.
fn newest(path: &Path) -> Option<SystemTime> {
    let own = modified(path).ok()?;
    let inner = fs::read_dir(path)
        .into_iter()
        .flatten()
        .filter_map(|entry| newest(&entry.ok()?.path()));
    inner.chain([own]).max()
}

fn modified(path: &Path) -> std::io::Result<SystemTime> {
    fs::metadata(path)?.modified()
}
