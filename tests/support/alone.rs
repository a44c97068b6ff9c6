//! A test that measures its own process runs in one of its own.

use std::{env, fs, process::Command, time::Duration};

use anyhow::{Result, ensure};

const ALONE: &str = "HEARTH_TEST_ALONE";

/// Whether this is the process that was made for the test of this name. If not, it is made here,
/// and has done what the test is for when this returns.
pub fn is_alone(test: &str) -> Result<bool> {
    if env::var_os(ALONE).is_some() {
        return Ok(true);
    }
    let ran = Command::new(env::current_exe()?)
        .args([test, "--exact", "--nocapture"])
        .env(ALONE, "1")
        .output()?;
    let said = String::from_utf8_lossy(&ran.stdout);
    let why = String::from_utf8_lossy(&ran.stderr);
    ensure!(ran.status.success(), "{said}\n{why}");
    ensure!(
        said.contains("1 passed"),
        "no test is called {test}: {said}"
    );
    Ok(false)
}

/// Threads and open files of this process. Nothing on systems that do not list them.
pub fn held() -> Option<(usize, usize)> {
    let count = |folder: &str| Some(fs::read_dir(folder).ok()?.count());
    Some((count("/proc/self/task")?, count("/proc/self/fd")?))
}

/// Processor time that this process's threads have used. Nothing on systems that do not tell it.
pub fn used() -> Option<Duration> {
    let mut nanoseconds = 0;
    for thread in fs::read_dir("/proc/self/task").ok()? {
        let told = fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        nanoseconds += told.split(' ').next()?.parse::<u64>().ok()?;
    }
    Some(Duration::from_nanos(nanoseconds))
}
