//! Who is here and where. Never stored; told in bundles.

use std::collections::BTreeMap;

use hearth_protocol::signal::{
    Presence, PresenceChanges, PresenceReport, PresenceState, UserCount, event,
};
use hearth_protocol::{MemberId, NoteKey, RoomId};

use crate::feed::Out;
use crate::state::State;
use crate::tell::{Socket, Sockets, Space};

/// Where a socket's person is, as its client last said.
#[derive(Debug, Clone, Default)]
pub(crate) struct Place {
    pub(crate) room: Option<RoomId>,
    pub(crate) note: Option<NoteKey>,
    pub(crate) idle: bool,
    pub(crate) typing: bool,
    /// Changed since the others were told.
    pub(crate) changed: bool,
}

impl Place {
    /// Takes in what the client says. A place this member cannot see counts as none.
    pub(crate) fn report(&mut self, report: &PresenceReport, member: MemberId, state: &State) {
        self.note = report
            .note
            .filter(|key| state.visible_note(member, *key).is_some());
        let of_note = self
            .note
            .and_then(|key| state.notes.get(&key))
            .map(|note| note.room);
        self.room = of_note.or(report
            .room
            .filter(|room| state.visible_room(member, *room).is_some()));
        self.idle = report
            .state
            .is_some_and(|state| state != PresenceState::Active);
        self.typing = report.typing.unwrap_or(false);
        self.changed = true;
    }
}

/// Where one socket's person is.
fn entry(socket: &Socket, state: &State) -> Option<Presence> {
    let member = state.member(socket.member)?;
    let place = &socket.place;
    Some(Presence {
        member: member.id,
        socket: socket.name.clone(),
        name: member.name.clone(),
        color: member.color.clone(),
        role: member.role,
        state: if place.idle {
            PresenceState::Idle
        } else {
            PresenceState::Active
        },
        room: place.room,
        note: place.note,
        typing: place.typing.then_some(true),
    })
}

/// `entry` as `viewer` may see it: a private room and its notes only for its members.
fn seen_by(mut entry: Presence, viewer: MemberId, state: &State) -> Presence {
    if entry
        .room
        .is_some_and(|room| state.visible_room(viewer, room).is_none())
    {
        entry.room = None;
        entry.note = None;
        entry.typing = None;
    }
    entry
}

/// Everybody who is connected, as `viewer` may see it.
pub(crate) fn people(sockets: &Sockets, viewer: MemberId, state: &State) -> Vec<Presence> {
    let by_id: BTreeMap<_, _> = sockets.main().collect();
    by_id
        .into_values()
        .filter_map(|socket| entry(socket, state))
        .map(|entry| seen_by(entry, viewer, state))
        .collect()
}

/// Tells everybody the entries that changed, those of `gone` included.
pub(crate) fn flush(sockets: &mut Sockets, gone: Vec<Presence>, state: &State) {
    let mut changed = gone;
    for socket in sockets
        .by_id
        .values_mut()
        .filter(|socket| socket.space == Space::Main)
    {
        if std::mem::take(&mut socket.place.changed) {
            changed.extend(entry(socket, state));
        }
    }
    if changed.is_empty() {
        return;
    }
    let is_private = |room: RoomId| state.rooms.get(&room).is_none_or(|room| room.room.private);
    // Most often nobody is in a private room, and one encoding serves everybody.
    let same_for_all = !changed
        .iter()
        .any(|entry| entry.room.is_some_and(is_private));
    let shared = Out::signal(
        event::PRESENCE,
        &PresenceChanges {
            people: changed.clone(),
        },
    );
    for (_, socket) in sockets
        .main()
        .filter(|(_, socket)| socket.feed.has_room_for_signals())
    {
        if same_for_all {
            socket.feed.send(shared.clone());
            continue;
        }
        let people = changed
            .iter()
            .map(|entry| seen_by(entry.clone(), socket.member, state))
            .collect();
        socket
            .feed
            .send(Out::signal(event::PRESENCE, &PresenceChanges { people }));
    }
}

/// The entry that says a socket is gone.
pub(crate) fn gone(socket: &Socket, state: &State) -> Option<Presence> {
    let entry = entry(socket, state)?;
    Some(Presence {
        state: PresenceState::Gone,
        room: None,
        note: None,
        typing: None,
        ..entry
    })
}

/// How many people are connected.
pub(crate) fn user_count(sockets: &Sockets) -> Out {
    Out::signal(
        event::USER_COUNT,
        &UserCount {
            count: sockets.people() as u32,
        },
    )
}
