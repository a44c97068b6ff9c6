//! Calls that only look. They run on what is committed and never stop the writer.

use std::collections::HashSet;

use hearth_protocol::answer::{
    CountAnswer, Device, DeviceKind, DevicesAnswer, MembersAnswer, MessagesAnswer, NoteAnswer,
    NoteListAnswer, RoomContents, RoomsAnswer,
};
use hearth_protocol::call::{Call, MessageList, NoteList, NoteRead, RoomList};
use hearth_protocol::error::CallError;
use hearth_protocol::object::{NoteLine, RoomView};
use hearth_protocol::{FactKind, Member, MemberId, Message, Note, Role, RoomId};
use hearth_store::Reader;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::failure::{SessionError, told};
use crate::state::{RoomState, State};

/// Messages of a room that come with its contents.
pub(crate) const NEWEST_MESSAGES: u32 = 50;
/// Lines of a list of notes, unless said, and at most.
const NOTE_LINES: (u32, u32) = (100, 1_000);
/// Messages of a page, unless said, and at most.
const MESSAGES: (u32, u32) = (50, 500);

/// Sign-ins in a list.
const MAX_DEVICES: u32 = 1_000;

/// A room as `me` sees it.
pub(crate) async fn room_view(
    reader: &Reader,
    state: &State,
    me: MemberId,
    room: &RoomState,
) -> Result<RoomView, SessionError> {
    let unread = reader.unread(me, &[room.room.id]).await?;
    let count = unread.get(&room.room.id).copied().unwrap_or_default();
    Ok(view(me, room, count, &state.waiting_ids()))
}

fn view(me: MemberId, room: &RoomState, unread: u32, waiting: &HashSet<Uuid>) -> RoomView {
    let joined = room.members.contains(&me);
    RoomView {
        room: room.room.clone(),
        joined,
        members: room.members.len() as u32,
        unread: if joined { unread } else { 0 },
        pending: waiting.contains(&room.room.id.0).then_some(true),
    }
}

/// Rooms as `me` sees them.
pub(crate) async fn room_views<'a>(
    reader: &Reader,
    state: &State,
    me: MemberId,
    rooms: impl Iterator<Item = &'a RoomState>,
) -> Result<Vec<RoomView>, SessionError> {
    let rooms: Vec<_> = rooms.collect();
    let ids: Vec<_> = rooms.iter().map(|room| room.room.id).collect();
    let unread = reader.unread(me, &ids).await?;
    let count = |room: &RoomState| unread.get(&room.room.id).copied().unwrap_or_default();
    let waiting = state.waiting_ids();
    Ok(rooms
        .into_iter()
        .map(|room| view(me, room, count(room), &waiting))
        .collect())
}

/// What is in a room.
pub(crate) async fn contents(
    reader: &Reader,
    state: &State,
    me: MemberId,
    room: &RoomState,
) -> Result<RoomContents, SessionError> {
    let head = state.head();
    let mut messages = reader
        .newest_messages(&[room.room.id], NEWEST_MESSAGES, head)
        .await?;
    show_waiting(state, &mut messages, |one| one == room.room.id);
    let waiting = state.waiting_ids();
    Ok(RoomContents {
        room: room_view(reader, state, me, room).await?,
        members: room
            .members
            .iter()
            .filter_map(|id| state.member(*id))
            .map(as_owned)
            .collect(),
        notes: notes_of(state, room, &waiting).collect(),
        messages,
        head,
    })
}

fn as_owned(member: &std::sync::Arc<Member>) -> Member {
    member.as_ref().clone()
}

/// The notes of a room that are not in the trash.
pub(crate) fn notes_of<'a>(
    state: &'a State,
    room: &'a RoomState,
    waiting: &'a HashSet<Uuid>,
) -> impl Iterator<Item = Note> + 'a {
    room.notes
        .iter()
        .filter_map(|key| state.notes.get(key))
        .filter(|note| note.trashed_at.is_none())
        .map(|note| Note {
            pending: waiting.contains(&note.key.0).then_some(true),
            ..note.as_ref().clone()
        })
}

/// Answers a call that only looks. It has been authorized.
pub(crate) async fn read(
    reader: &Reader,
    state: &State,
    me: &Member,
    call: &Call,
) -> Result<Value, CallError> {
    let answered = match call {
        Call::RoomOpen(call) => match state.visible_room(me.id, call.room) {
            Some(room) => contents(reader, state, me.id, room).await.map(value),
            None => return Err(CallError::not_found("room")),
        },
        Call::RoomList(call) => rooms(reader, state, me, call).await.map(value),
        Call::NoteRead(call) => return note(reader, state, me.id, call).await.map(value),
        Call::NoteList(call) => Ok(value(notes(state, me.id, call))),
        Call::NoteCount(call) => {
            let all = NoteList {
                room: call.room,
                trashed: None,
                after: None,
                limit: None,
            };
            Ok(value(CountAnswer {
                count: listed(state, me.id, &all).count() as u64,
            }))
        }
        Call::NoteHistory(call) => crate::history::bursts(reader, state, me.id, call)
            .await
            .map(value),
        Call::MessageList(call) => messages(reader, state, call).await.map(value),
        Call::SessionDevices(_) => devices(reader, state).await.map(value),
        Call::MemberList(call) => {
            let removed = call.removed.unwrap_or(false);
            let members = state.members.values();
            let members = members
                .filter(|member| member.removed.is_some() == removed)
                .map(as_owned)
                .collect();
            Ok(value(MembersAnswer { members }))
        }
        _ => return Err(CallError::bad_request("This call does not only look.")),
    };
    answered.map_err(|error| told(&error))
}

