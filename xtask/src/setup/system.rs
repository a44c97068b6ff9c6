//! System packages: looked for by what they bring, installed only when missing.

use std::{env, io::IsTerminal, path::PathBuf};

use anyhow::{Result, bail};
use xshell::{Shell, cmd};

/// Something the operating system has to bring.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// A C compiler, for SQLite.
    Compiler,
    /// OpenSSL's headers, which the link's library wants, though it never speaks TLS here.
    OpenSsl,
    /// WebKitGTK's headers, to build the window.
    WebKit,
    /// The library behind the tray icon, loaded while running.
    Tray,
    /// A display without a screen, for tests.
    Xvfb,
    /// Drives the real window in tests.
    WebDriver,
    /// A session bus for tests of the single instance.
    DBus,
    /// The browser of the interface's tests.
    Chromium,
    /// npm, which also brings a newer Node.js where needed.
    Npm,
    /// Virtual environments for Python.
    Venv,
    /// Networks of several computers within one.
    Namespaces,
}

/// Makes sure that all of these are there, installing what is missing where
/// this system's packages are known, and saying what to do where they are not.
pub(crate) fn ensure(sh: &Shell, needs: &[Need]) -> Result<()> {
    let missing: Vec<Need> = needs
        .iter()
        .copied()
        .filter(|need| need.applies() && !need.is_met(sh))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    if on_path("apt-get").is_none() {
        let names: Vec<&str> = missing.iter().map(Need::describe).collect();
        bail!(
            "Please install {} with this system's package manager, then run the command again.",
            names.join(", ")
        );
    }
    install(sh, &missing)?;
    for need in missing {
        if !need.is_met(sh) {
            bail!("Installed, but still not found: {}.", need.describe());
        }
    }
    Ok(())
}

/// Where a program of this name is.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let file = format!("{program}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?)
        .map(|dir| dir.join(&file))
        .find(|path| path.is_file())
}

/// The browser to test with.
pub(crate) fn chromium() -> Option<PathBuf> {
    if let Some(named) = env::var_os("CHROMIUM") {
        return Some(named.into());
    }
    ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find_map(on_path)
}

/// Whether a window could be shown.
pub(crate) fn display() -> bool {
    !cfg!(target_os = "linux")
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
}

impl Need {
    /// Other systems bring their own web view, tray and display.
    fn applies(&self) -> bool {
        match self {
            Need::WebKit
            | Need::Tray
            | Need::Xvfb
            | Need::WebDriver
            | Need::DBus
            | Need::Namespaces
            | Need::Compiler
            | Need::OpenSsl => {
                cfg!(target_os = "linux")
            }
            Need::Chromium | Need::Npm | Need::Venv => true,
        }
    }

    fn is_met(&self, sh: &Shell) -> bool {
        match self {
            Need::Compiler => on_path("cc").is_some(),
            Need::OpenSsl => has_headers(sh, "openssl"),
            Need::WebKit => has_headers(sh, "webkit2gtk-4.1"),
            Need::Tray => library("libayatana-appindicator3.so.1"),
            Need::Xvfb => on_path("Xvfb").is_some(),
            Need::WebDriver => on_path("WebKitWebDriver").is_some(),
            Need::DBus => on_path("dbus-daemon").is_some(),
            Need::Chromium => chromium().is_some(),
            // Root has it in a place that is not in everybody's path.
            Need::Namespaces => on_path("ip").is_some() || PathBuf::from("/sbin/ip").exists(),
            Need::Npm => on_path("npm").is_some() || on_path("npm.cmd").is_some(),
            Need::Venv => quietly(
                sh,
                super::python::system(),
                &["-c", "import ensurepip, venv"],
            ),
        }
    }

    fn describe(&self) -> &'static str {
        match self {
            Need::Compiler => "a C compiler",
            Need::OpenSsl => "pkg-config and OpenSSL with its headers",
            Need::WebKit => "pkg-config and WebKitGTK 4.1 with its headers",
            Need::Tray => "libayatana-appindicator3",
            Need::Xvfb => "Xvfb",
            Need::WebDriver => "WebKitWebDriver",
            Need::DBus => "dbus-daemon",
            Need::Chromium => "Chromium (or its path in CHROMIUM)",
            Need::Npm => "Node.js with npm",
            Need::Venv => "Python 3 with venv",
            Need::Namespaces => "iproute2 (`ip`)",
        }
    }

    /// What Debian and its relatives call it.
    fn packages(&self) -> &'static [&'static str] {
        match self {
            Need::Compiler => &["build-essential"],
            Need::OpenSsl => &["pkg-config", "libssl-dev"],
            Need::WebKit => &["pkg-config", "libwebkit2gtk-4.1-dev"],
            Need::Tray => &["libayatana-appindicator3-1"],
            Need::Xvfb => &["xvfb"],
            Need::WebDriver => &["webkit2gtk-driver"],
            Need::DBus => &["dbus"],
            Need::Chromium => &["chromium"],
            Need::Npm => &["nodejs", "npm"],
            Need::Venv => &["python3", "python3-venv"],
            Need::Namespaces => &["iproute2"],
        }
    }
}

fn install(sh: &Shell, missing: &[Need]) -> Result<()> {
    let packages: Vec<&str> = missing.iter().flat_map(Need::packages).copied().collect();
    // A password can be asked for only where somebody can type it.
    let sudo: &[&str] = match (is_root(sh), std::io::stdin().is_terminal()) {
        (true, _) => &[],
        (false, true) => &["sudo"],
        (false, false) => &["sudo", "-n"],
    };
    // Another installation may be under way, at start-up often: wait for it.
    let apt = &["apt-get", "-o", "DPkg::Lock::Timeout=300", "-qq"];
    let install = &["install", "-y", "--no-install-recommends"];
    println!("Missing, now installed from this system's packages:");
    println!(
        "  {}",
        [sudo, &["apt-get", "install"], &packages]
            .concat()
            .join(" ")
    );
    for tail in [
        &["update"] as &[&str],
        &[install as &[&str], &packages].concat(),
    ] {
        let line = [sudo, &["env", "DEBIAN_FRONTEND=noninteractive"], apt, tail].concat();
        let (program, args) = (line[0], &line[1..]);
        cmd!(sh, "{program} {args...}").quiet().run()?;
    }
    Ok(())
}

fn is_root(sh: &Shell) -> bool {
    cmd!(sh, "id -u")
        .quiet()
        .ignore_stderr()
        .read()
        .is_ok_and(|id| id.trim() == "0")
}

/// Whether what pkg-config calls so can be built against.
fn has_headers(sh: &Shell, name: &str) -> bool {
    on_path("pkg-config").is_some() && quietly(sh, "pkg-config", &["--exists", name])
}

fn quietly(sh: &Shell, program: &str, args: &[&str]) -> bool {
    cmd!(sh, "{program} {args...}")
        .quiet()
        .ignore_stdout()
        .ignore_stderr()
        .run()
        .is_ok()
}

/// Whether the loader could find this library, without loading it.
fn library(name: &str) -> bool {
    let arch = env::consts::ARCH;
    [
        format!("/usr/lib/{arch}-linux-gnu"),
        "/usr/lib64".to_owned(),
        "/usr/lib".to_owned(),
        "/usr/local/lib".to_owned(),
    ]
    .iter()
    .any(|dir| PathBuf::from(dir).join(name).exists())
}
