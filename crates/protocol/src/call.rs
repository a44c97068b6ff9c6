//! Calls: what a client asks for. Always answered.
//!
//! The table at the end of the file is the one place where a call's name, its payload, its answer
//! and the role it needs stand together; parsing, the TypeScript types and the description at
//! `/api.json` come from it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use crate::answer;
use crate::error::{CallError, Code};
use crate::file::FileHash;
use crate::id::{
    AskId, CallId, DeviceId, InviteId, KnockId, MemberId, MessageId, NoteKey, RoomId, RunId,
};
use crate::name::{Name, Query, Title};
use crate::object::Role;

macro_rules! payloads {
    ($($(#[$doc:meta])* $name:ident {
        $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)?
    })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
        #[ts(optional_fields)]
        pub struct $name {
            $($(#[$field_doc])* #[serde(skip_serializing_if = "is_absent")] pub $field: $type),*
        }
    )*};
}

/// Lets one attribute serve every field of a payload: only an `Option` can be absent.
trait Absent {
    fn absent(&self) -> bool {
        false
    }
}
impl<T> Absent for Option<T> {
    fn absent(&self) -> bool {
        self.is_none()
    }
}
macro_rules! never_absent {
    ($($type:ty),* $(,)?) => {$(impl Absent for $type {})*};
}
never_absent!(
    u64, String, bool, Value, CallId, AskId, DeviceId, InviteId, KnockId, MemberId, MessageId,
    NoteKey, RoomId, FileHash, Name, Title, Role, Query,
);
fn is_absent<T: Absent>(value: &T) -> bool {
    value.absent()
}

/// What a replica follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Follow {
    /// All that the member may see.
    Everything,
}

payloads! {
    /// Asks for the state of the session, or for what was missed.
    Thanks {
        /// The last number known; absent when starting over.
        since: Option<u64>,
        /// The run that number was seen in; absent: the present history is assumed.
        run: Option<RunId>,
        /// Later facts may come several at once, as `facts`.
        batch: Option<bool>,
        /// A replica's way: pages from `since` on (absent: 0), and later facts, of all that the
        /// member may see, joined or not, with every note's edits.
        follow: Option<Follow>,
        /// Only the past of this room, which came into sight: pages of its facts and of its notes',
        /// with numbers after `since` (absent: 0) up to `until`. The socket does not become live by
        /// it; the last page is the one whose `next` has reached `until`.
        room: Option<RoomId>,
        /// Only the past of this note, which came into sight by being moved; otherwise as `room`.
        note: Option<NoteKey>,
        /// Where a past ends; absent: at the head.
        until: Option<u64>,
    }
}

mod hosting;
mod messages;
mod notes;
mod people;
mod rooms;

pub use hosting::*;
pub use messages::*;
pub use notes::*;
pub use people::*;
pub use rooms::*;

/// How a call is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Changes something for good: takes `id`, goes through the writer.
    Changes,
    /// Only looks.
    Reads,
    /// Is about now: who is asked, what is announced.
    Signals,
}

/// One line of the table of calls.
#[derive(Debug, Clone, Copy)]
pub struct CallInfo {
    /// The event's name.
    pub name: &'static str,
    /// The lowest role that may.
    pub role: Role,
    /// How it is treated.
    pub effect: Effect,
    /// The payload's type in TypeScript.
    pub payload: &'static str,
    /// The answer's type in TypeScript.
    pub answer: &'static str,
}

macro_rules! calls {
    ($($name:literal $variant:ident -> $answer:ident, $role:ident, $effect:ident;)*) => {
        /// One thing a client asks for.
        #[derive(Debug, Clone, PartialEq)]
        #[allow(missing_docs, reason = "each variant is documented at its payload")]
        pub enum Call { $($variant($variant)),* }

        impl Call {
            /// The table of calls.
            pub const TABLE: &[CallInfo] = &[$(CallInfo {
                name: $name,
                role: Role::$role,
                effect: Effect::$effect,
                payload: stringify!($variant),
                answer: stringify!($answer),
            }),*];

            /// Reads a call. An unknown name and an unreadable payload are `bad_request`.
            pub fn parse(name: &str, payload: Value) -> Result<Self, CallError> {
                // A client that has nothing to say may send nothing.
                let payload =
                    if payload.is_null() { Value::Object(Default::default()) } else { payload };
                if !payload.is_object() {
                    let name = shortened(name);
                    return Err(CallError::bad_request(format!("`{name}` takes one object.")));
                }
                match name {
                    $($name => serde_json::from_value(payload).map(Self::$variant),)*
                    _ => return Err(unknown_name(name)),
                }
                .map_err(|error| unreadable(name, &error))
            }

            /// The call's own id, where its client gave one.
            pub fn id(&self) -> Option<CallId> {
                serde_json::from_value(self.to_payload().get("id")?.clone()).ok()
            }

            /// Everything it says but its id, always written the same way: two calls with equal
            /// contents ask for the same.
            pub fn contents(&self) -> String {
                let mut payload = self.to_payload();
                if let Some(fields) = payload.as_object_mut() {
                    fields.remove("id");
                    // A message that was sent and is sent again later is the same.
                    fields.remove("made_at");
                }
                format!("{} {payload}", self.info().name)
            }

            /// What is sent with its name.
            pub fn to_payload(&self) -> Value {
                match self { $(Self::$variant(payload) => serde_json::to_value(payload),)* }
                    .expect("payloads have string keys only")
            }

            /// Its line of the table.
            pub fn info(&self) -> &'static CallInfo {
                let name = match self { $(Self::$variant(_) => $name),* };
                Self::TABLE.iter().find(|info| info.name == name).expect("the table has every variant")
            }
        }

        /// Visits the types of every payload and answer, for the generators.
        pub(crate) fn visit_types(visitor: &mut impl TypeVisitor) {
            $(visitor.visit::<$variant>(stringify!($variant));)*
            $(visitor.visit::<answer::$answer>(stringify!($answer));)*
        }
    };
}

