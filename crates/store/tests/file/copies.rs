//! A copy takes what its host tells, with the host's numbers, once, and remembers how to come back.

use hearth_protocol::fingerprint::Fingerprint;
use hearth_protocol::{Fact, FactKind, FileHash, MemberId, Room, RoomId, RunId};
use hearth_store::{
    Batch, Copied, CopyBatch, CopyHost, NewCopy, OpenError, Past, PastCopied, PastOf, StoreError,
    Write,
};

use crate::support::{
    SessionFile, assert_is_nowhere, edit, fact, file_added, member, message, note, raw, room,
};

fn home() -> CopyHost {
    CopyHost {
        addresses: vec!["192.0.2.1:4747".to_owned(), "[2001:db8::1]:4747".to_owned()],
        fingerprint: Some(Fingerprint([7; 32])),
        token: "a token nobody sees".to_owned(),
    }
}

/// A copy, and who it belongs to, who is in it already.
async fn new_copy() -> (SessionFile, MemberId) {
    let mut made = SessionFile::new().await;
    let me = member("Me");
    let new = NewCopy {
        session: made.writer.load().await.unwrap().session,
        member: me.id,
        host: home(),
    };
    let mut copy = SessionFile::copy(&new).await;
    let id = me.id;
    let kind = FactKind::MemberJoined { member: me };
    take(&mut copy, vec![told(3, fact(None, None, kind))]).await;
    (copy, id)
}

/// A fact as the host tells it.
fn told(seq: u64, new: hearth_store::NewFact) -> Fact {
    Fact {
        seq: Some(seq),
        ..Fact::clone(&new.fact)
    }
}

async fn take(copy: &mut SessionFile, facts: Vec<Fact>) -> Copied {
    let next = facts.last().and_then(|fact| fact.seq).unwrap_or_default();
    let batch = CopyBatch {
        facts,
        next,
        ..CopyBatch::default()
    };
    let copied = copy.writer.copy(&batch).await.unwrap();
    copy.head = copy.head.max(next);
    copied
}

/// A room and its first member, as two facts from `seq` on.
fn room_facts(seq: u64, by: MemberId, room: &Room) -> Vec<Fact> {
    let joined = FactKind::RoomJoined {
        room: room.id,
        member: by,
    };
    let created = FactKind::RoomCreated { room: room.clone() };
    vec![
        told(seq, fact(Some(by), None, created)),
        told(seq + 1, fact(Some(by), None, joined)),
    ]
}

fn secret_room() -> Room {
    Room {
        private: true,
        ..room("Cellar")
    }
}

/// Of what came into sight with fact 50.
fn whole_past(of: PastOf) -> Past {
    Past {
        of,
        next: 0,
        until: 50,
    }
}

fn joined(seq: u64, room: RoomId, member: MemberId) -> Fact {
    let kind = FactKind::RoomJoined { room, member };
    told(seq, fact(Some(member), None, kind))
}

fn posted(seq: u64, by: MemberId, room: RoomId, body: &str) -> Fact {
    let message = message(by, room, seq, body);
    told(
        seq,
        fact(Some(by), None, FactKind::MessagePosted { message }),
    )
}

#[tokio::test]
async fn a_copy_begins_empty_and_knows_where_it_comes_from() {
    let mut hosted = SessionFile::new().await;
    assert_eq!(hosted.writer.load().await.unwrap().copy, None);
    let session = hosted.writer.load().await.unwrap().session;
    let member = MemberId::new();
    let host = home();
    assert!(!format!("{host:?}").contains("token nobody sees"));
    let new = NewCopy {
        session: session.clone(),
        member,
        host: host.clone(),
    };
    let copy = SessionFile::copy(&new).await;
    let mut copy = copy.reopen().await;
    let loaded = copy.writer.load().await.unwrap();
    assert_eq!((loaded.session, loaded.head), (session, 0));
    assert!(loaded.rooms.is_empty() && loaded.members.is_empty());
    let state = loaded.copy.unwrap();
    assert_eq!((state.member, &state.host), (member, &host));
    assert_eq!((state.next, state.run, state.pasts), (0, None, vec![]));

    let moved = CopyHost {
        addresses: vec!["198.51.100.9:4747".to_owned()],
        ..host
    };
    copy.write(vec![Write::CopyHost(moved.clone())]).await;
    assert_eq!(copy.writer.load().await.unwrap().copy.unwrap().host, moved);
    let again = hearth_store::create_copy(&copy.path(), &new).await;
    assert!(matches!(again, Err(OpenError::InUse)));
}

