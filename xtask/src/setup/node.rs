//! Node.js: the system's where it is new enough, otherwise npm's own package of it.

use std::{
    env,
    ffi::{OsStr, OsString},
    fs,
    path::Path,
};

use anyhow::{Context, Result};
use xshell::{Cmd, Shell, cmd};

use super::{Need, ensure};
use crate::{heading, target};

/// What the most demanding of our tools asks for (Vite and ESLint).
const OLDEST: (u32, u32) = (20, 19);

/// Node.js and npm, ready to use.
pub(crate) struct Node {
    path: OsString,
}

impl Node {
    /// Finds or installs Node.js.
    pub(crate) fn ready(sh: &Shell) -> Result<Self> {
        ensure(sh, &[Need::Npm])?;
        let system = env::var_os("PATH").unwrap_or_default();
        if version(sh).is_some_and(|version| version >= OLDEST) {
            return Ok(Self { path: system });
        }
        let dir = target().join("tools/node");
        let bin = dir.join("node_modules/.bin");
        if !bin.join("node").exists() {
            let (major, minor) = OLDEST;
            heading(&format!(
                "Node.js {major}.{minor} or newer is needed: installing it in target/"
            ));
            // With a npm of its own: the system's may not run on a newer Node.js.
            let found = Self {
                path: system.clone(),
            };
            found.install(sh, &dir, &["node@24", "npm@11"])?;
        }
        let dirs = std::iter::once(bin).chain(env::split_paths(&system));
        let path = env::join_paths(dirs).context("PATH cannot be extended")?;
        Ok(Self { path })
    }

    /// What `PATH` has to be for these to be found.
    pub(crate) fn path(&self) -> &OsStr {
        &self.path
    }

    /// `npm` in this folder.
    pub(crate) fn npm<'a>(&self, sh: &'a Shell, dir: &Path) -> Cmd<'a> {
        let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
        cmd!(sh, "{npm} --prefix {dir}").env("PATH", &self.path)
    }

    /// Installs packages into a folder of their own, outside any project.
    pub(crate) fn install(&self, sh: &Shell, dir: &Path, packages: &[&str]) -> Result<()> {
        sh.create_dir(dir)?;
        self.npm(sh, dir)
            .args(["install", "--no-save", "--no-fund", "--no-audit"])
            .args(packages)
            .run()?;
        Ok(())
    }

    /// `node` itself.
    pub(crate) fn node<'a>(&self, sh: &'a Shell) -> Cmd<'a> {
        cmd!(sh, "node").env("PATH", &self.path)
    }
}

/// Installs what a folder's package-lock.json names, when that has changed.
pub(crate) fn npm_ci(sh: &Shell, node: &Node, dir: &Path) -> Result<()> {
    let lock = fs::read(dir.join("package-lock.json"))
        .with_context(|| format!("{} has no package-lock.json", dir.display()))?;
    let installed = dir.join("node_modules/.installed-lock.json");
    if fs::read(&installed).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    node.npm(sh, dir)
        .args(["ci", "--no-fund", "--no-audit"])
        .run()?;
    fs::write(installed, lock)?;
    Ok(())
}

fn version(sh: &Shell) -> Option<(u32, u32)> {
    let text = cmd!(sh, "node --version")
        .quiet()
        .ignore_stderr()
        .read()
        .ok()?;
    let mut parts = text.trim().trim_start_matches('v').split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}
