//! Rooms that are here no more.

use hearth_protocol::answer::{EarlierCall, EarlierKind, EarlierWay};
use hearth_protocol::{MemberId, RoomId};
use serde_json::json;

use super::compared::{Compared, Offer, call};
use crate::state::RoomState;

impl Compared<'_> {
    pub(super) fn room(&self, id: RoomId) -> Option<Offer> {
        let old = self.before.state.visible_room(self.before.me, id)?;
        if self.now.rooms.contains_key(&id) || self.conversation(old).is_some() {
            return None;
        }
        let again = self.make_room(id).unwrap_or_default();
        let mut item = self.item(EarlierKind::Room, old.created_by.unwrap_or(self.before.me));
        item.title = Some(old.room.name.to_string());
        item.best = match again.is_empty() {
            true => EarlierWay::Ask,
            false => EarlierWay::Again,
        };
        Some(Offer {
            item,
            text: old.room.topic.to_string(),
            again,
            beside: None,
        })
    }

    /// Where what was in this room belongs now, and what has to be made for it first.
    pub(super) fn place(&self, id: RoomId) -> Option<(RoomId, Vec<EarlierCall>)> {
        if self.now.visible_room(self.me, id).is_some() {
            return Some((id, Vec::new()));
        }
        let old = self.before.state.visible_room(self.before.me, id)?;
        if let Some(conversation) = self.conversation(old) {
            return Some((conversation, Vec::new()));
        }
        Some((id, self.make_room(id)?))
    }

    /// The same conversation of two, under whichever id.
    fn conversation(&self, old: &RoomState) -> Option<RoomId> {
        let now = self.now.direct(self.me, self.other(old.room.direct?)?)?;
        now.room.destroyed_at.is_none().then_some(now.room.id)
    }

    /// The other one of a conversation of two.
    fn other(&self, both: [MemberId; 2]) -> Option<MemberId> {
        both.into_iter().find(|one| *one != self.before.me)
    }

    /// Makes a room under its old id, so that what is in it finds it, and so that of several people
    /// who bring it back only the first does. One that was destroyed since is left so.
    fn make_room(&self, id: RoomId) -> Option<Vec<EarlierCall>> {
        if self.now.rooms.contains_key(&id) {
            return None;
        }
        let room = &self.before.state.visible_room(self.before.me, id)?.room;
        let made = match room.direct {
            Some(both) => {
                let other = self.other(both)?;
                self.now.present(other)?;
                call("room:direct", json!({ "id": id, "member": other }))
            }
            None => {
                let (name, topic, private) = (&room.name, &room.topic, room.private);
                let said = json!({ "id": id, "name": name, "topic": topic, "private": private });
                call("room:create", said)
            }
        };
        Some(vec![made])
    }
}
