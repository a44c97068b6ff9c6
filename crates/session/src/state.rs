//! What the session is at one moment: a projection of the log, held in memory.
//!
//! A [`State`] never changes once it is published. The writer clones it (cheap: the maps share
//! their parts), applies facts to its own clone, and publishes that after the commit.

use std::collections::HashSet;
use std::sync::Arc;

use hearth_protocol::object::{Admission, Browsers};
use hearth_protocol::{
    CallId, Fact, FactKind, Member, MemberId, Message, MessageId, Note, NoteKey, Role, Room,
    RoomId, RunId, Session,
};
use hearth_store::Loaded;
use imbl::{HashMap, OrdMap, OrdSet, Vector};
use uuid::Uuid;

/// A room with what is not part of its object.
#[derive(Debug, Clone)]
pub(crate) struct RoomState {
    pub(crate) room: Room,
    /// Who made it; nobody made the first one.
    pub(crate) created_by: Option<MemberId>,
    pub(crate) members: OrdSet<MemberId>,
    pub(crate) notes: OrdSet<NoteKey>,
}

/// The session at one moment.
#[derive(Debug, Clone)]
pub struct State {
    session: Arc<Session>,
    head: u64,
    /// Runs and the number of the fact that began each, oldest first.
    runs: Arc<Vec<(RunId, u64)>>,
    /// The room that newcomers join.
    general: Option<RoomId>,
    /// Of a copy: what has come into and gone out of sight; 0 where the session is hosted.
    sights: u64,
    /// Of a copy: the person whose it is.
    copy_of: Option<MemberId>,
    pub(crate) owner: Option<MemberId>,
    pub(crate) pin: Option<hearth_protocol::name::Pin>,
    pub(crate) members: OrdMap<MemberId, Arc<Member>>,
    pub(crate) rooms: OrdMap<RoomId, Arc<RoomState>>,
    pub(crate) notes: OrdMap<NoteKey, Arc<Note>>,
    directs: HashMap<[MemberId; 2], RoomId>,
    /// What waits for the host of a joined session, in order, and is shown already.
    pub(crate) pending: Vector<Arc<Fact>>,
}

impl State {
    pub(crate) fn new(loaded: Loaded) -> Self {
        let mut state = Self {
            session: Arc::new(loaded.session),
            head: loaded.head,
            runs: Arc::new(
                loaded
                    .runs
                    .iter()
                    .map(|run| (run.run, run.first_seq))
                    .collect(),
            ),
            general: None,
            sights: loaded.copy.as_ref().map_or(0, |copy| copy.sights),
            copy_of: loaded.copy.map(|copy| copy.member),
            owner: loaded.owner,
            pin: loaded.pin,
            members: loaded
                .members
                .into_iter()
                .map(|m| (m.id, Arc::new(m)))
                .collect(),
            rooms: OrdMap::new(),
            notes: OrdMap::new(),
            directs: HashMap::new(),
            pending: Vector::new(),
        };
        for row in loaded.rooms {
            state.put_room(row.room, row.created_by, row.members.into_iter().collect());
        }
        for note in loaded.notes {
            state.put_note(note);
        }
        state
    }

    /// The session itself.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The number of the last fact.
    pub fn head(&self) -> u64 {
        self.head
    }

    /// Of a copy: how often something came into or went out of sight, log and all.
    pub(crate) fn sights(&self) -> u64 {
        self.sights
    }

    /// A member by id, one who was removed too: what they wrote has their name.
    pub fn member(&self, id: MemberId) -> Option<&Arc<Member>> {
        self.members.get(&id)
    }

    /// A member who has not been removed; in a copy also the person whose copy it is: what is on
    /// their computer they may go on reading.
    pub fn present(&self, id: MemberId) -> Option<&Arc<Member>> {
        self.member(id)
            .filter(|member| member.removed.is_none() || self.copy_of == Some(id))
    }

    /// Who hosts: the person whose file this is, else the first who is a host; nobody before the
    /// first one has come in.
    pub fn host(&self) -> Option<&Arc<Member>> {
        let is_host = |member: &&Arc<Member>| member.role == Role::Host && member.removed.is_none();
        let owner = self.owner.and_then(|owner| self.present(owner));
        owner.or_else(|| self.members.values().find(is_host))
    }

    /// How many people others may see by name: every member.
    pub fn member_count(&self) -> usize {
        self.members.len()
    }

    /// Where `since`, seen in `run`, lies in this history: false when it is from another one.
    pub(crate) fn knows(&self, since: u64, run: Option<RunId>) -> bool {
        let Some(run) = run else {
            return since <= self.head;
        };
        self.end_of(run).is_some_and(|end| since <= end)
    }

