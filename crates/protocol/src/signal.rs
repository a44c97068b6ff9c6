//! Signals: what is true only now. Never stored, and dropped rather than queued.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::error::CallError;
use crate::id::{AskId, CallId, KnockId, MemberId, NoteKey, RoomId};
use crate::limits::Limits;
use crate::name::{Color, Name};
use crate::object::{Member, NoteTitle, Role, Session};
use crate::timestamp::Timestamp;

/// How present somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PresenceState {
    /// At it.
    Active,
    /// Connected, but doing nothing.
    Idle,
    /// Not connected any more.
    Gone,
}

/// Where somebody is, for one of that person's sockets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct Presence {
    /// Who.
    pub member: MemberId,
    /// By which socket.
    pub socket: String,
    /// The member's name, as the host knows it.
    pub name: Name,
    /// The member's colour, as the host knows it.
    pub color: Color,
    /// The member's role, as the host knows it.
    pub role: Role,
    /// How present.
    pub state: PresenceState,
    /// In which room.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomId>,
    /// In which note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<NoteKey>,
    /// Whether writing just now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub typing: Option<bool>,
}

/// Client to server, unanswered: where I am.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct PresenceReport {
    /// In which room.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomId>,
    /// In which note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<NoteKey>,
    /// `active` unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<PresenceState>,
    /// Whether writing just now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub typing: Option<bool>,
}

/// `knock`: somebody waits at the door.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct Knock {
    /// The knock.
    pub knock: KnockId,
    /// The name they gave.
    pub name: Name,
    /// The address they come from.
    pub address: String,
    /// The digits both screens show, where there are some.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Whether they still wait.
    pub state: KnockState,
}

/// Whether somebody still waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KnockState {
    /// Yes.
    Waiting,
    /// No: answered, lapsed or given up.
    Gone,
}

/// `welcome`: the first event after connecting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Welcome {
    /// A greeting for people.
    pub message: String,
    /// Who this socket is.
    pub you: Member,
    /// The session.
    pub session: Session,
    /// Who is connected, and where.
    pub people: Vec<Presence>,
    /// What may be sent, how much and how often.
    pub limits: Limits,
    /// The last fact there is.
    pub head: u64,
    /// Protocol versions the host speaks: lowest and highest.
    pub protocol: [u32; 2],
}

/// `user count`: how many people are connected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct UserCount {
    /// A person with three tabs counts once.
    pub count: u32,
}

/// `presence`: entries that changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct PresenceChanges {
    /// The changed entries.
    pub people: Vec<Presence>,
}

/// `note versions`: notes whose body changed, for those who have them not open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct NoteVersions {
    /// The changed notes.
    pub notes: Vec<NoteVersion>,
}

/// One note's present version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct NoteVersion {
    /// The note.
    pub key: NoteKey,
    /// Its version.
    pub version: u64,
    /// When it changed.
    pub updated_at: Timestamp,
    /// Who changed it.
    pub updated_by: MemberId,
}

/// `notetitles` on `/home`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct NoteTitles {
    /// Every note this member may see, by title.
    pub notelist: Vec<NoteTitle>,
}

/// Where somebody's cursor is in a note. Client to server as `cursor {key, position}`, unanswered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct CursorReport {
    /// The note; this socket must have it open.
    pub key: NoteKey,
    /// Yjs relative positions, opaque to the host; absent: nowhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<serde_json::Value>,
}

/// `cursors`: cursors that moved in an open note.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Cursors {
    /// The note.
    pub key: NoteKey,
    /// Those that moved.
    pub cursors: Vec<Cursor>,
}

/// One socket's cursor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct Cursor {
    /// Whose socket.
    pub socket: String,
    /// Whose.
    pub member: MemberId,
    /// The member's name, as the host knows it.
    pub name: Name,
    /// The member's colour, as the host knows it.
    pub color: Color,
    /// As the client sent it; absent: gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<serde_json::Value>,
}

