//! What the page may ask of the shell: each command hands its question on.
//!
//! The names are also in permissions/commands.toml, without which none of them
//! can be called.

use std::path::PathBuf;

use hearth_protocol::{
    error::{CallError, Code},
    id::SessionId,
    name::Name,
    window::{
        AskedToJoin, BackedUp, HostRequest, Hosting, JoinRequest, JoinStep, KnownBy, Nearby,
        NetworkCheck, OpenSession, ProbeRequest, Probed, Profile, Settings, StartInfo,
    },
};
use tauri::{AppHandle, State, Wry, ipc::Invoke};
use tauri_plugin_notification::NotificationExt;

use crate::{
    closing::{self, CloseChoice},
    dialogs,
    shell::{self, Shell},
    window,
};

/// What a command says when there is nothing to say.
#[derive(serde::Serialize)]
pub(crate) struct Done {}

type Answer<T> = Result<T, CallError>;

/// Dispatches the page's calls.
pub(crate) fn handler() -> impl Fn(Invoke<Wry>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        start_info,
        save_profile,
        save_settings,
        host_session,
        hosting,
        stop_hosting,
        forget_session,
        nearby,
        probe,
        network_check,
        join_session,
        join_progress,
        cancel_join,
        open_session,
        open_now,
        leave_session,
        backup_session,
        choose_backup_place,
        open_backup,
        close_choice,
        known_by,
        join_asked,
        open_logs,
        notify
    ]
}

#[tauri::command(async)]
fn start_info(shell: State<'_, Shell>) -> Answer<StartInfo> {
    Ok(shell.desk.start_info(shell.tray.is_some()))
}

#[tauri::command(async)]
fn save_profile(shell: State<'_, Shell>, profile: Profile) -> Answer<Done> {
    shell.desk.save_profile(profile)?;
    Ok(Done {})
}

#[tauri::command(async)]
fn save_settings(shell: State<'_, Shell>, settings: Settings) -> Answer<Done> {
    shell.desk.save_settings(settings)?;
    Ok(Done {})
}

#[tauri::command]
async fn host_session(shell: State<'_, Shell>, request: HostRequest) -> Answer<Hosting> {
    shell.desk.host(request).await
}

#[tauri::command]
async fn hosting(shell: State<'_, Shell>) -> Answer<Option<Hosting>> {
    Ok(shell.desk.hosting().await)
}

#[tauri::command]
async fn stop_hosting(app: AppHandle) -> Answer<Done> {
    shell::stop_hosting(&app).await;
    Ok(Done {})
}

#[tauri::command]
async fn forget_session(shell: State<'_, Shell>, id: SessionId) -> Answer<Done> {
    shell.desk.forget(id).await?;
    Ok(Done {})
}

#[tauri::command]
async fn nearby(shell: State<'_, Shell>) -> Answer<Nearby> {
    Ok(shell.desk.nearby())
}

#[tauri::command]
async fn probe(request: ProbeRequest) -> Answer<Probed> {
    Ok(hearth_app::probe::probe(request).await)
}

#[tauri::command]
async fn network_check(shell: State<'_, Shell>) -> Answer<NetworkCheck> {
    Ok(shell.desk.network_check().await)
}

#[tauri::command]
async fn join_session(shell: State<'_, Shell>, request: JoinRequest) -> Answer<JoinStep> {
    shell.desk.join(request).await
}

#[tauri::command]
async fn join_progress(shell: State<'_, Shell>) -> Answer<JoinStep> {
    shell.desk.join_progress().await
}

#[tauri::command]
async fn cancel_join(shell: State<'_, Shell>) -> Answer<Done> {
    shell.desk.cancel_join().await;
    Ok(Done {})
}

#[tauri::command]
async fn open_session(shell: State<'_, Shell>, id: SessionId) -> Answer<OpenSession> {
    shell.desk.open_session(id).await
}

#[tauri::command]
async fn open_now(shell: State<'_, Shell>) -> Answer<Option<OpenSession>> {
    Ok(shell.desk.open_now().await)
}

#[tauri::command]
async fn leave_session(shell: State<'_, Shell>, keep: bool) -> Answer<Done> {
    shell.desk.leave(keep).await?;
    Ok(Done {})
}

#[tauri::command]
async fn backup_session(shell: State<'_, Shell>, id: SessionId, to: PathBuf) -> Answer<BackedUp> {
    // The dialog that the place was chosen in has asked about what is there.
    shell.desk.back_up_over(id, &to).await
}

#[tauri::command]
async fn choose_backup_place(app: AppHandle, name: Name) -> Answer<Option<PathBuf>> {
    Ok(dialogs::place_for_backup(&app, &name).await)
}

#[tauri::command]
async fn open_backup(
    app: AppHandle,
    shell: State<'_, Shell>,
    read_only: bool,
) -> Answer<Option<OpenSession>> {
    match dialogs::backup_to_open(&app).await {
        Some(file) => shell.desk.open_backup(&file, read_only).await.map(Some),
        None => Ok(None),
    }
}

#[tauri::command]
fn close_choice(app: AppHandle, choice: CloseChoice) -> Done {
    closing::decide(&app, choice);
    Done {}
}

#[tauri::command]
async fn known_by(shell: State<'_, Shell>) -> Answer<KnownBy> {
    shell.desk.known_by().await
}

#[tauri::command]
fn join_asked(shell: State<'_, Shell>) -> Option<AskedToJoin> {
    shell.take_asked()
}

#[tauri::command]
fn open_logs(shell: State<'_, Shell>) -> Answer<Done> {
    let logs = &shell.places.logs;
    open::that_detached(logs).map_err(|error| {
        tracing::warn!(%error, "The log folder could not be opened");
        CallError::new(
            Code::Internal,
            format!(
                "No program opened the folder. The log is in {}.",
                logs.display()
            ),
        )
    })?;
    Ok(Done {})
}

/// Shows a notification, but only to somebody who is not looking anyway.
#[tauri::command]
fn notify(app: AppHandle, title: String, body: String) -> Answer<Done> {
    let looking = window::main(&app).is_some_and(|window| window.is_focused().unwrap_or(false));
    if looking {
        return Ok(Done {});
    }
    let shown = app
        .notification()
        .builder()
        .title(shortened(&title))
        .body(without_markup(&shortened(&body)))
        .show();
    if let Err(error) = shown {
        tracing::warn!(%error, "A notification could not be shown");
    }
    Ok(Done {})
}

/// Longer texts are cut by most desktops anyway, and some draw them in full.
fn shortened(text: &str) -> String {
    const MOST: usize = 200;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Linux desktops read the body as markup; what people write is not.
fn without_markup(text: &str) -> String {
    if cfg!(target_os = "linux") {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    } else {
        text.to_owned()
    }
}
