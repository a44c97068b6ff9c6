//! A real `hearthd` with a session in a folder of its own, ended when it goes out of scope.

use std::{
    env,
    ffi::OsString,
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;

/// A host's folder, which outlives its process.
pub struct Hearthd {
    folder: TempDir,
    options: Vec<String>,
    running: Option<Running>,
    address: SocketAddr,
}

struct Running {
    child: Child,
    first_line: Value,
}

impl Hearthd {
    /// Starts a host with these options beside its folder and a free port.
    pub fn start(options: &[&str]) -> Result<Self> {
        let mut host = Self {
            folder: TempDir::new()?,
            options: options.iter().map(|&option| option.to_owned()).collect(),
            running: None,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
        };
        host.start_again()?;
        Ok(host)
    }

    /// Starts it on the port and the folder that it had.
    pub fn start_again(&mut self) -> Result<()> {
        let data = self.folder.path().to_str().context("a path")?;
        let listen = self.address.to_string();
        let mut child = Command::new(program()?)
            .args(["host", "--data", data, "--listen", &listen, "--no-announce"])
            .args(&self.options)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let out = child.stdout.take().context("an output")?;
        BufReader::new(out).read_line(&mut line)?;
        let first_line: Value = serde_json::from_str(&line).context("a first line")?;
        let url = first_line["url"].as_str().context("an address")?;
        self.address = url.trim_start_matches("http://").parse()?;
        self.running = Some(Running { child, first_line });
        Ok(())
    }

    /// Where it listens, also while it is away.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The folder that holds its session and its key.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its address with an invitation for the host's own person, good once.
    pub fn sign_in_url(&self) -> Result<&str> {
        self.said("sign_in_url")
    }

    /// Its key's fingerprint.
    pub fn fingerprint(&self) -> Result<&str> {
        self.said("fingerprint")
    }

    /// Its process.
    pub fn pid(&self) -> Result<u32> {
        let running = self.running.as_ref().context("it runs")?;
        Ok(running.child.id())
    }

    /// Ends it without a word (SIGKILL).
    pub fn kill(&mut self) -> Result<()> {
        if let Some(mut running) = self.running.take() {
            running.child.kill()?;
            running.child.wait()?;
        }
        Ok(())
    }

    /// Stops its process where it is (SIGSTOP): its connections stay, and nothing answers.
    pub fn freeze(&self) -> Result<()> {
        self.signal("STOP")
    }

    /// Lets it go on (SIGCONT).
    pub fn thaw(&self) -> Result<()> {
        self.signal("CONT")
    }

    fn signal(&self, name: &str) -> Result<()> {
        let pid = self.pid()?.to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status()?;
        ensure!(sent.success(), "no signal was sent");
        Ok(())
    }

    fn said(&self, what: &str) -> Result<&str> {
        let running = self.running.as_ref().context("it runs")?;
        running.first_line[what].as_str().context("it says so")
    }
}

impl Drop for Hearthd {
    fn drop(&mut self) {
        // Nothing more can be done about one that does not end.
        let _ = self.kill();
    }
}

/// `HEARTHD`, or what this workspace builds.
fn program() -> Result<&'static Path> {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    if let Some(program) = PROGRAM.get() {
        return Ok(program);
    }
    let program = match env::var_os("HEARTHD") {
        Some(given) => PathBuf::from(given),
        None => build()?,
    };
    Ok(PROGRAM.get_or_init(|| program))
}

fn build() -> Result<PathBuf> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let built = Command::new(cargo)
        .args(["build", "--quiet", "--package", "hearth-app"])
        .args(["--bin", "hearthd", "--message-format", "json"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(built.status.success(), "hearthd does not build");
    let messages = String::from_utf8(built.stdout)?;
    let program = messages.lines().find_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        Some(PathBuf::from(message["executable"].as_str()?))
    });
    program.context("cargo names the program")
}
