//! A file that goes out.

use std::sync::Arc;

use hearth_protocol::error::CallError;
use hearth_protocol::http::StoredFile;
use hearth_protocol::{FileHash, RoomId};

use super::WaitingFile;
use crate::authorize::may_read_file;
use crate::door::Credential;
use crate::failure::told;
use crate::handle::{Handle, Shared};

/// A file on its way to somebody, part by part: however slowly it is taken, no more than a part of
/// it is in memory.
pub struct Download {
    shared: Arc<Shared>,
    file: StoredFile,
    next: u64,
    left: u64,
}

impl Handle {
    /// A file of a room, if this member may see the room.
    pub async fn download(
        &self,
        credential: Credential,
        room: RoomId,
        hash: FileHash,
    ) -> Result<Download, CallError> {
        let shared = &self.0;
        may_read_file(&shared.state(), credential.member, room)?;
        let found = shared.reader.file(room, hash).await;
        let file = match found.map_err(|error| told(&error.into()))? {
            Some(file) => Some(file),
            None if shared.joined.is_some() => {
                let waiting = WaitingFile::find(&shared.reader, room, hash).await;
                waiting.map_err(|error| told(&error.into()))?
            }
            None => None,
        };
        let file = file.ok_or_else(|| CallError::not_found("file"))?;
        Ok(Download {
            shared: shared.clone(),
            left: file.size,
            file,
            next: 0,
        })
    }
}

impl Download {
    /// What is known of the file.
    pub fn file(&self) -> &StoredFile {
        &self.file
    }

    /// The next of its bytes; nothing after the last. Fails when it is purged meanwhile.
    pub async fn next_part(&mut self) -> Result<Option<Vec<u8>>, CallError> {
        if self.left == 0 {
            return Ok(None);
        }
        let reading = self.shared.files.reads.acquire().await;
        let part = self
            .shared
            .reader
            .file_part(self.file.hash, self.next)
            .await;
        drop(reading);
        let part = part
            .map_err(|error| told(&error.into()))?
            .ok_or_else(|| CallError::not_found("file"))?;
        self.next += 1;
        self.left = self.left.saturating_sub(part.len() as u64);
        Ok(Some(part))
    }
}
