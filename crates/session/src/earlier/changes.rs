//! Calls that had waited and bring no words: what is moved, joined, called otherwise, thrown away.

use hearth_protocol::CallId;
use hearth_protocol::answer::{EarlierKind, EarlierWay};
use hearth_protocol::call::{Call, MemberUpdate, NoteUpdate, RoomUpdate};
use hearth_protocol::{Note, NoteKey, Room, RoomId};
use serde_json::json;

use super::compared::{Compared, Offer, call};
use crate::failure::SessionError;
use crate::outbox::Waiting;

/// What a change is about, and what it would make of it.
struct Change {
    title: Option<String>,
    room: Option<RoomId>,
    text: String,
    best: EarlierWay,
}

impl Compared<'_> {
    /// Nothing where what it is about is not here, or is so already.
    pub(super) async fn change(&self, id: CallId) -> Result<Option<Offer>, SessionError> {
        let waiting = self.before.waiting.iter().find(|one| one.id == id);
        let Some(waiting) = waiting else {
            return Ok(None);
        };
        let Ok(parsed) = Call::parse(&waiting.name, waiting.payload.clone()) else {
            return Ok(None);
        };
        let change = match &parsed {
            Call::MessageDestroy(call) => {
                let now = self.reader.message(call.message).await?;
                let now = now.filter(|message| !message.body.is_empty());
                now.map(|message| Change {
                    title: None,
                    room: Some(message.room),
                    text: message.body,
                    best: EarlierWay::Ask,
                })
            }
            other => self.change_of_state(other),
        };
        Ok(change.map(|change| self.change_offered(waiting, change)))
    }

    fn change_offered(&self, waiting: &Waiting, change: Change) -> Offer {
        let mut payload = waiting.payload.clone();
        if self.anew {
            payload["id"] = json!(CallId::new());
        }
        let mut item = match change.room {
            Some(room) => self.item_in(room, EarlierKind::Change, self.me),
            None => self.item(EarlierKind::Change, self.me),
        };
        item.at = Some(waiting.made_at);
        item.title = change.title;
        item.call = Some(waiting.name.clone());
        item.unsent = true;
        item.best = change.best;
        Offer {
            item,
            text: change.text,
            again: vec![call(&waiting.name, payload)],
            beside: None,
        }
    }

    fn change_of_state(&self, call: &Call) -> Option<Change> {
        match call {
            Call::NoteDestroy(call) => {
                let note = self.note_now(call.key)?;
                (note.trashed_at.is_none()).then(|| of_note(note, EarlierWay::Ask))
            }
            Call::NoteRestore(call) => {
                let note = self.note_now(call.key)?;
                (note.trashed_at.is_some()).then(|| of_note(note, EarlierWay::Again))
            }
            Call::NoteMove(call) => {
                let note = self.note_now(call.key)?;
                self.now.visible_room(self.me, call.room)?;
                (note.room != call.room).then(|| of_note(note, EarlierWay::Again))
            }
            Call::NoteUpdate(call) => self.title(call),
            Call::RoomUpdate(call) => self.room_update(call),
            Call::RoomDestroy(call) => {
                let room = self.room_now(call.room)?;
                (room.destroyed_at.is_none()).then(|| of_room(room, EarlierWay::Ask))
            }
            Call::RoomRestore(call) => {
                let room = self.room_now(call.room)?;
                (room.destroyed_at.is_some()).then(|| of_room(room, EarlierWay::Again))
            }
            Call::RoomJoin(call) => {
                let room = self.room_now(call.room)?;
                (!self.is_in(call.room)).then(|| of_room(room, EarlierWay::Again))
            }
            Call::RoomLeave(call) => {
                let room = self.room_now(call.room)?;
                self.is_in(call.room)
                    .then(|| of_room(room, EarlierWay::Ask))
            }
            Call::MemberUpdate(call) => self.member_update(call),
            // What brings words is offered as what it made.
            _ => None,
        }
    }

    fn note_now(&self, key: NoteKey) -> Option<&Note> {
        self.now.visible_note(self.me, key).map(AsRef::as_ref)
    }

    fn room_now(&self, id: RoomId) -> Option<&Room> {
        self.now.known_room(self.me, id).map(|room| &room.room)
    }

    fn is_in(&self, id: RoomId) -> bool {
        let room = self.now.rooms.get(&id);
        room.is_some_and(|room| room.members.contains(&self.me))
    }

    /// Others may have called it otherwise since.
    fn title(&self, call: &NoteUpdate) -> Option<Change> {
        let note = self.note_now(call.key)?;
        let title = call.title.as_ref().filter(|title| **title != note.title)?;
        Some(Change {
            text: title.to_string(),
            ..of_note(note, EarlierWay::Ask)
        })
    }

    fn room_update(&self, call: &RoomUpdate) -> Option<Change> {
        let room = self.room_now(call.room)?;
        let name = call.name.as_ref().filter(|name| **name != room.name);
        let topic = call.topic.as_ref().filter(|topic| **topic != room.topic);
        let text = name
            .map(ToString::to_string)
            .or_else(|| topic.map(ToString::to_string))?;
        Some(Change {
            text,
            ..of_room(room, EarlierWay::Ask)
        })
    }

    fn member_update(&self, call: &MemberUpdate) -> Option<Change> {
        let me = self.now.member(self.me)?;
        let name = call.name.as_ref().filter(|name| **name != me.name);
        let color = call.color.as_ref().filter(|color| **color != me.color);
        (name.is_some() || color.is_some()).then(|| Change {
            title: None,
            room: None,
            text: name.map(ToString::to_string).unwrap_or_default(),
            best: EarlierWay::Again,
        })
    }
}

fn of_note(note: &Note, best: EarlierWay) -> Change {
    Change {
        title: Some(note.title.to_string()),
        room: Some(note.room),
        text: String::new(),
        best,
    }
}

fn of_room(room: &Room, best: EarlierWay) -> Change {
    Change {
        title: Some(room.name.to_string()),
        room: Some(room.id),
        text: String::new(),
        best,
    }
}
