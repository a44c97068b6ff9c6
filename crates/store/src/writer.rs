//! The one that writes.

use std::path::PathBuf;
use std::time::Duration;

use hearth_protocol::http::StoredFile;
use hearth_protocol::id::DeviceId;
use hearth_protocol::{CallId, FileHash, MemberId, Message, MessageId, RoomId, Session};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use sqlx::{ConnectOptions, Connection, Sqlite, SqliteConnection, Transaction};
use uuid::Uuid;

use crate::batch::{Batch, Write};
use crate::error::StoreError;
use crate::fact_log::PastCall;
use crate::ids::Ids;
use crate::invites::InviteRow;
use crate::loaded::Loaded;
use crate::lock::FileLock;
use crate::sign_ins::SignInRow;
use crate::{
    checkpoints, copy, earlier, fact_log, files, invites, link_keys, members, messages, notes,
    outbox, project, reads, rebuild, rooms, runs, session, sign_ins, typing,
};

/// How long closing waits for readers that are in the middle of something.
const CLOSE_WAIT: Duration = Duration::from_secs(5);

/// Writes the session file; there is one per file. Its methods take `&mut self`, because what is
/// written has an order.
#[derive(Debug)]
pub struct Writer {
    options: SqliteConnectOptions,
    readers: SqlitePool,
    live: Option<Live>,
    /// False while something is written, and left so by a failure or a cancelled call. What the
    /// connection would say then is not to be relied on, and neither is what this process believes
    /// is in the file: both are made again.
    settled: bool,
    path: PathBuf,
    // The last field, so that the connection is gone before another process may come.
    _lock: FileLock,
}

/// A connection, and what is known to be in the file.
#[derive(Debug)]
struct Live {
    connection: SqliteConnection,
    ids: Ids,
    head: u64,
    /// Facts come from elsewhere.
    is_copy: bool,
    durable: Durable,
}

/// When a commit is on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Durable {
    /// When it returns.
    AtOnce,
    /// With the next one that is so at once, or a little later. A power cut may lose the last of
    /// these, in order and whole; a killed process loses nothing.
    Soon,
}

impl Live {
    /// Says when what is committed next is to be on the disk.
    async fn set(&mut self, durable: Durable) -> Result<(), StoreError> {
        if self.durable != durable {
            let pragma = match durable {
                Durable::AtOnce => "pragma synchronous = full",
                Durable::Soon => "pragma synchronous = normal",
            };
            sqlx::query(pragma).execute(&mut self.connection).await?;
            self.durable = durable;
        }
        Ok(())
    }
}

/// A transaction that is to be committed, and what the writer knows of the file.
pub(crate) struct Writing<'a> {
    pub(crate) transaction: Transaction<'a, Sqlite>,
    pub(crate) ids: &'a mut Ids,
    head: &'a mut u64,
    settled: &'a mut bool,
}

impl Writing<'_> {
    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        let head = fact_log::head(&mut self.transaction).await?;
        self.transaction
            .commit()
            .await
            .map_err(StoreError::of_commit)?;
        *self.head = head;
        *self.settled = true;
        Ok(())
    }
}

impl Live {
    async fn connect(options: &SqliteConnectOptions) -> Result<Self, StoreError> {
        let mut connection = options.connect().await?;
        let ids = Ids::load(&mut connection).await?;
        let head = fact_log::head(&mut connection).await?;
        let is_copy = copy::table::is_copy(&mut connection).await?;
        Ok(Self {
            connection,
            ids,
            head,
            is_copy,
            // As in the options.
            durable: Durable::AtOnce,
        })
    }
}

impl Writer {
    pub(crate) async fn new(
        options: SqliteConnectOptions,
        readers: SqlitePool,
        path: PathBuf,
        lock: FileLock,
    ) -> Result<Self, StoreError> {
        let live = Some(Live::connect(&options).await?);
        Ok(Self {
            options,
            readers,
            live,
            settled: true,
            path,
            _lock: lock,
        })
    }

