//! The texts of notes: those in memory, and those put together from the log.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearth_protocol::call::{Call, NoteUpdate};
use hearth_protocol::error::{CallError, Code};
use hearth_protocol::limits::Limits;
use hearth_protocol::{CallId, MemberId, NoteKey, call};
use hearth_store::{Reader, Write};
use hearth_text::{
    Change, Checkpoint, ClientId, Damaged, DoorLimits, Edit, EditError, Note, Refused, Text,
    Verdict,
};
use tokio::sync::oneshot;

use crate::failure::{SessionError, closing, told};
use crate::handle::Shared;
use crate::held::{Held, Loaded, hold};
use crate::state::State;
use crate::writer::Job;

/// The most texts held in memory.
const MAX_OPEN: usize = 64;
/// A text is checkpointed after this many edits: opening it replays at most that many. A long one
/// takes a while to write down, and room in the file, so that it is done less often.
const CHECKPOINT_AFTER_EDITS: RangeInclusive<u64> = 200..=2_000;
/// How long a checkpoint may be for each edit that it saves replaying.
const CHECKPOINT_BYTES_PER_EDIT: u64 = 100;
/// An edit that was too much work may be tried again after this long.
const RETRY_COSTLY_MS: u64 = 1_000;
/// The most changes in one `note:update`.
const MAX_CHANGES: usize = 10_000;

/// The text of `key` at `version`, put together from the nearest checkpoint and the log behind it.
pub(crate) async fn text_at(
    reader: &Reader,
    key: NoteKey,
    version: u64,
) -> Result<Text, SessionError> {
    text_with(reader, key, version, Vec::new()).await
}

/// The text of `key` as it is shown: its present version, and what waits for the host.
pub(crate) async fn shown_text(
    reader: &Reader,
    state: &State,
    key: NoteKey,
) -> Result<Text, SessionError> {
    let version = state.notes.get(&key).map_or(0, |note| note.version);
    text_with(reader, key, version, waiting_edits(state, key)).await
}

/// The edits of `key` that wait for the host, in order.
pub(crate) fn waiting_edits(state: &State, key: NoteKey) -> Vec<Vec<u8>> {
    state
        .pending_edits(key)
        .filter_map(|update| STANDARD.decode(update).ok())
        .collect()
}

async fn text_with(
    reader: &Reader,
    key: NoteKey,
    version: u64,
    more: Vec<Vec<u8>>,
) -> Result<Text, SessionError> {
    let log = reader.note_log(key, version).await?;
    // Merging a long history takes the processor for a while; the writer and the sockets go on.
    let loaded = tokio::task::spawn_blocking(move || {
        let checkpoint = log
            .checkpoint
            .as_ref()
            .map(|checkpoint| checkpoint.state.as_slice());
        let logged = log.updates.iter().map(|(_, update)| update.as_slice());
        let more = more.iter().map(Vec::as_slice);
        Text::load(checkpoint, logged.chain(more))
    });
    Ok(loaded.await.map_err(|_| SessionError::Closed)??)
}

/// The note `key` at `version`, its present one: text and door.
pub(crate) async fn note_at(
    reader: &Reader,
    key: NoteKey,
    version: u64,
    limits: DoorLimits,
) -> Result<Note, SessionError> {
    let log = reader.note_log(key, version).await?;
    let loaded = tokio::task::spawn_blocking(move || {
        let checkpoint = log.checkpoint.map(|checkpoint| Checkpoint {
            update: checkpoint.state,
            owners: checkpoint.owners,
        });
        let updates = log.updates.iter();
        let updates = updates.map(|(by, update)| (author(*by), update.as_slice()));
        Note::load(checkpoint.as_ref(), updates, limits)
    });
    Ok(loaded.await.map_err(|_| SessionError::Closed)??)
}

/// Writes down the text of a note of a copy, so that opening it replays little.
pub(crate) async fn checkpoint(
    shared: &Shared,
    key: NoteKey,
    version: u64,
) -> Result<(), SessionError> {
    let note = note_at(&shared.reader, key, version, door_limits(&shared.limits)).await?;
    let made = tokio::task::spawn_blocking(move || note.checkpoint()).await;
    let Checkpoint { update, owners } = made.map_err(|_| SessionError::Closed)?;
    let write = Write::Checkpoint {
        note: key,
        version,
        state: update,
        owners,
    };
    // What cannot be written now is written another time; it only saves work.
    let _ = shared.write(write).await;
    Ok(())
}

/// A member as the door knows them.
fn author(member: MemberId) -> hearth_text::MemberId {
    hearth_text::MemberId::new(member.0.as_u128())
}

