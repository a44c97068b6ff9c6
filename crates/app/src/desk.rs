//! Everything the window needs before and beside a session: who the person is,
//! what they chose, which sessions they hosted and joined before, and the one that
//! is open now.
//!
//! It knows nothing of windows, so that all of it is tested without one.

pub(crate) mod alias;
mod backups;
mod copy;
mod elsewhere;
mod error;
mod hosting;
mod joining;
mod kept;
mod network;
mod opening;
mod recent;

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use hearth_protocol::{
    error::{CallError, Code},
    id::SessionId,
    window::{HostRequest, Hosting, Kind, KnownBy, Profile, Settings, StartInfo},
};
use tokio::sync::{OnceCell, watch};

pub use error::OpenError;

use crate::identity::{Identity, IdentityError, Key};

use self::{
    elsewhere::Elsewhere,
    hosting::{Access, Running},
    joining::Joining,
    kept::Kept,
    network::Nearby,
    recent::{ForgetError, Recent},
};

/// One person's Hearth on this computer.
pub struct Desk {
    /// A plain mutex: it is never held across an `.await`.
    files: Arc<Mutex<Files>>,
    /// Held while hosting begins and ends, so that neither happens twice at once.
    running: tokio::sync::Mutex<Option<Running>>,
    /// Locked after `running`, where both are.
    elsewhere: Elsewhere,
    /// A plain mutex as well.
    joining: Mutex<Option<Joining>>,
    people: watch::Sender<Option<usize>>,
    /// Whether the session being hosted is announced.
    announce: watch::Sender<bool>,
    nearby: Nearby,
    /// Where the installation's certificate is, and its key where no keyring has it.
    folder: PathBuf,
    keyring: bool,
    /// Fetched once: a keyring may ask its person for a password.
    key: OnceCell<Key>,
    /// Held for as long as the desk is open.
    _lock: File,
}

#[derive(Debug)]
struct Files {
    profile: Kept<Profile>,
    settings: Kept<Settings>,
    recent: Recent,
}

impl Desk {
    /// Opens the desk with these folders, which are made when missing. One
    /// process at a time.
    pub fn open(config: &Path, data: &Path) -> Result<Self, OpenError> {
        let unwritable = |error| OpenError::Unwritable(data.to_owned(), error);
        fs::create_dir_all(config).map_err(unwritable)?;
        fs::create_dir_all(data).map_err(unwritable)?;
        let lock = File::create(data.join("desk.lock")).map_err(unwritable)?;
        lock.try_lock().map_err(|error| match error {
            fs::TryLockError::WouldBlock => OpenError::InUse(data.to_owned()),
            fs::TryLockError::Error(error) => unwritable(error),
        })?;
        let files = Files::open(config, data).map_err(unwritable)?;
        let announce = files.settings.get().announce;
        let files = Arc::new(Mutex::new(files));
        Ok(Self {
            elsewhere: Elsewhere::new(files.clone()),
            files,
            running: tokio::sync::Mutex::default(),
            joining: Mutex::default(),
            people: watch::Sender::new(None),
            announce: watch::Sender::new(announce),
            nearby: Nearby::default(),
            folder: data.to_owned(),
            keyring: false,
            key: OnceCell::new(),
            _lock: lock,
        })
    }

    /// From now on the key is the user's and belongs into the system's keyring; otherwise
    /// everything stays in the folders, which whoever chose them may carry elsewhere.
    pub fn with_keyring(mut self) -> Self {
        self.keyring = true;
        self
    }

    /// What this computer is known by.
    pub async fn known_by(&self) -> Result<KnownBy, CallError> {
        let key = self
            .key()
            .await
            .map_err(|error| hosting::no_identity(&error))?;
        Ok(KnownBy {
            fingerprint: key.fingerprint(),
            key: key.place(),
        })
    }

    /// The key and its certificate, which is renewed when it is about to end.
    async fn identity(&self) -> Result<Identity, IdentityError> {
        Identity::around(self.key().await?, &self.folder)
    }

    async fn key(&self) -> Result<&Key, IdentityError> {
        self.key
            .get_or_try_init(|| async {
                let (folder, keyring) = (self.folder.clone(), self.keyring);
                let opened = tokio::task::spawn_blocking(move || match keyring {
                    true => Key::of_user(&folder),
                    false => Key::in_folder(&folder),
                });
                opened
                    .await
                    .unwrap_or_else(|error| Err(IdentityError::Broken(error.to_string())))
            })
            .await
    }

