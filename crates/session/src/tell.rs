//! Who is told what: the connected sockets, and which of them a fact concerns.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hearth_protocol::id::DeviceId;
use hearth_protocol::{Fact, FactKind, MemberId, NoteKey, RoomId};
use hearth_store::FactMeta;
use imbl::OrdSet;

use crate::bundle::{Bundles, FactMessage};
use crate::feed::{Cut, FeedSender, Out};
use crate::presence::Place;
use crate::state::State;

/// A connection's number, never given twice in one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ConnectionId(pub(crate) u64);

/// Which namespace a socket is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Space {
    /// `/`: everything.
    Main,
    /// `/home`: titles only.
    Home,
}

/// One connected socket.
#[derive(Debug)]
pub(crate) struct Socket {
    pub(crate) member: MemberId,
    /// The Socket.IO id, by which others can ask for this socket.
    pub(crate) name: String,
    /// The sign-in it came with.
    pub(crate) device: DeviceId,
    pub(crate) space: Space,
    pub(crate) feed: FeedSender,
    /// Whether facts go out to it as they happen.
    pub(crate) live: Option<Live>,
    pub(crate) place: Place,
    /// Notes it has open, and where its cursor is in each. A few: a tree finds one sooner than a
    /// table.
    pub(crate) open: BTreeMap<NoteKey, OpenNote>,
}

/// A note that a socket has open.
#[derive(Debug, Clone, Default)]
pub(crate) struct OpenNote {
    pub(crate) cursor: Option<serde_json::Value>,
    /// Moved since the others were told.
    pub(crate) moved: bool,
}

/// How a live socket wants its facts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Live {
    pub(crate) batch: bool,
    /// It hears of all that its member may see: of rooms not joined and of every note's edits.
    pub(crate) follows: bool,
}

/// From being recognised to entering takes milliseconds.
const ENDED_KEPT: usize = 256;

/// The connected sockets.
///
/// Guarded by a `std::sync::Mutex`: nothing waits while it is held, and putting something into a
/// feed never does.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hub(Arc<Mutex<Sockets>>);

#[derive(Debug, Default)]
pub(crate) struct Sockets {
    next: u64,
    pub(crate) by_id: BTreeMap<ConnectionId, Socket>,
    /// Sign-ins that were ended lately: somebody who was known a moment ago may be about to enter.
    ended: VecDeque<DeviceId>,
}

impl Hub {
    /// The sockets, for as long as the guard lives. Never hold it across an `.await`.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Sockets> {
        // Every change is one insertion or removal, so a panic elsewhere leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends `out` to every socket of this namespace.
    pub(crate) fn send_to_all(&self, space: Space, out: &Out) {
        for socket in self
            .lock()
            .by_id
            .values()
            .filter(|socket| socket.space == space)
        {
            socket.feed.send(out.clone());
        }
    }

    /// Ends every socket of this sign-in, and those that are about to come by it.
    pub(crate) fn end_device(&self, device: DeviceId) {
        let mut sockets = self.lock();
        if sockets.ended.len() >= ENDED_KEPT {
            sockets.ended.pop_front();
        }
        sockets.ended.push_back(device);
        let of_device = |socket: &&Socket| socket.device == device;
        for socket in sockets.by_id.values().filter(of_device) {
            socket.feed.cut(Cut::SignedOut);
        }
    }

    /// Ends every socket of which `which` is true.
    pub(crate) fn cut(&self, reason: Cut, which: impl Fn(&Socket) -> bool) {
        for socket in self.lock().by_id.values().filter(|socket| which(socket)) {
            socket.feed.cut(reason);
        }
    }
}

impl Sockets {
    pub(crate) fn insert(&mut self, socket: Socket) -> ConnectionId {
        self.next += 1;
        let id = ConnectionId(self.next);
        self.by_id.insert(id, socket);
        id
    }

    /// Whether a sign-in was ended a moment ago.
    pub(crate) fn has_ended(&self, device: DeviceId) -> bool {
        self.ended.contains(&device)
    }

    /// Sockets on `/`.
    pub(crate) fn main(&self) -> impl Iterator<Item = (&ConnectionId, &Socket)> {
        self.by_id
            .iter()
            .filter(|(_, socket)| socket.space == Space::Main)
    }

    /// How many people are connected: a person with three tabs counts once.
    pub(crate) fn people(&self) -> usize {
        let mut members: Vec<_> = self.main().map(|(_, socket)| socket.member).collect();
        members.sort_unstable();
        members.dedup();
        members.len()
    }
}

