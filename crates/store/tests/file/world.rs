//! A hosted session in which things happen at random, and what its host would tell one member of it.

use std::collections::BTreeMap;

use hearth_protocol::{Fact, FactKind, MemberId, Message, Note, NoteKey, RoomId};
use hearth_store::{FactMeta, NewFact, PastOf};

use crate::support::{SessionFile, at, edit, fact, file_added, member, message, note, room};

/// Numbers that follow from a seed.
pub(crate) struct Chances(pub(crate) u64);

impl Chances {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        // The constants of Knuth's MMIX; the high bits are the good ones.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    pub(crate) fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        (!all.is_empty()).then(|| all[self.below(all.len())])
    }
}

pub(crate) struct Place {
    pub(crate) private: bool,
    pub(crate) members: Vec<MemberId>,
}

/// The session as it is at the host.
pub(crate) struct World {
    pub(crate) host: SessionFile,
    /// Whose copy it is about.
    pub(crate) me: MemberId,
    others: Vec<MemberId>,
    pub(crate) rooms: BTreeMap<RoomId, Place>,
    pub(crate) notes: BTreeMap<NoteKey, Note>,
    messages: Vec<Message>,
    files: u8,
}

impl World {
    pub(crate) async fn new() -> Self {
        let mut host = SessionFile::new().await;
        let (me, ada, bob) = (member("Me"), member("Ada"), member("Bob"));
        let ids = [me.id, ada.id, bob.id];
        let joined =
            [me, ada, bob].map(|member| fact(None, None, FactKind::MemberJoined { member }));
        host.commit(joined.into()).await;
        let mut world = Self {
            host,
            me: ids[0],
            others: ids[1..].to_vec(),
            rooms: BTreeMap::new(),
            notes: BTreeMap::new(),
            messages: Vec::new(),
            files: 0,
        };
        world.make_room(ids[1], false).await;
        world.make_room(ids[2], true).await;
        world
    }

    fn is_private(&self, room: RoomId) -> bool {
        self.rooms.get(&room).is_some_and(|room| room.private)
    }

    pub(crate) fn sees_room(&self, room: RoomId) -> bool {
        self.rooms
            .get(&room)
            .is_some_and(|room| !room.private || room.members.contains(&self.me))
    }

    pub(crate) fn sees_note(&self, key: NoteKey) -> bool {
        self.notes
            .get(&key)
            .is_some_and(|note| self.sees_room(note.room))
    }

    /// Writes what one call did.
    async fn write(&mut self, facts: Vec<NewFact>) {
        let facts: Vec<_> = facts
            .into_iter()
            .map(|new| {
                let room_of = |key| self.notes.get(&key).map(|note| note.room);
                let kind = &new.fact.kind;
                let room = kind.concerned_room(|room| self.is_private(room), room_of);
                NewFact { room, ..new }
            })
            .collect();
        self.host.commit(facts).await;
    }

    async fn make_room(&mut self, by: MemberId, private: bool) {
        let mut made = room("A room");
        made.private = private;
        let id = made.id;
        let members = vec![by];
        self.rooms.insert(id, Place { private, members });
        let created = FactKind::RoomCreated { room: made };
        let joined = FactKind::RoomJoined {
            room: id,
            member: by,
        };
        self.write(vec![
            fact(Some(by), None, created),
            fact(Some(by), None, joined),
        ])
        .await;
    }

    async fn go_in_or_out(&mut self, room: RoomId, member: MemberId) {
        let members = &mut self.rooms.get_mut(&room).unwrap().members;
        let kind = match members.iter().position(|one| *one == member) {
            Some(at) => {
                members.remove(at);
                FactKind::RoomLeft { room, member }
            }
            None => {
                members.push(member);
                FactKind::RoomJoined { room, member }
            }
        };
        self.write(vec![fact(Some(member), None, kind)]).await;
    }

    async fn make_note(&mut self, by: MemberId, room: RoomId) {
        let note = note(by, room, &format!("Note {}", self.host.head));
        self.notes.insert(note.key, note.clone());
        self.write(vec![fact(Some(by), None, FactKind::NoteCreated { note })])
            .await;
    }

    async fn edit_note(&mut self, by: MemberId, key: NoteKey) {
        let text = format!("edit {}", self.host.head);
        let note = self.notes.get_mut(&key).unwrap();
        note.version += 1;
        note.updated_at = at(1);
        note.updated_by = by;
        let new = edit(by, note.room, key, note.version, text.as_bytes());
        self.write(vec![new]).await;
    }

    async fn move_note(&mut self, by: MemberId, key: NoteKey, to: RoomId) {
        let from = self.notes[&key].room;
        if from == to {
            return;
        }
        self.notes.get_mut(&key).unwrap().room = to;
        let note = self.notes[&key].clone();
        let mut facts = vec![fact(Some(by), None, FactKind::NoteMoved { note })];
        if self.is_private(to) {
            let left = FactKind::NoteLeft { key, room: from };
            facts.push(fact(Some(by), None, left));
        }
        self.write(facts).await;
    }

    async fn purge_note(&mut self, key: NoteKey) {
        self.write(vec![fact(None, None, FactKind::NotePurged { key })])
            .await;
        self.notes.remove(&key);
    }

    async fn purge_room(&mut self, room: RoomId) {
        self.write(vec![fact(None, None, FactKind::RoomPurged { room })])
            .await;
        self.rooms.remove(&room);
        self.notes.retain(|_, note| note.room != room);
        self.messages.retain(|message| message.room != room);
    }

