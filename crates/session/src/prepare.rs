//! What a call changes in a note's text, worked out before the writer is asked to merge it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearth_protocol::call::{Call, NoteUpdate};
use hearth_protocol::error::{CallError, Code};
use hearth_protocol::{CallId, NoteKey, call};
use hearth_text::{Change, ClientId, Edit, EditError, Pen, Text};
use tokio::sync::oneshot;

use crate::failure::{closing, told};
use crate::handle::Shared;
use crate::held::hold;
use crate::texts::text_at;
use crate::writer::Job;

/// The most changes in one `note:update`.
const MAX_CHANGES: usize = 10_000;

/// A change of a note's text, on its way to the writer.
pub(crate) enum Prepared {
    /// The text that a note begins with; nothing when that is empty.
    First {
        key: NoteKey,
        update: Option<Vec<u8>>,
    },
    /// What a client without Yjs wants, worked out away from the writer.
    Write {
        key: NoteKey,
        pen: Pen,
        /// Nothing when the text stays as it is.
        update: Option<Vec<u8>>,
    },
    /// What a member's Yjs made, as it came.
    Edit { key: NoteKey, update: Vec<u8> },
    /// What a client without Yjs wants, as the host of a joined session is sent it.
    Sent {
        key: NoteKey,
        client: ClientId,
        update: Vec<u8>,
    },
}

impl Prepared {
    pub(crate) fn key(&self) -> NoteKey {
        match self {
            Self::First { key, .. }
            | Self::Write { key, .. }
            | Self::Edit { key, .. }
            | Self::Sent { key, .. } => *key,
        }
    }
}

/// Works out what a call changes in a note's text; nothing when it is not about text.
pub(crate) async fn prepare(
    shared: &Shared,
    call: &Call,
    id: CallId,
    present: Option<u64>,
) -> Result<Option<Prepared>, CallError> {
    match call {
        Call::NoteEdit(call) => decoded(call).map(Some),
        Call::NoteCreate(call::NoteCreate {
            body: Some(body), ..
        }) => {
            // Nobody has typed in it: any id will do.
            let client = ClientId::hosts().next().unwrap_or_else(ClientId::random);
            let key = NoteKey::from(id.0);
            let update = work_out(shared, Text::new(), client, Edit::Body(body.clone()));
            let update = Box::pin(update).await?;
            Ok(Some(Prepared::First { key, update }))
        }
        Call::NoteUpdate(call) => match text_edit(call)? {
            Some((version, edit)) => {
                let write = write(shared, call.key, version, present, edit);
                Box::pin(write).await.map(Some)
            }
            None => Ok(None),
        },
        _ => Ok(None),
    }
}

fn decoded(call: &call::NoteEdit) -> Result<Prepared, CallError> {
    Ok(Prepared::Edit {
        key: call.key,
        update: update_of(call)?,
    })
}

/// The bytes that an edit brings.
pub(crate) fn update_of(call: &call::NoteEdit) -> Result<Vec<u8>, CallError> {
    STANDARD
        .decode(&call.update)
        .map_err(|_| CallError::bad_request("`update` is a Yjs update (version 1) in base64."))
}

async fn write(
    shared: &Shared,
    key: NoteKey,
    version: u64,
    present: Option<u64>,
    edit: Edit,
) -> Result<Prepared, CallError> {
    if present.is_some_and(|present| version > present) {
        return Err(CallError::bad_request(format!(
            "There is no version {version} of this note yet; read it again."
        )));
    }
    let base = match version {
        0 => Text::new(),
        version => text_at(&shared.reader, key, version)
            .await
            .map_err(|error| told(&error))?,
    };
    hold(shared, key).await;
    let (done, begun) = oneshot::channel();
    shared
        .send(Job::BeginWrite {
            key,
            base: Box::new(base),
            done,
        })
        .await?;
    let (pen, base) = begun.await.map_err(|_| closing())??;
    let update = match work_out(shared, *base, pen.client(), edit).await {
        Ok(update) => update,
        Err(error) => {
            shared.send(Job::AbandonWrite { key, pen }).await?;
            return Err(error);
        }
    };
    Ok(Prepared::Write { key, pen, update })
}

/// The update that brings `edit` into the text as it was at `base`.
pub(crate) async fn work_out(
    shared: &Shared,
    base: Text,
    client: ClientId,
    edit: Edit,
) -> Result<Option<Vec<u8>>, CallError> {
    let limits = hearth_text::Limits {
        body_bytes: shared.limits.note_bytes as usize,
        changes: MAX_CHANGES,
    };
    let work = move || hearth_text::write(&base, client, &edit, limits);
    let update = tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| CallError::internal())?;
    update.map_err(refused)
}

/// What `note:update` says about the text.
pub(crate) fn text_edit(call: &NoteUpdate) -> Result<Option<(u64, Edit)>, CallError> {
    let edit = match (&call.body, &call.changes) {
        (Some(_), Some(_)) => {
            return Err(CallError::bad_request(
                "Send either `body` or `changes`, not both.",
            ));
        }
        (Some(body), None) => Edit::Body(body.clone()),
        (None, Some(changes)) => Edit::Changes(changes.iter().map(change).collect()),
        (None, None) if call.title.is_none() => {
            return Err(CallError::bad_request(
                "Say what to change: `title`, or `version` with `body` or `changes`.",
            ));
        }
        (None, None) => return Ok(None),
    };
    let version = call.version.ok_or_else(|| {
        CallError::bad_request("Say which `version` of the note the change was made against.")
    })?;
    Ok(Some((version, edit)))
}

fn change(change: &call::Change) -> Change {
    Change {
        from: change.from,
        to: change.to,
        insert: change.insert.clone(),
    }
}

fn refused(error: EditError) -> CallError {
    let code = match &error {
        EditError::TooLong { .. } | EditError::TooManyChanges { .. } => Code::TooLarge,
        EditError::Damaged(_) => {
            tracing::error!(%error, "a note's text could not be worked on");
            return CallError::internal();
        }
        _ => Code::BadRequest,
    };
    CallError::new(code, error.to_string())
}
