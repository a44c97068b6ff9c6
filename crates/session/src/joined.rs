//! A joined session: the copy of one that is hosted elsewhere, as seen from its own sockets.
//!
//! Reading is the same as at the host, from the copy. A changing call goes to the host by the
//! [`Authority`], and its answer waits until the copy has what the call did. While the host is
//! away it goes into the [`Outbox`](crate::outbox::Outbox) instead and is shown as what it will
//! become. What is true only now (who is here, cursors, announcements) is the host's to say and is
//! passed on.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hearth_protocol::call::{Call, NoteClose, NoteOpen, RoomRead};
use hearth_protocol::error::{CallError, Code};
use hearth_protocol::http::StoredFile;
use hearth_protocol::signal::{
    Link, LinkState, LinkTrouble, Presence, PresenceChanges, PresenceState, UserCount, event,
};
use hearth_protocol::{FileHash, MemberId, NoteKey, Timestamp};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::{Semaphore, mpsc, watch};

use crate::authority::{Answering, Authority, NewFile};
use crate::earlier::Opened;
use crate::feed::Out;
use crate::handle::{Handle, Shared};
use crate::tell::Space;
use crate::written::Pens;

/// The most people of the host's that are kept; it takes no more sockets than this by itself.
const MAX_PEOPLE: usize = 1_024;

/// What a joined session's sockets, tasks and writer share.
pub(crate) struct Joined {
    /// Who the person at this computer is, to the host.
    pub(crate) me: MemberId,
    pub(crate) authority: Arc<dyn Authority>,
    /// Nothing may be changed here.
    pub(crate) is_read_only: bool,
    status: Mutex<Status>,
    /// Who is with the host, by socket.
    people: Mutex<BTreeMap<String, Presence>>,
    /// Answers are waited for in the order of the calls.
    relay: mpsc::UnboundedSender<Sent>,
    pending: watch::Sender<u64>,
    /// What stands between this computer and the host.
    trouble: watch::Sender<Option<LinkTrouble>>,
    /// Under which ids clients without Yjs write.
    pub(crate) pens: Pens,
    /// Notes are checkpointed one at a time.
    pub(crate) checkpointing: Arc<Semaphore>,
    /// Copies from before are opened one at a time: each keeps everybody else out of its file.
    pub(crate) earlier: tokio::sync::Mutex<Opened>,
}

#[derive(Clone, Copy)]
struct Status {
    state: LinkState,
    since: Option<Timestamp>,
    pending: u64,
}

/// Something whose turn comes after the answers to all calls sent before it.
pub(crate) enum Sent {
    /// A call on its way, by the writer's number for it.
    Call { no: u64, answering: Answering },
    /// How it stands with the link from here on.
    Link(LinkState),
}

impl Joined {
    /// The other end of the queue is for [`crate::writer::relay`].
    pub(crate) fn new(
        me: MemberId,
        authority: Arc<dyn Authority>,
        pending: u64,
    ) -> (Self, mpsc::UnboundedReceiver<Sent>) {
        let (relay, sent) = mpsc::unbounded_channel();
        let joined = Self {
            me,
            authority,
            is_read_only: false,
            status: Mutex::new(Status {
                state: LinkState::Away,
                since: Some(crate::handle::now()),
                pending,
            }),
            people: Mutex::default(),
            relay,
            pending: watch::Sender::new(pending),
            trouble: watch::Sender::new(None),
            pens: Pens::default(),
            checkpointing: Arc::new(Semaphore::new(1)),
            earlier: tokio::sync::Mutex::default(),
        };
        (joined, sent)
    }

    /// The same to be read alone.
    pub(crate) fn looked_at(mut self) -> Self {
        self.is_read_only = true;
        self
    }

    fn status(&self) -> MutexGuard<'_, Status> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn people(&self) -> MutexGuard<'_, BTreeMap<String, Presence>> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts something in line behind the answers to come.
    pub(crate) fn send(&self, sent: Sent) {
        // The relay ends with the session, and then nobody waits for it.
        let _ = self.relay.send(sent);
    }

    /// How it stands with the host, as sockets are told.
    pub(crate) fn link(&self) -> Link {
        let status = *self.status();
        Link {
            state: status.state,
            since: status.since.filter(|_| status.state == LinkState::Away),
            pending: status.pending,
            why: *self.trouble.borrow(),
        }
    }

    pub(crate) fn is_live(&self) -> bool {
        self.status().state == LinkState::Live
    }

    /// How many calls wait, and each change of it.
    pub(crate) fn pending(&self) -> watch::Receiver<u64> {
        self.pending.subscribe()
    }

    /// What stands between this computer and the host, and each change of it.
    pub(crate) fn trouble(&self) -> watch::Receiver<Option<LinkTrouble>> {
        self.trouble.subscribe()
    }

