//! What closing the window does. Nobody is thrown out of a session by a stray
//! click: while hosting, the page asks first, unless the person has decided
//! once and for all.

use hearth_protocol::window::OnClose;
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, CloseRequestApi, Manager};

use crate::{
    shell::{self, Shell},
    window,
};

/// The page is to ask what closing should mean.
#[derive(Clone, Serialize)]
struct CloseRequested {
    /// Whether there is a tray to keep hosting in.
    tray: bool,
    /// How many others would be sent away.
    people: usize,
}

/// What the person chose.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CloseChoice {
    /// Go on hosting, without the window.
    Tray,
    /// End for everybody.
    End,
    /// Not to close after all.
    Stay,
}

/// The person closes the window.
pub(crate) fn requested(app: &AppHandle, api: &CloseRequestApi) {
    let shell = app.state::<Shell>();
    let Some(people) = shell.people() else {
        // Nobody depends on us: the window closes, and with it the app ends.
        return;
    };
    api.prevent_close();
    let tray = shell.tray.is_some();
    match shell.desk.settings().on_close {
        OnClose::Tray if tray => decide(app, CloseChoice::Tray),
        OnClose::End => decide(app, CloseChoice::End),
        OnClose::Ask | OnClose::Tray => {
            // One of those counted is the person at this window.
            let people = people.saturating_sub(1);
            shell::tell(app, "close-requested", CloseRequested { tray, people });
        }
    }
}

/// Does what was chosen.
pub(crate) fn decide(app: &AppHandle, choice: CloseChoice) {
    match choice {
        CloseChoice::Tray if app.state::<Shell>().tray.is_some() => {
            if let Some(Err(error)) = window::main(app).map(|window| window.hide()) {
                tracing::warn!(%error, "The window could not be hidden");
            }
        }
        // Without a tray, a hidden window could not be found again.
        CloseChoice::Tray | CloseChoice::Stay => {}
        // Ending the app ends the session; see `shell::finish`.
        CloseChoice::End => app.exit(0),
    }
}
