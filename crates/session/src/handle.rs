//! The open session, as everything outside of it sees it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{SystemTime, UNIX_EPOCH};

use hearth_protocol::error::CallError;
use hearth_protocol::http::SignedIn;
use hearth_protocol::limits::Limits;
use hearth_protocol::name::{Name, Pin};
use hearth_protocol::object::{Admission, Browsers};
use hearth_protocol::signal::{Knock, event};
use hearth_protocol::{CallId, MemberId, NoteKey, Role, Timestamp};
use hearth_store::{Reader, Write, Writer as StoreWriter};
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::ask::Asks;
use crate::door::{Credential, Door, ShownInvite, hash, new_secret};
use crate::failure::{SessionError, closing};
use crate::feed::Out;
use crate::files::Files;
use crate::held::Held;
use crate::joined::Joined;
use crate::pace::Pace;
use crate::search::Search;
use crate::state::State;
use crate::tell::{Hub, Socket, Space};
use crate::whole_texts::WholeTexts;
use crate::writer::{Admission as Admit, Dirty, Job, Who, Writer};

/// The most jobs that wait for the writer; whoever has another waits until there is room.
const INBOX: usize = 1_024;

/// How a session is opened.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// What may be sent, how much and how often.
    pub limits: Limits,
    /// What is to be different from last time.
    pub changes: Changes,
}

/// What whoever opens a session wants it to be; absent: as it was.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// The session's name.
    pub name: Option<Name>,
    /// Who may come in.
    pub admission: Option<Admission>,
    /// The PIN.
    pub pin: Option<Pin>,
    /// The role of those who come in by PIN or as anyone.
    pub guests: Option<Role>,
    /// How browsers may reach it.
    pub browsers: Option<Browsers>,
}

/// What the writer, the sockets' tasks and the tickers share.
pub(crate) struct Shared {
    published: RwLock<Arc<State>>,
    browsers: watch::Sender<Browsers>,
    inbox: mpsc::Sender<Job>,
    pub(crate) reader: Reader,
    pub(crate) limits: Limits,
    pub(crate) hub: Hub,
    pub(crate) door: Door,
    pub(crate) asks: Asks,
    pub(crate) files: Files,
    pub(crate) held: Held,
    pub(crate) whole_texts: WholeTexts,
    pub(crate) pace: Pace,
    pub(crate) search: Search,
    /// Set where this is a copy of a session that is hosted elsewhere.
    pub(crate) joined: Option<Arc<Joined>>,
    dirty: Mutex<Dirty>,
    /// Titles or versions are to be told.
    pub(crate) lists_changed: Notify,
    disk_low: AtomicBool,
    /// Requests to come in that carry an id are answered one after the other: a repeat waits for
    /// the first to have its answer.
    pub(crate) one_by_one: tokio::sync::Mutex<()>,
    pub(crate) tasks: TaskTracker,
    pub(crate) stopping: CancellationToken,
}

