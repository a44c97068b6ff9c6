//! One window per data directory: a second start shows the first one's window, and hands it the
//! invitation it was started with.
//!
//! This is a courtesy and may be missing (without D-Bus it silently is); what
//! keeps two processes apart is the lock on the data directory.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
};

use tauri::{Wry, plugin::TauriPlugin};

use crate::{asked, window};

/// The plugin that finds the first instance.
pub(crate) fn plugin(data: Option<&Path>) -> TauriPlugin<Wry> {
    tauri_plugin_single_instance::Builder::new()
        .dbus_id(name(data))
        .callback(|app, arguments, _directory| {
            if let Some(invitation) = asked::among(&arguments) {
                asked::ask(app, invitation);
            }
            window::show(app);
        })
        .build()
}

/// A D-Bus name of its own for each data directory that was asked for.
fn name(data: Option<&Path>) -> String {
    const HEARTH: &str = "org.hearth.desktop";
    let Some(data) = data else {
        return HEARTH.to_owned();
    };
    let mut hasher = DefaultHasher::new();
    std::path::absolute(data)
        .unwrap_or_else(|_| data.to_owned())
        .hash(&mut hasher);
    format!("{HEARTH}.at{:016x}", hasher.finish())
}
