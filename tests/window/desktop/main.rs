//! The desktop around the window: its tray and its window manager, as far as a
//! person uses them.
//!
//! Reads one command a line and answers each with a line of JSON:
//!
//! - `tray` gives `{"shown": bool, "menu": ["…"]}` of the icon registered last, or `null`
//! - `choose TEXT` picks a line of that icon's menu
//! - `notifications` gives all that were shown, each as `{"title", "body"}`
//! - `windows` gives the titles of the windows that are on the screen
//! - `focus TITLE` and `unfocus` decide which window the keyboard writes to
//! - `close TITLE` does what the cross in a window's frame does
//!
//! Without a session bus there is neither tray nor notification, as on some desktops.

mod notifications;
mod tray;
mod windows;

use std::io::{self, BufRead, Write};

use anyhow::{Result, bail};
use serde_json::{Value, json};

use self::{tray::Tray, windows::Windows};

#[tokio::main(flavor = "multi_thread", worker_threads = 1)]
async fn main() -> Result<()> {
    let tray = match std::env::var_os("DBUS_SESSION_BUS_ADDRESS") {
        Some(_) => Some(Tray::open().await?),
        None => None,
    };
    let windows = Windows::open()?;
    say(&json!("ready"))?;
    for line in io::stdin().lock().lines() {
        let line = line?;
        let (command, argument) = line.split_once(' ').unwrap_or((&line, ""));
        let answer = match (command, &tray) {
            ("windows", _) => json!(windows.titles()?),
            ("focus", _) => json!(windows.focus(argument)?),
            ("unfocus", _) => json!(windows.unfocus()?),
            ("close", _) => json!(windows.close(argument)?),
            ("notifications", Some(tray)) => tray.notifications.all(),
            ("tray", Some(tray)) => tray.look().await?,
            ("tray", None) => Value::Null,
            ("choose", Some(tray)) => tray.choose(argument).await?,
            _ => bail!("there is no command {line:?} here"),
        };
        say(&answer)?;
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the test reads it")]
fn say(answer: &Value) -> Result<()> {
    println!("{answer}");
    Ok(io::stdout().flush()?)
}
