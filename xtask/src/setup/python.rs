//! A virtual environment for the tests that speak to Hearth from Python.

use std::{fs, path::PathBuf};

use anyhow::Result;
use xshell::{Shell, cmd};

use super::{Need, ensure};
use crate::{root, target};

/// The Python this system calls by name.
pub(super) fn system() -> &'static str {
    if cfg!(windows) { "python" } else { "python3" }
}

/// The Python of an environment that has what tests/python/requirements.txt names.
pub(crate) fn venv(sh: &Shell) -> Result<PathBuf> {
    let dir = target().join("tools/python");
    let bin = if cfg!(windows) { "Scripts" } else { "bin" };
    let python = dir.join(bin).join("python");
    let requirements = root().join("tests/python/requirements.txt");
    let wanted = fs::read(&requirements)?;
    let stamp = dir.join("installed-requirements.txt");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    ensure(sh, &[Need::Venv])?;
    let system = system();
    cmd!(sh, "{system} -m venv --clear {dir}").run()?;
    cmd!(
        sh,
        "{python} -m pip install --quiet --disable-pip-version-check -r {requirements}"
    )
    .run()?;
    fs::write(stamp, wanted)?;
    Ok(python)
}
