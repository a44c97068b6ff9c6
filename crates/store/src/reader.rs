//! Those that read, while the writer writes.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use hearth_protocol::http::StoredFile;
use hearth_protocol::id::NoteKey;
use hearth_protocol::{CallId, FileHash, MemberId, Message, MessageId, RoomId};
use sqlx::pool::PoolConnection;
use sqlx::sqlite::SqlitePool;
use sqlx::{Acquire, Sqlite};

use crate::checkpoints::{self, NoteEdit, NoteLog};
use crate::earlier::{self, EarlierCopy};
use crate::error::StoreError;
use crate::fact_log::{self, FactMeta, FactPage, Scan};
use crate::files::{self, MissingFile};
use crate::invites::{self, InviteRow};
use crate::link_keys;
use crate::messages;
use crate::notes;
use crate::outbox::{self, OutboxCount, OutboxRow};
use crate::sign_ins::{self, SignInRow};
use crate::whereabouts;

/// Answers questions about what is committed, on connections that cannot write. Cloning shares
/// them.
#[derive(Debug, Clone)]
pub struct Reader {
    pool: SqlitePool,
    path: PathBuf,
}

impl Reader {
    pub(crate) fn new(pool: SqlitePool, path: PathBuf) -> Self {
        Self { pool, path }
    }

    /// The facts after `since` up to `until` that are `wanted`, in order. Stops when they would
    /// have more than `max_bytes` as JSON (the first one wanted is always given), or after 20,000
    /// rows; [`FactPage::next`] tells how far it looked.
    ///
    /// `until` is the head at the time of asking: a page never runs ahead of what was told.
    pub async fn facts(
        &self,
        since: u64,
        until: u64,
        max_bytes: usize,
        wanted: impl Fn(&FactMeta) -> bool + Send,
    ) -> Result<FactPage, StoreError> {
        let mut connection = self.connection().await?;
        fact_log::page(
            &mut connection,
            Scan::Everything,
            since,
            until,
            max_bytes,
            wanted,
        )
        .await
    }

    /// As [`Reader::facts`], for whom no `noteedited` is wanted. Does not even pass over them, and
    /// most logs consist of them.
    pub async fn facts_but_edits(
        &self,
        since: u64,
        until: u64,
        max_bytes: usize,
        wanted: impl Fn(&FactMeta) -> bool + Send,
    ) -> Result<FactPage, StoreError> {
        let mut connection = self.connection().await?;
        fact_log::page(
            &mut connection,
            Scan::ButEdits,
            since,
            until,
            max_bytes,
            wanted,
        )
        .await
    }

    /// The notes whose text changed after fact `since`, purged ones aside. With
    /// [`Reader::facts_but_edits`] it tells who was away what to fetch, without reading the edits.
    pub async fn notes_edited(&self, since: u64) -> Result<Vec<NoteKey>, StoreError> {
        notes::edited_since(&mut *self.connection().await?, since).await
    }

    /// Whether a member was in a room right before fact `seq`.
    pub async fn was_in_room(
        &self,
        member: MemberId,
        room: RoomId,
        seq: u64,
    ) -> Result<bool, StoreError> {
        whereabouts::was_in_room(&mut *self.connection().await?, member, room, seq).await
    }

    /// The private room that a note was moved to last before fact `seq`; `None` also for a public
    /// one.
    pub async fn note_moved_to(
        &self,
        note: NoteKey,
        seq: u64,
    ) -> Result<Option<RoomId>, StoreError> {
        whereabouts::note_moved_to(&mut *self.connection().await?, note, seq).await
    }

    /// The numbers of the facts after `since` up to `until` that end private rooms for good, as far
    /// as the member was in them then: nobody else can tell any more.
    pub async fn room_purges(
        &self,
        member: MemberId,
        since: u64,
        until: u64,
    ) -> Result<Vec<u64>, StoreError> {
        whereabouts::room_purges(&mut *self.connection().await?, member, since, until).await
    }

    /// The last `each` messages of each of these rooms that were posted up to fact `until`; all
    /// together oldest first. Destroyed ones are there, their bodies empty.
    pub async fn newest_messages(
        &self,
        rooms: &[RoomId],
        each: u32,
        until: u64,
    ) -> Result<Vec<Message>, StoreError> {
        messages::newest(&mut *self.connection().await?, rooms, each, until).await
    }

