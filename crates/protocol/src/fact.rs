//! Facts: what happened and was written down. The host numbers them; the log keeps them for ever.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use ts_rs::TS;
use uuid::Uuid;

use crate::file::{FileHash, FileType};
use crate::id::{CallId, DeviceId, MemberId, NoteKey, RoomId, RunId};
use crate::name::FileName;
use crate::object::{Member, Message, Note, Room, Session};
use crate::timestamp::Timestamp;

/// One numbered fact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct Fact {
    /// Its place in the log; rising, and for one client not consecutive. Absent while `pending`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// When the host wrote it down.
    pub at: Timestamp,
    /// Who did it; absent when no call made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<MemberId>,
    /// The `id` of the call that made it; facts of one call share it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<CallId>,
    /// In a joined app whose host is away: not yet with the host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending: Option<bool>,
    /// What happened: its `name` and the fields of that name.
    #[serde(flatten)]
    pub kind: FactKind,
}

macro_rules! facts {
    ($($(#[$doc:meta])* $variant:ident $name:literal = $code:literal {
        $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)?
    })*) => {
        /// What happened. The comments say to whom a fact is told.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
        #[serde(tag = "name")]
        #[schemars(transform = one_of)]
        #[allow(clippy::large_enum_variant)]
        pub enum FactKind {
            $($(#[$doc])* #[serde(rename = $name)] $variant { $($(#[$field_doc])* $field: $type),* },)*
            /// One that this build cannot read. Only ever read, never made.
            #[serde(untagged)]
            #[ts(skip)]
            #[schemars(skip)]
            Unknown(UnknownFact),
        }

        impl FactKind {
            /// Every fact's name.
            pub const NAMES: &[&str] = &[$($name),*];

            /// The event's name.
            pub fn name(&self) -> &str {
                match self {
                    $(Self::$variant { .. } => $name,)*
                    Self::Unknown(unknown) => &unknown.name,
                }
            }

            /// A small number that stands for the name in the session file. Never changed, never
            /// given away again.
            pub fn code(&self) -> i64 {
                match self {
                    $(Self::$variant { .. } => $code,)*
                    Self::Unknown(_) => Self::UNKNOWN_CODE,
                }
            }

            /// The name that a number from the session file stands for.
            pub fn name_of(code: i64) -> Option<&'static str> {
                match code { $($code => Some($name),)* _ => None }
            }
        }
    };
}