    /// The session as it is now.
    pub async fn load(&mut self) -> Result<Loaded, StoreError> {
        let live = self.live().await?;
        let (connection, ids) = (&mut live.connection, &live.ids);
        let copy = copy::table::load(connection).await?;
        let runs = runs::load(connection).await?;
        let last_run = runs.last().map(|row| row.run);
        let (session, pin, owner): (Session, _, _) =
            session::load(connection, ids, last_run).await?;
        Ok(Loaded {
            session,
            pin,
            owner,
            head: copy.as_ref().map_or(live.head, |copy| copy.next),
            copy,
            runs,
            members: members::load(connection, ids).await?,
            rooms: rooms::load(connection, ids).await?,
            notes: notes::load(connection, ids).await?,
        })
    }

    /// Appends the batch's facts, whose numbers follow the log's head without a gap, writes what
    /// they change in the projections, and everything else in the batch: all of it or nothing. On
    /// the disk when this returns.
    ///
    /// After an error [`Writer::load`] tells what is in the file; only with
    /// [`StoreError::Unknown`] may that be the batch.
    pub async fn commit(&mut self, batch: &Batch) -> Result<(), StoreError> {
        let live = settle(&self.options, &mut self.live, &mut self.settled).await?;
        self.settled = false;
        write(live, batch).await?;
        self.settled = true;
        Ok(())
    }

    /// What the file is has changed: it is looked at again before the next thing is done with it.
    pub(crate) fn read_anew(&mut self) {
        self.settled = false;
    }

