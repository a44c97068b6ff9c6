//! Whatever happens at the host, and whenever its copy hears of it: the copy comes to what its
//! person may see, whole, and to nothing else.

use std::collections::{BTreeMap, BTreeSet};

use hearth_protocol::{FactKind, NoteKey, RoomId};
use hearth_store::{CopyBatch, CopyHost, CopyState, FactMeta, NewCopy, PastCopied, Reader};

use crate::support::{PROJECTIONS, SessionFile};
use crate::world::{Chances, World};

const HISTORIES: u64 = 25;
const STEPS: usize = 120;

/// Beyond the end of every log here.
const END: u64 = 1 << 40;

async fn copy_of(world: &mut World) -> SessionFile {
    let session = world.host.writer.load().await.unwrap().session;
    SessionFile::copy(&NewCopy {
        session,
        member: world.me,
        host: CopyHost {
            addresses: vec!["192.0.2.1:4747".to_owned()],
            fingerprint: None,
            token: "secret".to_owned(),
        },
    })
    .await
}

async fn state(copy: &mut SessionFile) -> CopyState {
    copy.writer.load().await.unwrap().copy.unwrap()
}

/// Copies one page, of facts up to `most` numbers further on. False when there was nothing more.
async fn follow(world: &World, copy: &mut SessionFile, most: u64) -> bool {
    let since = state(copy).await.next;
    if since >= world.host.head {
        return false;
    }
    let until = world.host.head.min(since + most);
    let (facts, next) = world.page(since, until).await;
    let batch = CopyBatch {
        facts,
        next,
        ..CopyBatch::default()
    };
    copy.writer.copy(&batch).await.unwrap();
    copy.head = next;
    true
}

/// Fetches a page of a past. False when none is to be fetched.
async fn look_back(world: &World, copy: &mut SessionFile, most: u64) -> bool {
    let Some(past) = state(copy).await.pasts.first().copied() else {
        return false;
    };
    let until = past.until.min(past.next + most);
    match world.past(past.of, past.next, until).await {
        Some((facts, next)) => {
            let copied = copy
                .writer
                .copy_past(&past, &facts, next, world.host.head)
                .await
                .unwrap();
            assert_eq!(copied == PastCopied::Whole, next >= past.until);
        }
        None => copy.writer.give_up_past(past.of).await.unwrap(),
    }
    true
}

#[tokio::test]
async fn a_copy_comes_to_what_its_person_may_see() {
    let (mut pasts, mut losses) = (0, 0);
    for seed in 0..HISTORIES {
        let mut chances = Chances(seed);
        let mut world = World::new().await;
        let mut copy = copy_of(&mut world).await;
        for _ in 0..STEPS {
            match chances.below(8) {
                0..5 => world.happen(&mut chances).await,
                5..7 => {
                    let most = 1 + chances.below(12) as u64;
                    follow(&world, &mut copy, most).await;
                }
                _ => {
                    let most = 1 + chances.below(40) as u64;
                    pasts += u32::from(look_back(&world, &mut copy, most).await);
                }
            }
        }
        while follow(&world, &mut copy, 1_000).await || look_back(&world, &mut copy, 1_000).await {}
        losses += state(&mut copy).await.sights;
        is_what_may_be_seen(seed, &mut world, &mut copy).await;
    }
    assert!(pasts > 100 && losses > 100, "{pasts} {losses}");
}

async fn is_what_may_be_seen(seed: u64, world: &mut World, copy: &mut SessionFile) {
    let hosted = world.host.writer.load().await.unwrap();
    let copied = copy.writer.load().await.unwrap();
    let rooms = |rooms: Vec<hearth_store::RoomRow>| -> BTreeMap<RoomId, _> {
        let seen = rooms.into_iter().filter(|row| world.sees_room(row.room.id));
        seen.map(|row| (row.room.id, row)).collect()
    };
    let notes = |notes: Vec<hearth_protocol::Note>| -> BTreeMap<NoteKey, _> {
        let seen = notes.into_iter().filter(|note| world.sees_note(note.key));
        seen.map(|note| (note.key, note)).collect()
    };
    let (room_count, note_count) = (copied.rooms.len(), copied.notes.len());
    let (rooms_here, notes_here) = (rooms(copied.rooms), notes(copied.notes));
    assert_eq!(rooms_here, rooms(hosted.rooms), "seed {seed}");
    assert_eq!(notes_here, notes(hosted.notes), "seed {seed}");
    // Nothing else is there.
    assert_eq!(
        (rooms_here.len(), notes_here.len()),
        (room_count, note_count)
    );
    assert_eq!(copied.members, hosted.members);

    let (there, here) = (&world.host.reader, &copy.reader);
    for room in rooms_here.keys() {
        let messages = (messages(there, *room).await, messages(here, *room).await);
        assert_eq!(messages.0, messages.1, "seed {seed}");
    }
    for key in notes_here.keys() {
        let edits =
            |reader: Reader| async move { reader.note_edits(*key, 0, u64::MAX).await.unwrap() };
        assert_eq!(
            edits(there.clone()).await,
            edits(here.clone()).await,
            "seed {seed}"
        );
    }
    let seen = seen(world).await;
    let log = |reader: &Reader| {
        let (reader, seen) = (reader.clone(), seen.clone());
        let wanted = move |meta: &FactMeta| seen.contains(&meta.seq);
        async move { reader.facts(0, END, usize::MAX, wanted).await.unwrap() }
    };
    assert_eq!(log(there).await.facts, log(here).await.facts, "seed {seed}");

    let projected = copy.dump(&PROJECTIONS).await;
    copy.writer.rebuild().await.unwrap();
    assert_eq!(copy.dump(&PROJECTIONS).await, projected, "seed {seed}");
}

async fn messages(reader: &Reader, room: RoomId) -> Vec<hearth_protocol::Message> {
    reader.messages(room, None, u32::MAX).await.unwrap()
}

/// The numbers of the facts of what is in sight now: those of purged rooms and notes aside, which a
/// copy may have seen or not, and what says that a note left, which is told to those who saw it leave.
async fn seen(world: &World) -> BTreeSet<u64> {
    let wanted = |meta: &FactMeta| {
        let purged = meta.note.is_some_and(|key| !world.notes.contains_key(&key))
            || meta
                .room
                .is_some_and(|room| !world.rooms.contains_key(&room));
        !purged && meta.code != FactKind::NOTE_LEFT_CODE && world.tells(meta)
    };
    let page = world.host.reader.facts(0, END, usize::MAX, wanted);
    let facts = page.await.unwrap().facts;
    facts.iter().filter_map(|fact| fact.seq).collect()
}