/// The notes the writer holds: those that were written lately.
pub(crate) struct OpenNotes {
    by_key: HashMap<NoteKey, Open>,
    limits: DoorLimits,
    uses: u64,
    /// Where others look which notes are in memory.
    held: Held,
}

struct Open {
    note: Note,
    version: u64,
    checkpointed: u64,
    /// The version that is checkpointed next.
    checkpoint_at: u64,
    used: u64,
}

impl Open {
    fn new(note: Note, version: u64, used: u64) -> Self {
        Self {
            note,
            version,
            checkpointed: version,
            checkpoint_at: version + CHECKPOINT_AFTER_EDITS.start(),
            used,
        }
    }
}

/// What notes may become, for the door.
pub(crate) fn door_limits(limits: &Limits) -> DoorLimits {
    DoorLimits {
        body_bytes: limits.note_bytes,
        ..DoorLimits::default()
    }
}

/// What became of a change of a note's text.
pub(crate) enum Merged {
    /// It is in; this is what was new in it.
    Update(Vec<u8>),
    /// It brought nothing new.
    Nothing,
}

/// Why a change of a note's text was not merged.
pub(crate) enum NotMerged {
    /// It was not let in; the note is as it was.
    Refused(CallError),
    /// It broke the note, which is put together from the log at its next use.
    Broke,
}

impl OpenNotes {
    pub(crate) fn new(limits: &Limits, held: Held) -> Self {
        Self {
            by_key: HashMap::new(),
            limits: door_limits(limits),
            uses: 0,
            held,
        }
    }

    /// Makes sure that the note `key` at `version`, the present one, is in memory.
    pub(crate) async fn open(
        &mut self,
        reader: &Reader,
        key: NoteKey,
        version: u64,
    ) -> Result<(), SessionError> {
        self.uses += 1;
        if let Some(open) = self
            .by_key
            .get_mut(&key)
            .filter(|open| open.version == version)
        {
            open.used = self.uses;
            return Ok(());
        }
        let note = match version {
            0 => Note::new(self.limits),
            version => note_at(reader, key, version, self.limits).await?,
        };
        self.keep(key, Open::new(note, version, self.uses));
        Ok(())
    }

    /// Takes in a note that was loaded elsewhere, with what was written to it meanwhile: `present`
    /// is its version now. One that cannot be taken in is loaded again when it is written to.
    pub(crate) async fn take_in(&mut self, reader: &Reader, loaded: Loaded, present: u64) {
        let Loaded { key, version, note } = loaded;
        if self.by_key.contains_key(&key) {
            return;
        }
        self.uses += 1;
        let mut open = Open::new(note, version, self.uses);
        if version < present {
            let Ok(edits) = reader.note_edits(key, version, present).await else {
                return;
            };
            for edit in edits {
                match open.note.edit(author(edit.by), &edit.update) {
                    Ok(Verdict::Accepted { .. }) => open.version += 1,
                    _ => return,
                }
            }
        }
        if open.version == present {
            self.keep(key, open);
        }
    }

    fn keep(&mut self, key: NoteKey, open: Open) {
        self.by_key.insert(key, open);
        self.held.add(key);
    }

    /// Whether the note is in memory as it is at `version`.
    pub(crate) fn is_open_at(&self, key: NoteKey, version: u64) -> bool {
        self.by_key
            .get(&key)
            .is_some_and(|open| open.version == version)
    }

    pub(crate) fn let_go(&mut self, key: NoteKey) {
        self.by_key.remove(&key);
        self.held.remove(key);
    }

    /// Merges what a member's Yjs made. The note must be open.
    pub(crate) fn edit(
        &mut self,
        key: NoteKey,
        member: MemberId,
        update: &[u8],
    ) -> Result<Merged, NotMerged> {
        self.merge(key, |note| note.edit(author(member), update))
    }

    /// An id of the host's to write under, against the text as it was at `base`.
    pub(crate) fn begin_write(&mut self, key: NoteKey, base: &Text) -> Option<ClientId> {
        self.by_key
            .get_mut(&key)
            .map(|open| open.note.begin_write(base))
    }

    /// Merges what was written under such an id. The note must be open.
    pub(crate) fn finish_write(
        &mut self,
        key: NoteKey,
        client: ClientId,
        update: Option<&[u8]>,
    ) -> Result<Merged, NotMerged> {
        self.merge(key, |note| note.finish_write(client, update))
    }