impl Shared {
    /// The last committed state.
    pub(crate) fn state(&self) -> Arc<State> {
        self.published
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn publish(&self, state: State) {
        let now = state.session().browsers;
        *self
            .published
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(state);
        // After the state, which is what whoever hears of it looks at.
        self.browsers
            .send_if_modified(|before| std::mem::replace(before, now) != now);
    }

    /// Puts a job into the writer's inbox; waits while that is full.
    pub(crate) async fn send(&self, job: Job) -> Result<(), CallError> {
        self.inbox.send(job).await.map_err(|_| closing())
    }

    pub(crate) async fn write(&self, write: Write) -> Result<(), CallError> {
        let (done, written) = oneshot::channel();
        self.send(Job::Write { write, done }).await?;
        written.await.map_err(|_| closing())?
    }

    pub(crate) fn dirty(&self) -> std::sync::MutexGuard<'_, Dirty> {
        self.dirty.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn mark_dirty(&self, titles: bool, notes: Vec<NoteKey>) {
        let mut dirty = self.dirty();
        dirty.titles |= titles;
        dirty.notes.extend(notes);
        if dirty.titles || !dirty.notes.is_empty() {
            self.lists_changed.notify_one();
        }
    }

    pub(crate) fn is_disk_low(&self) -> bool {
        self.disk_low.load(Ordering::Relaxed)
    }

    /// Whether something new may be written.
    pub(crate) fn check_room_on_disk(&self) -> Result<(), CallError> {
        match self.is_disk_low() {
            true => Err(self.no_room_on_disk()),
            false => Ok(()),
        }
    }

    /// What a client hears of `error`, which was not the client's doing.
    pub(crate) fn told(&self, error: &SessionError) -> CallError {
        match self.joined {
            Some(_) => crate::failure::told_of_copy(error),
            None => crate::failure::told(error),
        }
    }

    /// Whose disk it is that has no room.
    pub(crate) fn no_room_on_disk(&self) -> CallError {
        match self.joined {
            Some(_) => crate::failure::own_disk(),
            None => crate::failure::disk_low(),
        }
    }

    /// Looks how much disk is left.
    pub(crate) fn check_disk(&self) {
        let low = self
            .reader
            .free_disk_bytes()
            .is_some_and(|free| free < self.limits.free_disk_bytes);
        if low && !self.disk_low.swap(low, Ordering::Relaxed) {
            tracing::error!("the disk is almost full: nothing new is written until there is room");
        }
        self.disk_low.store(low, Ordering::Relaxed);
    }

    /// Tells the hosts about somebody at the door.
    pub(crate) fn tell_hosts(&self, knock: &Knock) {
        let state = self.state();
        let out = Out::signal(event::KNOCK, knock);
        for (_, socket) in self.hub.lock().main() {
            if state
                .present(socket.member)
                .is_some_and(|member| member.role == Role::Host)
            {
                socket.feed.send(out.clone());
            }
        }
    }

    /// Lets somebody in and gives them a sign-in.
    pub(crate) async fn admit(
        &self,
        who: Who,
        made_by: Option<(MemberId, CallId)>,
    ) -> Result<(SignedIn, u64), CallError> {
        let token = new_secret();
        let (done, admitted) = oneshot::channel();
        let job = Admit {
            who,
            sign_in: hash(&token),
            made_by,
            done,
        };
        self.send(Job::Admit(Box::new(job))).await?;
        let admitted = admitted.await.map_err(|_| closing())??;
        let session = self.state().session().clone();
        Ok((
            SignedIn {
                token,
                member: admitted.member.as_ref().clone(),
                session,
            },
            admitted.seq,
        ))
    }
}

/// Now, in milliseconds since 1970.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// What everybody who works on a session shares, and the other end of its writer's inbox.
pub(crate) fn share(
    state: State,
    reader: &Reader,
    limits: &Limits,
    joined: Option<Arc<Joined>>,
) -> (Arc<Shared>, mpsc::Receiver<Job>) {
    let (inbox, jobs) = mpsc::channel(INBOX);
    let shared = Arc::new(Shared {
        browsers: watch::Sender::new(state.session().browsers),
        published: RwLock::new(Arc::new(state)),
        inbox,
        reader: reader.clone(),
        pace: Pace::new(limits),
        limits: limits.clone(),
        hub: Hub::default(),
        door: Door::default(),
        asks: Asks::default(),
        files: Files::new(limits),
        held: Held::default(),
        whole_texts: WholeTexts::default(),
        search: Search::default(),
        joined,
        dirty: Mutex::default(),
        lists_changed: Notify::new(),
        disk_low: AtomicBool::new(false),
        one_by_one: tokio::sync::Mutex::default(),
        tasks: TaskTracker::new(),
        stopping: CancellationToken::new(),
    });
    shared.check_disk();
    (shared, jobs)
}

/// Sets the writer to work, and everything that goes on beside it.
pub(crate) fn start(shared: Arc<Shared>, writer: Writer) -> Handle {
    shared.tasks.spawn(writer.run());
    crate::tickers::start(&shared);
    crate::search::start(&shared);
    Handle(shared)
}

/// The open session. Cloning it shares it.
#[derive(Clone)]
pub struct Handle(pub(crate) Arc<Shared>);

impl Handle {
    /// Opens the session in this file for hosting: begins a new run.
    pub async fn open(
        mut store: StoreWriter,
        reader: Reader,
        options: Options,
    ) -> Result<Self, SessionError> {
        crate::writer::begin_run(&mut store, &options.changes).await?;
        let state = State::new(store.load().await?);
        let (shared, jobs) = share(state, &reader, &options.limits, None);
        let writer = Writer::new(shared.clone(), store, reader, options.limits, jobs);
        Ok(start(shared, writer))
    }

    /// The last committed state.
    pub fn state(&self) -> Arc<State> {
        self.0.state()
    }

    /// How browsers may reach the session, and each change of it.
    pub fn browsers(&self) -> watch::Receiver<Browsers> {
        self.0.browsers.subscribe()
    }

    /// What may be sent, how much and how often.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// The session's PIN, for the host's own screen.
    pub fn pin(&self) -> Option<String> {
        self.0
            .state()
            .pin
            .as_ref()
            .map(|pin| pin.as_str().to_owned())
    }

    /// How many people are connected.
    pub fn people(&self) -> usize {
        self.0.hub.lock().people()
    }

    /// Makes an invitation that is good for `uses` until this run ends; answers its secret.
    pub fn invite(&self, role: Role, uses: u32) -> String {
        self.0.door.invites.make_for_run(role, uses)
    }

    /// The secret of the open invitation, which lets in as many as come until this run ends or a
    /// host renews it.
    pub fn open_invite(&self) -> String {
        self.0.door.invites.open()
    }

    /// Says how invitations that hosts make are shown: only who serves the session knows where it
    /// is found, and under which key.
    pub fn show_invites(
        &self,
        show: impl Fn(&str, Browsers) -> ShownInvite + Send + Sync + 'static,
    ) {
        self.0.door.invites.show_by(Box::new(show));
    }

    /// A socket on `/` connects. Its feed begins with `welcome`.
    pub fn connect(
        &self,
        credential: Credential,
        socket: String,
    ) -> Result<(crate::Connection, crate::FeedReceiver), CallError> {
        crate::Connection::open(self.0.clone(), credential, socket, Space::Main)
    }

    /// A socket on `/home` connects. Its feed begins with the titles of all notes.
    pub fn connect_home(
        &self,
        credential: Credential,
        socket: String,
    ) -> Result<(crate::Connection, crate::FeedReceiver), CallError> {
        crate::Connection::open(self.0.clone(), credential, socket, Space::Home)
    }

    /// Finishes what was acknowledged, tells every socket, closes the file.
    pub async fn stop(&self) {
        // The writer may have stopped before; then there is nothing left to finish.
        let _ = self.0.send(Job::Stop).await;
        self.0.stopping.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }
}

/// Whether a socket of this sign-in is on this space already; used when counting sockets.
pub(crate) fn same_place(socket: &Socket, member: MemberId, space: Space) -> bool {
    socket.member == member && socket.space == space && !socket.feed.is_cut()
}