#[tokio::test]
async fn a_copy_makes_no_facts_and_a_hosted_session_copies_none() {
    let (mut copy, _) = new_copy().await;
    let kind = FactKind::SessionHosted { run: RunId::new() };
    let own = Batch {
        facts: vec![copy.number(0, fact(None, None, kind))],
        other: vec![],
    };
    let refused = copy.writer.commit(&own).await.unwrap_err();
    assert!(matches!(refused, StoreError::Invalid(_)), "{refused}");

    let mut hosted = SessionFile::new().await;
    let refused = hosted.writer.copy(&CopyBatch::default()).await.unwrap_err();
    assert!(matches!(refused, StoreError::Invalid(_)), "{refused}");
    assert_eq!(hosted.writer.load().await.unwrap().head, 0);
}

#[tokio::test]
async fn facts_keep_the_hosts_numbers_and_count_once() {
    let (mut copy, me) = new_copy().await;
    let kitchen = room("Kitchen");
    let mut facts = room_facts(10, me, &kitchen);
    facts.push(posted(40, me, kitchen.id, "Hello"));
    let run = RunId::new();
    let batch = CopyBatch {
        facts: facts.clone(),
        next: 55,
        run: Some(run),
        other: vec![],
    };
    let copied = copy.writer.copy(&batch).await.unwrap();
    assert_eq!(copied.new, [10, 11, 40]);
    assert!(!copied.reload);
    let before = copy.dump(&["facts", "messages", "copy"]).await;
    assert_eq!(copy.writer.copy(&batch).await.unwrap(), Copied::default());
    assert_eq!(copy.dump(&["facts", "messages", "copy"]).await, before);

    // After a crash the log, which has gaps, is taken for what it is.
    let folder = tempfile::tempdir().unwrap();
    for ending in ["", "-wal"] {
        let name = format!("garden.hearth{ending}");
        std::fs::copy(copy.path().with_file_name(&name), folder.path().join(name)).unwrap();
    }
    let path = folder.path().join("garden.hearth");
    let (mut writer, reader) = hearth_store::open(&path).await.unwrap();
    let loaded = writer.load().await.unwrap();
    assert_eq!(loaded.head, 55);
    assert_eq!(loaded.copy.unwrap().run, Some(run));
    let kept = reader.facts(9, 55, usize::MAX, |_| true).await.unwrap();
    assert_eq!((kept.facts, kept.next), (facts, 55));
}

#[tokio::test]
async fn numbers_that_do_not_rise_are_refused_and_nothing_is_written() {
    let (mut copy, me) = new_copy().await;
    let kitchen = room("Kitchen");
    let mut facts = room_facts(10, me, &kitchen);
    facts.reverse();
    let batch = CopyBatch {
        facts,
        next: 11,
        ..CopyBatch::default()
    };
    let refused = copy.writer.copy(&batch).await.unwrap_err();
    assert!(
        matches!(refused, StoreError::OutOfOrder { .. }),
        "{refused}"
    );
    let loaded = copy.writer.load().await.unwrap();
    assert_eq!((loaded.head, loaded.rooms.len()), (3, 0));
}

#[tokio::test]
async fn a_room_that_comes_into_sight_is_seen_once_its_past_is_whole() {
    let (mut copy, me) = new_copy().await;
    let ada = member("Ada");
    let by = ada.id;
    let came = told(5, fact(None, None, FactKind::MemberJoined { member: ada }));
    take(&mut copy, vec![came]).await;
    let cellar = secret_room();
    let copied = take(&mut copy, vec![joined(50, cellar.id, me)]).await;
    let asked = whole_past(PastOf::Room(cellar.id));
    assert_eq!(copied.pasts, [asked]);
    assert!(copied.reload);
    let copied = take(&mut copy, vec![posted(60, by, cellar.id, "Since then")]).await;
    assert!(copied.reload && copied.pasts.is_empty());

    let first = room_facts(10, by, &cellar);
    let past = Past { next: 20, ..asked };
    // The second time as after an answer that came twice.
    for _ in 0..2 {
        let went = copy.writer.copy_past(&asked, &first, 20, 70).await;
        assert_eq!(went.unwrap(), PastCopied::Going(past));
    }
    let mut copy = copy.reopen().await;
    let loaded = copy.writer.load().await.unwrap();
    assert!(loaded.rooms.is_empty(), "half of it is there");
    assert_eq!(loaded.copy.unwrap().pasts, [past]);

    let wine = note(by, cellar.id, "Wine");
    let rest = [
        told(
            30,
            fact(Some(by), None, FactKind::NoteCreated { note: wine.clone() }),
        ),
        told(31, edit(by, cellar.id, wine.key, 1, b"red")),
        posted(40, by, cellar.id, "Before"),
        joined(50, cellar.id, me),
    ];
    let went = copy.writer.copy_past(&past, &rest, 50, 70).await.unwrap();
    assert_eq!(went, PastCopied::Whole);
    let loaded = copy.writer.load().await.unwrap();
    assert_eq!(loaded.rooms[0].members, [by, me]);
    assert_eq!(loaded.notes[0].version, 1);
    let messages = copy.reader.messages(cellar.id, None, 9).await.unwrap();
    let bodies: Vec<_> = messages.iter().map(|message| &*message.body).collect();
    assert_eq!(bodies, ["Before", "Since then"]);
    let gone = copy.writer.copy_past(&past, &rest, 50, 70).await.unwrap();
    assert_eq!(gone, PastCopied::Gone);
}

