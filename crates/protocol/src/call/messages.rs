//! Messages, and looking for words in them and in notes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::is_absent;
use crate::id::{CallId, MessageId, NoteKey, RoomId};
use crate::name::Query;
use crate::timestamp::Timestamp;

payloads! {
    /// Posts a message.
    MessageSend {
        /// The message's id, made by the client.
        id: Option<CallId>,
        /// The room.
        room: RoomId,
        /// Markdown.
        body: String,
        /// The note it is about.
        note: Option<NoteKey>,
        /// When it was written, where that is not now: the host was away.
        made_at: Option<Timestamp>,
    }
    /// Changes one's own message.
    MessageEdit {
        /// The change's id.
        id: Option<CallId>,
        /// The message.
        message: MessageId,
        /// The new text.
        body: String,
    }
    /// Takes a message back.
    MessageDestroy {
        /// The change's id.
        id: Option<CallId>,
        /// The message.
        message: MessageId,
    }
    /// Messages of a room, the newest last.
    MessageList {
        /// The room.
        room: RoomId,
        /// Only those before this `seq`: the last answer's `next`.
        before: Option<u64>,
        /// How many at most: 50 unless said, at most 500.
        limit: Option<u32>,
    }
    /// Looks for words in notes, their titles and messages.
    Search {
        /// The words: all of them must be there, the last one may be only begun. Case and accents do
        /// not matter.
        query: Query,
        /// Only in this room.
        room: Option<RoomId>,
        /// How many notes and how many messages at most: 20 unless said, at most 100.
        limit: Option<u32>,
    }
}
