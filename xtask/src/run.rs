//! Opens the app as one who works on it; without a display, hosts without a window.

use std::{
    ffi::OsString,
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};
use xshell::{Shell, cmd};

use crate::{
    built, heading,
    setup::{Need, display, ensure},
    target, ui,
};

pub(crate) fn run(sh: &Shell, args: &[OsString]) -> Result<()> {
    ensure(sh, &[Need::Compiler, Need::OpenSsl])?;
    if display() {
        open(sh, args)
    } else {
        host(sh, args)
    }
}

fn open(sh: &Shell, args: &[OsString]) -> Result<()> {
    ensure(sh, &[Need::WebKit, Need::Tray])?;
    ui::build(sh)?;
    heading("Building the app");
    cmd!(sh, "cargo build --package hearth").run()?;
    let program = built("hearth");
    cmd!(sh, "{program} {args...}").run()?;
    Ok(())
}

/// Starts `hearthd host` and prints the address that signs in as the host.
fn host(sh: &Shell, args: &[OsString]) -> Result<()> {
    ui::build(sh)?;
    heading("No display here: building the host without a window");
    cmd!(sh, "cargo build --package hearth-app --bin hearthd").run()?;
    let data = target().join("run");
    let mut command = Command::new(built("hearthd"));
    command.arg("host").args(args).stdout(Stdio::piped());
    if !args
        .iter()
        .any(|arg| arg.to_string_lossy().starts_with("--data"))
    {
        println!("The session is kept in {}.", data.display());
        command.arg("--data").arg(&data);
    }
    let mut child = command.spawn().context("starting hearthd")?;
    let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
    if let Some(first) = lines.next() {
        let first: serde_json::Value = serde_json::from_str(&first?)?;
        let address = first["sign_in_url"].as_str().unwrap_or_default();
        println!("\nOpen this in a browser (once; it signs in as the host):\n\n  {address}\n");
        println!(
            "Ctrl+C ends it. To let others in: cargo xtask run -- --listen 0.0.0.0:4747 --pin 1234"
        );
        std::io::stdout().flush()?;
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("hearthd ended: {status}");
    }
    Ok(())
}
