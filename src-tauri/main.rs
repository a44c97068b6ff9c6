//! The window of Hearth: a shell around `hearth-app`.
//!
//! What is here needs a window: the commands of its page ([`commands`]), the
//! window itself ([`window`]), what closing it does ([`closing`]) and the tray
//! ([`tray`]). Whatever could run without one is in `crates/app`; the page talks
//! to the session over the event API, as any guest does, and not through here.

// No console beside the window.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod asked;
mod closing;
mod commands;
mod dialogs;
mod log;
mod places;
mod shell;
mod single;
mod tray;
mod window;

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;
use hearth_app::desk::Desk;
use tauri::{App, Manager, RunEvent};

use crate::{places::Places, shell::Shell};

/// Write and talk together on one network.
#[derive(Parser)]
#[command(version)]
struct Options {
    /// Keep everything in this folder [default: HEARTH_DATA, or the platform's place]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// An invitation to join: hearth://HOST:PORT/#…
    #[arg(value_name = "INVITATION")]
    invitation: Option<String>,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let data = options
        .data
        .or_else(|| std::env::var_os("HEARTH_DATA").map(PathBuf::from));
    let built = tauri::Builder::default()
        .plugin(single::plugin(data.as_deref()))
        .plugin(tauri_plugin_notification::init())
        .plugin(tauri_plugin_dialog::init())
        .invoke_handler(commands::handler())
        .setup(move |app| {
            if let Err(error) = start(app, data, options.invitation.as_deref()) {
                give_up(app, &error);
            }
            Ok(())
        })
        .build(tauri::generate_context!());
    match built {
        Ok(app) => {
            app.run(|app, event| match event {
                RunEvent::Exit => shell::finish(app),
                // How macOS hands over an address, also to an app that is running.
                #[cfg(target_os = "macos")]
                RunEvent::Opened { urls } => {
                    for url in urls {
                        asked::ask(app, url.as_str());
                    }
                    window::show(app);
                }
                _ => {}
            });
            ExitCode::SUCCESS
        }
        Err(error) => {
            say(&format!("Hearth cannot open its window: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Everything that must not happen twice, and so not before a second instance
/// has noticed that it is one.
fn start(app: &App, data: Option<PathBuf>, invitation: Option<&str>) -> anyhow::Result<()> {
    let chosen = data.is_some();
    let places = Places::find(app, data)?;
    log::start(&places.logs)?;
    tracing::info!(data = %places.data.display(), "Hearth starts");
    let mut desk = Desk::open(&places.config, &places.data)?;
    if !chosen {
        desk = desk.with_keyring();
    }
    let tray = tray::Tray::where_there_is_one(app.handle());
    app.manage(Shell::new(desk, tray, places));
    if let Some(invitation) = invitation {
        asked::ask(app.handle(), invitation);
    }
    shell::watch(app.handle());
    window::open(app.handle())
}

/// Ends before there is a window in which to say why.
fn give_up(app: &App, error: &anyhow::Error) {
    tracing::error!(error = %format!("{error:#}"), "Hearth cannot start");
    say(&format!("{error:#}"));
    app.handle().cleanup_before_exit();
    let code = error
        .downcast_ref::<hearth_app::desk::OpenError>()
        .map_or(1, hearth_app::desk::OpenError::exit_code);
    std::process::exit(code);
}

#[expect(
    clippy::print_stderr,
    reason = "whoever started it in a terminal reads it there"
)]
fn say(sentence: &str) {
    eprintln!("{sentence}");
}
