//! One question, one place: may this member do this?
//!
//! The role comes first, from the table of calls; then what the call is about. Whatever is not
//! allowed here is denied. What a member may not see is answered as if it did not exist.

use std::sync::Arc;

use hearth_protocol::call::{Call, RoomRemove};
use hearth_protocol::error::{CallError, Code};
use hearth_protocol::{Member, MemberId, Message, Note, NoteKey, Role, RoomId};

use crate::state::{RoomState, State};

/// The member who calls.
pub(crate) fn caller(state: &State, id: MemberId) -> Result<Arc<Member>, CallError> {
    let present = state.present(id).cloned();
    present.ok_or_else(crate::failure::put_out)
}

/// The same in a copy whose host is away: somebody who was removed may go on reading, and nothing
/// more.
pub(crate) fn caller_whose_calls_may_wait(
    state: &State,
    id: MemberId,
) -> Result<Arc<Member>, CallError> {
    let is_member = |me: &Arc<Member>| me.removed.is_none();
    let present = state.present(id).cloned().filter(is_member);
    present.ok_or_else(crate::failure::put_out)
}

/// Says why `member` may not do `call`, if so. `message` is the message the call is about, where
/// it is about one and that one exists.
pub(crate) fn authorize(
    state: &State,
    member: &Member,
    call: &Call,
    message: Option<&Message>,
) -> Result<(), CallError> {
    if member.role < call.info().role {
        return Err(lacks_role(call.info().role));
    }
    let me = member.id;
    match call {
        Call::Thanks(_)
        | Call::RoomList(_)
        | Call::MemberUpdate(_)
        | Call::MemberList(_)
        | Call::MemberAsk(_)
        | Call::MemberAnswer(_)
        // The own one: a joined app is its person's alone.
        | Call::OutboxList(_)
        | Call::OutboxDiscard(_)
        | Call::EarlierList(_)
        | Call::EarlierRead(_)
        | Call::EarlierFile(_)
        | Call::EarlierDiscard(_)
        | Call::RoomCreate(_) => Ok(()),
        // The role in the table says all there is to say.
        Call::SessionUpdate(_)
        | Call::SessionDevices(_)
        | Call::DeviceRevoke(_)
        | Call::SessionInvite(_)
        | Call::SessionInvites(_)
        | Call::SessionInvitation(_)
        | Call::SessionUninvite(_)
        | Call::SessionKnocks(_)
        | Call::KnockAnswer(_)
        | Call::AchtungSend(_) => Ok(()),
        Call::MemberRole(call) => known_member(state, call.member).map(drop),
        Call::MemberRemove(call) => anybody(state, call.member),
        Call::MemberUnban(call) => anybody(state, call.member),
        Call::RoomDirect(call) => known_member(state, call.member).map(drop),
        Call::RoomJoin(call) => room(state, me, call.room).map(drop),
        Call::RoomOpen(call) => room(state, me, call.room).map(drop),
        Call::RoomRead(call) => room(state, me, call.room).map(drop),
        Call::RoomLeave(call) => not_direct(room(state, me, call.room)?),
        Call::RoomUpdate(call) => joined(room(state, me, call.room)?, me),
        Call::RoomInvite(call) => {
            let room = room(state, me, call.room)?;
            known_member(state, call.member)?;
            joined(room, me).and_then(|()| not_direct(room))
        }
        Call::RoomRemove(call) => may_remove(state, me, call),
        Call::RoomDestroy(call) => maker_or_host(room(state, me, call.room)?, member),
        Call::RoomRestore(call) => {
            let room = state
                .known_room(me, call.room)
                .ok_or_else(|| CallError::not_found("room"))?;
            maker_or_host(room, member)
        }
        Call::NoteCreate(call) => room(state, me, call.room).map(drop),
        Call::NoteRead(call) => note(state, me, call.key).map(drop),
        Call::NoteUpdate(call) => not_trashed(note(state, me, call.key)?),
        Call::NoteEdit(call) => not_trashed(note(state, me, call.key)?),
        Call::NoteOpen(call) => note(state, me, call.key).map(drop),
        Call::NoteClose(_) => Ok(()),
        Call::NoteHistory(call) => note(state, me, call.key).map(drop),
        Call::NoteMove(call) => {
            not_trashed(note(state, me, call.key)?)?;
            room(state, me, call.room).map(drop)
        }
        Call::NoteDestroy(call) => note(state, me, call.key).map(drop),
        Call::NoteRestore(call) => note(state, me, call.key).map(drop),
        Call::NoteList(call) => some_room(state, me, call.room),
        Call::NoteCount(call) => some_room(state, me, call.room),
        Call::Search(call) => some_room(state, me, call.room),
        Call::MessageSend(call) => {
            room(state, me, call.room)?;
            call.note
                .map_or(Ok(()), |key| note(state, me, key).map(drop))
        }
        Call::MessageList(call) => room(state, me, call.room).map(drop),
        Call::MessageEdit(_) => {
            let message = visible(state, me, message)?;
            if message.by != me {
                return Err(CallError::forbidden(
                    "Only its author can change a message.",
                ));
            }
            Ok(())
        }
        Call::MessageDestroy(_) => {
            let message = visible(state, me, message)?;
            if message.by != me && member.role != Role::Host {
                return Err(CallError::forbidden(
                    "Only its author or the host can take a message back.",
                ));
            }
            Ok(())
        }
    }
}

