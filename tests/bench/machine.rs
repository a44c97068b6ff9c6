//! What is asked of the machine: cores, processes, the disk.

use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};

use crate::numbers::Samples;

/// The core of the servers. Drivers have another one.
const SERVERS: &str = "0";
const DRIVERS: &str = "1";

/// `/proc` counts processor time in these.
const TICKS_PER_SECOND: f64 = 100.0;

/// Keeps this process off the servers' core; says so where that cannot be done.
pub(crate) fn keep_off_servers_core() -> bool {
    let pid = std::process::id().to_string();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let pinned = cores > 1
        && Command::new("taskset")
            .args(["-a", "-p", "-c", DRIVERS, &pid])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
    if !pinned {
        println!("Servers and drivers share all cores: there is no second core, or no taskset.");
    }
    pinned
}

/// A server that is killed when this value goes.
pub(crate) struct Server {
    child: Child,
}

impl Server {
    /// Starts it, on the core of the servers if `pinned`.
    pub(crate) fn start(pinned: bool, program: &Path, args: &[&str]) -> Result<Self> {
        let mut command = if pinned {
            let mut taskset = Command::new("taskset");
            taskset.args(["-c", SERVERS]).arg(program);
            taskset
        } else {
            Command::new(program)
        };
        let child = command
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("starting {}", program.display()))?;
        Ok(Self { child })
    }

    /// The first line it prints.
    pub(crate) fn first_line(&mut self) -> Result<String> {
        let output = self.child.stdout.take().context("it has no output")?;
        let mut line = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(output), &mut line)?;
        if line.is_empty() {
            bail!("a server has ended before it was ready");
        }
        Ok(line)
    }

    /// Seconds of processor time so far, its threads' included.
    pub(crate) fn cpu_seconds(&self) -> Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name, in brackets, may hold anything.
        let fields = stat.rsplit_once(") ").context("/proc is strange here")?.1;
        let fields: Vec<&str> = fields.split(' ').collect();
        let ticks = fields[11].parse::<f64>()? + fields[12].parse::<f64>()?;
        Ok(ticks / TICKS_PER_SECOND)
    }

    /// The same to the nanosecond, for what uses next to nothing.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let pid = nix::unistd::Pid::from_raw(self.child.id().try_into()?);
        let clock = nix::time::clock_getcpuclockid(pid)?;
        Ok(nix::time::clock_gettime(clock)?.into())
    }

    /// The most memory it has had, in megabytes.
    pub(crate) fn peak_megabytes(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.context("/proc is strange here")?.trim();
        Ok(peak.trim_end_matches(" kB").parse::<f64>()? / 1024.0)
    }

    /// Stops it in good order.
    pub(crate) fn stop(mut self) -> Result<()> {
        let pid = self.child.id().to_string();
        Command::new("kill").arg(pid).status()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; there is nobody to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A folder on the disk that is measured; gone with this value.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(inside: &Path) -> Result<Self> {
        fs::create_dir_all(inside)?;
        let folder = tempfile::Builder::new().tempdir_in(inside)?;
        Ok(Self(folder.keep()))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// How long one fsync takes after a few pages were appended, in milliseconds.
pub(crate) fn fsyncs(folder: &Path, count: usize) -> Result<Samples> {
    const PAGES: [u8; 16_384] = [7; 16_384];
    let mut file = File::create(folder.join("fsync"))?;
    let mut samples = Samples::default();
    for _ in 0..count {
        file.write_all(&PAGES)?;
        let begun = Instant::now();
        file.sync_all()?;
        samples.push(begun.elapsed().as_secs_f64() * 1_000.0);
        // As commits come, and not as fast as the disk can.
        thread::sleep(Duration::from_millis(2));
    }
    Ok(samples)
}