    /// The last fact of a run this history knows.
    pub(crate) fn end_of(&self, run: RunId) -> Option<u64> {
        let at = self.runs.iter().position(|(known, _)| *known == run)?;
        Some(
            self.runs
                .get(at + 1)
                .map_or(self.head, |(_, first)| first - 1),
        )
    }

    /// The last number up to which this history and another one are the same.
    pub(crate) fn common_with(&self, other: &Self) -> u64 {
        let mut newest_first = self.runs.iter().rev();
        let both =
            newest_first.find_map(|(run, _)| Some(self.end_of(*run)?.min(other.end_of(*run)?)));
        both.unwrap_or_default()
    }

    pub(crate) fn general(&self) -> Option<&Arc<RoomState>> {
        self.rooms
            .get(&self.general?)
            .filter(|room| room.room.destroyed_at.is_none())
    }

    /// The room, if this member may see it and it has not been destroyed.
    pub(crate) fn visible_room(&self, member: MemberId, room: RoomId) -> Option<&Arc<RoomState>> {
        self.known_room(member, room)
            .filter(|room| room.room.destroyed_at.is_none())
    }

    /// The room, destroyed or not, if this member may see it.
    pub(crate) fn known_room(&self, member: MemberId, room: RoomId) -> Option<&Arc<RoomState>> {
        self.rooms
            .get(&room)
            .filter(|room| !room.room.private || room.members.contains(&member))
    }

    /// The note, in the trash or not, if this member may see it.
    pub(crate) fn visible_note(&self, member: MemberId, key: NoteKey) -> Option<&Arc<Note>> {
        let note = self.notes.get(&key)?;
        self.visible_room(member, note.room).map(|_| note)
    }

    /// Rooms this member may see, the oldest first.
    pub(crate) fn visible_rooms(&self, member: MemberId) -> impl Iterator<Item = &Arc<RoomState>> {
        self.rooms.values().filter(move |room| {
            room.room.destroyed_at.is_none()
                && (!room.room.private || room.members.contains(&member))
        })
    }

    /// Rooms this member has joined.
    pub(crate) fn joined_rooms(&self, member: MemberId) -> impl Iterator<Item = &Arc<RoomState>> {
        self.visible_rooms(member)
            .filter(move |room| room.members.contains(&member))
    }

    /// The direct conversation of two members.
    pub(crate) fn direct(&self, one: MemberId, other: MemberId) -> Option<&Arc<RoomState>> {
        self.rooms.get(self.directs.get(&pair(one, other))?)
    }

    pub(crate) fn hosts(&self) -> usize {
        self.members
            .values()
            .filter(|member| member.role == Role::Host && member.removed.is_none())
            .count()
    }

    /// Takes in what is not with the host yet.
    pub(crate) fn apply_pending(&mut self, fact: &Arc<Fact>) {
        self.apply(fact);
        self.pending.push_back(fact.clone());
    }

    /// A message as what waits for the host leaves it; nothing when nothing of that is about it.
    pub(crate) fn pending_message(&self, id: MessageId) -> Option<&Message> {
        self.pending.iter().rev().find_map(|fact| match &fact.kind {
            FactKind::MessagePosted { message }
            | FactKind::MessageEdited { message }
            | FactKind::MessageDestroyed { message }
                if message.id == id =>
            {
                Some(message)
            }
            _ => None,
        })
    }

    /// Rooms and notes that are shown otherwise than the host has them.
    pub(crate) fn waiting_ids(&self) -> HashSet<Uuid> {
        let id = |fact: &Arc<Fact>| match &fact.kind {
            FactKind::RoomCreated { room }
            | FactKind::RoomUpdated { room }
            | FactKind::RoomDestroyed { room }
            | FactKind::RoomRestored { room } => Some(room.id.0),
            FactKind::RoomJoined { room, .. } | FactKind::RoomLeft { room, .. } => Some(room.0),
            FactKind::NoteCreated { note }
            | FactKind::NoteUpdated { note }
            | FactKind::NoteDestroyed { note, .. }
            | FactKind::NoteRestored { note, .. }
            | FactKind::NoteMoved { note } => Some(note.key.0),
            FactKind::NoteEdited { key, .. } => Some(key.0),
            _ => None,
        };
        self.pending.iter().filter_map(id).collect()
    }

    /// Edits of a note that are not with the host yet, in order.
    pub(crate) fn pending_edits(
        &self,
        key: NoteKey,
    ) -> impl Iterator<Item = (Option<CallId>, &str)> {
        self.pending
            .iter()
            .filter_map(move |fact| match &fact.kind {
                FactKind::NoteEdited {
                    key: edited,
                    update,
                    ..
                } if *edited == key => Some((fact.id, update.as_str())),
                _ => None,
            })
    }