facts! {
    /// Hosting began; every later fact belongs to this run. To everybody.
    SessionHosted "sessionhosted" = 1 {
        /// The new run.
        run: RunId,
    }
    /// Name, admission, PIN or what browsers may was changed. To everybody.
    SessionUpdated "sessionupdated" = 2 {
        /// The session as it is now.
        session: Session,
    }
    /// Somebody new came in. To everybody.
    MemberJoined "memberjoined" = 10 {
        /// The new member.
        member: Member,
    }
    /// Somebody changed name or colour. To everybody.
    MemberUpdated "memberupdated" = 11 {
        /// The member as it is now.
        member: Member,
    }
    /// The host changed what somebody may do. To everybody.
    RoleChanged "rolechanged" = 12 {
        /// The member as it is now.
        member: Member,
    }
    /// The host took somebody out of the session, and with that out of every room. To everybody.
    MemberRemoved "memberremoved" = 13 {
        /// The member as it is now.
        member: Member,
    }
    /// Somebody who was banned may come in again, as somebody new. To everybody.
    MemberUnbanned "memberunbanned" = 14 {
        /// The member as it is now: still removed.
        member: Member,
    }
    /// The host ended a remembered sign-in. To everybody.
    DeviceRevoked "devicerevoked" = 15 {
        /// Which.
        device: DeviceId,
    }
    /// A room was made. To everybody; a private one's to its members.
    RoomCreated "roomcreated" = 20 {
        /// The room.
        room: Room,
    }
    /// A room's name or topic changed. To everybody; a private one's to its members.
    RoomUpdated "roomupdated" = 21 {
        /// The room as it is now.
        room: Room,
    }
    /// A room went away, its notes and messages with it; it can come back for 30 days. To
    /// everybody; a private one's to its members.
    RoomDestroyed "roomdestroyed" = 22 {
        /// The room as it is now.
        room: Room,
    }
    /// A destroyed room came back. To everybody; a private one's to its members.
    RoomRestored "roomrestored" = 23 {
        /// The room as it is now.
        room: Room,
    }
    /// A room is gone for good. To everybody; a private one's to its members.
    RoomPurged "roompurged" = 24 {
        /// The room.
        room: RoomId,
    }
    /// A member came into a room. To the room's members, that one included.
    RoomJoined "roomjoined" = 25 {
        /// The room.
        room: RoomId,
        /// Who came.
        member: MemberId,
    }
    /// A member went out of a room. To the room's members and the one who left.
    RoomLeft "roomleft" = 26 {
        /// The room.
        room: RoomId,
        /// Who left.
        member: MemberId,
    }
    /// A note was made. To the room's members.
    NoteCreated "notecreated" = 30 {
        /// The note, without its body.
        note: Note,
    }
    /// A note's title changed. To the room's members.
    NoteUpdated "noteupdated" = 31 {
        /// The note as it is now, without its body.
        note: Note,
    }
    /// A note's body changed. To those who have the note open.
    NoteEdited "noteedited" = 32 {
        /// The note.
        key: NoteKey,
        /// The version this edit made.
        version: u64,
        /// What was new: Yjs update v1, base64.
        update: String,
    }
    /// A note went to the trash; it can come back for 30 days. To the room's members.
    NoteDestroyed "notedestroyed" = 33 {
        /// The note.
        key: NoteKey,
        /// The note as it is now, without its body.
        note: Note,
    }
    /// A note came back from the trash. To the room's members.
    NoteRestored "noterestored" = 34 {
        /// The note.
        key: NoteKey,
        /// The note as it is now, without its body.
        note: Note,
    }
    /// A note is gone for good. To the room's members.
    NotePurged "notepurged" = 35 {
        /// The note.
        key: NoteKey,
    }
    /// A note went into another room. To everybody; into a private room to its members.
    NoteMoved "notemoved" = 36 {
        /// The note, in its new room.
        note: Note,
    }
    /// A note went into a private room. To the members of the room it was in
    /// who are not in the new one.
    NoteLeft "noteleft" = 37 {
        /// The note.
        key: NoteKey,
        /// The room it was in.
        room: RoomId,
    }
    /// Somebody wrote. To the room's members.
    MessagePosted "messageposted" = 40 {
        /// The message.
        message: Message,
    }
    /// A message was changed by its author. To the room's members.
    MessageEdited "messageedited" = 41 {
        /// The message as it is now.
        message: Message,
    }
    /// A message was taken back. To the room's members.
    MessageDestroyed "messagedestroyed" = 42 {
        /// The message, its body empty.
        message: Message,
    }
    /// A picture or another file was added to a room. To the room's members.
    FileAdded "fileadded" = 50 {
        /// The room.
        room: RoomId,
        /// The SHA-256 of its bytes: `GET /files/ROOM/HASH` answers them.
        hash: FileHash,
        /// What it is called.
        file_name: FileName,
        /// Its media type: that of a picture, or `application/octet-stream`.
        r#type: FileType,
        /// How many bytes it has.
        size: u64,
    }
}

/// A fact that is told has one name; that there is one for what cannot be read says nothing of those.
fn one_of(schema: &mut schemars::Schema) {
    if let Some(kinds) = schema.remove("anyOf") {
        schema.insert("oneOf".to_owned(), kinds);
    }
}

/// A fact from a newer Hearth: of a name that this build does not know, or with fields that it
/// cannot read. A copy keeps it as it is, and a build that knows it takes it in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UnknownFact {
    /// The event's name.
    pub name: String,
    /// Its own fields.
    #[serde(flatten)]
    pub fields: Map<String, Value>,
}

