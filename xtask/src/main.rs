//! Everything one does with this repository: `cargo xtask run | test | bench | lint | package | ui`.
//!
//! Each command first sets up what it needs and is missing: system packages
//! (shown before they are installed), npm and Python packages (kept in
//! `target/` and `node_modules/`). Start reading in [`flags`], then the module
//! of the command; what gets installed how is in [`setup`].

// A command-line tool talks to whoever started it.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod bench;
mod flags;
mod lint;
mod package;
mod run;
mod setup;
mod test;
mod ui;
mod xvfb;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Result;
use xshell::Shell;

fn main() -> ExitCode {
    match act() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Without a backtrace: what went wrong is a program that was called.
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn act() -> Result<()> {
    let flags = flags::Xtask::from_env_or_exit();
    let sh = Shell::new()?;
    sh.change_dir(root());
    match flags.subcommand {
        flags::XtaskCmd::Run(run) => run::run(&sh, &run.args),
        flags::XtaskCmd::Test(test) => test::test(&sh, &test.part, test.long),
        flags::XtaskCmd::Bench(bench) => bench::bench(&sh, &bench.part),
        flags::XtaskCmd::Lint(_) => lint::lint(&sh),
        flags::XtaskCmd::Package(package) => package::package(&sh, package.debug).map(drop),
        flags::XtaskCmd::Ui(_) => ui::build(&sh),
    }
}

/// The top of the repository.
fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_owned()
}

/// Where cargo builds to.
fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// A program that cargo built without `--release`.
fn built(program: &str) -> PathBuf {
    built_in("debug", program)
}

/// A program that cargo built with `--release`.
fn released(program: &str) -> PathBuf {
    built_in("release", program)
}

fn built_in(profile: &str, program: &str) -> PathBuf {
    target()
        .join(profile)
        .join(format!("{program}{}", std::env::consts::EXE_SUFFIX))
}

/// Says what is being done, so that a long log can be read by its headings.
fn heading(text: &str) {
    println!("\n── {text}");
}
