//! What the shell holds, and what it passes on between desk, page and tray.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use hearth_app::desk::Desk;
use hearth_protocol::window::AskedToJoin;
use serde::Serialize;
use tauri::{AppHandle, Emitter, Manager};

use crate::{places::Places, tray::Tray, window};

/// How long ending may take. What was acknowledged is on disk long before; this
/// is for telling those who are connected.
const STOP_WITHIN: Duration = Duration::from_secs(5);

/// The state that commands and events share.
pub(crate) struct Shell {
    /// Everything that needs no window.
    pub(crate) desk: Desk,
    /// The tray icon, where this desktop shows one.
    pub(crate) tray: Option<Tray>,
    pub(crate) places: Places,
    /// An invitation that nobody has looked at yet.
    asked: Mutex<Option<AskedToJoin>>,
}

impl Shell {
    pub(crate) fn new(desk: Desk, tray: Option<Tray>, places: Places) -> Self {
        Self {
            desk,
            tray,
            places,
            asked: Mutex::default(),
        }
    }

    pub(crate) fn set_asked(&self, request: AskedToJoin) {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(request);
    }

    /// The page takes it, once.
    pub(crate) fn take_asked(&self) -> Option<AskedToJoin> {
        self.asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    /// How many people are connected; `None` while nothing is hosted.
    pub(crate) fn people(&self) -> Option<usize> {
        *self.desk.people().borrow()
    }
}

/// Keeps the tray true, and ends the app when the system asks it to.
pub(crate) fn watch(app: &AppHandle) {
    tauri::async_runtime::spawn(follow_people(app.clone()));
    tauri::async_runtime::spawn(follow_changes(app.clone()));
    #[cfg(unix)]
    end_on_signal(app.clone());
}

/// Ends hosting from outside the page, and tells the page.
pub(crate) async fn stop_hosting(app: &AppHandle) {
    app.state::<Shell>().desk.stop().await;
    let hidden = window::main(app).is_some_and(|window| !window.is_visible().unwrap_or(true));
    if hidden {
        // It was open only to go on hosting; nothing is left to show.
        app.exit(0);
    } else {
        tell(app, "hosting-changed", ());
    }
}

/// The last thing before the process ends, however that came about.
pub(crate) fn finish(app: &AppHandle) {
    let Some(shell) = app.try_state::<Shell>() else {
        return;
    };
    tauri::async_runtime::block_on(async {
        if tokio::time::timeout(STOP_WITHIN, shell.desk.close())
            .await
            .is_err()
        {
            tracing::warn!("The open session was not closed in time");
        }
    });
    tracing::info!("Hearth ends");
}

/// Tells the page something. It may be loading just now, and then asks by itself.
pub(crate) fn tell(app: &AppHandle, event: &str, payload: impl Serialize + Clone) {
    if let Err(error) = app.emit(event, payload) {
        tracing::warn!(%error, event, "The page could not be told");
    }
}

async fn follow_people(app: AppHandle) {
    let shell = app.state::<Shell>();
    let mut people = shell.desk.people();
    loop {
        let now = *people.borrow_and_update();
        if let Some(tray) = &shell.tray {
            tray.show(now);
        }
        if people.changed().await.is_err() {
            return;
        }
    }
}

/// Tells the page to look what is open, where that changed by itself.
async fn follow_changes(app: AppHandle) {
    let mut changes = app.state::<Shell>().desk.changes();
    while changes.changed().await.is_ok() {
        tell(&app, "session-changed", ());
    }
}

/// From here on a signal ends the app as closing it would, and not in the middle of something.
#[cfg(unix)]
fn end_on_signal(app: AppHandle) {
    use tokio::signal::unix::{SignalKind, signal};

    let heard = tauri::async_runtime::block_on(async {
        std::io::Result::Ok((
            signal(SignalKind::terminate())?,
            signal(SignalKind::interrupt())?,
        ))
    });
    match heard {
        Ok((mut terminate, mut interrupt)) => {
            tauri::async_runtime::spawn(async move {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
                app.exit(0);
            });
        }
        Err(error) => tracing::warn!(%error, "Signals cannot be heard here"),
    }
}
