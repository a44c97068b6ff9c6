//! A file that comes in.

use std::sync::Arc;

use hearth_protocol::error::{CallError, Code};
use hearth_protocol::http::StoredFile;
use hearth_protocol::{CallId, FileHash, FileName, MemberId, RoomId};
use hearth_store::{FILE_PART_BYTES, Write};
use sha2::{Digest as _, Sha256};
use tokio::sync::oneshot;

use super::Keep;
use super::kind::kind;
use super::places::Place;
use crate::authority::NewFile;
use crate::authorize::may_add_file;
use crate::door::Credential;
use crate::failure::closing;
use crate::handle::{Handle, Shared};
use crate::writer::{FileJob, Job};

const MIB: u64 = 1_024 * 1_024;

/// A file on its way into a room. Dropping it is giving up.
pub struct Upload {
    shared: Arc<Shared>,
    me: MemberId,
    room: RoomId,
    /// As they will be stored: all but the last are full.
    parts: Vec<Vec<u8>>,
    size: u64,
    hasher: Sha256,
    // Given back when the file is in the session file, or is not going to be.
    _place: Place,
}

impl Handle {
    /// Somebody brings a file for a room, of at least `size` bytes as far as is known. Waits a
    /// while when many do.
    pub async fn begin_upload(
        &self,
        credential: Credential,
        room: RoomId,
        size: u64,
    ) -> Result<Upload, CallError> {
        let shared = &self.0;
        let me = credential.member;
        let state = shared.state();
        let member = crate::authorize::caller(&state, me)?;
        may_add_file(&state, &member, room)?;
        check_size(shared, size)?;
        has_room(shared, size)?;
        shared.pace.check_upload(me)?;
        Ok(Upload {
            shared: shared.clone(),
            me,
            room,
            parts: Vec::new(),
            size: 0,
            hasher: Sha256::new(),
            _place: shared.files.places.take(me).await?,
        })
    }
}

fn check_size(shared: &Shared, size: u64) -> Result<(), CallError> {
    let most = shared.limits.file_bytes;
    if size <= most {
        return Ok(());
    }
    let most = in_mib(most);
    Err(CallError::new(
        Code::TooLarge,
        format!("A file may have at most {most}. Make it smaller, or share it in another way."),
    ))
}

/// A number of bytes, for people.
pub(crate) fn in_mib(bytes: u64) -> String {
    match bytes % MIB {
        0 => format!("{} MiB", bytes / MIB),
        _ => format!("{bytes} bytes"),
    }
}

/// Whether these bytes leave the disk as free as it is to stay.
fn has_room(shared: &Shared, size: u64) -> Result<(), CallError> {
    let least = shared.limits.free_disk_bytes.saturating_add(size);
    match shared.reader.free_disk_bytes() {
        Some(free) if free < least => Err(shared.no_room_on_disk()),
        _ => Ok(()),
    }
}

impl Upload {
    /// More of the file's bytes. Fails when there are more than a file may have.
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<(), CallError> {
        self.size += bytes.len() as u64;
        check_size(&self.shared, self.size)?;
        self.hasher.update(bytes);
        while !bytes.is_empty() {
            let part = match self.parts.last_mut() {
                Some(part) if part.len() < FILE_PART_BYTES => part,
                _ => {
                    self.parts.push(Vec::new());
                    continue;
                }
            };
            let (now, later) = bytes.split_at(bytes.len().min(FILE_PART_BYTES - part.len()));
            part.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    /// The file is whole: adds it to the room. `name` is what its sender calls it, `id` the change's.
    pub async fn finish(
        self,
        name: Option<&str>,
        id: Option<CallId>,
    ) -> Result<StoredFile, CallError> {
        let Some(first) = self.parts.first() else {
            return Err(CallError::bad_request(
                "This file is empty. Send one that has something in it.",
            ));
        };
        let file_type = kind(first);
        let file = StoredFile {
            hash: FileHash(self.hasher.finalize().into()),
            name: FileName::cleaned(name.unwrap_or_default(), file_type),
            r#type: file_type,
            size: self.size,
        };
        has_room(&self.shared, file.size)?;
        if let Some(joined) = &self.shared.joined {
            // The host's fact brings it here, and its bytes are here with it.
            let new = NewFile {
                room: self.room,
                name: file.name.clone(),
                id: id.unwrap_or_default(),
                bytes: self.parts.concat(),
            };
            return crate::joined::upload(&self.shared, joined, self.me, file, new).await;
        }
        let adding = Adding {
            _keep: Keep::new(&self.shared, file.hash),
            shared: self.shared,
            me: self.me,
            room: self.room,
            file,
            id,
        };
        if let Some(added) = adding.ask().await? {
            return Ok(added);
        }
        let added = adding.write_and_ask(self.parts).await;
        if added.is_err() {
            let shared = adding.shared.clone();
            drop(adding);
            shared.files.loose.notify_one();
        }
        added
    }
}

/// A whole file that the writer is asked to add.
struct Adding {
    _keep: Keep,
    shared: Arc<Shared>,
    me: MemberId,
    room: RoomId,
    file: StoredFile,
    id: Option<CallId>,
}

impl Adding {
    /// Asks for the file to be added. Nothing when its bytes are not in the session file.
    async fn ask(&self) -> Result<Option<StoredFile>, CallError> {
        let (done, added) = oneshot::channel();
        let job = FileJob {
            me: self.me,
            id: self.id.unwrap_or_default(),
            own_id: self.id.is_some(),
            digest: self.digest(),
            room: self.room,
            file: self.file.clone(),
            done,
        };
        self.shared.send(Job::File(Box::new(job))).await?;
        added.await.map_err(|_| closing())?
    }

    async fn write_and_ask(&self, parts: Vec<Vec<u8>>) -> Result<StoredFile, CallError> {
        for (part, bytes) in (0..).zip(parts) {
            let write = Write::FilePart {
                hash: self.file.hash,
                size: self.file.size,
                part,
                bytes,
            };
            self.shared.write(write).await?;
        }
        self.ask().await?.ok_or_else(|| {
            tracing::error!(file.hash = %self.file.hash, "a file's bytes went missing");
            CallError::internal()
        })
    }

    /// Of what is asked for: a repeat must ask for the same.
    fn digest(&self) -> [u8; 8] {
        super::waiting::digest(self.room, &self.file)
    }
}
