//! From a call to facts: what happens if this call is carried out now.
//!
//! Nothing here waits, reads a clock or touches a file. The caller has been authorized already;
//! what is decided here is whether the call makes sense, and which facts it makes.

mod member;
mod message;
mod note;
mod room;
mod session;

use std::sync::Arc;

use hearth_protocol::answer::Done;
use hearth_protocol::call::Call;
use hearth_protocol::error::CallError;
use hearth_protocol::{CallId, FactKind, Member, MemberId, Message, NoteKey, RoomId, Timestamp};
use hearth_store::{SignInRow, Write};

use crate::state::State;

pub(crate) use room::taken;
pub(crate) use session::is_window;

/// How long a destroyed room or note can be restored.
pub(crate) const TRASH_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// What a call is decided on.
pub(crate) struct Context<'a> {
    pub(crate) state: &'a State,
    pub(crate) me: Arc<Member>,
    pub(crate) now: Timestamp,
    /// The call's id; the thing created gets it.
    pub(crate) id: CallId,
    /// The message the call is about.
    pub(crate) message: Option<Message>,
    /// The sign-in the call is about.
    pub(crate) device: Option<SignInRow>,
    /// The number the first fact of this call will have.
    pub(crate) next_seq: u64,
    /// What a call that changes a note's text comes to, as a Yjs update; worked out beforehand.
    pub(crate) update: Option<Vec<u8>>,
    pub(crate) message_chars: u64,
}

/// What a call comes to.
#[derive(Default)]
pub(crate) struct Decision {
    pub(crate) facts: Vec<FactKind>,
    /// What is written beside the facts.
    pub(crate) writes: Vec<Write>,
}

impl Decision {
    fn nothing() -> Self {
        Self::default()
    }

    fn facts(facts: impl Into<Vec<FactKind>>) -> Self {
        Self {
            facts: facts.into(),
            writes: Vec::new(),
        }
    }
}

/// What stands in the answer, to be filled in from the committed state.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    Done(Done),
    Room(RoomId),
    Contents(RoomId),
    Note {
        key: NoteKey,
        body: bool,
    },
    /// A note's version: the one an edit made, or the present one when it brought nothing new.
    Version {
        key: NoteKey,
        made: Option<u64>,
    },
    Message(Box<Message>),
    Member(MemberId),
    Session,
}

/// Decides a changing call.
pub(crate) fn decide(call: &Call, context: &Context<'_>) -> Result<Decision, CallError> {
    match call {
        Call::RoomCreate(call) => room::create(call, context),
        Call::RoomUpdate(call) => room::update(call, context),
        Call::RoomDestroy(call) => room::destroy(call, context),
        Call::RoomRestore(call) => room::restore(call, context),
        Call::RoomJoin(call) => room::enter(call.room, context.me.id, context),
        Call::RoomInvite(call) => room::enter(call.room, call.member, context),
        Call::RoomLeave(call) => room::exit(call.room, context.me.id, context),
        Call::RoomRemove(call) => room::exit(call.room, call.member, context),
        Call::RoomDirect(call) => room::direct(call, context),
        Call::NoteCreate(call) => note::create(call, context),
        Call::NoteUpdate(call) => note::update(call, context),
        Call::NoteEdit(call) => note::edit(call, context),
        Call::NoteMove(call) => note::put_into(call, context),
        Call::NoteDestroy(call) => note::destroy(call, context),
        Call::NoteRestore(call) => note::restore(call, context),
        Call::MessageSend(call) => message::send(call, context),
        Call::MessageEdit(call) => message::edit(call, context),
        Call::MessageDestroy(_) => message::destroy(context),
        Call::MemberUpdate(call) => member::update(call, context),
        Call::MemberRole(call) => member::role(call, context),
        Call::MemberRemove(call) => member::remove(call, context),
        Call::MemberUnban(call) => member::unban(call, context),
        Call::DeviceRevoke(call) => session::revoke(call, context),
        Call::SessionUpdate(call) => session::update(call, context),
        _ => Err(CallError::bad_request(
            "This call changes nothing by itself.",
        )),
    }
}

/// What to answer to a call that made these facts, now or earlier: a repeat is answered like the
/// first time.
pub(crate) fn reply(
    call: &Call,
    me: MemberId,
    facts: &[FactKind],
    context_room: Option<RoomId>,
) -> Reply {
    let first_room = facts.iter().find_map(|fact| match fact {
        FactKind::RoomCreated { room } | FactKind::RoomRestored { room } => Some(room.id),
        _ => None,
    });
    let message = facts.iter().find_map(|fact| match fact {
        FactKind::MessagePosted { message }
        | FactKind::MessageEdited { message }
        | FactKind::MessageDestroyed { message } => Some(message.clone()),
        _ => None,
    });
    let created = facts.iter().find_map(|fact| match fact {
        FactKind::NoteCreated { note } => Some(note.key),
        _ => None,
    });
    let edited = facts.iter().find_map(|fact| match fact {
        FactKind::NoteEdited { version, .. } => Some(*version),
        _ => None,
    });
    match call {
        Call::RoomCreate(_) | Call::RoomDirect(_) => first_room
            .or(context_room)
            .map_or(Reply::Done(Done {}), Reply::Room),
        Call::RoomUpdate(call) => Reply::Room(call.room),
        Call::RoomDestroy(call) => Reply::Room(call.room),
        Call::RoomRestore(call) => Reply::Room(call.room),
        Call::RoomJoin(call) => Reply::Contents(call.room),
        Call::NoteCreate(_) => {
            created.map_or(Reply::Done(Done {}), |key| Reply::Note { key, body: false })
        }
        Call::NoteUpdate(call) => Reply::Note {
            key: call.key,
            body: true,
        },
        Call::NoteEdit(call) => Reply::Version {
            key: call.key,
            made: edited,
        },
        Call::NoteMove(call) => Reply::Note {
            key: call.key,
            body: false,
        },
        Call::NoteDestroy(call) => Reply::Note {
            key: call.key,
            body: false,
        },
        Call::NoteRestore(call) => Reply::Note {
            key: call.key,
            body: false,
        },
        Call::MessageSend(_) | Call::MessageEdit(_) | Call::MessageDestroy(_) => message
            .map_or(Reply::Done(Done {}), |message| {
                Reply::Message(Box::new(message))
            }),
        Call::MemberUpdate(_) => Reply::Member(me),
        Call::MemberRole(call) => Reply::Member(call.member),
        Call::MemberRemove(call) => Reply::Member(call.member),
        Call::MemberUnban(call) => Reply::Member(call.member),
        Call::SessionUpdate(_) => Reply::Session,
        _ => Reply::Done(Done {}),
    }
}
