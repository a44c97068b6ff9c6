//! The things of a session, as clients see them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::id::{MemberId, MessageId, NoteKey, RoomId, RunId, SessionId};
use crate::name::{Color, Name, Title, Topic};
use crate::timestamp::Timestamp;

/// What a member may do, rising: each may do what those before it may.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads, and takes part in conversations.
    Viewer,
    /// Also writes notes and makes rooms.
    Editor,
    /// Also decides who comes in and what they may.
    Host,
}

/// Who may come in without an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Admission {
    /// The host is asked each time.
    Ask,
    /// Whoever knows the PIN.
    Pin,
    /// Anybody on this network.
    Anyone,
}

/// How browsers may reach the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Browsers {
    /// By TLS.
    Encrypted,
    /// By plain HTTP: anybody on this network could read along.
    Plain,
    /// Not at all.
    Off,
}

/// The shared space.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Session {
    /// Stays the same for the life of the session's file and its copies.
    pub id: SessionId,
    /// As the host typed it.
    pub name: Name,
    /// Which opening for hosting this is.
    pub run: RunId,
    /// Who may come in without an invitation.
    pub admission: Admission,
    /// The role of those who come in by PIN or as anyone.
    pub guests: Role,
    /// How browsers may reach the session.
    pub browsers: Browsers,
}

/// How somebody was taken out of the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Removed {
    /// Whoever it was can come in again by an invitation, or by asking the host.
    Removed,
    /// Not even so, until the ban is lifted.
    Banned,
}

/// A person in the session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct Member {
    /// The member's id.
    pub id: MemberId,
    /// Need not be unique.
    pub name: Name,
    /// `#rrggbb`.
    pub color: Color,
    /// What this member may do.
    pub role: Role,
    /// Whether this person came in by browser.
    pub guest: bool,
    /// Only of somebody whom the host removed; what they wrote keeps their name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub removed: Option<Removed>,
}

/// A place for notes and messages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct Room {
    /// The room's id.
    pub id: RoomId,
    /// Empty never; for a direct conversation the interface shows the other person's name.
    pub name: Name,
    /// What the room is about; may be empty.
    pub topic: Topic,
    /// Whether it exists only for its members.
    pub private: bool,
    /// In a direct conversation its two members.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direct: Option<[MemberId; 2]>,
    /// When it was destroyed; it can be restored for 30 days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destroyed_at: Option<Timestamp>,
}

/// A room as the member who asked sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct RoomView {
    /// The room.
    #[serde(flatten)]
    pub room: Room,
    /// Whether the asking member has joined it.
    pub joined: bool,
    /// How many have joined it.
    pub members: u32,
    /// How many messages the asking member has not read.
    pub unread: u32,
    /// In a joined app: the host does not have it as it is here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending: Option<bool>,
}

/// A note: a title and a Markdown body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct Note {
    /// The note's id.
    pub id: NoteKey,
    /// The same as `id`.
    pub key: NoteKey,
    /// The room it is in.
    pub room: RoomId,
    /// Its title.
    pub title: Title,
    /// Counts accepted edits of the body; 0 is the empty body.
    pub version: u64,
    /// When it was created.
    pub created_at: Timestamp,
    /// Who created it.
    pub created_by: MemberId,
    /// When title or body changed last.
    pub updated_at: Timestamp,
    /// Who changed title or body last.
    pub updated_by: MemberId,
    /// When it went to the trash; it can be restored for 30 days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trashed_at: Option<Timestamp>,
    /// The text, where said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// In lists of a joined app: the host does not have it as it is here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending: Option<bool>,
}

/// A message in a room's conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct Message {
    /// The message's id.
    pub id: MessageId,
    /// The number of the fact that posted it; it stays when the message is edited.
    pub seq: u64,
    /// The room it is in.
    pub room: RoomId,
    /// Markdown; empty once destroyed.
    pub body: String,
    /// When the host wrote it down.
    pub at: Timestamp,
    /// Its author.
    pub by: MemberId,
    /// When its author changed it last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Timestamp>,
    /// The note it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<NoteKey>,
    /// When it was written, where that was long before the host heard of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made_at: Option<Timestamp>,
}

/// A note's line in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct NoteLine {
    /// The note.
    pub key: NoteKey,
    /// Its title.
    pub title: Title,
    /// The room it is in.
    pub room: RoomId,
    /// Its version.
    pub version: u64,
    /// When title or body changed last.
    pub updated_at: Timestamp,
    /// In a joined app: the host does not have it as it is here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending: Option<bool>,
}

/// A note's title, as `/home` tells it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct NoteTitle {
    /// The note.
    pub key: NoteKey,
    /// Its title.
    pub title: Title,
}