    /// Everybody who is with the host; nothing while nobody knows.
    pub(crate) fn everybody(&self) -> Option<Vec<Presence>> {
        let known = self.status().state != LinkState::Away;
        known.then(|| self.people().values().cloned().collect())
    }
}

/// Tells the sockets how it stands with the host, if that changed.
pub(crate) fn tell_link(shared: &Shared, joined: &Joined, state: Option<LinkState>, pending: u64) {
    let (changed, turned) = {
        let mut status = joined.status();
        let state = state.unwrap_or(status.state);
        let turned = state != status.state;
        let changed = turned || pending != status.pending;
        if state == LinkState::Away && status.state != LinkState::Away {
            status.since = Some(crate::handle::now());
        }
        status.state = state;
        status.pending = pending;
        (changed, turned)
    };
    joined
        .pending
        .send_if_modified(|before| std::mem::replace(before, pending) != pending);
    if !changed {
        return;
    }
    let link = joined.link();
    match link.state {
        _ if !turned => {}
        LinkState::Away => everybody_left(shared, joined),
        LinkState::Live => open_all_at_host(shared, joined),
        LinkState::CatchingUp => {}
    }
    shared
        .hub
        .send_to_all(Space::Main, &Out::signal(event::LINK, &link));
}

/// Tells the sockets what stands between this computer and the host, if that changed.
pub(crate) fn tell_trouble(shared: &Shared, joined: &Joined, why: Option<LinkTrouble>) {
    let changed = joined
        .trouble
        .send_if_modified(|before| std::mem::replace(before, why) != why);
    if changed {
        let link = Out::signal(event::LINK, &joined.link());
        shared.hub.send_to_all(Space::Main, &link);
    }
}

/// Nobody knows any more who is there.
fn everybody_left(shared: &Shared, joined: &Joined) {
    let people: Vec<_> = std::mem::take(&mut *joined.people())
        .into_values()
        .filter(|person| person.member != joined.me)
        .map(|person| Presence {
            state: PresenceState::Gone,
            room: None,
            note: None,
            typing: None,
            ..person
        })
        .collect();
    let hub = &shared.hub;
    if !people.is_empty() {
        hub.send_to_all(
            Space::Main,
            &Out::signal(event::PRESENCE, &PresenceChanges { people }),
        );
    }
    let count = hub.lock().people() as u32;
    hub.send_to_all(
        Space::Main,
        &Out::signal(event::USER_COUNT, &UserCount { count }),
    );
}

/// Passes on what the host says is true now. What cannot be read is dropped.
pub(crate) fn hear(shared: &Shared, joined: &Joined, name: &str, payload: Value) {
    match name {
        event::WELCOME => {
            if let Some(people) = read::<Vec<Presence>>(&payload["people"]) {
                let mut known = joined.people();
                *known = people
                    .into_iter()
                    .take(MAX_PEOPLE)
                    .map(|person| (person.socket.clone(), person))
                    .collect();
                let people = known.values().cloned().collect();
                drop(known);
                let out = Out::signal(event::PRESENCE, &PresenceChanges { people });
                shared.hub.send_to_all(Space::Main, &out);
            }
        }
        event::PRESENCE => {
            let Some(changes) = read::<PresenceChanges>(&payload) else {
                return;
            };
            let mut known = joined.people();
            for person in &changes.people {
                if person.state == PresenceState::Gone {
                    known.remove(&person.socket);
                } else if known.len() < MAX_PEOPLE || known.contains_key(&person.socket) {
                    known.insert(person.socket.clone(), person.clone());
                }
            }
            drop(known);
            let out = Out::signal(event::PRESENCE, &changes);
            pass_on(shared, &out, |_| true);
        }
        event::CURSORS => {
            let Some(cursors) = read::<hearth_protocol::signal::Cursors>(&payload) else {
                return;
            };
            let key = cursors.key;
            let out = Out::signal(event::CURSORS, &cursors);
            pass_on(shared, &out, |socket| socket.open.contains_key(&key));
        }
        event::USER_COUNT => tell_as::<UserCount>(shared, event::USER_COUNT, &payload),
        event::ACHTUNG => {
            tell_as::<hearth_protocol::signal::Achtung>(shared, event::ACHTUNG, &payload);
        }
        event::REQUEST => {
            tell_as::<hearth_protocol::signal::Request>(shared, event::REQUEST, &payload);
        }
        event::KNOCK => tell_as::<hearth_protocol::signal::Knock>(shared, event::KNOCK, &payload),
        // Versions, titles and checksums of notes come from the copy.
        _ => {}
    }
}

fn read<T: DeserializeOwned>(payload: &Value) -> Option<T> {
    T::deserialize(payload)
        .inspect_err(|_| tracing::debug!("a signal of the host's cannot be read and was dropped"))
        .ok()
}

fn tell_as<T: DeserializeOwned + serde::Serialize>(
    shared: &Shared,
    name: &'static str,
    payload: &Value,
) {
    if let Some(signal) = read::<T>(payload) {
        pass_on(shared, &Out::signal(name, &signal), |_| true);
    }
}

