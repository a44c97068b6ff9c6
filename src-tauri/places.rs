//! Where this platform keeps an app's files.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use tauri::{App, Manager};

/// The folders Hearth writes to.
pub(crate) struct Places {
    /// Profile and settings.
    pub(crate) config: PathBuf,
    /// Session files.
    pub(crate) data: PathBuf,
    /// What went wrong, for somebody who wants to help.
    pub(crate) logs: PathBuf,
    /// The web view's own storage: drafts that were not sent yet.
    pub(crate) web: PathBuf,
}

impl Places {
    /// The platform's own places, or all within one folder that was asked for.
    pub(crate) fn find(app: &App, data: Option<PathBuf>) -> anyhow::Result<Self> {
        let places = match data {
            Some(dir) => Self::within(&std::path::absolute(dir)?),
            None => {
                Self::of_platform(app).context("This system names no folder for an app's data.")?
            }
        };
        for dir in [&places.config, &places.data, &places.logs, &places.web] {
            make_private(dir)
                .with_context(|| format!("Hearth cannot write to {}.", dir.display()))?;
        }
        Ok(places)
    }

    fn within(dir: &Path) -> Self {
        Self {
            config: dir.join("config"),
            data: dir.to_owned(),
            logs: dir.join("logs"),
            web: dir.join("web"),
        }
    }

    fn of_platform(app: &App) -> tauri::Result<Self> {
        let path = app.path();
        Ok(Self {
            config: path.app_config_dir()?,
            data: path.app_data_dir()?,
            logs: path.app_log_dir()?,
            web: path.app_local_data_dir()?.join("web"),
        })
    }
}

/// What is written together here is for the people in the session, not for
/// other users of this computer.
fn make_private(dir: &Path) -> std::io::Result<()> {
    let new = !dir.exists();
    fs::create_dir_all(dir)?;
    #[cfg(unix)]
    if new {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(dir, fs::Permissions::from_mode(0o700))?;
    }
    #[cfg(not(unix))]
    let _ = new;
    Ok(())
}