/// Whom a fact concerns.
#[derive(Debug, Clone)]
pub(crate) enum Audience {
    Everybody,
    /// The members of a room as it was right after the fact, and those it is about.
    Room {
        members: OrdSet<MemberId>,
        also: Vec<MemberId>,
        /// Everybody may see it.
        public: bool,
    },
    /// Those who have the note open; the others hear of versions.
    OpenNote {
        key: NoteKey,
        only: Option<OrdSet<MemberId>>,
    },
    /// The members of one room who are not in another.
    Left {
        members: OrdSet<MemberId>,
        but: OrdSet<MemberId>,
        /// Everybody could see the first one.
        public: bool,
    },
}

impl Audience {
    fn has(&self, socket: &Socket, live: Live) -> bool {
        let member = &socket.member;
        let follows = live.follows;
        match self {
            Self::Everybody => true,
            Self::Room {
                members,
                also,
                public,
            } => members.contains(member) || also.contains(member) || (follows && *public),
            Self::OpenNote { key, only } => {
                (follows || socket.open.contains_key(key))
                    && only.as_ref().is_none_or(|members| members.contains(member))
            }
            Self::Left {
                members,
                but,
                public,
            } => (members.contains(member) || (follows && *public)) && !but.contains(member),
        }
    }
}

/// The room whose members a fact concerns; none: everybody. `state` is from before the fact.
pub(crate) fn room_of(kind: &FactKind, state: &State) -> Option<RoomId> {
    let is_private = |room: RoomId| {
        let room = state.rooms.get(&room);
        room.is_some_and(|room| room.room.private)
    };
    let room_of = |key| state.notes.get(&key).map(|note| note.room);
    kind.concerned_room(is_private, room_of)
}

/// Whom `fact` concerns. `room` is [`room_of`] it, `state` from right after it.
pub(crate) fn audience(fact: &Fact, room: Option<RoomId>, state: &State) -> Audience {
    let members = |room: RoomId| {
        state
            .rooms
            .get(&room)
            .map(|room| room.members.clone())
            .unwrap_or_default()
    };
    let is_private = |room: &RoomId| state.rooms.get(room).is_none_or(|room| room.room.private);
    match &fact.kind {
        FactKind::NoteEdited { key, .. } => {
            return Audience::OpenNote {
                key: *key,
                only: room.filter(is_private).map(members),
            };
        }
        FactKind::NoteLeft { key, room } => {
            let now = state
                .notes
                .get(key)
                .map(|note| members(note.room))
                .unwrap_or_default();
            return Audience::Left {
                members: members(*room),
                but: now,
                public: !is_private(room),
            };
        }
        _ => {}
    }
    let Some(room) = room else {
        return Audience::Everybody;
    };
    let also = match &fact.kind {
        FactKind::RoomJoined { member, .. } | FactKind::RoomLeft { member, .. } => vec![*member],
        // Its members join only with the facts that follow.
        FactKind::RoomCreated { room } => room.direct.map_or(Vec::new(), Vec::from),
        _ => Vec::new(),
    };
    let also = also
        .into_iter()
        .chain(fact.by.filter(|_| is_creation(&fact.kind)))
        .collect();
    Audience::Room {
        members: members(room),
        also,
        public: !is_private(&room),
    }
}

fn is_creation(kind: &FactKind) -> bool {
    matches!(kind, FactKind::RoomCreated { .. })
}

/// Whether a fact of the log concerns `member`, as the session is now.
pub(crate) fn concerns(state: &State, member: MemberId, meta: &FactMeta) -> bool {
    if meta.code == FactKind::NOTE_EDITED_CODE {
        return false;
    }
    if meta.code == FactKind::NOTE_LEFT_CODE
        && meta
            .note
            .is_some_and(|key| state.visible_note(member, key).is_some())
    {
        return false;
    }
    meta.subject == Some(member)
        || meta.room.is_none_or(|room| {
            state
                .rooms
                .get(&room)
                .is_some_and(|room| room.members.contains(&member))
        })
}

/// A committed fact with whom it concerns.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) fact: Arc<Fact>,
    pub(crate) message: Arc<FactMessage>,
    pub(crate) audience: Audience,
}

impl Told {
    pub(crate) fn seq(&self) -> u64 {
        self.fact.seq.unwrap_or_default()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.message.bytes()
    }
}

/// Puts facts that were committed together into one socket's feed, as far as they concern it.
/// Answers whether any does.
pub(crate) fn tell(socket: &Socket, told: &[Told], bundles: &mut Bundles) -> bool {
    let Some(live) = socket.live else {
        return false;
    };
    let concerns = |told: &Told| told.audience.has(socket, live);
    let message = |told: &Told| told.message.clone();
    let Some(facts) = bundles.of(told, concerns, message) else {
        return false;
    };
    let batch = live.batch;
    socket.feed.send(Out::Facts { facts, batch });
    true
}