    /// Begins what is committed in another way than [`Writer::commit`].
    pub(crate) async fn writing(&mut self) -> Result<Writing<'_>, StoreError> {
        self.begin(Durable::AtOnce).await
    }

    /// The same for what its host has on its disk: this copy asks for it again should it be lost.
    pub(crate) async fn writing_copied(&mut self) -> Result<Writing<'_>, StoreError> {
        self.begin(Durable::Soon).await
    }

    async fn begin(&mut self, durable: Durable) -> Result<Writing<'_>, StoreError> {
        let live = settle(&self.options, &mut self.live, &mut self.settled).await?;
        self.settled = false;
        live.set(durable).await?;
        Ok(Writing {
            transaction: live.connection.begin_with("begin immediate").await?,
            ids: &mut live.ids,
            head: &mut live.head,
            settled: &mut self.settled,
        })
    }

    /// The calls among these that were written down before. Only those whose first fact was given
    /// a digest are known.
    pub async fn past_calls(
        &mut self,
        ids: &[(MemberId, CallId)],
    ) -> Result<Vec<PastCall>, StoreError> {
        let live = self.live().await?;
        fact_log::past_calls(&mut live.connection, &live.ids, ids).await
    }

    /// One message; with an empty body once it was destroyed.
    pub async fn message(&mut self, id: MessageId) -> Result<Option<Message>, StoreError> {
        messages::find(&mut self.live().await?.connection, id).await
    }

    /// A sign-in, as hosts call it.
    pub async fn device(&mut self, device: DeviceId) -> Result<Option<SignInRow>, StoreError> {
        sign_ins::find_device(&mut self.live().await?.connection, device).await
    }

    /// Everybody whose app came by the key with this fingerprint, in the order of their coming.
    pub async fn members_by_key(&mut self, key: &[u8; 32]) -> Result<Vec<MemberId>, StoreError> {
        link_keys::members(&mut self.live().await?.connection, key).await
    }

    /// The invitation whose secret has this hash, used up or not.
    pub async fn invite(&mut self, hash: &[u8; 32]) -> Result<Option<InviteRow>, StoreError> {
        invites::find(&mut self.live().await?.connection, hash).await
    }

    /// A file of a room.
    pub async fn file(
        &mut self,
        room: RoomId,
        hash: FileHash,
    ) -> Result<Option<StoredFile>, StoreError> {
        files::find(&mut self.live().await?.connection, room, hash).await
    }

    /// Whether all of a file's bytes are there.
    pub async fn has_bytes(&mut self, hash: FileHash) -> Result<bool, StoreError> {
        files::is_whole(&mut self.live().await?.connection, hash).await
    }

    /// How many bytes the files of all rooms would have together with this one, each counted once.
    /// Nothing if a room has it already: it would take no more than now.
    pub async fn bytes_of_files_with(
        &mut self,
        hash: FileHash,
        size: u64,
    ) -> Result<Option<u64>, StoreError> {
        let connection = &mut self.live().await?.connection;
        if files::is_in_a_room(connection, hash).await? {
            return Ok(None);
        }
        files::bytes_with(connection, hash, size).await.map(Some)
    }

    /// Throws away some of the bytes that no room has; those in `kept` are being added just now.
    /// A few at a time, because what is thrown away is overwritten. Answers whether there may be
    /// more.
    pub async fn sweep_files(&mut self, kept: &[FileHash]) -> Result<bool, StoreError> {
        let live = settle(&self.options, &mut self.live, &mut self.settled).await?;
        self.settled = false;
        let mut transaction = live.connection.begin_with("begin immediate").await?;
        let more = files::sweep(&mut transaction, kept).await?;
        transaction.commit().await.map_err(StoreError::of_commit)?;
        self.settled = true;
        Ok(more)
    }

    /// Whether a member, a room or a note has, or once had, this id: the log speaks of it for good.
    pub async fn knows(&mut self, id: Uuid) -> Result<bool, StoreError> {
        Ok(self.live().await?.ids.get(id).is_some())
    }

    /// Throws the projections away and makes them again from the log.
    ///
    /// Opening does this by itself when an older build made them in another way.
    pub async fn rebuild(&mut self) -> Result<(), StoreError> {
        let live = settle(&self.options, &mut self.live, &mut self.settled).await?;
        self.settled = false;
        rebuild::rebuild(&mut live.connection, &mut live.ids, live.head).await?;
        self.settled = true;
        Ok(())
    }

    pub(crate) async fn rebuild_if_outdated(&mut self) -> Result<(), StoreError> {
        let made_by = session::projections(&mut self.live().await?.connection).await?;
        if made_by != session::PROJECTIONS {
            self.rebuild().await
        } else {
            Ok(())
        }
    }

    /// Ends reading, brings everything into the one file, and lets go of it.
    pub async fn close(mut self) -> Result<(), StoreError> {
        // Readers are short; one that hangs only keeps the file beside the session's from being
        // emptied, and nothing is lost by that.
        let _ = tokio::time::timeout(CLOSE_WAIT, self.readers.close()).await;
        self.live().await?;
        let Some(mut live) = self.live.take() else {
            return Ok(());
        };
        // Closing the last connection does this too, but does not say when it fails.
        sqlx::query("pragma wal_checkpoint(truncate)")
            .execute(&mut live.connection)
            .await?;
        live.connection.close().await?;
        tracing::debug!(path = %self.path.display(), "closed the session file");
        Ok(())
    }

    async fn live(&mut self) -> Result<&mut Live, StoreError> {
        settle(&self.options, &mut self.live, &mut self.settled).await
    }
}

/// The connection, made again if it is not to be relied on.
async fn settle<'a>(
    options: &SqliteConnectOptions,
    live: &'a mut Option<Live>,
    settled: &mut bool,
) -> Result<&'a mut Live, StoreError> {
    if !*settled {
        if let Some(live) = live {
            // It works in a thread of its own and may be in the middle of a commit that its caller
            // has given up: only after that is it certain what is in the file. Whether this succeeds
            // does not matter, only that it comes after everything else.
            let _ = live.connection.ping().await;
        }
        *live = None;
        *settled = true;
    }
    match live {
        Some(live) => Ok(live),
        none => Ok(none.insert(Live::connect(options).await?)),
    }
}

