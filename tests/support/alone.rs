//! A test that measures its own process runs in one of its own.

use std::{
    env, fs,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use tokio::{runtime::Handle, time::sleep};

const ALONE: &str = "HEARTH_TEST_ALONE";

/// What has not changed for so long has settled.
const STILL: Duration = Duration::from_secs(3);

/// Tasks, threads, and open files.
pub type Held = (usize, Option<(usize, usize)>);

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

/// What there is once it changes no more, or is what it was. What has just done its last thing may
/// be there for a moment longer, but not after `within`.
pub async fn settled(wanted: Option<Held>, within: Duration) -> Held {
    let began = Instant::now();
    let (mut last, mut since) = ((0, None), Instant::now());
    loop {
        let now = (Handle::current().metrics().num_alive_tasks(), held());
        if now != last {
            (last, since) = (now, Instant::now());
        }
        let is_still = wanted.is_none() && since.elapsed() > STILL;
        if Some(now) == wanted || is_still || began.elapsed() > within {
            return now;
        }
        sleep(Duration::from_millis(20)).await;
    }
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
