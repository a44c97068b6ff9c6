//! However the process of a copy ends: the facts of a batch, how far the copy goes, and what waited
//! and came back with them are there together or not at all.

use std::path::{Path, PathBuf};

use hearth_protocol::{CallId, Fact, FactKind, MemberId, RoomId};
use hearth_store::{CopyBatch, CopyHost, NewCopy, OutboxCall, PastOf, Write};
use uuid::Uuid;

use crate::crash::{FILE, next, other_process, say};
use crate::support::{SessionFile, at, fact, member, message, note, room};

/// Of a batch; its numbers have gaps.
const NUMBERS: [u64; 3] = [2, 3, 7];

/// The numbers of a batch and what is between them and the next one's.
const STEP: u64 = 10;

/// Where batches begin, behind the member and the room.
const BASE: u64 = 10;

fn told(seq: u64, by: Option<MemberId>, kind: FactKind) -> Fact {
    Fact {
        seq: Some(seq),
        ..Fact::clone(&fact(by, None, kind).fact)
    }
}

/// Always the same for one place in the history.
fn call(place: u64) -> CallId {
    CallId(Uuid::from_u128(u128::from(place) + 1))
}

fn waiting(place: u64) -> Write {
    Write::Outbox(OutboxCall {
        id: call(place),
        call: "message:send".to_owned(),
        payload: "{}".to_owned(),
        facts: vec![],
        needs: vec![],
        made_at: at(1),
    })
}

/// Messages; the call behind the last one came back with them, and another one waits.
fn batch(by: MemberId, room: RoomId, place: u64) -> CopyBatch {
    let facts = NUMBERS
        .iter()
        .map(|number| {
            let seq = place + number;
            let message = message(by, room, seq, &"x".repeat(500));
            told(seq, Some(by), FactKind::MessagePosted { message })
        })
        .collect();
    CopyBatch {
        facts,
        next: place + STEP,
        run: None,
        other: vec![Write::OutboxDone { id: call(place) }, waiting(place + STEP)],
    }
}

async fn begun() -> (SessionFile, MemberId, RoomId) {
    let (me, kitchen) = (member("Me"), room("Kitchen"));
    let (by, kitchen_id) = (me.id, kitchen.id);
    let session = SessionFile::new()
        .await
        .writer
        .load()
        .await
        .unwrap()
        .session;
    let mut copy = SessionFile::copy(&NewCopy {
        session,
        member: by,
        host: CopyHost {
            addresses: vec![],
            fingerprint: None,
            token: String::new(),
        },
    })
    .await;
    let facts = vec![
        told(1, None, FactKind::MemberJoined { member: me }),
        told(4, Some(by), FactKind::RoomCreated { room: kitchen }),
    ];
    let first = CopyBatch {
        facts,
        next: BASE,
        run: None,
        other: vec![waiting(BASE)],
    };
    copy.writer.copy(&first).await.unwrap();
    (copy, by, kitchen_id)
}

/// The other process's part: copies until it is killed, and says what it knows to be written.
#[tokio::test]
async fn copies_until_killed() {
    let Some(path) = std::env::var_os(FILE).map(PathBuf::from) else {
        return;
    };
    let (mut writer, _reader) = hearth_store::open(&path).await.unwrap();
    let loaded = writer.load().await.unwrap();
    let (by, room) = (loaded.members[0].id, loaded.rooms[0].room.id);
    let mut place = loaded.copy.unwrap().next;
    loop {
        writer.copy(&batch(by, room, place)).await.unwrap();
        place += STEP;
        say(&format!("acknowledged {place}"));
    }
}

#[tokio::test]
async fn kill_9_leaves_facts_mark_and_outbox_of_the_same_moment() {
    let (copy, ..) = begun().await;
    let path = copy.path();
    let folder = copy.close().await;
    for round in 0..12 {
        let (mut child, mut lines) = other_process("copy_crash::copies_until_killed", &path);
        let mut acknowledged = 0;
        for _ in 0..=(round * 7) % 23 {
            acknowledged = next(&mut lines, "acknowledged ").parse().unwrap();
        }
        child.kill();
        let next = assert_of_one_moment(&path).await;
        assert!(
            next >= acknowledged,
            "{acknowledged} was acknowledged, {next} is there"
        );
    }
    drop(folder);
}

