//! Answers: what stands under `ok` in an acknowledgement. A changing call's also has `seq`.

mod earlier;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use crate::error::CallError;
use crate::fact::Fact;
use crate::id::{CallId, DeviceId, InviteId, MemberId, MessageId, NoteKey, RoomId, RunId};
use crate::object::{Member, Message, Note, NoteLine, Role, RoomView, Session};
use crate::signal::Knock;
use crate::timestamp::Timestamp;

pub use earlier::{EarlierAnswer, EarlierCall, EarlierItem, EarlierKind, EarlierWay, EarlierWhole};

macro_rules! answers {
    ($($(#[$doc:meta])* $name:ident {
        $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)?
    })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
        pub struct $name { $($(#[$field_doc])* pub $field: $type),* }
    )*};
}

answers! {
    /// Nothing to add.
    Done {}
    /// One room.
    RoomAnswer {
        /// The room as the caller sees it.
        room: RoomView,
    }
    /// What is in a room.
    RoomContents {
        /// The room as the caller sees it.
        room: RoomView,
        /// Who has joined it.
        members: Vec<Member>,
        /// Its notes, without bodies.
        notes: Vec<Note>,
        /// Its newest 50 messages, the newest last.
        messages: Vec<Message>,
        /// The last fact this takes into account.
        head: u64,
    }
    /// Rooms.
    RoomsAnswer {
        /// Those the caller may see.
        rooms: Vec<RoomView>,
    }
    /// What is left unread.
    UnreadAnswer {
        /// How many messages of the room.
        unread: u32,
    }
    /// What waits for the host of a joined session, and what it refused.
    OutboxAnswer {
        /// How many calls wait.
        waiting: u64,
        /// Calls that the host refused, each with those that built on it, the oldest first.
        refused: Vec<RefusedBundle>,
    }
    /// A call that the host refused, kept until its person throws it away.
    RefusedBundle {
        /// The call's id.
        id: CallId,
        /// Its name.
        name: String,
        /// What it said.
        payload: Value,
        /// Why it was refused.
        error: CallError,
        /// When it was made.
        made_at: Timestamp,
        /// Calls that made no sense without it, in order.
        with: Vec<RefusedDependent>,
    }
    /// A call that made no sense without a refused one.
    RefusedDependent {
        /// Its id.
        id: CallId,
        /// Its name.
        name: String,
        /// What it said.
        payload: Value,
        /// When it was made.
        made_at: Timestamp,
    }
    /// One note.
    NoteAnswer {
        /// The note.
        note: Note,
    }
    /// A note opened for writing together.
    NoteOpened {
        /// The note, without its body.
        note: Note,
        /// Up to which version `update` reaches.
        version: u64,
        /// Everything since `since_version`, as one Yjs update v1, base64. The text is
        /// `doc.getText("body")`.
        update: String,
    }
    /// The version an edit made.
    VersionAnswer {
        /// The note's version.
        version: u64,
    }
    /// How many.
    CountAnswer {
        /// The number.
        count: u64,
    }
    /// One message.
    MessageAnswer {
        /// The message.
        message: Message,
    }
    /// One member.
    MemberView {
        /// The member.
        member: Member,
    }
    /// Members.
    MembersAnswer {
        /// In the order of their coming.
        members: Vec<Member>,
    }
    /// The session.
    SessionAnswer {
        /// The session as it is now.
        session: Session,
    }
    /// An invitation that was just made.
    Invite {
        /// For `session:uninvite`.
        id: InviteId,
        /// An address with the invitation's secret and the host's fingerprint after `#`:
        /// `SECRET.FINGERPRINT`. It cannot be had again.
        url: String,
        /// The same as a QR code, SVG.
        qr_svg: String,
        /// What whoever comes with it may do.
        role: Role,
        /// How many may come with it.
        uses: u32,
        /// Until when.
        expires_at: Timestamp,
    }
    /// An invitation.
    InviteAnswer {
        /// The invitation.
        invite: Invite,
    }
    /// The open invitation.
    OpenInvite {
        /// An address with the invitation's secret and the host's fingerprint after `#`.
        url: String,
        /// The same as a QR code, SVG.
        qr_svg: String,
        /// What whoever comes with it may do: what guests may, as it is when they come.
        role: Role,
    }
    /// The open invitation.
    OpenInviteAnswer {
        /// The invitation.
        invite: OpenInvite,
    }
    /// An invitation as it stands in the list.
    InviteLine {
        /// For `session:uninvite`.
        id: InviteId,
        /// What whoever comes with it may do.
        role: Role,
        /// How many may come with it in all.
        uses: u32,
        /// How many still may.
        uses_left: u32,
        /// Until when.
        expires_at: Timestamp,
    }
    /// Invitations.
    InvitesAnswer {
        /// The newest first.
        invites: Vec<InviteLine>,
    }
    /// Remembered sign-ins.
    DevicesAnswer {
        /// Those used last first.
        devices: Vec<Device>,
    }
    /// Who waits at the door.
    KnocksAnswer {
        /// The oldest first.
        knocks: Vec<Knock>,
    }
    /// The state of the session at `head`.
    Snapshot {
        /// Rooms the member may see.
        rooms: Vec<RoomView>,
        /// Notes of the rooms the member has joined, without bodies.
        notes: Vec<Note>,
        /// Everybody who ever came in, those who were removed too: the log speaks of them.
        members: Vec<Member>,
        /// The newest 50 messages of each room the member has joined, oldest first.
        messages: Vec<Message>,
    }
}

/// A remembered sign-in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct Device {
    /// For `device:revoke`.
    pub id: DeviceId,
    /// Who signed in.
    pub member: MemberId,
    /// With what.
    pub kind: DeviceKind,
    /// The address they came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When it was used last, to the hour.
    pub used_at: Timestamp,
}

