//! The copy from before, as its person saw it last.

use std::path::Path;

use hearth_protocol::{MemberId, RunId};
use hearth_store::{OpenError, Reader, Writer};

use crate::failure::SessionError;
use crate::outbox::Waiting;
use crate::state::State;

/// Open, and shown with what had waited in it.
pub(super) struct Before {
    writer: Writer,
    pub(super) reader: Reader,
    pub(super) state: State,
    pub(super) waiting: Vec<Waiting>,
    /// Who its person was to the host: after a history that went far enough back somebody else.
    pub(super) me: MemberId,
    /// How far it goes, and in which run.
    next: u64,
    run: Option<RunId>,
}

/// Why it cannot be had now.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotOpened {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Session(#[from] SessionError),
}

impl Before {
    /// Opens it; nothing where there is no such file any more.
    pub(super) async fn open(file: &Path) -> Result<Option<Self>, NotOpened> {
        let (mut writer, reader) = match hearth_store::open(file).await {
            Ok(opened) => opened,
            Err(OpenError::Missing) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let loaded = writer.load().await.map_err(SessionError::from)?;
        let waiting = crate::outbox::load(&reader).await;
        let waiting = waiting.map_err(SessionError::from)?;
        let copy = loaded.copy.clone().ok_or(SessionError::NoCopy)?;
        let mut state = State::new(loaded);
        for fact in waiting.iter().flat_map(|waiting| &waiting.facts) {
            state.apply_pending(fact);
        }
        Ok(Some(Self {
            writer,
            reader,
            state,
            waiting,
            me: copy.member,
            next: copy.next,
            run: copy.run,
        }))
    }

    /// Whether what it has is of the history that `now` is of. Then nothing of it is missing: what is
    /// not there is not to be seen any more.
    pub(super) fn is_of(&self, now: &State) -> bool {
        now.knows(self.next, self.run)
    }

    /// Lets go of the file.
    pub(super) async fn close(self) {
        if let Err(error) = self.writer.close().await {
            tracing::warn!(%error, "a copy from before was not closed in good order");
        }
    }
}
