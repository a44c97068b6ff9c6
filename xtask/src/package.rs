//! The package that people install.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use xshell::{Shell, cmd};

use crate::{
    heading,
    setup::{Need, Node, ensure},
    target, ui,
};

/// Exactly this one: it has to fit the `tauri` crate, and names its own parts exactly.
const BUNDLER: &str = "@tauri-apps/cli@2.12.5";

/// Makes the .deb and says where it is.
pub(crate) fn package(sh: &Shell, debug: bool) -> Result<PathBuf> {
    if !cfg!(target_os = "linux") {
        bail!(
            "Only the Debian package is made so far, on Linux. Here, use: cargo build --release --package hearth"
        );
    }
    ensure(
        sh,
        &[Need::Compiler, Need::OpenSsl, Need::WebKit, Need::Tray],
    )?;
    ui::build(sh)?;
    heading("Building the app");
    if debug {
        // As the tests build it, so that nothing is compiled a second time.
        cmd!(sh, "cargo build --workspace --bins --tests").run()?;
    } else {
        cmd!(sh, "cargo build --release --package hearth").run()?;
    }
    heading("Packing");
    bundle(sh, debug)?;
    let profile = if debug { "debug" } else { "release" };
    let package = newest_deb(sh, &target().join(profile).join("bundle/deb"))?;
    println!("{}", package.display());
    Ok(package)
}

/// Has Tauri's bundler, whose program is within an npm package, pack what is built.
fn bundle(sh: &Shell, debug: bool) -> Result<()> {
    let node = Node::ready(sh)?;
    let tools = target().join("tools/tauri");
    let tauri = tools.join("node_modules/@tauri-apps/cli/tauri.js");
    if !tauri.exists() {
        node.install(sh, &tools, &[BUNDLER])?;
    }
    let profile = debug.then_some("--debug");
    node.node(sh)
        .arg(tauri)
        .args(["bundle", "--bundles", "deb"])
        .args(profile)
        .run()?;
    Ok(())
}

fn newest_deb(sh: &Shell, dir: &std::path::Path) -> Result<PathBuf> {
    sh.read_dir(dir)?
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "deb"))
        .max_by_key(|path| path.metadata().and_then(|file| file.modified()).ok())
        .context("the bundler made no .deb")
}
