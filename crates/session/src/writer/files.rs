//! Files that are added to rooms, and bytes that are left over.

use hearth_protocol::error::{CallError, Code};
use hearth_protocol::http::StoredFile;
use hearth_protocol::{Fact, FactKind};
use hearth_store::PastCall;

use super::Writer;
use super::calls::other_contents;
use super::inbox::FileJob;
use super::round::{Answer, Round};
use crate::failure::told as told_error;
use crate::feed::to_raw;
use crate::files::in_mib;

impl Writer {
    pub(super) async fn take_file(
        &mut self,
        job: Box<FileJob>,
        past: &[PastCall],
        round: &mut Round,
    ) {
        let result = match self.repeated_file(&job, past) {
            Some(again) => again.map(Some),
            None => self.add_file(&job, round).await,
        };
        match result {
            Ok(None) => drop(job.done.send(Ok(None))),
            Ok(Some(file)) => round.answers.push(Answer::File {
                job,
                result: Ok(file),
            }),
            Err(error) => round.answers.push(Answer::File {
                job,
                result: Err(error),
            }),
        }
    }

    /// The answer to what was asked before.
    fn repeated_file(
        &self,
        job: &FileJob,
        past: &[PastCall],
    ) -> Option<Result<StoredFile, CallError>> {
        if let Some((digest, answer)) = self.answers.get(job.me, job.id) {
            if *digest != job.digest {
                return Some(Err(other_contents()));
            }
            return serde_json::from_str(answer.get()).ok().map(Ok);
        }
        let earlier = past
            .iter()
            .find(|past| past.member == job.me && past.id == job.id)?;
        if earlier.digest != job.digest {
            return Some(Err(other_contents()));
        }
        earlier.facts.iter().find_map(added).map(Ok)
    }

    /// Authorizes and decides. Nothing when the file's bytes have to come first.
    async fn add_file(
        &mut self,
        job: &FileJob,
        round: &mut Round,
    ) -> Result<Option<StoredFile>, CallError> {
        self.shared.check_room_on_disk()?;
        let me = crate::authorize::caller(&round.state, job.me)?;
        crate::authorize::may_add_file(&round.state, &me, job.room)?;
        let (room, hash) = (job.room, job.file.hash);
        if let Some(file) = round.files.get(&(room, hash)) {
            return Ok(Some(file.clone()));
        }
        let stored = self.store.file(room, hash).await;
        if let Some(file) = stored.map_err(|error| told_error(&error.into()))? {
            return Ok(Some(file));
        }
        let has_bytes = self.store.has_bytes(hash).await;
        let has_bytes = has_bytes.map_err(|error| told_error(&error.into()))?;
        self.check_bytes_in_all(&job.file, round).await?;
        if !has_bytes {
            return Ok(None);
        }
        let at = self.now();
        let fact = FactKind::FileAdded {
            room,
            hash,
            file_name: job.file.name.clone(),
            r#type: job.file.r#type,
            size: job.file.size,
        };
        round.append(fact, at, Some((job.me, job.id)), Some(job.digest));
        round.files.insert((room, hash), job.file.clone());
        Ok(Some(job.file.clone()))
    }

    /// Whether the files of all rooms may take so much. Asked before the bytes are written, so that
    /// nothing is written in vain, and once more when they are there: others bring theirs meanwhile.
    pub(super) async fn check_bytes_in_all(
        &mut self,
        file: &StoredFile,
        round: &Round,
    ) -> Result<(), CallError> {
        let with_it = self.store.bytes_of_files_with(file.hash, file.size).await;
        let with_it = with_it.map_err(|error| told_error(&error.into()))?;
        let just_added: u64 = round.files.values().map(|file| file.size).sum();
        let most = self.shared.limits.files_bytes;
        if with_it.is_none_or(|bytes| bytes.saturating_add(just_added) <= most) {
            return Ok(());
        }
        let most = in_mib(most);
        Err(CallError::new(
            Code::StorageFull,
            format!(
                "The files of this session would take more than {most} together. Send a smaller \
                 one, share it in another way, or ask the host to allow more."
            ),
        ))
    }

    /// Answers after the commit.
    pub(super) fn answer_file(&mut self, job: FileJob, result: Result<StoredFile, CallError>) {
        if let (true, Ok(file)) = (job.own_id, &result) {
            self.answers.put(job.me, job.id, job.digest, to_raw(file));
        }
        // Whoever asked may have gone; the file is in the room all the same.
        let _ = job.done.send(result.map(Some));
    }

    /// Throws away some of the bytes that no room has; answers whether there may be more.
    pub(super) async fn sweep_files(&mut self) -> bool {
        let kept = self.shared.files.kept();
        match self.store.sweep_files(&kept).await {
            Ok(more) => more,
            Err(error) => {
                tracing::warn!(%error, "bytes of files that no room has are still there");
                false
            }
        }
    }
}

fn added(fact: &Fact) -> Option<StoredFile> {
    match &fact.kind {
        FactKind::FileAdded {
            hash,
            file_name,
            r#type,
            size,
            ..
        } => Some(StoredFile {
            hash: *hash,
            name: file_name.clone(),
            r#type: *r#type,
            size: *size,
        }),
        _ => None,
    }
}
