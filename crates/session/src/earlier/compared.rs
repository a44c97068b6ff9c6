//! The copy from before, held against what is shown now.

use std::sync::Arc;

use hearth_protocol::answer::{EarlierCall, EarlierItem, EarlierKind, EarlierWay};
use hearth_protocol::{MemberId, Name, NoteKey, RoomId};
use hearth_store::Reader;
use serde_json::Value;

use super::before::Before;
use super::candidates::Of;
use crate::failure::SessionError;
use crate::handle::Shared;
use crate::joined::Joined;
use crate::state::State;

/// Something that is offered.
pub(super) struct Offer {
    pub(super) item: EarlierItem,
    /// All of its text.
    pub(super) text: String,
    /// What brings it back, in order; nothing where its person has to find another way.
    pub(super) again: Vec<EarlierCall>,
    /// Under which id it becomes a note beside the present one.
    pub(super) beside: Option<NoteKey>,
}

/// Both copies.
pub(super) struct Compared<'a> {
    pub(super) before: &'a Before,
    pub(super) now: Arc<State>,
    pub(super) reader: &'a Reader,
    /// Who the person is now; in the copy from before perhaps somebody else.
    pub(super) me: MemberId,
    /// The most characters of a message.
    pub(super) message_chars: u64,
    /// The most bytes of a note.
    pub(super) note_bytes: usize,
    /// Old ids are taken by something that is not seen here.
    pub(super) anew: bool,
}

impl<'a> Compared<'a> {
    pub(super) fn new(shared: &'a Shared, joined: &Joined, before: &'a Before, anew: bool) -> Self {
        Self {
            before,
            now: shared.state(),
            reader: &shared.reader,
            me: joined.me,
            message_chars: shared.limits.message_chars,
            note_bytes: shared.limits.note_bytes as usize,
            anew,
        }
    }

    /// What is offered of this; nothing where it is here too.
    pub(super) async fn offer(&self, of: Of) -> Result<Option<Offer>, SessionError> {
        match of {
            Of::Room(id) => Ok(self.room(id)),
            Of::Note(key) => self.note(key).await,
            Of::Message(id) => self.message(id).await,
            Of::Change(id) => self.change(id).await,
        }
    }

    /// An item of which the rest is still to be said.
    pub(super) fn item(&self, kind: EarlierKind, by: MemberId) -> EarlierItem {
        let author = self.before.state.member(by);
        let name = author.or_else(|| self.now.member(by)).map(|one| &one.name);
        let by = if by == self.before.me { self.me } else { by };
        EarlierItem {
            item: String::new(),
            kind,
            at: None,
            by,
            name: name.cloned().unwrap_or_else(nobody),
            room: None,
            room_name: None,
            title: None,
            call: None,
            text: String::new(),
            cut: false,
            differs: false,
            unsent: false,
            again: false,
            best: EarlierWay::Ask,
        }
    }

    /// The same with the room that it is in.
    pub(super) fn item_in(&self, room: RoomId, kind: EarlierKind, by: MemberId) -> EarlierItem {
        let known = self.before.state.rooms.get(&room);
        EarlierItem {
            room: Some(room),
            room_name: known.map(|known| known.room.name.clone()),
            ..self.item(kind, by)
        }
    }
}

/// Someone of whom nothing is known any more.
fn nobody() -> Name {
    Name::new("?").expect("it is a name")
}

/// A call to be made.
pub(super) fn call(name: &str, payload: Value) -> EarlierCall {
    EarlierCall {
        name: name.to_owned(),
        payload,
    }
}