    fn merge(
        &mut self,
        key: NoteKey,
        work: impl FnOnce(&mut Note) -> Result<Verdict, Damaged>,
    ) -> Result<Merged, NotMerged> {
        let Some(open) = self.by_key.get_mut(&key) else {
            return Err(NotMerged::Broke);
        };
        match work(&mut open.note) {
            Ok(Verdict::Accepted { update }) => {
                open.version += 1;
                Ok(Merged::Update(update))
            }
            Ok(Verdict::Nothing) => Ok(Merged::Nothing),
            Ok(Verdict::Refused(refused)) => Err(NotMerged::Refused(not_let_in(&refused))),
            Err(Damaged) => {
                self.let_go(key);
                Err(NotMerged::Broke)
            }
        }
    }

    /// The body of an open note.
    pub(crate) fn body(&self, key: NoteKey) -> Option<String> {
        self.by_key.get(&key).map(|open| open.note.text().body())
    }

    /// Version and checksum of an open note's text.
    pub(crate) fn check(&self, key: NoteKey) -> Option<(u64, u32)> {
        self.by_key
            .get(&key)
            .map(|open| (open.version, open.note.text().crc32()))
    }

    /// Checkpoints that are due; they are written with the next commit.
    pub(crate) fn due_checkpoints(&mut self) -> Vec<Write> {
        self.checkpoints(|open| open.version >= open.checkpoint_at)
    }

    /// Checkpoints of everything that has changed, for a quick start next time.
    pub(crate) fn last_checkpoints(&mut self) -> Vec<Write> {
        self.checkpoints(|open| open.version > open.checkpointed)
    }

    fn checkpoints(&mut self, is_due: impl Fn(&Open) -> bool) -> Vec<Write> {
        let due = self.by_key.iter_mut().filter(|(_, open)| is_due(open));
        due.map(|(key, open)| {
            let Checkpoint { update, owners } = open.note.checkpoint();
            let (least, most) = CHECKPOINT_AFTER_EDITS.into_inner();
            let edits = update.len() as u64 / CHECKPOINT_BYTES_PER_EDIT;
            open.checkpointed = open.version;
            open.checkpoint_at = open.version + edits.clamp(least, most);
            Write::Checkpoint {
                note: *key,
                version: open.version,
                state: update,
                owners,
            }
        })
        .collect()
    }

    /// Lets go of the notes that were not used for longest.
    pub(crate) fn evict(&mut self) {
        while self.by_key.len() > MAX_OPEN {
            let oldest = self
                .by_key
                .iter()
                .min_by_key(|(_, open)| open.used)
                .map(|(key, _)| *key);
            let Some(oldest) = oldest else { return };
            self.let_go(oldest);
        }
    }

    /// Lets go of everything: what is in memory may differ from the file.
    pub(crate) fn forget(&mut self) {
        self.by_key.clear();
        self.held.clear();
    }
}

/// What a client hears of an edit that was not let in.
fn not_let_in(refused: &Refused) -> CallError {
    let code = match refused {
        refused if refused.is_temporary() => Code::RateLimited,
        Refused::TooBig { .. } | Refused::TooLong { .. } | Refused::Full => Code::TooLarge,
        _ => Code::BadRequest,
    };
    let retry_after_ms = (code == Code::RateLimited).then_some(RETRY_COSTLY_MS);
    CallError {
        retry_after_ms,
        ..CallError::new(code, refused.to_string())
    }
}

/// A change of a note's text, on its way to the writer.
pub(crate) enum Prepared {
    /// What a client without Yjs wants, worked out away from the writer.
    Write {
        key: NoteKey,
        client: ClientId,
        /// Nothing when the text stays as it is.
        update: Option<Vec<u8>>,
    },
    /// What a member's Yjs made, as it came.
    Edit { key: NoteKey, update: Vec<u8> },
}

impl Prepared {
    pub(crate) fn key(&self) -> NoteKey {
        match self {
            Self::Write { key, .. } | Self::Edit { key, .. } => *key,
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
            let update = work_out(shared, Text::new(), client, Edit::Body(body.clone())).await?;
            Ok(Some(Prepared::Write {
                key,
                client,
                update,
            }))
        }
        Call::NoteUpdate(call) => match text_edit(call)? {
            Some((version, edit)) => write(shared, call.key, version, present, edit)
                .await
                .map(Some),
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
    let (client, base) = begun.await.map_err(|_| closing())??;
    let update = match work_out(shared, *base, client, edit).await {
        Ok(update) => update,
        Err(error) => {
            shared.send(Job::AbandonWrite { key, client }).await?;
            return Err(error);
        }
    };
    Ok(Prepared::Write {
        key,
        client,
        update,
    })
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
