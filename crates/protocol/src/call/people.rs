//! People: who one is, asking somebody, telling everybody; and what a joined app keeps for its host.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;
use uuid::Uuid;

use super::is_absent;
use crate::file::FileHash;
use crate::id::{AskId, CallId, MemberId, RoomId};
use crate::name::{Color, Name};

payloads! {
    /// Changes one's own name or colour.
    MemberUpdate {
        /// The change's id.
        id: Option<CallId>,
        /// The new name.
        name: Option<Name>,
        /// The new colour.
        color: Option<Color>,
    }
    /// Everybody in the session.
    MemberList {
        /// Those who were removed instead.
        removed: Option<bool>,
    }
    /// Asks one person, or one of that person's sockets, for something.
    MemberAsk {
        /// Whom.
        member: Option<MemberId>,
        /// Or which socket.
        socket: Option<String>,
        /// What.
        message: String,
        /// About which note or room.
        about: Option<Uuid>,
    }
    /// Answers a request.
    MemberAnswer {
        /// The request.
        ask: AskId,
        /// The answer.
        answer: Value,
    }
    /// What waits for the host of a joined session, and what the host refused of what had waited.
    /// Nothing where the session is hosted.
    OutboxList {}
    /// Throws away a refused call and those that built on it.
    OutboxDiscard {
        /// The refused call's id.
        id: CallId,
    }
    /// What the copy from before has and this one lacks, after the host's history has become another
    /// one. Nothing anywhere else.
    EarlierList {}
    /// One such thing whole, and what brings it back.
    EarlierRead {
        /// Which.
        item: String,
        /// Under new ids: the old ones are taken by something that is not seen here.
        anew: Option<bool>,
    }
    /// Puts a file of the copy from before into its room again. Nothing happens where it is there.
    EarlierFile {
        /// The copy.
        copy: String,
        /// The room.
        room: RoomId,
        /// Which of its files.
        hash: FileHash,
    }
    /// Offers one such thing no more. It stays in the copy from before.
    EarlierDiscard {
        /// Which.
        item: String,
    }
    /// Tells everybody something.
    AchtungSend {
        /// The call's id.
        id: Option<CallId>,
        /// What.
        warning: String,
    }
}