fn pass_on(shared: &Shared, out: &Out, wants: impl Fn(&crate::tell::Socket) -> bool) {
    for (_, socket) in shared.hub.lock().main() {
        if wants(socket) && socket.feed.has_room_for_signals() {
            socket.feed.send(out.clone());
        }
    }
}

/// Opens a note at the host too, for its cursors. Its text comes with everything else.
pub(crate) fn open_at_host(shared: &Shared, joined: &Joined, key: NoteKey) {
    let version = shared
        .state()
        .notes
        .get(&key)
        .map_or(0, |note| note.version);
    let call = Call::NoteOpen(NoteOpen {
        key,
        since_version: Some(version),
        run: None,
    });
    tell_about_note(shared, joined, &call, key);
}

/// Closes a note at the host that nobody here has open any more.
pub(crate) fn close_at_host(shared: &Shared, joined: &Joined, key: NoteKey) {
    let open = shared
        .hub
        .lock()
        .main()
        .any(|(_, socket)| socket.open.contains_key(&key));
    if !open {
        tell_about_note(shared, joined, &Call::NoteClose(NoteClose { key }), key);
    }
}

/// The host has forgotten what an earlier connection had open.
fn open_all_at_host(shared: &Shared, joined: &Joined) {
    let open: HashSet<NoteKey> = shared
        .hub
        .lock()
        .main()
        .flat_map(|(_, socket)| socket.open.keys().copied())
        .collect();
    open.into_iter()
        .for_each(|key| open_at_host(shared, joined, key));
}

/// Nobody waits for the answer: without it cursors are missing, and nothing else.
fn tell_about_note(shared: &Shared, joined: &Joined, call: &Call, key: NoteKey) {
    if !joined.is_live() {
        return;
    }
    let answering = joined.authority.call(call.info().name, call.to_payload());
    shared.tasks.spawn(async move {
        if let Err(error) = answering.await {
            let code = error.code.as_str();
            tracing::debug!(note.id = %key, code, "the host does not tell a note's cursors");
        }
    });
}

/// Brings a file into a room of the host's, and keeps its bytes, so that they need not come back. It
/// waits its turn where the host is away or something else waits.
pub(crate) async fn upload(
    shared: &Arc<Shared>,
    joined: &Joined,
    me: MemberId,
    file: StoredFile,
    new: NewFile,
) -> Result<StoredFile, CallError> {
    if joined.is_read_only {
        return Err(crate::look::read_only());
    }
    let passes = joined.is_live() && *joined.pending().borrow() == 0;
    if passes {
        match upload_now(shared, joined, file.hash, new.clone()).await {
            // Sent or not, it is sent again under its id.
            Err(error) if error.code == Code::Offline || error.is_disk_full() => {}
            told => return told,
        }
    }
    crate::files::pend(shared, me, file, new).await
}

async fn upload_now(
    shared: &Arc<Shared>,
    joined: &Joined,
    hash: FileHash,
    file: NewFile,
) -> Result<StoredFile, CallError> {
    let bytes = file.bytes.clone();
    let _keep = crate::files::Keep::new(shared, hash);
    let stored = joined.authority.upload(file).await?;
    if stored.hash == hash {
        // Without them they are fetched like any other's.
        if let Err(error) = Handle(shared.clone()).keep_file(hash, &bytes).await {
            tracing::debug!(code = error.code.as_str(), "a file's bytes were not kept");
        }
    }
    Ok(stored)
}

/// Whether a call is about what only the host has: who waits there, who is invited, what is said
/// to people who are with it.
pub(crate) fn is_the_hosts(call: &Call) -> bool {
    matches!(
        call,
        Call::MemberAsk(_)
            | Call::MemberAnswer(_)
            | Call::AchtungSend(_)
            | Call::SessionInvite(_)
            | Call::SessionInvites(_)
            | Call::SessionUninvite(_)
            | Call::SessionDevices(_)
            | Call::SessionKnocks(_)
            | Call::KnockAnswer(_)
    )
}

/// Asks the host.
pub(crate) fn ask_host(joined: &Joined, call: &Call) -> Answering {
    if !joined.is_live() {
        return Box::pin(std::future::ready(Err(offline())));
    }
    joined.authority.call(call.info().name, call.to_payload())
}

/// Tells the host how far a room has been read, so that other devices know. Nothing waits for it:
/// the next mark says it again.
pub(crate) fn tell_read(joined: &Joined, call: &RoomRead) {
    joined
        .authority
        .signal("room:read", Call::RoomRead(call.clone()).to_payload());
}

/// Only the host can decide this, and the host is away.
pub(crate) fn offline() -> CallError {
    CallError::new(
        Code::Offline,
        "Only the host can decide this, and the host is away. Try again when it is back.",
    )
}