#[tokio::test]
async fn what_goes_out_of_sight_leaves_the_file() {
    const SECRET: &str = "the key is under the third stone";
    let (mut copy, me) = new_copy().await;
    let cellar = secret_room();
    let wine = note(me, cellar.id, "Wine");
    let mut facts = room_facts(10, me, &cellar);
    facts.extend([
        told(
            20,
            fact(Some(me), None, FactKind::NoteCreated { note: wine.clone() }),
        ),
        told(21, edit(me, cellar.id, wine.key, 1, SECRET.as_bytes())),
        posted(30, me, cellar.id, SECRET),
    ]);
    take(&mut copy, facts).await;
    let left = FactKind::RoomLeft {
        room: cellar.id,
        member: me,
    };
    let copied = take(&mut copy, vec![told(40, fact(Some(me), None, left))]).await;
    assert_eq!(copied.lost_rooms, [cellar.id]);
    assert!(copied.reload);
    let loaded = copy.writer.load().await.unwrap();
    assert!(loaded.rooms.is_empty() && loaded.notes.is_empty());
    let names: Vec<_> = copy
        .facts()
        .await
        .iter()
        .map(|fact| fact.kind.code())
        .collect();
    assert_eq!(names, [10, 25, 26], "that one was there is kept");
    assert_is_nowhere(copy, SECRET).await;
}

#[tokio::test]
async fn a_note_that_left_and_comes_back_is_fetched_anew() {
    let (mut copy, me) = new_copy().await;
    let kitchen = room("Kitchen");
    let soup = note(me, kitchen.id, "Soup");
    let key = soup.key;
    let mut facts = room_facts(10, me, &kitchen);
    let created = told(
        20,
        fact(Some(me), None, FactKind::NoteCreated { note: soup.clone() }),
    );
    facts.extend([
        created.clone(),
        told(21, edit(me, kitchen.id, key, 1, b"salt")),
    ]);
    let first_edit = facts[3].clone();
    take(&mut copy, facts).await;
    let left = FactKind::NoteLeft {
        key,
        room: kitchen.id,
    };
    let copied = take(&mut copy, vec![told(31, fact(Some(me), None, left))]).await;
    assert_eq!(copied.lost_notes, [key]);
    let back = FactKind::NoteMoved { note: soup };
    let back = told(50, fact(Some(me), None, back));
    let copied = take(&mut copy, vec![back]).await;
    let of = PastOf::Note(key);
    let asked = copied.pasts[0];
    assert_eq!((asked.of, asked.until), (of, 50));
    let later = told(60, edit(me, kitchen.id, key, 3, b"pepper"));
    take(&mut copy, vec![later]).await;
    assert!(copy.writer.load().await.unwrap().notes.is_empty());
    let away = told(40, edit(me, kitchen.id, key, 2, b"more"));
    let past = [created, first_edit, away];
    let went = copy.writer.copy_past(&asked, &past, 50, 70).await.unwrap();
    assert_eq!(went, PastCopied::Whole);
    let loaded = copy.writer.load().await.unwrap();
    assert_eq!(loaded.notes[0].version, 3);
    let edits = copy.reader.note_edits(key, 0, 9).await.unwrap();
    assert_eq!(edits.len(), 3);
}

#[tokio::test]
async fn a_past_that_may_not_be_seen_any_more_is_given_up_without_a_trace() {
    const SECRET: &str = "under the fourth stone";
    let (mut copy, me) = new_copy().await;
    let cellar = secret_room();
    take(&mut copy, vec![joined(50, cellar.id, me)]).await;
    let of = PastOf::Room(cellar.id);
    let asked = whole_past(of);
    let mut page = room_facts(10, me, &cellar);
    page.push(posted(12, me, cellar.id, SECRET));
    copy.writer.copy_past(&asked, &page, 20, 70).await.unwrap();
    copy.writer.give_up_past(of).await.unwrap();
    assert_eq!(copy.writer.load().await.unwrap().copy.unwrap().pasts, []);
    assert_is_nowhere(copy, SECRET).await;
}