/// Says why `member` may not add a file to a room, if so. It is no call, but asked like one.
pub(crate) fn may_add_file(state: &State, member: &Member, id: RoomId) -> Result<(), CallError> {
    if member.role < Role::Editor {
        return Err(lacks_role(Role::Editor));
    }
    room(state, member.id, id).map(drop)
}

/// Says why `me` may not have a file of a room, if so.
pub(crate) fn may_read_file(state: &State, me: MemberId, id: RoomId) -> Result<(), CallError> {
    room(state, me, id)
        .map(drop)
        .map_err(|_| CallError::not_found("file"))
}

fn lacks_role(needed: Role) -> CallError {
    CallError::forbidden(match needed {
        Role::Host => "Only the host can do this.",
        _ => "You can read here, but not change anything. Ask the host to make you an editor.",
    })
}

fn room(state: &State, me: MemberId, id: RoomId) -> Result<&Arc<RoomState>, CallError> {
    state
        .visible_room(me, id)
        .ok_or_else(|| CallError::not_found("room"))
}

fn some_room(state: &State, me: MemberId, id: Option<RoomId>) -> Result<(), CallError> {
    id.map_or(Ok(()), |id| room(state, me, id).map(drop))
}

fn note(state: &State, me: MemberId, key: NoteKey) -> Result<&Arc<Note>, CallError> {
    state
        .visible_note(me, key)
        .ok_or_else(|| CallError::not_found("note"))
}

fn not_trashed(note: &Note) -> Result<(), CallError> {
    if note.trashed_at.is_some() {
        return Err(CallError::new(
            Code::Gone,
            "This note is in the trash. Restore it first, then write.",
        ));
    }
    Ok(())
}

fn known_member(state: &State, id: MemberId) -> Result<&Arc<Member>, CallError> {
    state
        .present(id)
        .ok_or_else(|| CallError::not_found("member"))
}

/// Whether there is, or ever was, such a member.
fn anybody(state: &State, id: MemberId) -> Result<(), CallError> {
    state
        .member(id)
        .map(drop)
        .ok_or_else(|| CallError::not_found("member"))
}

fn joined(room: &RoomState, me: MemberId) -> Result<(), CallError> {
    if room.members.contains(&me) {
        Ok(())
    } else {
        Err(CallError::forbidden(
            "Join the room first; only its members can do this.",
        ))
    }
}

fn not_direct(room: &RoomState) -> Result<(), CallError> {
    if room.room.direct.is_some() {
        return Err(CallError::forbidden(
            "A direct conversation belongs to its two people; nobody joins or leaves it.",
        ));
    }
    Ok(())
}

fn maker_or_host(room: &RoomState, member: &Member) -> Result<(), CallError> {
    if room.created_by == Some(member.id) || member.role == Role::Host {
        Ok(())
    } else {
        Err(CallError::forbidden(
            "Only who made the room, or the host, can do this.",
        ))
    }
}

fn may_remove(state: &State, me: MemberId, call: &RoomRemove) -> Result<(), CallError> {
    let room = room(state, me, call.room)?;
    known_member(state, call.member)?;
    joined(room, me).and_then(|()| not_direct(room))
}

fn visible<'a>(
    state: &State,
    me: MemberId,
    message: Option<&'a Message>,
) -> Result<&'a Message, CallError> {
    message
        .filter(|message| state.visible_room(me, message.room).is_some())
        .ok_or_else(|| CallError::not_found("message"))
}