async fn write(live: &mut Live, batch: &Batch) -> Result<(), StoreError> {
    if live.is_copy && !batch.facts.is_empty() {
        let refusal = "a copy takes facts from its host and makes none";
        return Err(StoreError::Invalid(refusal.to_owned()));
    }
    live.set(Durable::AtOnce).await?;
    let ids = &mut live.ids;
    if typing::is_typing(ids, batch) {
        typing::commit(&mut live.connection, ids, live.head, batch).await?;
        live.head += batch.facts.len() as u64;
        return Ok(());
    }
    // Immediate: the lock is had before anything is done, not asked for half way.
    let mut transaction = live.connection.begin_with("begin immediate").await?;
    fact_log::append(&mut transaction, ids, live.head, &batch.facts).await?;
    project::facts(
        &mut transaction,
        ids,
        batch.facts.iter().map(|new| &*new.fact),
    )
    .await?;
    for other in &batch.other {
        write_other(&mut transaction, ids, other).await?;
    }
    transaction.commit().await.map_err(StoreError::of_commit)?;
    live.head += batch.facts.len() as u64;
    Ok(())
}

pub(crate) async fn write_other(
    connection: &mut SqliteConnection,
    ids: &mut Ids,
    write: &Write,
) -> Result<(), StoreError> {
    match write {
        Write::SignIn { hash, sign_in } => {
            let member = ids.known(sign_in.member.0)?;
            sign_ins::insert(connection, hash, member, sign_in).await
        }
        Write::LinkKey { key, member } => {
            link_keys::put(connection, key, ids.known(member.0)?).await
        }
        Write::SignInUsed { hash, used_at } => sign_ins::set_used(connection, hash, *used_at).await,
        Write::SignOut { hash } => sign_ins::delete(connection, hash).await,
        Write::DeviceGone { device } => sign_ins::delete_device(connection, *device).await,
        Write::SweepSignIns { before } => sign_ins::delete_unused(connection, *before).await,
        Write::ForgetSignIns { member } => {
            let member = ids.known(member.0)?;
            sign_ins::delete_of_member(connection, member).await?;
            link_keys::delete_of_member(connection, member).await
        }
        Write::Invite(invite) => invites::insert(connection, invite).await,
        Write::InviteUsed { hash } => invites::take_use(connection, hash).await,
        Write::InviteGone { hash } => invites::delete(connection, hash).await,
        Write::SweepInvites { before } => invites::delete_ended(connection, *before).await,
        Write::Read { member, room, seq } => {
            reads::put(connection, ids.known(member.0)?, ids.known(room.0)?, *seq).await
        }
        Write::Checkpoint {
            note,
            version,
            state,
            owners,
        } => checkpoints::put(connection, ids.known(note.0)?, *version, state, owners).await,
        Write::FilePart {
            hash,
            size,
            part,
            bytes,
        } => files::put_part(connection, *hash, *size, *part, bytes).await,
        Write::CopyHost(host) => copy::table::set_host(connection, host).await,
        Write::Outbox(call) => outbox::insert(connection, call).await,
        Write::OutboxDone { id } => outbox::delete(connection, *id).await,
        Write::OutboxRefused { id, error } => outbox::refuse(connection, *id, error).await,
        Write::OutboxDiscarded { bundle } => outbox::discard(connection, *bundle).await,
        Write::Earlier(copy) => earlier::insert(connection, copy).await,
        Write::EarlierReady { file } => earlier::set_ready(connection, file).await,
        Write::EarlierDiscarded { file, item } => earlier::discard(connection, file, item).await,
        Write::EarlierDone { file } => earlier::delete(connection, file).await,
        Write::Owner(member) => session::set_owner(connection, ids.known(member.0)?).await,
        Write::Pin(pin) => session::set_pin(connection, pin.as_ref()).await,
    }
}