/// What the generators do with each type that stands on the wire.
pub(crate) trait TypeVisitor {
    /// Takes one type.
    fn visit<T: TS + JsonSchema + 'static>(&mut self, name: &'static str);
}

calls! {
    "thanks"            Thanks         -> Thanked,          Viewer, Reads;
    "room:create"       RoomCreate     -> RoomAnswer,       Editor, Changes;
    "room:update"       RoomUpdate     -> RoomAnswer,       Editor, Changes;
    "room:destroy"      RoomDestroy    -> RoomAnswer,       Viewer, Changes;
    "room:restore"      RoomRestore    -> RoomAnswer,       Viewer, Changes;
    "room:join"         RoomJoin       -> RoomContents,     Viewer, Changes;
    "room:open"         RoomOpen       -> RoomContents,     Viewer, Reads;
    "room:leave"        RoomLeave      -> Done,             Viewer, Changes;
    "room:invite"       RoomInvite     -> Done,             Viewer, Changes;
    "room:remove"       RoomRemove     -> Done,             Viewer, Changes;
    "room:direct"       RoomDirect     -> RoomAnswer,       Editor, Changes;
    "room:list"         RoomList       -> RoomsAnswer,      Viewer, Reads;
    "room:read"         RoomRead       -> UnreadAnswer,     Viewer, Signals;
    "note:create"       NoteCreate     -> NoteAnswer,       Editor, Changes;
    "note:read"         NoteRead       -> NoteAnswer,       Viewer, Reads;
    "note:update"       NoteUpdate     -> NoteAnswer,       Editor, Changes;
    "note:destroy"      NoteDestroy    -> NoteAnswer,       Editor, Changes;
    "note:restore"      NoteRestore    -> NoteAnswer,       Editor, Changes;
    "note:move"         NoteMove       -> NoteAnswer,       Editor, Changes;
    "note:open"         NoteOpen       -> NoteOpened,       Viewer, Reads;
    "note:edit"         NoteEdit       -> VersionAnswer,    Editor, Changes;
    "note:close"        NoteClose      -> Done,             Viewer, Signals;
    "note:history"      NoteHistory    -> HistoryAnswer,    Viewer, Reads;
    "note:list"         NoteList       -> NoteListAnswer,   Viewer, Reads;
    "note:count"        NoteCount      -> CountAnswer,      Viewer, Reads;
    "message:send"      MessageSend    -> MessageAnswer,    Viewer, Changes;
    "message:edit"      MessageEdit    -> MessageAnswer,    Viewer, Changes;
    "message:destroy"   MessageDestroy -> MessageAnswer,    Viewer, Changes;
    "message:list"      MessageList    -> MessagesAnswer,   Viewer, Reads;
    "search"            Search         -> SearchAnswer,     Viewer, Reads;
    "member:update"     MemberUpdate   -> MemberView,    Viewer, Changes;
    "member:list"       MemberList     -> MembersAnswer,    Viewer, Reads;
    "member:ask"        MemberAsk      -> AskAnswer,        Viewer, Signals;
    "member:answer"     MemberAnswer   -> Done,             Viewer, Signals;
    "outbox:list"       OutboxList     -> OutboxAnswer,     Viewer, Signals;
    "outbox:discard"    OutboxDiscard  -> Done,             Viewer, Signals;
    "earlier:list"      EarlierList    -> EarlierAnswer,    Viewer, Signals;
    "earlier:read"      EarlierRead    -> EarlierWhole,     Viewer, Signals;
    "earlier:file"      EarlierFile    -> Done,             Editor, Signals;
    "earlier:discard"   EarlierDiscard -> Done,             Viewer, Signals;
    "session:update"    SessionUpdate  -> SessionAnswer,    Host,   Changes;
    "session:invite"    SessionInvite  -> InviteAnswer,     Host,   Signals;
    "session:invites"   SessionInvites -> InvitesAnswer,    Host,   Signals;
    "session:uninvite"  SessionUninvite -> Done,            Host,   Signals;
    "session:invitation" SessionInvitation -> OpenInviteAnswer, Host, Signals;
    "session:devices"   SessionDevices -> DevicesAnswer,    Host,   Reads;
    "device:revoke"     DeviceRevoke   -> Done,             Host,   Changes;
    "session:knocks"    SessionKnocks  -> KnocksAnswer,     Host,   Signals;
    "knock:answer"      KnockAnswer    -> Done,             Host,   Signals;
    "member:role"       MemberRole     -> MemberView,    Host,   Changes;
    "member:remove"     MemberRemove   -> MemberView,    Host,   Changes;
    "member:unban"      MemberUnban    -> MemberView,    Host,   Changes;
    "achtung:send"      AchtungSend    -> Done,             Host,   Signals;
}

fn unknown_name(name: &str) -> CallError {
    CallError::bad_request(format!("There is no call named `{}`.", shortened(name)))
}

fn unreadable(name: &str, error: &serde_json::Error) -> CallError {
    CallError::new(
        Code::BadRequest,
        format!(
            "`{name}` cannot be read: {}.",
            shortened(error.to_string().trim_end_matches('.'))
        ),
    )
}

/// Enough of a peer's text to recognise it, never all of it.
fn shortened(text: &str) -> String {
    let mut short: String = text.chars().filter(|c| !c.is_control()).take(160).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests;
