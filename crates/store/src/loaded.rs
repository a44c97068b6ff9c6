//! The session as it is now, as the session task takes it into memory.

use hearth_protocol::name::Pin;
use hearth_protocol::{Member, MemberId, Note, Room, RunId, Session};

use crate::copy::CopyState;

/// Everything the projections hold, messages aside.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The session. Its `run` is the last one; the nil UUID before the first hosting.
    pub session: Session,
    /// The PIN, where there is one.
    pub pin: Option<Pin>,
    /// Who the person is that this file belongs to.
    pub owner: Option<MemberId>,
    /// The number of the log's last fact; 0 when it is empty. In a copy, how far it goes: what comes
    /// after the last fact does not concern its person.
    pub head: u64,
    /// Where a copy comes from; `None`: the session is hosted here.
    pub copy: Option<CopyState>,
    /// Every opening for hosting, in order.
    pub runs: Vec<RunRow>,
    /// Every member.
    pub members: Vec<Member>,
    /// Every room, destroyed ones too, purged ones not.
    pub rooms: Vec<RoomRow>,
    /// Every note without its body, those in the trash too, purged ones not.
    pub notes: Vec<Note>,
}

/// One opening for hosting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunRow {
    /// Which.
    pub run: RunId,
    /// The number of its `sessionhosted`; it lasts to the next one's.
    pub first_seq: u64,
}

/// A room and who is in it.
#[derive(Debug, Clone, PartialEq)]
pub struct RoomRow {
    /// The room.
    pub room: Room,
    /// Who made it; `None` for one that no call made.
    pub created_by: Option<MemberId>,
    /// Who has joined it, in the order of joining.
    pub members: Vec<MemberId>,
}
