//! Every test there is, in parts that can be asked for by name.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use xshell::{Cmd, Shell, cmd};

use crate::{
    built, heading, package, root,
    setup::{Need, Node, chromium, ensure, npm_ci, venv},
    ui,
    xvfb::Xvfb,
};

/// One part of the tests.
struct Part {
    name: &'static str,
    /// What it needs of the system beyond what building needs.
    needs: &'static [Need],
    run: fn(&Bench<'_>) -> Result<()>,
}

const PARTS: &[Part] = &[
    Part {
        name: "rust",
        needs: &[],
        run: rust,
    },
    Part {
        name: "node",
        needs: &[Need::Venv, Need::Namespaces],
        run: node,
    },
    Part {
        name: "python",
        needs: &[Need::Venv],
        run: python,
    },
    Part {
        name: "ui",
        needs: &[],
        run: interface,
    },
    Part {
        name: "e2e",
        needs: &[Need::Chromium],
        run: e2e,
    },
    Part {
        name: "window",
        needs: &[Need::Xvfb, Need::WebDriver, Need::DBus, Need::Tray],
        run: window,
    },
    Part {
        name: "package",
        needs: &[Need::Xvfb, Need::WebDriver, Need::Tray],
        run: package,
    },
];

/// What every part works with.
struct Bench<'a> {
    sh: &'a Shell,
    node: Node,
    long: bool,
}

/// Runs the named parts, or all; goes on after a failure and tells of all at the end.
pub(crate) fn test(sh: &Shell, names: &[String], long: bool) -> Result<()> {
    let parts = chosen(names)?;
    let mut needs = vec![Need::Compiler, Need::OpenSsl, Need::WebKit];
    needs.extend(parts.iter().flat_map(|part| part.needs));
    ensure(sh, &needs)?;
    ui::build(sh)?;
    let node = Node::ready(sh)?;
    // Some tests in Rust call it too.
    let _path = sh.push_env("PATH", node.path());
    let _long = long.then(|| sh.push_env("HEARTH_LONG", "1"));
    let bench = Bench { sh, node, long };

    heading("Building programs and tests");
    cmd!(sh, "cargo build --workspace --bins --tests").run()?;

    let mut failed = Vec::new();
    for part in parts {
        heading(&format!("Tests: {}", part.name));
        if let Err(error) = (part.run)(&bench) {
            eprintln!("{error:#}");
            failed.push(part.name);
        }
    }
    if !failed.is_empty() {
        bail!(
            "Failed: {}. Again with: cargo xtask test {}",
            failed.join(", "),
            failed.join(" ")
        );
    }
    Ok(())
}

fn chosen(names: &[String]) -> Result<Vec<&'static Part>> {
    for name in names {
        if !PARTS.iter().any(|part| part.name == name) {
            let known: Vec<&str> = PARTS.iter().map(|part| part.name).collect();
            bail!("There is no part `{name}`, only: {}.", known.join(", "));
        }
    }
    Ok(PARTS
        .iter()
        .filter(|part| names.is_empty() || names.iter().any(|name| name == part.name))
        .collect())
}

/// What is tested in Rust; notes also against the Yjs of browsers.
fn rust(bench: &Bench<'_>) -> Result<()> {
    npm_ci(bench.sh, &bench.node, &root().join("crates/text/tests/yjs"))?;
    Ok(cmd!(bench.sh, "cargo test --workspace --no-fail-fast")
        .env("PATH", bench.node.path())
        .run()?)
}

/// The official JavaScript client against the real host; where people write
/// together, one of them is a script in Python.
fn node(bench: &Bench<'_>) -> Result<()> {
    bench.install_client()?;
    let _python = bench.sh.push_env("PYTHON", venv(bench.sh)?);
    bench.node_tests("tests/node", &[])
}

/// A second, independent client in another language.
fn python(bench: &Bench<'_>) -> Result<()> {
    let python = venv(bench.sh)?;
    Ok(with_programs(cmd!(bench.sh, "{python} -m pytest tests/python")).run()?)
}

fn interface(bench: &Bench<'_>) -> Result<()> {
    Ok(bench.npm_in_ui("test").run()?)
}

/// The interface in a real browser against the real host.
fn e2e(bench: &Bench<'_>) -> Result<()> {
    let chromium = chromium().unwrap_or_default();
    Ok(with_programs(bench.npm_in_ui("e2e"))
        .env("CHROMIUM", chromium)
        .run()?)
}

/// The real window, in a desktop of its own.
fn window(bench: &Bench<'_>) -> Result<()> {
    bench.install_client()?;
    bench.under_xvfb("tests/window")
}

/// The package: what is in it, and that what is in it starts.
fn package(bench: &Bench<'_>) -> Result<()> {
    bench.install_client()?;
    let deb = package::package(bench.sh, !bench.long)?;
    let _deb = bench.sh.push_env("HEARTH_DEB", deb);
    bench.under_xvfb("tests/package")
}

impl Bench<'_> {
    fn npm_in_ui(&self, script: &str) -> Cmd<'_> {
        self.node.npm(self.sh, &ui::dir()).args(["run", script])
    }

    /// The official client, which the window's tests come in with too.
    fn install_client(&self) -> Result<()> {
        npm_ci(self.sh, &self.node, &root().join("tests/node"))
    }

    fn node_tests(&self, folder: &str, options: &[&str]) -> Result<()> {
        let files = test_files(self.sh, &root().join(folder))?;
        let node = with_programs(self.node.node(self.sh));
        // One that hangs is named, and the others are run.
        let node = node.args(["--test", "--test-timeout=900000"]);
        Ok(node.args(options).args(files).run()?)
    }

    /// One file at a time: on one screen, each would see the others' windows.
    fn under_xvfb(&self, folder: &str) -> Result<()> {
        let xvfb = Xvfb::start()?;
        let _display = self.sh.push_env("DISPLAY", &xvfb.display);
        self.node_tests(folder, &["--test-concurrency=1"])
    }
}

/// Tells a test where the programs are that it is to try.
fn with_programs(command: Cmd<'_>) -> Cmd<'_> {
    command
        .env("HEARTH", built("hearth"))
        .env("HEARTHD", built("hearthd"))
        .env("DESKTOP", built("desktop"))
}

/// All `*.test.mjs` in a folder; Node.js 20 takes no patterns.
fn test_files(sh: &Shell, dir: &Path) -> Result<Vec<PathBuf>> {
    let mut files = sh.read_dir(dir)?;
    files.retain(|path| path.to_string_lossy().ends_with(".test.mjs"));
    files.sort();
    if files.is_empty() {
        bail!("{} holds no *.test.mjs", dir.display());
    }
    Ok(files)
}
