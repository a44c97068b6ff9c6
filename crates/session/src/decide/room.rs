//! Rooms: made, changed, destroyed, restored; who comes in and goes out.

use hearth_protocol::call::{RoomCreate, RoomDestroy, RoomDirect, RoomRestore, RoomUpdate};
use hearth_protocol::error::{CallError, Code};
use hearth_protocol::{FactKind, MemberId, Name, Room, RoomId, Topic};

use super::{Context, Decision, TRASH_MS};
use crate::state::RoomState;

fn find<'a>(context: &'a Context<'_>, room: RoomId) -> Result<&'a RoomState, CallError> {
    context
        .state
        .known_room(context.me.id, room)
        .map(AsRef::as_ref)
        .ok_or_else(|| CallError::not_found("room"))
}

fn no_topic() -> Topic {
    Topic::new("").expect("a topic may be empty")
}

fn made(room: Room, members: impl IntoIterator<Item = MemberId>) -> Decision {
    let id = room.id;
    let mut facts = vec![FactKind::RoomCreated { room }];
    facts.extend(
        members
            .into_iter()
            .map(|member| FactKind::RoomJoined { room: id, member }),
    );
    Decision::facts(facts)
}

fn free_id(context: &Context<'_>) -> Result<RoomId, CallError> {
    let id = RoomId::from(context.id.0);
    if context.state.rooms.contains_key(&id) {
        return Err(taken());
    }
    Ok(id)
}

/// Something of that kind has that id already.
pub(crate) fn taken() -> CallError {
    CallError::new(
        Code::Conflict,
        "This id is taken. Make a new one and send it again.",
    )
}

pub(super) fn create(call: &RoomCreate, context: &Context<'_>) -> Result<Decision, CallError> {
    let room = Room {
        id: free_id(context)?,
        name: call.name.clone(),
        topic: call.topic.clone().unwrap_or_else(no_topic),
        private: call.private.unwrap_or(false),
        direct: None,
        destroyed_at: None,
    };
    Ok(made(room, [context.me.id]))
}

pub(super) fn direct(call: &RoomDirect, context: &Context<'_>) -> Result<Decision, CallError> {
    let me = context.me.id;
    if call.member == me {
        return Err(CallError::bad_request(
            "A direct conversation is with somebody else.",
        ));
    }
    match context.state.direct(me, call.member) {
        Some(room) if room.room.destroyed_at.is_none() => return Ok(Decision::nothing()),
        // Whoever talks to this person again wants the conversation back.
        Some(room) => return Ok(restored(room)),
        None => {}
    }
    let room = Room {
        id: free_id(context)?,
        name: Name::new("Direct").expect("it is a name"),
        topic: no_topic(),
        private: true,
        direct: Some([me, call.member]),
        destroyed_at: None,
    };
    Ok(made(room, [me, call.member]))
}

pub(super) fn update(call: &RoomUpdate, context: &Context<'_>) -> Result<Decision, CallError> {
    let old = &find(context, call.room)?.room;
    let mut room = old.clone();
    room.name = call.name.clone().unwrap_or(room.name);
    room.topic = call.topic.clone().unwrap_or(room.topic);
    if room == *old {
        return Ok(Decision::nothing());
    }
    Ok(Decision::facts([FactKind::RoomUpdated { room }]))
}

pub(super) fn destroy(call: &RoomDestroy, context: &Context<'_>) -> Result<Decision, CallError> {
    let mut room = find(context, call.room)?.room.clone();
    room.destroyed_at = Some(context.now);
    Ok(Decision::facts([FactKind::RoomDestroyed { room }]))
}

pub(super) fn restore(call: &RoomRestore, context: &Context<'_>) -> Result<Decision, CallError> {
    let room = find(context, call.room)?;
    match room.room.destroyed_at {
        None => Ok(Decision::nothing()),
        Some(at) if context.now.0 - at.0 > TRASH_MS => Err(CallError::new(
            Code::Gone,
            "This room was destroyed more than 30 days ago and cannot come back.",
        )),
        Some(_) => Ok(restored(room)),
    }
}

fn restored(room: &RoomState) -> Decision {
    let room = Room {
        destroyed_at: None,
        ..room.room.clone()
    };
    Decision::facts([FactKind::RoomRestored { room }])
}

/// `member` comes in, unless inside already.
pub(super) fn enter(
    room: RoomId,
    member: MemberId,
    context: &Context<'_>,
) -> Result<Decision, CallError> {
    if find(context, room)?.members.contains(&member) {
        return Ok(Decision::nothing());
    }
    Ok(Decision::facts([FactKind::RoomJoined { room, member }]))
}

/// `member` goes out, unless outside already.
pub(super) fn exit(
    room: RoomId,
    member: MemberId,
    context: &Context<'_>,
) -> Result<Decision, CallError> {
    if !find(context, room)?.members.contains(&member) {
        return Ok(Decision::nothing());
    }
    Ok(Decision::facts([FactKind::RoomLeft { room, member }]))
}