    /// The last `limit` messages of a room posted before fact `before`, newest last.
    pub async fn messages(
        &self,
        room: RoomId,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError> {
        messages::list(&mut *self.connection().await?, room, before, limit).await
    }

    /// How many messages in each of these rooms the member has not read: of others, not destroyed,
    /// after the mark, or without one after the joining. A room with neither has none.
    pub async fn unread(
        &self,
        member: MemberId,
        rooms: &[RoomId],
    ) -> Result<HashMap<RoomId, u32>, StoreError> {
        messages::unread(&mut *self.connection().await?, member, rooms).await
    }

    /// What the text of a note at `version` is made from: the nearest checkpoint at or below it,
    /// and the edits from there.
    pub async fn note_log(&self, note: NoteKey, version: u64) -> Result<NoteLog, StoreError> {
        let mut connection = self.connection().await?;
        // One transaction: checkpoint and edits as of the same moment.
        let mut transaction = connection.begin().await?;
        checkpoints::note_log(&mut transaction, note, version).await
    }

    /// The edits of a note's text after version `after` up to `until`, in order.
    pub async fn note_edits(
        &self,
        note: NoteKey,
        after: u64,
        until: u64,
    ) -> Result<Vec<NoteEdit>, StoreError> {
        checkpoints::edits(&mut *self.connection().await?, note, after, until).await
    }

    /// Which version of a note after version `after` one of these calls of `member` made, and the
    /// number of the fact. Looks at all edits since: a copy's facts are not found by their calls.
    pub async fn edit_of_call(
        &self,
        note: NoteKey,
        after: u64,
        member: MemberId,
        calls: [CallId; 2],
    ) -> Result<Option<(u64, u64)>, StoreError> {
        let mut connection = self.connection().await?;
        checkpoints::edit_of_call(&mut connection, note, after, member, calls).await
    }

    /// The version that a note's text had after fact `seq`.
    pub async fn note_version_at(&self, note: NoteKey, seq: u64) -> Result<u64, StoreError> {
        checkpoints::version_at(&mut *self.connection().await?, note, seq).await
    }

    /// The sign-in whose credential has this hash.
    pub async fn sign_in(&self, hash: &[u8; 32]) -> Result<Option<SignInRow>, StoreError> {
        sign_ins::find(&mut *self.connection().await?, hash).await
    }

    /// The `limit` sign-ins that were used last, those first.
    pub async fn sign_ins(&self, limit: u32) -> Result<Vec<SignInRow>, StoreError> {
        sign_ins::list(&mut *self.connection().await?, limit).await
    }

    /// Everybody whose app came by the key with this fingerprint, in the order of their coming.
    pub async fn members_by_key(&self, key: &[u8; 32]) -> Result<Vec<MemberId>, StoreError> {
        link_keys::members(&mut *self.connection().await?, key).await
    }

    /// Every invitation, the newest first; used up and ended ones too, for a while.
    pub async fn invites(&self) -> Result<Vec<InviteRow>, StoreError> {
        invites::list(&mut *self.connection().await?).await
    }

    /// The invitation whose secret has this hash, used up or not.
    pub async fn invite(&self, hash: &[u8; 32]) -> Result<Option<InviteRow>, StoreError> {
        invites::find(&mut *self.connection().await?, hash).await
    }

    /// One message; with an empty body once it was destroyed.
    pub async fn message(&self, id: MessageId) -> Result<Option<Message>, StoreError> {
        messages::find(&mut *self.connection().await?, id).await
    }

    /// A file of a room.
    pub async fn file(
        &self,
        room: RoomId,
        hash: FileHash,
    ) -> Result<Option<StoredFile>, StoreError> {
        files::find(&mut *self.connection().await?, room, hash).await
    }

    /// Whether all bytes of a file are there.
    pub async fn has_bytes(&self, hash: FileHash) -> Result<bool, StoreError> {
        files::is_whole(&mut *self.connection().await?, hash).await
    }

    /// One part of a file's bytes, from 0 on; every one but the last has `FILE_PART_BYTES`.
    pub async fn file_part(
        &self,
        hash: FileHash,
        part: u64,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        files::part(&mut *self.connection().await?, hash, part).await
    }

    /// Up to `limit` calls that wait for the host of this copy, in order, after the one numbered
    /// `after`.
    pub async fn outbox(&self, after: u64, limit: u32) -> Result<Vec<OutboxRow>, StoreError> {
        outbox::waiting(&mut *self.connection().await?, after, limit).await
    }

    /// Every call that the host of this copy refused, bundle by bundle, each in order.
    pub async fn outbox_refused(&self) -> Result<Vec<OutboxRow>, StoreError> {
        outbox::refused(&mut *self.connection().await?).await
    }

    /// What is said of the files that wait for the host of this copy, or that it refused: payloads,
    /// as JSON.
    pub async fn outbox_files(&self) -> Result<Vec<String>, StoreError> {
        outbox::files(&mut *self.connection().await?).await
    }

    /// How many calls wait for the host of this copy, and how many bundles it refused.
    pub async fn outbox_count(&self) -> Result<OutboxCount, StoreError> {
        outbox::count(&mut *self.connection().await?).await
    }

    /// Copies from before of which something may still be offered, the oldest first.
    pub async fn earlier(&self) -> Result<Vec<EarlierCopy>, StoreError> {
        earlier::load(&mut *self.connection().await?).await
    }

    /// Where a file of this name is that stands beside this one.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.path.with_file_name(name)
    }

    /// Up to `limit` files of rooms whose bytes are not all here, each once, the newest first. In a
    /// copy they are to be fetched: `GET /files/ROOM/HASH`.
    pub async fn missing_files(&self, limit: u32) -> Result<Vec<MissingFile>, StoreError> {
        files::missing(&mut *self.connection().await?, limit).await
    }

    /// The messages that these facts posted, as they are now: with an empty body once destroyed, and
    /// absent once their room is gone for good. In no particular order.
    pub async fn messages_posted(&self, seqs: &[u64]) -> Result<Vec<Message>, StoreError> {
        messages::posted(&mut *self.connection().await?, seqs).await
    }

    /// How many bytes are free where the session file is. `None` where the system does not say.
    pub fn free_disk_bytes(&self) -> Option<u64> {
        let folder = self
            .path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        fs4::available_space(folder.unwrap_or(Path::new("."))).ok()
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    async fn connection(&self) -> Result<PoolConnection<Sqlite>, StoreError> {
        Ok(self.pool.acquire().await?)
    }
}
