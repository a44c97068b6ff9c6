//! Copies of sessions that a person makes and brings back.

use std::path::{Path, PathBuf};

use hearth_protocol::error::{CallError, Code};
use hearth_protocol::id::SessionId;
use hearth_protocol::window::{BackedUp, Kind, OpenSession};
use hearth_store::OpenError;

use super::Desk;
use super::copy::not_opened;
use super::recent::remove;
use crate::joined::{CopyError, Held};

impl Desk {
    /// Writes a session of this computer into a file, as it is at this moment, whether it is open
    /// or not.
    pub async fn back_up(&self, id: SessionId, to: &Path) -> Result<BackedUp, CallError> {
        let file = self.files().recent.file(id);
        let written = hearth_store::backup(&file, to).await;
        written.map_err(|error| not_opened(&error.into()))?;
        Ok(BackedUp {
            path: to.display().to_string(),
        })
    }

    /// The same to where the person chose in the system's dialog, which has asked about what is
    /// there already. Sessions of this computer are never written over.
    pub async fn back_up_over(&self, id: SessionId, to: &Path) -> Result<BackedUp, CallError> {
        let (file, own) = {
            let files = self.files();
            let recent = &files.recent;
            (recent.file(id), is_within(to, recent.folder()))
        };
        if own {
            return Err(not_opened(&OpenError::Exists.into()));
        }
        let written = hearth_store::backup_over(&file, to).await;
        written.map_err(|error| not_opened(&error.into()))?;
        Ok(BackedUp {
            path: to.display().to_string(),
        })
    }

    /// Takes a backup in and opens it: to be looked at, or as one's own, as if it had never been
    /// elsewhere. The backup itself stays as it is.
    pub async fn open_backup(
        &self,
        from: &Path,
        read_only: bool,
    ) -> Result<OpenSession, CallError> {
        let taken = self.take_copy(from).await;
        let (file, held) = taken.map_err(|error| not_opened(&error))?;
        let taken_in = match self.check_backup(&held, read_only) {
            Ok(kind) => Ok((kind, held.session.clone())),
            Err(error) => Err(error),
        };
        let closed = held.close().await;
        let closed = closed.map_err(|error| not_opened(&CopyError::Open(error)));
        let (kind, session) = closed.and(taken_in).inspect_err(|_| remove(&file))?;
        let listed = match kind {
            Kind::ReadOnly => self.files().recent.take_in(&file, session.name, kind),
            kind => {
                let mut files = self.files();
                let recent = &mut files.recent;
                recent.take_in_as(&file, session.id, session.name, kind)
            }
        };
        let id = listed.map_err(|error| {
            remove(&file);
            super::not_kept(&error)
        })?;
        self.open_session(id).await
    }

    /// A copy of the backup in this desk's own folder, open.
    async fn take_copy(&self, from: &Path) -> Result<(PathBuf, Held), CopyError> {
        let file = self.files().recent.file(SessionId::new());
        hearth_store::backup(from, &file).await?;
        match Held::open(&file).await {
            Ok(Some(held)) => Ok((file, held)),
            Ok(None) => Err(OpenError::Missing.into()),
            Err(error) => {
                remove(&file);
                Err(error.into())
            }
        }
    }

    fn check_backup(&self, held: &Held, read_only: bool) -> Result<Kind, CallError> {
        if read_only {
            return Ok(Kind::ReadOnly);
        }
        if self.files().recent.file(held.session.id).exists() {
            return Err(CallError::new(
                Code::Conflict,
                "This session is on this computer already. Open it from the list, or open the \
                 backup to read it.",
            ));
        }
        Ok(Kind::Hosted)
    }
}

/// Whether a file is, or would be, in this folder.
fn is_within(file: &Path, folder: &Path) -> bool {
    let place = file.parent().and_then(|place| place.canonicalize().ok());
    place.is_some_and(|place| folder.canonicalize().is_ok_and(|folder| place == folder))
}
