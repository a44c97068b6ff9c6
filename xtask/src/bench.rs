//! Speed and size: sets up what is measured and what it is measured beside.

use anyhow::Result;
use xshell::{Shell, cmd};

use crate::{
    heading, released, root,
    setup::{Need, Node, ensure, npm_ci},
    target, ui,
};

/// Measures the named parts, or all. What is measured and why is in tests/bench.
pub(crate) fn bench(sh: &Shell, parts: &[String]) -> Result<()> {
    ensure(sh, &[Need::Compiler, Need::OpenSsl])?;
    ui::build(sh)?;
    let node = Node::ready(sh)?;
    npm_ci(sh, &node, &root().join("tests/bench"))?;

    heading("Building with --release");
    let packages = ["--package", "hearth-app", "--package", "hearth-bench"];
    let programs = ["--bin", "hearthd", "--bin", "hearth-bench"];
    cmd!(sh, "cargo build --release {packages...} {programs...}").run()?;

    heading("Measuring");
    let program = released("hearth-bench");
    cmd!(sh, "{program} {parts...}")
        .env("PATH", node.path())
        .env("HEARTHD", released("hearthd"))
        .env("BENCH_FOLDER", target().join("bench"))
        .run()?;
    Ok(())
}