    /// Takes the next fact in.
    pub(crate) fn apply(&mut self, fact: &Fact) {
        if let Some(seq) = fact.seq {
            self.head = seq;
        }
        match &fact.kind {
            FactKind::SessionHosted { run } => {
                Arc::make_mut(&mut self.runs).push((*run, self.head));
                Arc::make_mut(&mut self.session).run = *run;
            }
            FactKind::SessionUpdated { session } => self.session = Arc::new(session.clone()),
            FactKind::MemberJoined { member }
            | FactKind::MemberUpdated { member }
            | FactKind::RoleChanged { member }
            | FactKind::MemberRemoved { member }
            | FactKind::MemberUnbanned { member } => {
                self.members.insert(member.id, Arc::new(member.clone()));
            }
            FactKind::RoomCreated { room } => {
                self.put_room(room.clone(), fact.by, OrdSet::new());
            }
            FactKind::RoomUpdated { room }
            | FactKind::RoomDestroyed { room }
            | FactKind::RoomRestored { room } => {
                self.change_room(room.id, |state| state.room = room.clone());
            }
            FactKind::RoomPurged { room } => self.purge_room(*room),
            FactKind::RoomJoined { room, member } => {
                self.change_room(*room, |state| {
                    state.members.insert(*member);
                });
            }
            FactKind::RoomLeft { room, member } => {
                self.change_room(*room, |state| {
                    state.members.remove(member);
                });
            }
            FactKind::NoteCreated { note }
            | FactKind::NoteUpdated { note }
            | FactKind::NoteDestroyed { note, .. }
            | FactKind::NoteRestored { note, .. } => self.put_note(note.clone()),
            FactKind::NoteMoved { note } => {
                if let Some(old) = self.notes.get(&note.key).map(|old| old.room) {
                    self.change_room(old, |state| {
                        state.notes.remove(&note.key);
                    });
                }
                self.put_note(note.clone());
            }
            FactKind::NoteEdited { key, version, .. } => {
                if let Some(note) = self.notes.get_mut(key) {
                    let note = Arc::make_mut(note);
                    // A version is the host's to make.
                    if fact.seq.is_some() {
                        note.version = *version;
                    }
                    note.updated_at = fact.at;
                    note.updated_by = fact.by.unwrap_or(note.updated_by);
                }
            }
            FactKind::NotePurged { key } => {
                if let Some(note) = self.notes.remove(key) {
                    self.change_room(note.room, |state| {
                        state.notes.remove(key);
                    });
                }
            }
            FactKind::NoteLeft { .. }
            | FactKind::DeviceRevoked { .. }
            | FactKind::MessagePosted { .. }
            | FactKind::MessageEdited { .. }
            | FactKind::MessageDestroyed { .. }
            // Files are looked up in the session file; there may be many.
            | FactKind::FileAdded { .. }
            | FactKind::Unknown(_) => {}
        }
    }

    fn put_room(&mut self, room: Room, created_by: Option<MemberId>, members: OrdSet<MemberId>) {
        if created_by.is_none() && self.general.is_none() {
            self.general = Some(room.id);
        }
        if let Some([one, other]) = room.direct {
            self.directs.insert(pair(one, other), room.id);
        }
        let id = room.id;
        let state = RoomState {
            room,
            created_by,
            members,
            notes: OrdSet::new(),
        };
        self.rooms.insert(id, Arc::new(state));
    }

    fn put_note(&mut self, note: Note) {
        let key = note.key;
        self.change_room(note.room, |state| {
            state.notes.insert(key);
        });
        self.notes.insert(key, Arc::new(note));
    }

    fn purge_room(&mut self, room: RoomId) {
        let Some(gone) = self.rooms.remove(&room) else {
            return;
        };
        for key in &gone.notes {
            self.notes.remove(key);
        }
        if let Some([one, other]) = gone.room.direct {
            self.directs.remove(&pair(one, other));
        }
    }

    fn change_room(&mut self, room: RoomId, change: impl FnOnce(&mut RoomState)) {
        if let Some(state) = self.rooms.get_mut(&room) {
            change(Arc::make_mut(state));
        }
    }

    /// Rooms that this member is in, whether or not they were destroyed.
    pub(crate) fn rooms_of(&self, member: MemberId) -> impl Iterator<Item = RoomId> {
        self.rooms
            .values()
            .filter(move |room| room.members.contains(&member))
            .map(|room| room.room.id)
    }

    pub(crate) fn admission(&self) -> Admission {
        self.session.admission
    }

    pub(crate) fn browsers(&self) -> Browsers {
        self.session.browsers
    }
}

fn pair(one: MemberId, other: MemberId) -> [MemberId; 2] {
    if one < other {
        [one, other]
    } else {
        [other, one]
    }
}
