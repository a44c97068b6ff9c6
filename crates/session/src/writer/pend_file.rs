//! A file that has to wait for the host. Its bytes are in the copy's file.

use hearth_protocol::error::CallError;
use hearth_protocol::http::StoredFile;
use hearth_store::WAITING_FILE;

use super::Writer;
use super::calls::other_contents;
use super::inbox::FileJob;
use super::joined::Following;
use super::round::{Answer, Round, take_in_pending};
use crate::failure::told as told_error;
use crate::files::WaitingFile;
use crate::outbox::Waiting;

impl Writer {
    pub(super) async fn pend_file(
        &mut self,
        job: Box<FileJob>,
        following: &mut Following,
        round: &mut Round,
    ) {
        let result = self.decide_file(&job, following, round).await;
        round.answers.push(Answer::File { job, result });
    }

    async fn decide_file(
        &mut self,
        job: &FileJob,
        following: &mut Following,
        round: &mut Round,
    ) -> Result<StoredFile, CallError> {
        if let Some(waiting) = following.outbox.get(job.id) {
            let same = WaitingFile::of(waiting)
                .filter(|one| one.room == job.room && one.file.hash == job.file.hash);
            return same.map(|one| one.file).ok_or_else(other_contents);
        }
        self.shared.check_room_on_disk()?;
        let me = crate::authorize::caller_whose_calls_may_wait(&round.state, job.me)?;
        crate::authorize::may_add_file(&round.state, &me, job.room)?;
        let stored = self.store.file(job.room, job.file.hash).await;
        if let Some(file) = stored.map_err(|error| told_error(&error.into()))? {
            return Ok(file);
        }
        self.check_bytes_in_all(&job.file, round).await?;
        let made_at = self.now();
        let file = WaitingFile::new(job.id, job.room, job.file.clone());
        let payload = file.to_payload();
        let waiting = Waiting {
            id: job.id,
            name: WAITING_FILE.to_owned(),
            needs: following.outbox.needs(&payload),
            payload,
            facts: vec![take_in_pending(file.fact(), made_at, job.me, job.id, round)],
            made_at,
            taken: None,
        };
        following.keep(waiting, round);
        Ok(file.file)
    }
}