    async fn post(&mut self, by: MemberId, room: RoomId) {
        let seq = self.host.next();
        let message = message(by, room, seq, &format!("message {seq}"));
        self.messages.push(message.clone());
        self.write(vec![fact(
            Some(by),
            None,
            FactKind::MessagePosted { message },
        )])
        .await;
    }

    async fn change_message(&mut self, chances: &mut Chances) {
        if self.messages.is_empty() {
            return;
        }
        let at_place = chances.below(self.messages.len());
        let by = self.messages[at_place].by;
        let kind = if chances.one_in(2) {
            let mut message = self.messages.remove(at_place);
            message.body.clear();
            FactKind::MessageDestroyed { message }
        } else {
            let message = &mut self.messages[at_place];
            message.body += ", changed";
            message.edited_at = Some(at(3));
            FactKind::MessageEdited {
                message: message.clone(),
            }
        };
        self.write(vec![fact(Some(by), None, kind)]).await;
    }

    /// Something happens.
    pub(crate) async fn happen(&mut self, chances: &mut Chances) {
        let rooms: Vec<_> = self.rooms.keys().copied().collect();
        let notes: Vec<_> = self.notes.keys().copied().collect();
        let by = chances.one_of(&self.others).unwrap();
        let (room, note) = (chances.one_of(&rooms), chances.one_of(&notes));
        match (chances.below(24), room, note) {
            (0, ..) => self.make_room(by, chances.one_in(2)).await,
            (1..=4, Some(room), _) => self.go_in_or_out(room, self.me).await,
            (5, Some(room), _) => self.go_in_or_out(room, by).await,
            (6..=7, Some(room), _) => self.make_note(by, room).await,
            (8..=11, Some(to), Some(key)) => self.move_note(by, key, to).await,
            (12..=15, _, Some(key)) => self.edit_note(by, key).await,
            (16, _, Some(key)) if chances.one_in(2) => self.purge_note(key).await,
            (17, Some(room), _) if chances.one_in(4) => self.purge_room(room).await,
            (18..=19, ..) => self.change_message(chances).await,
            (20, Some(room), _) => {
                self.files += 1;
                let new = file_added(Some(by), room, self.files, "Plan");
                self.write(vec![new]).await;
            }
            (_, Some(room), _) => self.post(by, room).await,
            _ => {}
        }
    }

    /// Whether the host tells this fact of its log, as things are now.
    pub(crate) fn tells(&self, meta: &FactMeta) -> bool {
        let of_note = meta
            .note
            .filter(|key| meta.code != FactKind::NOTE_LEFT_CODE && self.notes.contains_key(key))
            .map(|key| self.sees_note(key));
        meta.subject == Some(self.me)
            || of_note.unwrap_or_else(|| meta.room.is_none_or(|room| self.sees_room(room)))
    }

    /// A page of what is told, up to `until`, and how far it goes.
    pub(crate) async fn page(&self, since: u64, until: u64) -> (Vec<Fact>, u64) {
        let purges = self.host.reader.room_purges(self.me, since, until).await;
        let purges = purges.unwrap();
        let wanted = |meta: &FactMeta| self.tells(meta) || purges.contains(&meta.seq);
        let page = self.host.reader.facts(since, until, 2_000, wanted).await;
        let page = page.unwrap();
        (self.true_leaves(since, page.facts).await, page.next)
    }

    /// A page of a past; `None` when it is out of sight.
    pub(crate) async fn past(
        &self,
        of: PastOf,
        since: u64,
        until: u64,
    ) -> Option<(Vec<Fact>, u64)> {
        let now_in = |meta: &FactMeta, room| {
            let note = meta.note.and_then(|key| self.notes.get(&key));
            meta.room == Some(room) || note.is_some_and(|note| note.room == room)
        };
        let wanted = |meta: &FactMeta| {
            let is_gone = meta.note.is_some_and(|key| !self.notes.contains_key(&key));
            self.tells(meta)
                && !is_gone
                && match of {
                    PastOf::Room(room) => now_in(meta, room),
                    PastOf::Note(key) => meta.note == Some(key),
                }
        };
        let in_sight = match of {
            PastOf::Room(room) => self.sees_room(room),
            PastOf::Note(key) => self.sees_note(key),
        };
        if !in_sight {
            return None;
        }
        let page = self.host.reader.facts(since, until, 2_000, wanted).await;
        let page = page.unwrap();
        Some((self.true_leaves(since, page.facts).await, page.next))
    }

    /// Without those that say that a note was lost which this member saw all the time.
    async fn true_leaves(&self, since: u64, facts: Vec<Fact>) -> Vec<Fact> {
        let mut kept = Vec::new();
        for fact in facts {
            let seq = fact.seq.unwrap();
            let is_true = match &fact.kind {
                FactKind::NoteLeft { key, room } if self.sees_note(*key) => {
                    let reader = &self.host.reader;
                    let to = reader.note_moved_to(*key, seq).await.unwrap().unwrap();
                    let saw = !self.is_private(*room)
                        || reader.was_in_room(self.me, *room, seq).await.unwrap();
                    let sees = reader.was_in_room(self.me, to, seq).await.unwrap();
                    since > 0 && saw && !sees
                }
                _ => true,
            };
            if is_true {
                kept.push(fact);
            }
        }
        kept
    }
}
