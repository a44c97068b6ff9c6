//! Opening a session that is hosted elsewhere, and what the one who follows its host does with it.

use std::sync::Arc;

use hearth_protocol::error::CallError;
use hearth_protocol::http::{OwnCopy, SignedIn};
use hearth_protocol::limits::Limits;
use hearth_protocol::signal::{LinkState, LinkTrouble};
use hearth_protocol::{CallId, Fact, FileHash, Role, RunId};
use hearth_store::{
    CopyHost, CopyState, FILE_PART_BYTES, MissingFile, Past, PastCopied, PastOf, Reader, Write,
    Writer as StoreWriter,
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::sync::{oneshot, watch};

use crate::authority::Authority;
use crate::door::Newcomer;
use crate::failure::{SessionError, closing};
use crate::handle::{Handle, share, start};
use crate::joined::{Joined, Sent, hear, tell_trouble};
use crate::outbox::Waiting;
use crate::state::State;
use crate::writer::{Copied, CopiedPast, Job, JoinedJob, Settled, Who, Writer, relay};

impl Handle {
    /// Opens a copy. Its calls are decided by `authority`; whoever follows the host brings what it
    /// tells by [`Handle::copy`] and says by [`Handle::set_link`] how it stands.
    pub async fn join(
        mut store: StoreWriter,
        reader: Reader,
        limits: Limits,
        authority: Arc<dyn Authority>,
    ) -> Result<Self, SessionError> {
        let loaded = store.load().await?;
        let copy = loaded.copy.clone().ok_or(SessionError::NoCopy)?;
        let state = State::new(loaded);
        let waiting = crate::outbox::load(&reader).await?;
        let (joined, sent) = Joined::new(copy.member, authority, waiting.len() as u64);
        let (shared, jobs) = share(state, &reader, &limits, Some(Arc::new(joined)));
        shared.tasks.spawn(relay(shared.clone(), sent));
        let writer =
            Writer::new(shared.clone(), store, reader, limits, jobs).following(waiting, copy);
        Ok(start(shared, writer))
    }

    /// Whether the person at this computer has been copied: before that nobody can sign in.
    pub fn knows_its_person(&self) -> bool {
        let joined = self.0.joined.as_ref();
        joined.is_some_and(|joined| self.state().member(joined.me).is_some())
    }

    /// Whose copy of a session hosted elsewhere this is, if it is one.
    pub fn own_copy(&self) -> Option<OwnCopy> {
        let joined = self.0.joined.as_ref()?;
        let state = self.state();
        let member = state.member(joined.me);
        Some(OwnCopy {
            member: member.map(|member| member.name.clone()),
        })
    }

    /// Signs in the person at this computer, for the own window.
    pub async fn sign_in_joined(&self) -> Result<SignedIn, CallError> {
        let state = self.state();
        let me = self
            .0
            .joined
            .as_ref()
            .and_then(|joined| state.member(joined.me));
        let me = me.ok_or_else(CallError::internal)?;
        let newcomer = Newcomer {
            name: me.name.clone(),
            color: Some(me.color.clone()),
            role: me.role,
            guest: false,
            address: None,
            key: None,
        };
        Ok(self.0.admit(Who::Owner(newcomer), None).await?.0)
    }

    /// Makes an invitation for the person at this computer, good for one use until this run ends.
    pub fn invite_joined(&self) -> String {
        self.invite(Role::Viewer, 1)
    }

    /// Brings a page of the host's log, or a moment of its feed. Answers what came into sight, and
    /// whose past is to be fetched.
    pub async fn copy(
        &self,
        facts: Vec<Fact>,
        next: u64,
        run: Option<RunId>,
    ) -> Result<Vec<Past>, CallError> {
        let copied = Copied { facts, next, run };
        self.ask_writer(|done| JoinedJob::Copy { copied, done })
            .await?
    }

    /// Brings a page of the past of what came into sight, as it was `asked` for; the host's last fact
    /// was `head` then.
    pub async fn copy_past(
        &self,
        asked: Past,
        facts: Vec<Fact>,
        next: u64,
        head: u64,
    ) -> Result<PastCopied, CallError> {
        let copied = CopiedPast {
            asked,
            facts,
            next,
            head,
        };
        self.ask_writer(|done| JoinedJob::CopyPast { copied, done })
            .await?
    }

    /// The host does not show the past of this (`not_found`): what has come of it is erased.
    pub async fn give_up_past(&self, of: PastOf) -> Result<(), CallError> {
        self.ask_writer(|done| JoinedJob::GiveUpPast { of, done })
            .await?
    }

    /// Writes down how to come back to the host.
    pub async fn set_host(&self, host: CopyHost) -> Result<(), CallError> {
        self.ask_writer(|done| JoinedJob::SetHost { host, done })
            .await?
    }

    /// How far the copy goes, and how to come back to its host.
    pub async fn copy_state(&self) -> Result<CopyState, CallError> {
        self.ask_writer(|done| JoinedJob::CopyState { done }).await
    }

    /// Passes on what the host says is true now.
    pub fn hear(&self, event: &str, payload: Value) {
        if let Some(joined) = &self.0.joined {
            hear(&self.0, joined, event, payload);
        }
    }

    /// Says how it stands with the link. It counts after the answers to everything sent before.
    pub fn set_link(&self, state: LinkState) {
        if let Some(joined) = &self.0.joined {
            joined.send(Sent::Link(state));
        }
    }

    /// Says what stands between this computer and the host, beyond that nobody answers.
    pub fn set_link_trouble(&self, why: Option<LinkTrouble>) {
        if let Some(joined) = &self.0.joined {
            tell_trouble(&self.0, joined, why);
        }
    }

    /// The calls that wait longest and are not with the host yet, up to `limit`, in order. They are
    /// on the disk.
    pub async fn first_waiting(&self, limit: usize) -> Result<Vec<Waiting>, CallError> {
        self.ask_writer(|done| JoinedJob::First { limit, done })
            .await
    }

    /// What the host made of calls that had waited. Answers whether they have left the outbox: where
    /// their facts are still to come, they leave it with these.
    pub async fn settle(&self, ids: Vec<CallId>, outcome: Settled) -> Result<bool, CallError> {
        let job = |done| JoinedJob::Settle { ids, outcome, done };
        self.ask_writer(job).await?
    }

    /// How many calls wait for the host, and each change of it.
    pub fn waiting(&self) -> watch::Receiver<u64> {
        match &self.0.joined {
            Some(joined) => joined.pending(),
            None => watch::channel(0).1,
        }
    }

    /// What stands between this computer and the host, and each change of it.
    pub fn link_trouble(&self) -> watch::Receiver<Option<LinkTrouble>> {
        match &self.0.joined {
            Some(joined) => joined.trouble(),
            None => watch::channel(None).1,
        }
    }

    /// Up to `limit` files of rooms whose bytes are not all here, the newest first.
    pub async fn missing_files(&self, limit: u32) -> Result<Vec<MissingFile>, CallError> {
        let missing = self.0.reader.missing_files(limit).await;
        missing.map_err(|error| crate::failure::told(&error.into()))
    }

    /// Keeps the bytes of a file that a room has. Refused when they are not those of that file.
    pub async fn keep_file(&self, hash: FileHash, bytes: &[u8]) -> Result<(), CallError> {
        if <[u8; 32]>::from(Sha256::digest(bytes)) != hash.0 {
            return Err(CallError::bad_request(
                "These are not the bytes of that file.",
            ));
        }
        let size = bytes.len() as u64;
        for (part, bytes) in (0..).zip(bytes.chunks(FILE_PART_BYTES)) {
            let part = Write::FilePart {
                hash,
                size,
                part,
                bytes: bytes.to_vec(),
            };
            self.0.write(part).await?;
        }
        Ok(())
    }

    async fn ask_writer<T>(
        &self,
        job: impl FnOnce(oneshot::Sender<T>) -> JoinedJob,
    ) -> Result<T, CallError> {
        let (done, answered) = oneshot::channel();
        self.0.send(Job::Joined(job(done))).await?;
        answered.await.map_err(|_| closing())
    }
}