impl UnknownFact {
    /// The room it speaks of, as far as that can be told: `room`, or that of an object in it.
    pub fn room(&self) -> Option<RoomId> {
        self.find("room", "id").map(RoomId)
    }

    /// The note it speaks of, as far as that can be told: `key`, `note`, or that of an object in it.
    pub fn note(&self) -> Option<NoteKey> {
        let key = self.find("key", "key");
        key.or_else(|| self.find("note", "key")).map(NoteKey)
    }

    fn find(&self, field: &str, id: &str) -> Option<Uuid> {
        let own = self.fields.get(field).and_then(|value| uuid(value, id));
        let mut objects = self.fields.values().filter_map(Value::as_object);
        own.or_else(|| objects.find_map(|object| uuid(object.get(field)?, id)))
    }
}

/// An id, or that of an object.
fn uuid(value: &Value, field: &str) -> Option<Uuid> {
    let text = value.as_str().or_else(|| value.get(field)?.as_str())?;
    text.parse().ok()
}

impl FactKind {
    /// [`FactKind::code`] of one that this build cannot read.
    pub const UNKNOWN_CODE: i64 = 0;
    /// [`FactKind::code`] of `noteedited`, which most feeds leave out.
    pub const NOTE_EDITED_CODE: i64 = 32;
    /// [`FactKind::code`] of `noteleft`, which does not concern those who see the note where it is.
    pub const NOTE_LEFT_CODE: i64 = 37;
    /// [`FactKind::code`] of `roompurged`, after which nobody can tell any more who was in the room.
    pub const ROOM_PURGED_CODE: i64 = 24;

    /// The room whose members it concerns; none: everybody. `is_private` and `room_of` tell how
    /// things were before the fact.
    pub fn concerned_room(
        &self,
        is_private: impl Fn(RoomId) -> bool,
        room_of: impl Fn(NoteKey) -> Option<RoomId>,
    ) -> Option<RoomId> {
        let if_private = |room: RoomId| is_private(room).then_some(room);
        match self {
            Self::SessionHosted { .. }
            | Self::SessionUpdated { .. }
            | Self::MemberJoined { .. }
            | Self::MemberUpdated { .. }
            | Self::RoleChanged { .. }
            | Self::MemberRemoved { .. }
            | Self::MemberUnbanned { .. }
            | Self::DeviceRevoked { .. } => None,
            Self::RoomCreated { room }
            | Self::RoomUpdated { room }
            | Self::RoomDestroyed { room }
            | Self::RoomRestored { room } => room.private.then_some(room.id),
            Self::RoomPurged { room } => if_private(*room),
            Self::RoomJoined { room, .. } | Self::RoomLeft { room, .. } => Some(*room),
            Self::NoteCreated { note }
            | Self::NoteUpdated { note }
            | Self::NoteDestroyed { note, .. }
            | Self::NoteRestored { note, .. } => Some(note.room),
            Self::NoteMoved { note } => if_private(note.room),
            Self::NoteEdited { key, .. } | Self::NotePurged { key } => room_of(*key),
            Self::NoteLeft { room, .. } => Some(*room),
            Self::MessagePosted { message }
            | Self::MessageEdited { message }
            | Self::MessageDestroyed { message } => Some(message.room),
            Self::FileAdded { room, .. } => Some(*room),
            Self::Unknown(unknown) => unknown.room().or_else(|| unknown.note().and_then(room_of)),
        }
    }
}

impl Fact {
    /// The fact as it stands in a list: JSON with `name`.
    pub fn to_listed_json(&self) -> String {
        serde_json::to_string(self).expect("a fact has string keys only, so it is always JSON")
    }

    /// The fact as an event's payload: JSON without `name`, which is the event's own.
    pub fn to_event_json(&self) -> String {
        Self::without_name(&self.to_listed_json(), self.kind.name())
    }