#[tokio::test]
async fn a_text_taken_back_while_its_past_was_on_the_way_is_blank() {
    const SECRET: &str = "what I should not have said";
    let (mut copy, me) = new_copy().await;
    let cellar = secret_room();
    let oops = posted(12, me, cellar.id, SECRET);
    let FactKind::MessagePosted { message } = oops.kind.clone() else {
        unreachable!()
    };
    let mut message = message;
    message.body.clear();
    let destroyed = fact(Some(me), None, FactKind::MessageDestroyed { message });
    take(
        &mut copy,
        vec![joined(50, cellar.id, me), told(60, destroyed)],
    )
    .await;
    let mut page = room_facts(10, me, &cellar);
    page.push(oops);
    let asked = whole_past(PastOf::Room(cellar.id));
    let went = copy.writer.copy_past(&asked, &page, 50, 70).await.unwrap();
    assert_eq!(went, PastCopied::Whole);
    assert_is_nowhere(copy, SECRET).await;
}

#[tokio::test]
async fn a_fact_nobody_here_can_read_is_kept_and_taken_in_by_a_build_that_can() {
    let (mut copy, me) = new_copy().await;
    let kitchen = room("Kitchen");
    take(&mut copy, room_facts(10, me, &kitchen)).await;
    let listed = serde_json::json!({
        "seq": 20, "at": "2026-01-01T00:00:00.000Z", "by": me, "name": "roompainted",
        "room": kitchen.id, "color": "#123456",
    });
    let unknown: Fact = serde_json::from_value(listed.clone()).unwrap();
    take(
        &mut copy,
        vec![unknown, posted(30, me, kitchen.id, "Hello")],
    )
    .await;
    let kept = copy.reader.facts(11, 20, usize::MAX, |meta| {
        meta.code == FactKind::UNKNOWN_CODE && meta.room == Some(kitchen.id)
    });
    let kept = kept.await.unwrap().facts;
    assert_eq!(serde_json::to_value(&kept[0]).unwrap(), listed);

    // As if the build before this one had not known what a message is.
    let mut connection = raw(&copy.path()).await;
    sqlx::raw_sql(
        "update facts
            set kind = 0, body = json_insert(body, '$.name', 'messageposted')
            where seq = 30;
        delete from messages;
        update session set projections = 0;",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    drop(connection);
    let copy = copy.reopen().await;
    let messages = copy.reader.messages(kitchen.id, None, 9).await.unwrap();
    assert_eq!(messages[0].body, "Hello");
    let codes: Vec<_> = copy
        .facts()
        .await
        .iter()
        .map(|fact| fact.kind.code())
        .collect();
    assert_eq!(codes, [10, 20, 25, 0, 40]);
}

#[tokio::test]
async fn files_without_their_bytes_are_known() {
    let (mut copy, me) = new_copy().await;
    let kitchen = room("Kitchen");
    let mut facts = room_facts(10, me, &kitchen);
    facts.push(told(20, file_added(Some(me), kitchen.id, 1, "Plan")));
    facts.push(told(21, file_added(Some(me), kitchen.id, 2, "Map")));
    take(&mut copy, facts).await;
    let hashes = |files: Vec<hearth_store::MissingFile>| -> Vec<_> {
        files.iter().map(|file| file.hash).collect()
    };
    let missing = copy.reader.missing_files(9).await.unwrap();
    assert_eq!((missing[0].room, missing[0].size), (kitchen.id, 4));
    assert_eq!(hashes(missing), [FileHash([2; 32]), FileHash([1; 32])]);
    copy.write(vec![Write::FilePart {
        hash: FileHash([2; 32]),
        size: 4,
        part: 0,
        bytes: b"file".to_vec(),
    }])
    .await;
    let missing = copy.reader.missing_files(9).await.unwrap();
    assert_eq!(hashes(missing), [FileHash([1; 32])]);
}

#[tokio::test]
async fn a_copy_is_not_made_over_a_session() {
    let mut hosted = SessionFile::new().await;
    let session = hosted.writer.load().await.unwrap().session;
    let path = hosted.path();
    let _folder = hosted.close().await;
    let new = NewCopy {
        session,
        member: MemberId::new(),
        host: home(),
    };
    let refused = hearth_store::create_copy(&path, &new).await.unwrap_err();
    assert!(matches!(refused, OpenError::Exists), "{refused}");
    let (mut writer, _) = hearth_store::open(&path).await.unwrap();
    assert_eq!(writer.load().await.unwrap().copy, None);
}
