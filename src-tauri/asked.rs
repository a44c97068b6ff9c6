//! An invitation that the system handed over: by an argument at the start, or by a second start.
//!
//! It comes from anywhere, so it does nothing here but wait until the page takes it and shows it
//! to the person. A second one takes the first one's place: nobody answers a pile of questions.

use hearth_protocol::{
    address::{Address, SCHEME},
    window::AskedToJoin,
};
use tauri::{AppHandle, Manager};

use crate::shell::{self, Shell};

/// Keeps it for the page, and tells the page, which may be loading just now.
pub(crate) fn ask(app: &AppHandle, text: &str) {
    let address = text.parse::<Address>();
    match &address {
        Ok(address) => tracing::info!(host = address.authority(), "A link asks to join"),
        Err(error) => tracing::warn!(%error, "A link cannot be read"),
    }
    let invitation = address.ok().map(|address| address.shown());
    app.state::<Shell>().set_asked(AskedToJoin { invitation });
    shell::tell(app, "join-asked", ());
}

/// The invitation among a second start's arguments, if there is one.
pub(crate) fn among(arguments: &[String]) -> Option<&str> {
    let is_one = |argument: &&String| {
        let scheme = argument.split(':').next().unwrap_or_default();
        scheme.eq_ignore_ascii_case(SCHEME)
    };
    arguments.iter().skip(1).find(is_one).map(String::as_str)
}