    /// What [`Fact::to_listed_json`] gave for a fact of this name, as
    /// [`Fact::to_event_json`] gives it.
    pub fn without_name(listed: &str, name: &str) -> String {
        // `name` is the first field of the flattened part and never contains a quote.
        let name = format!("\"name\":\"{name}\"");
        match listed.find(&name) {
            Some(start) => {
                let mut end = start + name.len();
                let mut start = start;
                if listed.as_bytes().get(end) == Some(&b',') {
                    end += 1;
                } else if start > 1 && listed.as_bytes()[start - 1] == b',' {
                    start -= 1;
                }
                format!("{}{}", &listed[..start], &listed[end..])
            }
            None => listed.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(kind: FactKind) -> Fact {
        Fact {
            seq: Some(7),
            at: Timestamp(0),
            by: None,
            id: None,
            pending: None,
            kind,
        }
    }

    #[test]
    fn an_event_does_not_repeat_its_name_and_a_list_does() {
        let fact = fact(FactKind::RoomPurged {
            room: RoomId::new(),
        });
        let listed: serde_json::Value = serde_json::from_str(&fact.to_listed_json()).unwrap();
        let event: serde_json::Value = serde_json::from_str(&fact.to_event_json()).unwrap();
        assert_eq!(listed["name"], "roompurged");
        assert!(event.get("name").is_none());
        assert_eq!(listed["room"], event["room"]);
        assert_eq!(serde_json::from_value::<Fact>(listed).unwrap(), fact);
    }

    #[test]
    fn a_fact_of_an_unknown_name_is_kept_as_it_came() {
        let room = RoomId::new();
        let listed = serde_json::json!({
            "seq": 7, "at": "2026-01-01T00:00:00.000Z", "name": "roompainted",
            "paint": {"room": room, "color": "#123456"}, "coats": 2,
        });
        let fact: Fact = serde_json::from_value(listed.clone()).unwrap();
        let FactKind::Unknown(unknown) = &fact.kind else {
            panic!("{fact:?}");
        };
        assert_eq!(unknown.name, "roompainted");
        assert_eq!(unknown.room(), Some(room));
        assert_eq!(serde_json::to_value(&fact).unwrap(), listed);
        let event: serde_json::Value = serde_json::from_str(&fact.to_event_json()).unwrap();
        assert_eq!(event.get("name"), None);
        assert_eq!(event["coats"], 2);
    }

    #[test]
    fn a_known_fact_with_a_value_from_a_newer_build_is_kept_as_it_came() {
        let listed = serde_json::json!({
            "seq": 7, "at": "2026-01-01T00:00:00.000Z", "name": "rolechanged",
            "member": {"id": MemberId::new(), "name": "Ada", "color": "#123456",
                "role": "auditor", "guest": false},
        });
        let fact: Fact = serde_json::from_value(listed.clone()).unwrap();
        assert_eq!(fact.kind.code(), FactKind::UNKNOWN_CODE);
        assert_eq!(serde_json::to_value(&fact).unwrap(), listed);
    }

    #[test]
    fn the_code_of_note_edits_is_theirs() {
        let kind = FactKind::NoteEdited {
            key: crate::NoteKey::new(),
            version: 1,
            update: String::new(),
        };
        assert_eq!(kind.code(), FactKind::NOTE_EDITED_CODE);
        let kind = FactKind::NoteLeft {
            key: crate::NoteKey::new(),
            room: RoomId::new(),
        };
        assert_eq!(kind.code(), FactKind::NOTE_LEFT_CODE);
    }

    #[test]
    fn a_room_called_like_its_event_keeps_its_name() {
        let room: crate::Room = serde_json::from_value(serde_json::json!({
            "id": RoomId::new(), "name": "roomcreated", "topic": "\"name\":\"roomcreated\"",
            "private": false,
        }))
        .unwrap();
        let event = fact(FactKind::RoomCreated { room: room.clone() }).to_event_json();
        let value: serde_json::Value = serde_json::from_str(&event).unwrap();
        assert_eq!(
            serde_json::from_value::<crate::Room>(value["room"].clone()).unwrap(),
            room
        );
    }
}
