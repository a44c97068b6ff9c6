//! The one window, and where it may go: nowhere but its own bundled page.

use tauri::{
    AppHandle, Manager, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent,
    webview::NewWindowResponse,
};

use crate::{closing, shell::Shell};

const LABEL: &str = "main";

/// Opens the window on the bundled page.
pub(crate) fn open(app: &AppHandle) -> anyhow::Result<()> {
    let web = app.state::<Shell>().places.web.clone();
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("index.html".into()))
        .title("Hearth")
        .inner_size(1120.0, 760.0)
        .min_inner_size(360.0, 480.0)
        .data_directory(web)
        .on_navigation(|url| is_own_page(url) || open_outside(url))
        .on_new_window(|url, _features| {
            open_outside(&url);
            NewWindowResponse::Deny
        })
        // Files are handed over in the page, never by leaving it.
        .disable_drag_drop_handler()
        .build()?;
    let handle = app.clone();
    window.on_window_event(move |event| {
        if let WindowEvent::CloseRequested { api, .. } = event {
            closing::requested(&handle, api);
        }
    });
    Ok(())
}

/// The window, while there is one.
pub(crate) fn main(app: &AppHandle) -> Option<WebviewWindow> {
    app.get_webview_window(LABEL)
}

/// Brings the window back, from the tray or from behind others.
pub(crate) fn show(app: &AppHandle) {
    let Some(window) = main(app) else { return };
    let shown = window
        .show()
        .and_then(|()| window.unminimize())
        .and_then(|()| window.set_focus());
    if let Err(error) = shown {
        tracing::warn!(%error, "The window could not be brought back");
    }
}

/// Whether this is the bundled page. Only it may call our commands, so that
/// nothing else may ever be shown in the window.
fn is_own_page(url: &Url) -> bool {
    match (url.scheme(), url.host_str()) {
        ("tauri", Some("localhost")) => true,
        // What Windows calls the same thing.
        ("http" | "https", Some("tauri.localhost")) => cfg!(windows),
        _ => false,
    }
}

/// Hands a link to the system's browser or mail program; the window stays where
/// it is, which is what `false` means to the web view.
fn open_outside(url: &Url) -> bool {
    let known = matches!(url.scheme(), "http" | "https" | "mailto");
    if known && let Err(error) = open::that_detached(url.as_str()) {
        tracing::warn!(%error, "The system opens no links");
    }
    false
}