/// Opens the copy as after a crash and gives how far it goes.
async fn assert_of_one_moment(path: &Path) -> u64 {
    let (mut writer, reader) = hearth_store::open(path).await.unwrap();
    let loaded = writer.load().await.unwrap();
    let next = loaded.copy.unwrap().next;
    let batches = (next - BASE) / STEP;
    assert_eq!((next - BASE) % STEP, 0);
    let facts = reader.facts(4, next, usize::MAX, |_| true).await.unwrap();
    assert_eq!(facts.facts.len() as u64, batches * NUMBERS.len() as u64);
    let room = loaded.rooms[0].room.id;
    let messages = reader.messages(room, None, u32::MAX).await.unwrap();
    assert_eq!(messages.len(), facts.facts.len());
    let waiting = reader.outbox(0, 9).await.unwrap();
    let ids: Vec<_> = waiting.iter().map(|row| row.call.id).collect();
    assert_eq!(ids, [call(next)]);
    writer.close().await.unwrap();
    next
}

/// The other process's part: comes into sight of a room and loses it, again and again.
#[tokio::test]
async fn looks_and_loses_until_killed() {
    let Some(path) = std::env::var_os(FILE).map(PathBuf::from) else {
        return;
    };
    let (mut writer, _reader) = hearth_store::open(&path).await.unwrap();
    let loaded = writer.load().await.unwrap();
    let (me, mut place) = (loaded.members[0].id, loaded.copy.unwrap().next);
    let mut cellar = room("Cellar");
    cellar.private = true;
    let room = cellar.id;
    loop {
        let joined = FactKind::RoomJoined { room, member: me };
        let left = FactKind::RoomLeft { room, member: me };
        let sight = |kind, seq| CopyBatch {
            facts: vec![told(seq, Some(me), kind)],
            next: seq,
            ..CopyBatch::default()
        };
        let came = writer.copy(&sight(joined, place + 5)).await.unwrap();
        let wine = note(me, room, "Wine");
        let past = [
            told(
                2,
                Some(me),
                FactKind::RoomCreated {
                    room: cellar.clone(),
                },
            ),
            told(3, Some(me), FactKind::NoteCreated { note: wine }),
        ];
        let asked = came.pasts[0];
        assert_eq!(asked.of, PastOf::Room(room));
        let until = asked.until;
        writer.copy_past(&asked, &past, until, until).await.unwrap();
        say(&format!("acknowledged {place}"));
        writer.copy(&sight(left, place + STEP)).await.unwrap();
        place += STEP;
    }
}

#[tokio::test]
async fn kill_9_leaves_what_came_into_sight_whole_noted_or_gone() {
    let (copy, ..) = begun().await;
    let path = copy.path();
    let folder = copy.close().await;
    for round in 0..12 {
        let (mut child, mut lines) =
            other_process("copy_crash::looks_and_loses_until_killed", &path);
        for _ in 0..=(round * 5) % 11 {
            next(&mut lines, "acknowledged ");
        }
        child.kill();
        let (mut writer, reader) = hearth_store::open(&path).await.unwrap();
        let loaded = writer.load().await.unwrap();
        let (rooms, notes) = (loaded.rooms.len(), loaded.notes.len());
        let copy = loaded.copy.unwrap();
        let about_notes = |meta: &hearth_store::FactMeta| meta.note.is_some();
        let facts = reader.facts(0, copy.next, usize::MAX, about_notes).await;
        let facts = facts.unwrap().facts.len();
        match copy.pasts.len() {
            // Noted, and nothing of its past has come.
            1 => assert_eq!((rooms, notes, facts), (1, 0, 0)),
            // Whole, or gone without a trace.
            _ => assert!([(2, 1, 1), (1, 0, 0)].contains(&(rooms, notes, facts))),
        }
        // It begins anew with what it may have been in the middle of.
        for row in loaded.rooms.iter().skip(1) {
            writer.erase_room(row.room.id).await.unwrap();
        }
        for past in copy.pasts {
            writer.give_up_past(past.of).await.unwrap();
        }
        writer.close().await.unwrap();
    }
    drop(folder);
}
