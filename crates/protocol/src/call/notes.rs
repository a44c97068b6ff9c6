//! Notes: made, listed, read, written together, and their past.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::is_absent;
use crate::id::{CallId, NoteKey, RoomId, RunId};
use crate::name::Title;

/// One change of a note's text, in UTF-16 code units of the version it was made against.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct Change {
    /// Where it begins.
    pub from: u32,
    /// Where the text it replaces ends; absent where nothing is replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<u32>,
    /// What is put there; absent where text is only removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub insert: Option<String>,
}

payloads! {
    /// Makes a note.
    NoteCreate {
        /// The note's id, made by the client.
        id: Option<CallId>,
        /// The room it goes into.
        room: RoomId,
        /// Its title.
        title: Title,
        /// Its first text.
        body: Option<String>,
    }
    /// A note with its text.
    NoteRead {
        /// The note.
        key: NoteKey,
        /// The text as it was then; absent: as it is now.
        version: Option<u64>,
    }
    /// Changes a note's title, or its text against a version.
    NoteUpdate {
        /// The change's id.
        id: Option<CallId>,
        /// The note.
        key: NoteKey,
        /// The new title.
        title: Option<Title>,
        /// The version that `body` or `changes` was made against.
        version: Option<u64>,
        /// The whole new text.
        body: Option<String>,
        /// Changes of the text, ascending, in positions of that version.
        changes: Option<Vec<Change>>,
    }
    /// Puts a note into the trash, for 30 days.
    NoteDestroy {
        /// The change's id.
        id: Option<CallId>,
        /// The note.
        key: NoteKey,
    }
    /// Brings a note back from the trash.
    NoteRestore {
        /// The change's id.
        id: Option<CallId>,
        /// The note.
        key: NoteKey,
    }
    /// Puts a note into another room.
    NoteMove {
        /// The change's id.
        id: Option<CallId>,
        /// The note.
        key: NoteKey,
        /// The room it goes into.
        room: RoomId,
    }
    /// Opens a note for writing together: from the answer on, this socket gets its `noteedited` and
    /// `cursors`.
    NoteOpen {
        /// The note.
        key: NoteKey,
        /// The version this client has already; absent: it has nothing.
        since_version: Option<u64>,
        /// The run that version was seen in; absent: the present history is assumed.
        run: Option<RunId>,
    }
    /// Types into a note.
    NoteEdit {
        /// The change's id.
        id: Option<CallId>,
        /// The note.
        key: NoteKey,
        /// Yjs update v1, base64.
        update: String,
    }
    /// This socket no longer wants to hear of the note's text.
    NoteClose {
        /// The note.
        key: NoteKey,
    }
    /// Who wrote what when: bursts of typing, the newest first.
    NoteHistory {
        /// The note.
        key: NoteKey,
        /// Only bursts that end before this version: the last answer's `next`.
        before: Option<u64>,
        /// How many at most: 50 unless said, at most 200.
        limit: Option<u32>,
    }
    /// Notes by title.
    NoteList {
        /// Only of this room.
        room: Option<RoomId>,
        /// Those in the trash instead.
        trashed: Option<bool>,
        /// Goes on after this note: the last answer's `next`.
        after: Option<NoteKey>,
        /// How many at most: 100 unless said, at most 1,000.
        limit: Option<u32>,
    }
    /// How many notes there are.
    NoteCount {
        /// Only of this room.
        room: Option<RoomId>,
    }
}
