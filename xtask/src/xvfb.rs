//! A display without a screen, for as long as this value lives.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result};

/// A running Xvfb.
pub(crate) struct Xvfb {
    child: Child,
    /// What `DISPLAY` has to be.
    pub(crate) display: String,
}

impl Xvfb {
    /// Starts one on a display that is free.
    ///
    /// It keeps its state when the last program leaves: starting anew after
    /// each of them, as it does by itself, it drops whoever comes meanwhile.
    pub(crate) fn start() -> Result<Self> {
        let mut child = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                "1280x900x24",
                "-nolisten",
                "tcp",
                "-noreset",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("starting Xvfb")?;
        let mut number = String::new();
        let output = child.stdout.take().context("Xvfb has no output")?;
        BufReader::new(output).read_line(&mut number)?;
        let display = format!(":{}", number.trim());
        Ok(Self { child, display })
    }
}

impl Drop for Xvfb {
    fn drop(&mut self) {
        // It may have ended by itself; there is nobody to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
