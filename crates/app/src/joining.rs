//! Joining somebody else's session: finding its host, coming in, and the first copy.
//!
//! [`join`] goes through it once and says by [`Steps`] how far it is. A copy that was begun when it
//! ended stays, and is gone on with next time.

mod coming_in;
mod copying;
mod finding;
mod refusal;

use std::path::{Path, PathBuf};

use hearth_protocol::SessionId;
use hearth_protocol::name::{Color, Name};
use hearth_protocol::window::JoinStep;
use hearth_replica::{Address, Invitation, NoAddress};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use self::copying::Copy;
use crate::identity::Identity;
use crate::joined::{CopyError, JoinedSession, free_name};

pub use refusal::Refusal;

/// What somebody wants to join, and as whom.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// Where it is, and what opens its door.
    pub(crate) invitation: Invitation,
    /// How the fingerprint of its host's key begins, as far as it is said; lower-case hex digits.
    pub(crate) key: Option<String>,
    /// The session's PIN.
    pub(crate) pin: Option<String>,
    /// What others are to call this person.
    pub(crate) name: Name,
    /// Their colour; one is chosen when absent.
    pub(crate) color: Option<Color>,
}

impl Request {
    /// Reads what was typed or pasted.
    pub(crate) fn read(text: &str, name: Name) -> Result<Self, NoAddress> {
        Ok(Self {
            invitation: text.parse()?,
            key: None,
            pin: None,
            name,
            color: None,
        })
    }

    /// The address that people are told it was tried at.
    pub(crate) fn address(&self) -> String {
        let first = self.invitation.target.addresses.first();
        first.map(Address::to_string).unwrap_or_default()
    }
}

/// Who is told how far it is.
pub(crate) type Steps = watch::Sender<JoinStep>;

/// Where the copy is kept.
pub(crate) enum Place {
    /// One file for one session, whichever that is.
    File(PathBuf),
    /// A folder with a file for each session.
    Folder(PathBuf, Listing),
}

/// Lists a copy among those that can be looked at, before it has that name: whatever happens then, it
/// can be found. One that has no file is not shown.
pub(crate) type Listing = Box<dyn Fn(&Path, Name) + Send + Sync>;

impl Place {
    /// Where a copy that is not gone on with is kept: among the others of a folder, under a name as
    /// they have, or beside the one file.
    fn aside(&self, file: &Path, name: &Name) -> std::io::Result<PathBuf> {
        match self {
            Self::File(_) => free_name(file),
            Self::Folder(_, list) => {
                let aside = self.file(SessionId::new());
                list(&aside, name.clone());
                Ok(aside)
            }
        }
    }

    fn file(&self, session: SessionId) -> PathBuf {
        match self {
            Self::File(file) => file.clone(),
            Self::Folder(folder, _) => folder.join(format!("{session}.hearth")),
        }
    }
}

/// What came of joining.
pub(crate) struct Arrived {
    /// The copy, whole and open.
    pub(crate) session: JoinedSession,
    /// A copy from before that could not be gone on with, under its new name.
    pub(crate) set_aside: Option<PathBuf>,
}

/// Comes into a session and copies it, unless that is cancelled. A session that was joined before
/// goes on in its file.
pub(crate) async fn join(
    request: &Request,
    place: &Place,
    identity: &Identity,
    steps: &Steps,
    cancel: &CancellationToken,
) -> Result<Arrived, Refusal> {
    let copy = come(request, place, identity, steps, cancel).await?;
    let (set_aside, session) = (copy.set_aside.clone(), copy.open(identity).await?);
    match unless(cancel, copying::first_copy(&session, steps)).await {
        Ok(()) => Ok(Arrived { session, set_aside }),
        Err(refusal) => {
            session.stop().await;
            Err(refusal)
        }
    }
}

/// Up to the copy's file.
async fn come(
    request: &Request,
    place: &Place,
    identity: &Identity,
    steps: &Steps,
    cancel: &CancellationToken,
) -> Result<Copy, Refusal> {
    let link = identity.link().map_err(CopyError::from)?;
    let found = unless(cancel, finding::find(request, &link)).await?;
    let file = place.file(found.session);
    let held = copying::held(&file, &found, request).await?;
    let token = copying::token(held.as_ref(), &found);
    let admitted = coming_in::come_in(request, &found, token, &link, steps, cancel).await?;
    Copy::prepare(place, held, &admitted).await
}

/// Does it unless joining is cancelled meanwhile.
async fn unless<T>(
    cancel: &CancellationToken,
    step: impl Future<Output = Result<T, Refusal>>,
) -> Result<T, Refusal> {
    let done = cancel.run_until_cancelled(step).await;
    done.unwrap_or(Err(Refusal::Cancelled))
}
