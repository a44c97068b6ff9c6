//! The copy's file, and filling it.

use std::path::{Path, PathBuf};

use hearth_protocol::error::Code;
use hearth_protocol::fingerprint::Fingerprint;
use hearth_protocol::signal::LinkState;
use hearth_protocol::window::JoinStep;
use hearth_replica::{Admitted, FollowError, LinkError, State, Trust};
use hearth_store::{
    Batch, CopyHost, CopyState, NewCopy, OpenError, Reader, Write, Writer, create_copy,
};

use super::finding::Found;
use super::{Place, Refusal, Request, Steps};
use crate::identity::Identity;
use crate::joined::{CopyError, Held, JoinedSession, copy_state, remembered, replace};

/// What is in the copy's place already, if it may be gone on with.
pub(super) async fn held(
    file: &Path,
    found: &Found,
    request: &Request,
) -> Result<Option<Held>, Refusal> {
    let Some(held) = Held::open(file).await.map_err(CopyError::from)? else {
        return Ok(None);
    };
    match is_fit(&held, found, request) {
        Ok(()) => Ok(Some(held)),
        Err(refusal) => {
            held.close().await.map_err(CopyError::from)?;
            Err(refusal)
        }
    }
}

fn is_fit(held: &Held, found: &Found, request: &Request) -> Result<(), Refusal> {
    let Some(copy) = &held.copy else {
        return Err(CopyError::Hosted.into());
    };
    if held.session.id != found.session {
        return Err(Refusal::OtherSession {
            here: held.session.name.clone(),
        });
    }
    // Only an invitation says that a session has another key now than it had.
    let is_same = copy.host.fingerprint.is_none() || copy.host.fingerprint == key(found);
    if !is_same && !found.is_vouched_for {
        return Err(Refusal::KeyChanged {
            session: held.session.name.clone(),
            address: request.address(),
        });
    }
    Ok(())
}

fn key(found: &Found) -> Option<Fingerprint> {
    match found.target.trust {
        Trust::Pinned(key) => Some(key),
        Trust::AnyKey | Trust::Plain => None,
    }
}

/// What the host knows this person by. It is shown to nobody who has not the key that gave it.
pub(super) fn token(held: Option<&Held>, found: &Found) -> Option<String> {
    let copy = held?.copy.as_ref()?;
    (copy.host.fingerprint == key(found)).then(|| copy.host.token.clone())
}

/// A copy's file, open and not a session yet.
pub(super) struct Copy {
    file: PathBuf,
    writer: Writer,
    reader: Reader,
    state: CopyState,
    /// The one that was in its place before, under its new name.
    pub(super) set_aside: Option<PathBuf>,
}

impl Copy {
    /// Makes the file, or goes on with the one that is there. One of somebody else whom the host
    /// took this person for before is set aside: what they saw is not what this one may see.
    pub(super) async fn prepare(
        place: &Place,
        held: Option<Held>,
        admitted: &Admitted,
    ) -> Result<Self, Refusal> {
        let signed_in = &admitted.signed_in;
        let host = remembered(&admitted.target, &signed_in.token);
        let file = place.file(signed_in.session.id);
        let member = signed_in.member.id;
        let new = NewCopy {
            session: signed_in.session.clone(),
            member,
            host: host.clone(),
        };
        match held {
            Some(held) if held.member() == Some(member) => Ok(Self::again(file, held, host).await?),
            Some(held) => {
                let aside = place.aside(&file, &held.session.name);
                let aside = aside.map_err(|error| CopyError::Open(error.into()))?;
                held.close().await.map_err(CopyError::from)?;
                // It may be of a history that the host has left, which took this person with it.
                let replaced = replace(&file, &aside, &new).await;
                let (writer, reader) = replaced.map_err(CopyError::from)?;
                Ok(Self::around(file, writer, reader, Some(aside)).await?)
            }
            None => {
                let made = create_copy(&file, &new).await;
                let (writer, reader) = made.map_err(CopyError::from)?;
                Ok(Self::around(file, writer, reader, None).await?)
            }
        }
    }

    async fn again(file: PathBuf, mut held: Held, host: CopyHost) -> Result<Self, CopyError> {
        let batch = Batch {
            other: vec![Write::CopyHost(host)],
            ..Batch::default()
        };
        let written = held.writer.commit(&batch).await;
        written.map_err(OpenError::from)?;
        Self::around(file, held.writer, held.reader, None).await
    }

    async fn around(
        file: PathBuf,
        mut writer: Writer,
        reader: Reader,
        set_aside: Option<PathBuf>,
    ) -> Result<Self, CopyError> {
        let state = copy_state(&mut writer).await?;
        Ok(Self {
            file,
            writer,
            reader,
            state,
            set_aside,
        })
    }

    /// Opens it as a session.
    pub(super) async fn open(self, identity: &Identity) -> Result<JoinedSession, CopyError> {
        JoinedSession::start(&self.file, self.writer, self.reader, self.state, identity).await
    }
}

/// Waits until all that there is has been copied. A host that goes away meanwhile is waited for.
pub(super) async fn first_copy(session: &JoinedSession, steps: &Steps) -> Result<(), Refusal> {
    let mut progress = session.progress();
    let mut link = session.link();
    loop {
        let now = progress.borrow_and_update().clone();
        if now.link == LinkState::Live {
            return Ok(());
        }
        match now.ended {
            // Whoever opened it begins anew.
            Some(FollowError::Diverged) => return Ok(()),
            Some(FollowError::Copy(error)) => return Err(Refusal::NotCopied(error)),
            None => {}
        }
        if let State::Refused { why } = &*link.borrow_and_update() {
            return Err(refused(why));
        }
        steps.send_replace(JoinStep::Copying {
            session: session.session().state().session().name.clone(),
            copied: now.copied,
            of: now.of,
        });
        let going_on = tokio::select! {
            changed = progress.changed() => changed,
            changed = link.changed() => changed,
        };
        if going_on.is_err() {
            return Err(Refusal::Ended);
        }
    }
}

fn refused(why: &LinkError) -> Refusal {
    match why {
        LinkError::Refused(Code::Version) => Refusal::Version(
            "The host has another version of Hearth than you have. Update the older of the two."
                .to_owned(),
        ),
        LinkError::Refused(code) => Refusal::PutOut(*code),
        LinkError::Reach(error) => Refusal::Reach(error.clone()),
        LinkError::Lost(_) => Refusal::Ended,
    }
}