/// Remembered sign-ins that still let somebody in.
async fn devices(reader: &Reader, state: &State) -> Result<DevicesAnswer, SessionError> {
    let since = crate::handle::now().0 - crate::door::SIGN_IN_LASTS_MS;
    let kept = reader.sign_ins(MAX_DEVICES).await?;
    let good = kept.into_iter().filter(|sign_in| {
        sign_in.used_at.0 >= since
            && state.present(sign_in.member).is_some()
            && !crate::decide::is_window(sign_in, state)
    });
    let devices = good
        .map(|sign_in| Device {
            id: sign_in.device,
            member: sign_in.member,
            kind: match sign_in.app {
                true => DeviceKind::App,
                false => DeviceKind::Browser,
            },
            address: sign_in.address,
            created_at: sign_in.created_at,
            used_at: sign_in.used_at,
        })
        .collect();
    Ok(DevicesAnswer { devices })
}

pub(crate) fn value(answer: impl Serialize) -> Value {
    serde_json::to_value(answer).expect("answers have string keys only")
}

async fn rooms(
    reader: &Reader,
    state: &State,
    me: &Member,
    call: &RoomList,
) -> Result<RoomsAnswer, SessionError> {
    let destroyed = call.destroyed.unwrap_or(false);
    let rooms = if destroyed {
        let restorable = state.rooms.values().map(AsRef::as_ref).filter(|room| {
            room.room.destroyed_at.is_some()
                && state.known_room(me.id, room.room.id).is_some()
                && (me.role == Role::Host || room.created_by == Some(me.id))
        });
        room_views(reader, state, me.id, restorable).await?
    } else {
        let visible = state.visible_rooms(me.id).map(AsRef::as_ref);
        room_views(reader, state, me.id, visible).await?
    };
    Ok(RoomsAnswer { rooms })
}

async fn note(
    reader: &Reader,
    state: &State,
    me: MemberId,
    call: &NoteRead,
) -> Result<NoteAnswer, CallError> {
    let note = state
        .visible_note(me, call.key)
        .ok_or_else(|| CallError::not_found("note"))?;
    let version = call.version.unwrap_or(note.version);
    if version > note.version {
        return Err(CallError::bad_request(format!(
            "There is no version {version} of this note yet; the newest is {}.",
            note.version
        )));
    }
    let text = match call.version {
        None => crate::texts::shown_text(reader, state, call.key).await,
        Some(version) => crate::texts::text_at(reader, call.key, version).await,
    };
    let text = text.map_err(|error| told(&error))?;
    let note = Note {
        version,
        body: Some(text.body()),
        ..note.as_ref().clone()
    };
    Ok(NoteAnswer { note })
}

fn listed<'a>(
    state: &'a State,
    me: MemberId,
    call: &'a NoteList,
) -> impl Iterator<Item = &'a std::sync::Arc<Note>> {
    let trashed = call.trashed.unwrap_or(false);
    state.notes.values().filter(move |note| {
        note.trashed_at.is_some() == trashed
            && call.room.is_none_or(|room| room == note.room)
            && state.visible_room(me, note.room).is_some()
    })
}

fn notes(state: &State, me: MemberId, call: &NoteList) -> NoteListAnswer {
    let limit = call.limit.unwrap_or(NOTE_LINES.0).clamp(1, NOTE_LINES.1) as usize;
    let waiting = state.waiting_ids();
    let mut lines = listed(state, me, call)
        .filter(|note| call.after.is_none_or(|after| note.key > after))
        .map(|note| NoteLine {
            key: note.key,
            title: note.title.clone(),
            room: note.room,
            version: note.version,
            updated_at: note.updated_at,
            pending: waiting.contains(&note.key.0).then_some(true),
        });
    let notelist: Vec<_> = lines.by_ref().take(limit).collect();
    let next = lines
        .next()
        .and_then(|_| notelist.last())
        .map(|line| line.key);
    NoteListAnswer { notelist, next }
}

async fn messages(
    reader: &Reader,
    state: &State,
    call: &MessageList,
) -> Result<MessagesAnswer, SessionError> {
    let limit = call.limit.unwrap_or(MESSAGES.0).clamp(1, MESSAGES.1);
    // One more than asked for tells whether there is a page before this one.
    let mut messages = reader.messages(call.room, call.before, limit + 1).await?;
    let more = messages.len() > limit as usize;
    if more {
        messages.remove(0);
    }
    let next = messages.first().filter(|_| more).map(|message| message.seq);
    let newest = call.before.is_none();
    show_waiting(state, &mut messages, |room| newest && room == call.room);
    Ok(MessagesAnswer { messages, next })
}

/// Brings what waits for the host of a joined session into a list of messages: the new ones of
/// `rooms` behind the others, and what became of those in it.
pub(crate) fn show_waiting(
    state: &State,
    messages: &mut Vec<Message>,
    rooms: impl Fn(RoomId) -> bool,
) {
    for fact in &state.pending {
        match &fact.kind {
            FactKind::MessagePosted { message } if rooms(message.room) => {
                messages.push(message.clone());
            }
            FactKind::MessageEdited { message } | FactKind::MessageDestroyed { message } => {
                let shown = messages.iter_mut().find(|shown| shown.id == message.id);
                if let Some(shown) = shown {
                    shown.clone_from(message);
                }
            }
            _ => {}
        }
    }
}
