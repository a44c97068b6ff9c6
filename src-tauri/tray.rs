//! The tray icon: shown while hosting, so that the window can be closed meanwhile.

use tauri::{
    AppHandle, Wry,
    menu::{Menu, MenuEvent, MenuItem, PredefinedMenuItem},
    tray::{TrayIcon, TrayIconBuilder},
};

use crate::{shell, window};

const SHOW: &str = "show";
const STOP: &str = "stop";
const QUIT: &str = "quit";

/// The icon and the line of its menu that changes.
pub(crate) struct Tray {
    icon: TrayIcon,
    people: MenuItem<Wry>,
}

impl Tray {
    /// Puts an icon into the tray, hidden for now; `None` where this desktop has no tray.
    pub(crate) fn where_there_is_one(app: &AppHandle) -> Option<Self> {
        if !desktop_has_tray() {
            tracing::info!("This desktop has no tray");
            return None;
        }
        // The library behind it is loaded only now, and its absence is a panic.
        let build = std::panic::AssertUnwindSafe(|| Self::build(app));
        match std::panic::catch_unwind(build) {
            Ok(Ok(tray)) => Some(tray),
            Ok(Err(error)) => {
                tracing::warn!(%error, "The tray icon could not be made");
                None
            }
            Err(_) => {
                tracing::warn!("The library for tray icons is missing");
                None
            }
        }
    }

    /// Shows how many people are connected, or nothing while nothing is hosted.
    pub(crate) fn show(&self, people: Option<usize>) {
        let shown = match people {
            None => self.icon.set_visible(false),
            Some(people) => {
                let text = in_words(people);
                self.people
                    .set_text(&text)
                    .and_then(|()| self.icon.set_tooltip(Some(format!("Hearth: {text}"))))
                    .and_then(|()| self.icon.set_visible(true))
            }
        };
        if let Err(error) = shown {
            tracing::warn!(%error, "The tray icon could not be changed");
        }
    }

    fn build(app: &AppHandle) -> tauri::Result<Self> {
        let people = MenuItem::with_id(app, "people", in_words(0), false, None::<&str>)?;
        let menu = Menu::with_items(
            app,
            &[
                &people,
                &PredefinedMenuItem::separator(app)?,
                &MenuItem::with_id(app, SHOW, "Show Hearth", true, None::<&str>)?,
                &MenuItem::with_id(app, STOP, "Stop hosting", true, None::<&str>)?,
                &MenuItem::with_id(app, QUIT, "Quit", true, None::<&str>)?,
            ],
        )?;
        let mut builder = TrayIconBuilder::with_id("hosting")
            .menu(&menu)
            .on_menu_event(chosen);
        if let Some(icon) = app.default_window_icon() {
            builder = builder.icon(icon.clone());
        }
        let icon = builder.build(app)?;
        icon.set_visible(false)?;
        Ok(Self { icon, people })
    }
}

fn chosen(app: &AppHandle, event: MenuEvent) {
    match event.id().as_ref() {
        SHOW => window::show(app),
        STOP => {
            let app = app.clone();
            tauri::async_runtime::spawn(async move { shell::stop_hosting(&app).await });
        }
        QUIT => app.exit(0),
        _ => {}
    }
}

fn in_words(people: usize) -> String {
    match people {
        0 => "Nobody here".to_owned(),
        1 => "1 person here".to_owned(),
        people => format!("{people} people here"),
    }
}

/// Linux desktops differ: GNOME shows none without an extension, and an icon
/// that nobody sees would leave a hidden window lost.
#[cfg(target_os = "linux")]
fn desktop_has_tray() -> bool {
    use std::time::Duration;

    use zbus::{blocking::connection, blocking::fdo::DBusProxy, names::BusName};

    let watched = || -> zbus::Result<bool> {
        let bus = connection::Builder::session()?
            .method_timeout(Duration::from_secs(2))
            .build()?;
        let watcher = BusName::from_static_str("org.kde.StatusNotifierWatcher")?;
        Ok(DBusProxy::new(&bus)?.name_has_owner(watcher)?)
    };
    watched().unwrap_or(false)
}

#[cfg(not(target_os = "linux"))]
fn desktop_has_tray() -> bool {
    true
}
