//! Files that wait for the host of a joined session: their bytes are in the copy's file already, and
//! that they are in a room is said in the outbox, in line with the calls that speak of them.

use std::sync::Arc;

use hearth_protocol::error::{CallError, Code};
use hearth_protocol::http::StoredFile;
use hearth_protocol::{CallId, FactKind, FileHash, MemberId, RoomId};
use hearth_store::{Reader, StoreError, WAITING_FILE};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::sync::oneshot;

use super::Keep;
use crate::authority::NewFile;
use crate::failure::{closing, told};
use crate::handle::{Handle, Shared};
use crate::outbox::Waiting;
use crate::writer::{FileJob, Job};

/// What the outbox says of a file.
#[derive(Serialize, Deserialize)]
pub(crate) struct WaitingFile {
    id: CallId,
    pub(crate) room: RoomId,
    #[serde(flatten)]
    pub(crate) file: StoredFile,
}

impl WaitingFile {
    pub(crate) fn new(id: CallId, room: RoomId, file: StoredFile) -> Self {
        Self { id, room, file }
    }

    /// As it stands in the outbox; nothing for any other call.
    pub(crate) fn of(waiting: &Waiting) -> Option<Self> {
        (waiting.name == WAITING_FILE).then_some(())?;
        serde_json::from_value(waiting.payload.clone()).ok()
    }

    /// The one of a copy that waits, or that the host refused and its person has not thrown away.
    pub(crate) async fn find(
        reader: &Reader,
        room: RoomId,
        hash: FileHash,
    ) -> Result<Option<StoredFile>, StoreError> {
        let kept = reader.outbox_files().await?;
        let mut files = kept
            .iter()
            .filter_map(|payload| serde_json::from_str::<Self>(payload).ok());
        let found = files.find(|one| one.room == room && one.file.hash == hash);
        Ok(found.map(|one| one.file))
    }

    pub(crate) fn to_payload(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// What it is shown as.
    pub(crate) fn fact(&self) -> FactKind {
        FactKind::FileAdded {
            room: self.room,
            hash: self.file.hash,
            file_name: self.file.name.clone(),
            r#type: self.file.r#type,
            size: self.file.size,
        }
    }
}

/// Writes a file down for later: first its bytes, then that it is to be in the room.
pub(crate) async fn pend(
    shared: &Arc<Shared>,
    me: MemberId,
    file: StoredFile,
    new: NewFile,
) -> Result<StoredFile, CallError> {
    let _keep = Keep::new(shared, file.hash);
    let session = Handle(shared.clone());
    session.keep_file(file.hash, &new.bytes).await?;
    let waits = add(shared, me, WaitingFile::new(new.id, new.room, file)).await;
    if waits.is_err() {
        shared.files.loose.notify_one();
    }
    waits
}

/// Asks the writer to add a file whose bytes are here.
pub(crate) async fn add(
    shared: &Arc<Shared>,
    me: MemberId,
    waiting: WaitingFile,
) -> Result<StoredFile, CallError> {
    let WaitingFile { id, room, file } = waiting;
    let (done, added) = oneshot::channel();
    let job = FileJob {
        me,
        id,
        own_id: true,
        digest: digest(room, &file),
        room,
        file,
        done,
    };
    shared.send(Job::File(Box::new(job))).await?;
    let added = added.await.map_err(|_| closing())??;
    added.ok_or_else(|| CallError::new(Code::Gone, "The bytes of this file are not here any more."))
}

/// Of what is asked for: a repeat must ask for the same.
pub(super) fn digest(room: RoomId, file: &StoredFile) -> [u8; 8] {
    let contents = format!("file {room} {} {}", file.hash, file.name);
    let hash = Sha256::digest(contents.as_bytes());
    std::array::from_fn(|at| hash[at])
}

/// All bytes of a file; nothing where not all of them are there.
pub(crate) async fn bytes(
    reader: &Reader,
    file: &StoredFile,
) -> Result<Option<Vec<u8>>, StoreError> {
    let mut bytes = Vec::new();
    let mut part = 0;
    while (bytes.len() as u64) < file.size {
        let read = reader.file_part(file.hash, part).await?;
        let Some(read) = read.filter(|read| !read.is_empty()) else {
            return Ok(None);
        };
        bytes.extend(read);
        part += 1;
    }
    Ok(Some(bytes))
}

impl Handle {
    /// Whether a room has this file, as far as this copy goes.
    pub async fn has_file(&self, room: RoomId, hash: FileHash) -> bool {
        // What cannot be read now is looked for again.
        let found = self.0.reader.file(room, hash).await;
        found.is_ok_and(|found| found.is_some())
    }

    /// What is to be brought to the host for this call, if it is about a file.
    pub async fn waiting_file(&self, waiting: &Waiting) -> Result<Option<NewFile>, CallError> {
        let Some(WaitingFile { id, room, file }) = WaitingFile::of(waiting) else {
            return Ok(None);
        };
        let bytes = bytes(&self.0.reader, &file).await;
        // Without them the host says that it is empty, which is final.
        let bytes = bytes
            .map_err(|error| told(&error.into()))?
            .unwrap_or_default();
        let name = file.name;
        Ok(Some(NewFile {
            room,
            name,
            id,
            bytes,
        }))
    }
}
