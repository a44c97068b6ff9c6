//! Cursors in open notes. Never stored; told in bundles, to those who have the note open.

use std::collections::HashMap;

use hearth_protocol::NoteKey;
use hearth_protocol::signal::{Cursor, CursorReport, Cursors, event};

use crate::feed::Out;
use crate::state::State;
use crate::tell::{ConnectionId, Socket, Sockets};

/// The largest position that is passed on.
const MAX_POSITION_BYTES: usize = 2_048;
/// What takes more memory than this is not even looked at: a position of single numbers takes
/// sixteen times what it takes as text.
const MAX_REPORT_BYTES: usize = 20 * MAX_POSITION_BYTES;

/// Where a cursor is, as a client of `bytes` in memory says it; nothing if that makes no sense.
pub(crate) fn read(payload: serde_json::Value, bytes: usize) -> Option<CursorReport> {
    if bytes > MAX_REPORT_BYTES {
        return None;
    }
    let report: CursorReport = serde_json::from_value(payload).ok()?;
    let too_large = |position: &serde_json::Value| position.to_string().len() > MAX_POSITION_BYTES;
    (!report.position.as_ref().is_some_and(too_large)).then_some(report)
}

/// Takes in where a socket's cursor is.
pub(crate) fn report(sockets: &mut Sockets, socket: ConnectionId, report: CursorReport) {
    let open = sockets
        .by_id
        .get_mut(&socket)
        .and_then(|socket| socket.open.get_mut(&report.key));
    if let Some(open) = open {
        open.cursor = report.position;
        open.moved = true;
    }
}

/// The cursors that moved, by note.
fn moved(sockets: &mut Sockets, state: &State) -> HashMap<NoteKey, Vec<Cursor>> {
    let mut by_note: HashMap<NoteKey, Vec<Cursor>> = HashMap::new();
    for socket in sockets.by_id.values_mut() {
        let Some(member) = state.member(socket.member) else {
            continue;
        };
        for (key, open) in socket.open.iter_mut().filter(|(_, open)| open.moved) {
            open.moved = false;
            by_note.entry(*key).or_default().push(Cursor {
                socket: socket.name.clone(),
                member: member.id,
                name: member.name.clone(),
                color: member.color.clone(),
                position: open.cursor.clone(),
            });
        }
    }
    by_note
}

/// Tells the cursors that moved, those of `gone` sockets included.
pub(crate) fn flush(sockets: &mut Sockets, gone: Vec<(NoteKey, Cursor)>, state: &State) {
    let mut by_note = moved(sockets, state);
    for (key, cursor) in gone {
        by_note.entry(key).or_default().push(cursor);
    }
    for (key, cursors) in by_note {
        let out = Out::signal(event::CURSORS, &Cursors { key, cursors });
        for (_, socket) in sockets.main() {
            if socket.open.contains_key(&key) && socket.feed.has_room_for_signals() {
                socket.feed.send(out.clone());
            }
        }
    }
}

/// Closes a note for a socket. Answers what is told of its cursor.
pub(crate) fn close(socket: &mut Socket, key: NoteKey, state: &State) -> Option<Cursor> {
    socket.open.remove(&key)?;
    gone(socket, state)
}

/// What is told of a socket's cursor in a note it no longer has open.
fn gone(socket: &Socket, state: &State) -> Option<Cursor> {
    let member = state.member(socket.member)?;
    Some(Cursor {
        socket: socket.name.clone(),
        member: member.id,
        name: member.name.clone(),
        color: member.color.clone(),
        position: None,
    })
}

/// What is told when a socket is gone: its cursors, in every note it had open.
pub(crate) fn left(socket: &Socket, state: &State) -> Vec<(NoteKey, Cursor)> {
    let Some(cursor) = gone(socket, state) else {
        return Vec::new();
    };
    socket
        .open
        .keys()
        .map(|key| (*key, cursor.clone()))
        .collect()
}

/// The cursors of one note as somebody who has just opened it finds them.
pub(crate) fn present(sockets: &Sockets, key: NoteKey, state: &State) -> Vec<Cursor> {
    let cursor = |(_, socket): (&ConnectionId, &Socket)| {
        let member = state.member(socket.member)?;
        let position = socket.open.get(&key)?.cursor.clone()?;
        Some(Cursor {
            socket: socket.name.clone(),
            member: member.id,
            name: member.name.clone(),
            color: member.color.clone(),
            position: Some(position),
        })
    };
    sockets.main().filter_map(cursor).collect()
}

#[cfg(test)]
mod tests {
    use hearth_protocol::NoteKey;
    use serde_json::{Value, json};

    use super::read;
    use crate::connection::weight;

    fn position_of(position: Value) -> Option<Value> {
        let payload = json!({ "key": NoteKey::from(uuid::Uuid::nil()), "position": position });
        let bytes = weight(&payload);
        read(payload, bytes)?.position
    }

    #[test]
    fn a_position_is_whatever_fits_into_two_kibibytes() {
        for position in [
            json!({ "anchor": 1 }),
            json!([[], "漢", null]),
            json!(vec![0; 1_000]),
        ] {
            assert_eq!(position_of(position.clone()), Some(position));
        }
        assert_eq!(position_of(json!("x".repeat(2_047))), None);
        assert_eq!(position_of(json!(vec![0; 1_100])), None);
        assert_eq!(position_of(json!("x".repeat(4 << 20))), None);
    }
}