/// `note check`: what an open note's text must come to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct NoteCheck {
    /// The note.
    pub key: NoteKey,
    /// At this version.
    pub version: u64,
    /// CRC-32 of the text's UTF-8.
    pub crc32: u32,
}

/// `achtung`: the host has an announcement for everybody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Achtung {
    /// What.
    pub warning: String,
    /// Who announced it.
    pub by: MemberId,
}

/// `request`: somebody asks this person for something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct Request {
    /// What `member:answer` names.
    pub ask: AskId,
    /// Who asks.
    pub from: MemberId,
    /// What for.
    pub message: String,
    /// About which note or room.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<Uuid>,
}

/// How it stands with the link from a joined app to its host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// What happens at the host is told as it happens.
    Live,
    /// The host is there; what was missed is being copied.
    CatchingUp,
    /// The host cannot be reached.
    Away,
}

/// `link`: in a joined app, how it stands with the host, told on connecting and at each change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct Link {
    /// Whether the host is there.
    pub state: LinkState,
    /// Since when it is away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Calls in the outbox: on this computer's disk, and not yet with the host.
    pub pending: u64,
    /// What keeps the two apart, where that is something else than that nobody answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<LinkTrouble>,
}

/// What stands between a joined app and its host, and does not pass by itself: somebody has to know
/// of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkTrouble {
    /// Somebody with another key answers where the host was. Nothing is told to them.
    OtherKey,
    /// The host does not know this sign-in any longer.
    SignedOut,
    /// The host removed this member.
    Removed,
    /// No protocol version in common: the older of the two is to be updated.
    Version,
    /// The same where the host is the older one.
    HostVersion,
    /// The same where this app is the older one.
    OwnVersion,
    /// The disk of this computer is full: nothing more is copied until there is room.
    DiskFull,
    /// The host's disk is full: what was written here waits until there is room there.
    HostDiskFull,
    /// What the host tells cannot be copied.
    NotCopied,
}

/// `refused`: in a joined app, the host did not accept what had waited.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Refused {
    /// The call's id.
    pub id: CallId,
    /// Its name and payload, for people to take their words back.
    pub call: RefusedCall,
    /// Why.
    pub error: CallError,
}

/// A call that the host did not accept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct RefusedCall {
    /// The event's name.
    pub name: String,
    /// What it said.
    pub payload: serde_json::Value,
}

/// Names of the events that are neither calls nor facts.
pub mod event {
    /// [`super::Welcome`].
    pub const WELCOME: &str = "welcome";
    /// [`super::UserCount`].
    pub const USER_COUNT: &str = "user count";
    /// [`super::PresenceChanges`] from the server, [`super::PresenceReport`] from a client.
    pub const PRESENCE: &str = "presence";
    /// [`super::NoteVersions`].
    pub const NOTE_VERSIONS: &str = "note versions";
    /// [`super::Cursors`] from the server.
    pub const CURSORS: &str = "cursors";
    /// [`super::CursorReport`] from a client.
    pub const CURSOR: &str = "cursor";
    /// [`super::NoteCheck`].
    pub const NOTE_CHECK: &str = "note check";
    /// [`super::NoteTitles`].
    pub const NOTE_TITLES: &str = "notetitles";
    /// [`super::Achtung`].
    pub const ACHTUNG: &str = "achtung";
    /// [`super::Request`].
    pub const REQUEST: &str = "request";
    /// [`super::Knock`].
    pub const KNOCK: &str = "knock";
    /// [`super::Link`].
    pub const LINK: &str = "link";
    /// [`super::Refused`].
    pub const REFUSED: &str = "refused";
    /// Several facts at once: `{facts: [Fact]}`.
    pub const FACTS: &str = "facts";
    /// The answer to a call that carried `re`: `{re, ok | error}`.
    pub const REPLY: &str = "reply";
}