    /// What the start screen shows; the shell knows whether there is a tray.
    pub fn start_info(&self, tray: bool) -> StartInfo {
        let files = self.files();
        StartInfo {
            profile: files.profile.get().clone(),
            settings: files.settings.get().clone(),
            recent: files.recent.all(),
            tray,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    /// What the person chose.
    pub fn settings(&self) -> Settings {
        self.files().settings.get().clone()
    }

    /// Keeps name and colour for the next session.
    pub fn save_profile(&self, profile: Profile) -> Result<(), CallError> {
        self.files()
            .profile
            .set(profile)
            .map_err(|error| not_kept(&error))
    }

    /// Keeps what the person chose.
    pub fn save_settings(&self, settings: Settings) -> Result<(), CallError> {
        let announce = settings.announce;
        self.files()
            .settings
            .set(settings)
            .map_err(|error| not_kept(&error))?;
        self.announce.send_replace(announce);
        Ok(())
    }

    /// Hosts a session, new or kept.
    pub async fn host(&self, request: HostRequest) -> Result<Hosting, CallError> {
        let mut running = self.running.lock().await;
        self.cancel_join().await;
        if running.is_some() || self.elsewhere.lock().await.is_some() {
            return Err(joining::is_open());
        }
        let id = request.session.unwrap_or_default();
        let (file, owner) = {
            let files = self.files();
            (files.recent.file(id), files.profile.get().clone())
        };
        if request.session.is_some() && !file.exists() {
            return Err(CallError::not_found("session"));
        }
        if self.files().recent.kind(id) != Kind::Hosted {
            return Err(CallError::new(
                Code::Conflict,
                "This is a copy of somebody else's session. Back it up and open the backup as your \
                 own to host it.",
            ));
        }
        let identity = self.own_identity().await?;
        let people = self.people.clone();
        let announce = self.announce.subscribe();
        let started =
            Running::start(&file, id, request, owner, people, announce, &identity).await?;
        let access = started.access();
        self.nearby.leave_out(access.announcement());
        *running = Some(started);
        drop(running);
        self.note(&access);
        Ok(access.describe().await)
    }

    /// The session being hosted, with addresses as they are now.
    pub async fn hosting(&self) -> Option<Hosting> {
        let access = self.running.lock().await.as_ref()?.access();
        Some(access.describe().await)
    }

    /// Ends hosting, if there is any.
    pub async fn stop(&self) {
        let mut running = self.running.lock().await;
        if let Some(stopped) = running.take() {
            // It may have got another name meanwhile.
            self.note(&stopped.access());
            stopped.stop().await;
            self.people.send_replace(None);
        }
    }

    /// Moves a session that is not open to the system's trash.
    pub async fn forget(&self, id: SessionId) -> Result<(), CallError> {
        let running = self.running.lock().await;
        if running
            .as_ref()
            .is_some_and(|open| open.access().session().id == id)
        {
            return Err(CallError::new(
                Code::Conflict,
                "This session is open. Stop hosting it first.",
            ));
        }
        if self
            .elsewhere
            .lock()
            .await
            .as_ref()
            .is_some_and(|open| open.id == id)
        {
            return Err(CallError::new(
                Code::Conflict,
                "This session is open. Leave it first.",
            ));
        }
        self.files().recent.forget(id).map_err(|error| match error {
            ForgetError::Unknown => CallError::not_found("session"),
            ForgetError::Io(error) => not_kept(&error),
            ForgetError::Trash(error) => {
                tracing::warn!(%error, session.id = %id, "Not moved to the trash");
                CallError::new(
                    Code::Internal,
                    "This system's trash did not take the session. It is still there.",
                )
            }
        })
    }

    /// Follows how many people are connected; `None` while nothing is hosted.
    pub fn people(&self) -> watch::Receiver<Option<usize>> {
        self.people.subscribe()
    }

    /// What this installation is known by, or why there is nothing, for the window.
    async fn own_identity(&self) -> Result<Identity, CallError> {
        let identity = self.identity().await;
        identity.map_err(|error| hosting::no_identity(&error))
    }

    /// Notes the session as the one opened last.
    fn note(&self, access: &Access) {
        let session = access.session();
        self.elsewhere.note(session.id, session.name, Kind::Hosted);
    }

    fn files(&self) -> MutexGuard<'_, Files> {
        // Each change is one assignment after a write: a panic leaves nothing half done.
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Files {
    fn open(config: &Path, data: &Path) -> io::Result<Self> {
        Ok(Self {
            profile: Kept::open(config.join("profile.json"), alias::profile)?,
            settings: Kept::open(config.join("settings.json"), Settings::default)?,
            recent: Recent::open(data)?,
        })
    }
}

fn not_kept(error: &io::Error) -> CallError {
    tracing::warn!(%error, "The desk's files cannot be written");
    let full = matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    );
    if full {
        CallError::new(
            Code::StorageFull,
            "This computer's disk is full. Free some space and try again.",
        )
    } else {
        CallError::new(
            Code::Internal,
            "It could not be written to this computer's disk.",
        )
    }
}

#[cfg(test)]
mod tests;
