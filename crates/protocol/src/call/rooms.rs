//! Rooms: made, joined, left, and taken away.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::is_absent;
use crate::id::{CallId, MemberId, RoomId};
use crate::name::{Name, Topic};

payloads! {
    /// Makes a room; its maker joins it.
    RoomCreate {
        /// The room's id, made by the client.
        id: Option<CallId>,
        /// Its name.
        name: Name,
        /// Whether it exists only for its members.
        private: Option<bool>,
        /// What it is about.
        topic: Option<Topic>,
    }
    /// Changes a room's name or topic.
    RoomUpdate {
        /// The change's id.
        id: Option<CallId>,
        /// The room.
        room: RoomId,
        /// The new name.
        name: Option<Name>,
        /// The new topic.
        topic: Option<Topic>,
    }
    /// Takes a room away, its notes and messages with it, for 30 days.
    RoomDestroy {
        /// The change's id.
        id: Option<CallId>,
        /// The room.
        room: RoomId,
    }
    /// Brings a destroyed room back.
    RoomRestore {
        /// The change's id.
        id: Option<CallId>,
        /// The room.
        room: RoomId,
    }
    /// Joins a public room and answers what is in it.
    RoomJoin {
        /// The change's id.
        id: Option<CallId>,
        /// The room.
        room: RoomId,
    }
    /// Answers what is in a room, without joining it.
    RoomOpen {
        /// The room.
        room: RoomId,
    }
    /// Leaves a room.
    RoomLeave {
        /// The change's id.
        id: Option<CallId>,
        /// The room.
        room: RoomId,
    }
    /// Brings another member into a room.
    RoomInvite {
        /// The change's id.
        id: Option<CallId>,
        /// The room.
        room: RoomId,
        /// Who.
        member: MemberId,
    }
    /// Takes a member out of a room.
    RoomRemove {
        /// The change's id.
        id: Option<CallId>,
        /// The room.
        room: RoomId,
        /// Who.
        member: MemberId,
    }
    /// The direct conversation with another member; made when there is none yet.
    RoomDirect {
        /// The change's id.
        id: Option<CallId>,
        /// With whom.
        member: MemberId,
    }
    /// The rooms this member may see.
    RoomList {
        /// Those destroyed instead, as far as the caller may restore them.
        destroyed: Option<bool>,
    }
    /// Says up to which message a room has been read.
    RoomRead {
        /// The room.
        room: RoomId,
        /// The `seq` of the last message read.
        seq: u64,
    }
}
