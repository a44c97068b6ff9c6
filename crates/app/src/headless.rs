//! `hearthd`: hosting and joining without a window.
//!
//! Its first line on standard output is JSON, printed once connections are accepted; everything
//! else goes to standard error. Its exit codes tell scripts what went wrong.

mod arguments;
mod backup;
mod exit;
mod host;
mod join;
mod nearby;
mod terminal;

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Parser as _;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt, registry};

use arguments::{Arguments, Command};
pub use exit::Exit;

use crate::log::discreet;

/// Runs the program with the process's arguments.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    log_to_standard_error();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return Exit::Other(error.into()).report(),
    };
    let ended = runtime.block_on(async {
        match arguments.command {
            Command::Host(options) => host::run(*options).await,
            Command::Join(options) => join::run(options).await,
            Command::Backup(options) => backup::run(options).await,
            Command::Nearby(options) => nearby::run(options).await,
        }
    });
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(exit) => exit.report(),
    }
}

/// `HEARTH_LOG` chooses what is logged, as `RUST_LOG` does elsewhere.
fn log_to_standard_error() {
    let filter = EnvFilter::try_from_env("HEARTH_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    registry().with(lines.with_filter(discreet(filter))).init();
}
