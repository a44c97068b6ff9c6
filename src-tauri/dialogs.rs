//! The system's own dialogs for files, asked for by the page and shown by the shell: the page
//! itself sees no file system.

use std::path::PathBuf;

use hearth_protocol::name::Name;
use tauri::AppHandle;
use tauri_plugin_dialog::{DialogExt, FileDialogBuilder, FilePath};
use tokio::sync::oneshot;

use crate::window;

/// How session files end.
const ENDING: &str = "hearth";

/// Where a backup of the session of this name is to go; nothing when the person thinks better of it.
pub(crate) async fn place_for_backup(app: &AppHandle, name: &Name) -> Option<PathBuf> {
    let (choose, chosen) = oneshot::channel();
    dialog(app)
        .set_file_name(format!("{}.{ENDING}", file_name(name.as_str())))
        .save_file(|path| drop(choose.send(path)));
    path(chosen.await.ok()?)
}

/// Which backup is to be opened.
pub(crate) async fn backup_to_open(app: &AppHandle) -> Option<PathBuf> {
    let (choose, chosen) = oneshot::channel();
    dialog(app).pick_file(|path| drop(choose.send(path)));
    path(chosen.await.ok()?)
}

fn dialog(app: &AppHandle) -> FileDialogBuilder<tauri::Wry> {
    let dialog = app.dialog().file().add_filter("Hearth", &[ENDING]);
    match window::main(app) {
        Some(window) => dialog.set_parent(&window),
        None => dialog,
    }
}

fn path(chosen: Option<FilePath>) -> Option<PathBuf> {
    chosen?.into_path().ok()
}

/// A name that every file system takes.
fn file_name(name: &str) -> String {
    let is_taken = |c: char| c.is_control() || r#"/\:*?"<>|"#.contains(c);
    let name: String = name
        .chars()
        .map(|c| if is_taken(c) { '-' } else { c })
        .collect();
    let name = name.trim_matches(['.', ' ']);
    if name.is_empty() {
        "session".to_owned()
    } else {
        name.to_owned()
    }
}
