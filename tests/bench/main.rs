//! Speed and size, measured: `cargo xtask bench` builds everything and calls this.
//!
//! Nothing here is a test. A machine that does other things besides gives other
//! numbers, so each is shown next to a reference from the same run: Hocuspocus
//! driven by the same editors, the disk's own fsync.

// It talks to whoever started it.
#![allow(clippy::print_stdout, missing_docs)]

mod calls;
mod copy;
mod crowd;
mod editors;
mod facts;
mod hearth;
mod hocuspocus;
mod joined;
mod machine;
mod merge;
mod note;
mod numbers;
mod probe;
mod random;
mod socket;
mod trace;
mod yjs;

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

/// What every part works with.
struct Bench {
    /// The program that is measured.
    hearthd: PathBuf,
    /// Another build of it, to compare with.
    beside: Option<PathBuf>,
    /// Starts the reference.
    script: PathBuf,
    /// On the disk that is measured.
    folder: PathBuf,
    /// Only so many editors.
    crowd: Option<usize>,
    /// Servers have one core, drivers another.
    pinned: bool,
}

const PARTS: &[&str] = &[
    "editors", "trace", "merge", "note", "calls", "joined", "copy",
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let names: Vec<String> = std::env::args().skip(1).collect();
    if let Some(unknown) = names.iter().find(|name| !PARTS.contains(&name.as_str())) {
        bail!("There is no part `{unknown}`, only: {}.", PARTS.join(", "));
    }
    let path = |name: &str| {
        let path = std::env::var_os(name).map(PathBuf::from);
        path.with_context(|| format!("{name} is not set: call `cargo xtask bench`"))
    };
    let bench = Bench {
        hearthd: path("HEARTHD")?,
        beside: path("HEARTHD_BESIDE").ok(),
        script: concat!(env!("CARGO_MANIFEST_DIR"), "/hocuspocus.mjs").into(),
        folder: path("BENCH_FOLDER")?,
        crowd: std::env::var("BENCH_EDITORS")
            .ok()
            .and_then(|count| count.parse().ok()),
        pinned: machine::keep_off_servers_core(),
    };
    let local = tokio::task::LocalSet::new();
    local.run_until(run(&bench, &names)).await
}

async fn run(bench: &Bench, names: &[String]) -> Result<()> {
    let wanted = |part: &str| names.is_empty() || names.iter().any(|name| name == part);
    if wanted("editors") {
        editors::editors(bench).await?;
    }
    if wanted("trace") {
        trace::trace(bench).await?;
    }
    if wanted("merge") {
        merge::merge(bench).await?;
    }
    if wanted("note") {
        note::note(bench).await?;
    }
    if wanted("calls") {
        calls::calls(bench).await?;
    }
    if wanted("joined") {
        joined::joined(bench).await?;
    }
    if wanted("copy") {
        copy::copy(bench).await?;
    }
    Ok(())
}
