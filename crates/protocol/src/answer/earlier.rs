//! What a copy from before has and the present one lacks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use crate::id::{MemberId, NoteKey, RoomId};
use crate::name::Name;
use crate::timestamp::Timestamp;

/// What is offered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct EarlierAnswer {
    /// What comes first in the order in which it is to be brought back, up to 200.
    pub items: Vec<EarlierItem>,
    /// There is more, which is told once some of these are settled.
    pub more: bool,
    /// There is a copy from before, and the present one is not whole yet: they are compared when the
    /// host has told everything.
    pub waits: bool,
}

/// One thing that the copy from before has and the present one lacks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct EarlierItem {
    /// For `earlier:read` and `earlier:discard`.
    pub item: String,
    /// What it is.
    pub kind: EarlierKind,
    /// When it was written, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Who wrote it; of a note, who was the last.
    pub by: MemberId,
    /// What they are called there.
    pub name: Name,
    /// The room it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomId>,
    /// What that room is called there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room_name: Option<Name>,
    /// A note's title, a room's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The call that had waited, of a change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<String>,
    /// The beginning of its text.
    pub text: String,
    /// There is more of it: `earlier:read`.
    pub cut: bool,
    /// It is in the present copy too, and reads otherwise there.
    pub differs: bool,
    /// It had not reached the host.
    pub unsent: bool,
    /// Whether `earlier:read` says what brings it back.
    pub again: bool,
    /// How it comes back without touching what anybody has written since.
    pub best: EarlierWay,
}

/// What something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EarlierKind {
    /// A room.
    Room,
    /// A note.
    Note,
    /// A message.
    Message,
    /// A change that brings no words.
    Change,
}

/// How something comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EarlierWay {
    /// By the calls that `earlier:read` names.
    Again,
    /// As a note of its own beside the present one.
    Beside,
    /// Only its person can say.
    Ask,
}

/// One thing whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct EarlierWhole {
    /// All of its text.
    pub text: String,
    /// What brings it back, in order: of a note that reads otherwise now, an edit made against the
    /// text that both have in common, which merges with what was written since.
    pub again: Vec<EarlierCall>,
    /// What brings the files that its text speaks of, where it is put elsewhere: before that. They
    /// are among `again` too.
    pub files: Vec<EarlierCall>,
    /// The id for a note made of it beside the present one: the same for everybody who brings the
    /// same text back, so that there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beside: Option<NoteKey>,
}

/// A call to be made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct EarlierCall {
    /// Its name.
    pub name: String,
    /// What is sent with it.
    pub payload: Value,
}