/// What somebody signed in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// A browser, or another program of theirs.
    Browser,
    /// Hearth.
    App,
}

/// Notes by title.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct NoteListAnswer {
    /// One page.
    pub notelist: Vec<NoteLine>,
    /// Where the next page begins: the next call's `after`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<NoteKey>,
}

/// One burst of typing by one person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Burst {
    /// The version that its first edit made: before it, the text was as at the version before.
    pub first: u64,
    /// The version at its end.
    pub version: u64,
    /// When it ended.
    pub at: Timestamp,
    /// Who typed.
    pub by: MemberId,
    /// UTF-16 code units typed.
    pub added: u64,
    /// UTF-16 code units deleted.
    pub removed: u64,
}

/// Who wrote what when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct HistoryAnswer {
    /// One page, the newest first.
    pub bursts: Vec<Burst>,
    /// Where the next page begins: the next call's `before`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// Messages of a room.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct MessagesAnswer {
    /// One page, the newest last.
    pub messages: Vec<Message>,
    /// Where the page before begins: the next call's `before`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// A note that has what was searched for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct FoundNote {
    /// The note, without its body.
    #[serde(flatten)]
    pub note: Note,
    /// Where its title has it, in UTF-16 code units, ascending.
    pub title_ranges: Vec<[u32; 2]>,
    /// A piece of its text around the best place, on one line; the beginning when only the title has
    /// it.
    pub excerpt: String,
    /// Where the excerpt has it, in UTF-16 code units, ascending: from, and up to but not with.
    pub ranges: Vec<[u32; 2]>,
}

/// A message that has what was searched for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct FoundMessage {
    /// The message's id.
    pub id: MessageId,
    /// The number of the fact that posted it: `message:list` with `before` above it shows it.
    pub seq: u64,
    /// The room it is in.
    pub room: RoomId,
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
    /// A piece of its text around the best place, on one line.
    pub excerpt: String,
    /// Where the excerpt has it, in UTF-16 code units, ascending: from, and up to but not with.
    pub ranges: Vec<[u32; 2]>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct SearchAnswer {
    /// Those with it in the title first, then the best first.
    pub notes: Vec<FoundNote>,
    /// The newest first.
    pub messages: Vec<FoundMessage>,
    /// The host is still reading what there is, and may find more in a moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partial: Option<bool>,
}

/// What somebody said to a request, or that nobody said anything within a minute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct AskAnswer {
    /// The answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Value>,
    /// It arrived and was not answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivered: Option<bool>,
}

/// The state of the session, or a page of what was missed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct Thanked {
    /// Starting over: the state at `head`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<Snapshot>,
    /// Coming back: what was missed, in order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facts: Option<Vec<Fact>>,
    /// Coming back: how far the host has looked; the next page's `since`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
    /// The last fact there is.
    pub head: u64,
    /// The present run.
    pub run: RunId,
    /// Whether later facts come by themselves from here on.
    pub live: bool,
}
