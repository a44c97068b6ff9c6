//! The log gives back what was written, in order, in pages.

use hearth_protocol::{Fact, FactKind, RoomId};

use crate::rebuild::every_kind;
use crate::support::{SessionFile, edit, fact, file_added, member, message, note};

#[tokio::test]
async fn every_kind_of_fact_comes_back_as_it_was_written() {
    let mut file = SessionFile::new().await;
    // Purging and destroying blank what was written before; the rest stays.
    let written = every_kind(&mut file).await;
    let read = file.facts().await;
    assert_eq!(read.len(), written.len());
    for (written, read) in written.iter().zip(&read) {
        match &written.kind {
            FactKind::NoteCreated { .. }
            | FactKind::NoteUpdated { .. }
            | FactKind::NoteDestroyed { .. }
            | FactKind::NoteRestored { .. }
            | FactKind::NoteEdited { .. }
            | FactKind::MessagePosted { .. }
            | FactKind::MessageEdited { .. }
            | FactKind::FileAdded { .. } => {
                assert_eq!(without_kind(read), without_kind(written))
            }
            _ => assert_eq!(read, written),
        }
    }
}

fn without_kind(fact: &Fact) -> Fact {
    let kind = FactKind::RoomPurged {
        room: RoomId(uuid::Uuid::nil()),
    };
    Fact {
        kind,
        ..fact.clone()
    }
}

#[tokio::test]
async fn notes_and_messages_come_back_as_they_were_written() {
    let mut file = SessionFile::new().await;
    let ada = file.member("Ada").await;
    let kitchen = file.room(ada, "Kitchen").await;
    let note = note(ada, kitchen, "Soup");
    let mut message = message(
        ada,
        kitchen,
        file.next() + 3,
        "Tastes \"fine\" \u{1F372}\n\0",
    );
    message.note = Some(note.key);
    message.made_at = Some(crate::support::at(-50));
    let facts = vec![
        fact(
            Some(ada),
            Some(kitchen),
            FactKind::NoteCreated { note: note.clone() },
        ),
        edit(ada, kitchen, note.key, 1, &[0, 1, 2, 255]),
        edit(ada, kitchen, note.key, 2, &[]),
        fact(
            Some(ada),
            Some(kitchen),
            FactKind::MessagePosted { message },
        ),
        file_added(Some(ada), kitchen, 1, "a \"soup\" \u{1F372}.png"),
    ];
    let before = file.head;
    let written: Vec<Fact> = facts
        .iter()
        .enumerate()
        .map(|(place, new)| Fact::clone(&file.number(place, new.clone()).fact))
        .collect();
    file.commit(facts).await;
    let read = file
        .reader
        .facts(before, file.head, usize::MAX, |_| true)
        .await
        .unwrap();
    assert_eq!(read.facts, written);
}

#[tokio::test]
async fn a_batch_of_any_size_is_written_whole_and_in_order() {
    let mut file = SessionFile::new().await;
    for size in [1, 2, 7, 8, 9, 63, 64, 65, 71, 200] {
        let facts = (0..size)
            .map(|_| {
                fact(
                    None,
                    None,
                    FactKind::MemberJoined {
                        member: member("Ada"),
                    },
                )
            })
            .collect();
        file.commit(facts).await;
    }
    let facts = file.facts().await;
    let numbers: Vec<_> = facts.iter().filter_map(|fact| fact.seq).collect();
    assert_eq!(numbers, (1..=490).collect::<Vec<_>>());
    let file = file.reopen().await;
    assert_eq!(file.facts().await, facts);
}

#[tokio::test]
async fn a_page_ends_at_its_bytes_at_until_and_at_what_is_not_wanted() {
    let mut file = SessionFile::new().await;
    let ada = file.member("Ada").await;
    let kitchen = file.room(ada, "Kitchen").await;
    for _ in 0..20 {
        file.message(ada, kitchen, &"x".repeat(1_000)).await;
    }
    let page = |since, until, bytes| file.reader.facts(since, until, bytes, |meta| meta.seq > 3);

    let first = page(0, file.head, 5_000).await.unwrap();
    let bytes: usize = first
        .facts
        .iter()
        .map(|fact| fact.to_listed_json().len())
        .sum();
    assert!(bytes <= 5_000 && bytes > 2_000, "{bytes}");
    assert_eq!(first.next, first.facts.last().unwrap().seq.unwrap());

    let rest = page(first.next, file.head, usize::MAX).await.unwrap();
    assert_eq!(first.facts.len() + rest.facts.len(), 20);
    assert_eq!(rest.next, file.head);

    let early = page(0, 10, usize::MAX).await.unwrap();
    assert_eq!((early.facts.len(), early.next), (7, 10));

    let unwanted = file
        .reader
        .facts(0, file.head, usize::MAX, |_| false)
        .await
        .unwrap();
    assert_eq!((unwanted.facts.len(), unwanted.next), (0, file.head));

    let beyond = page(file.head, file.head, usize::MAX).await.unwrap();
    assert_eq!((beyond.facts.len(), beyond.next), (0, file.head));
}

#[tokio::test]
async fn a_fact_larger_than_a_page_is_a_page_of_its_own() {
    let mut file = SessionFile::new().await;
    let ada = file.member("Ada").await;
    let kitchen = file.room(ada, "Kitchen").await;
    let note = file.note(ada, kitchen, "Soup").await;
    let before = file.head;
    file.commit(vec![
        edit(ada, kitchen, note.key, 1, &[1; 10]),
        edit(ada, kitchen, note.key, 2, &vec![2; 1 << 20]),
        edit(ada, kitchen, note.key, 3, &[3; 10]),
    ])
    .await;
    let mut since = before;
    for _ in 0..3 {
        let page = file
            .reader
            .facts(since, file.head, 100_000, |_| true)
            .await
            .unwrap();
        assert_eq!(page.facts.len(), 1);
        since = page.next;
    }
    assert_eq!(since, file.head);
}

#[tokio::test]
async fn a_page_looks_at_so_many_rows_and_says_how_far_it_came() {
    let mut file = SessionFile::new().await;
    let ada = file.member("Ada").await;
    let kitchen = file.room(ada, "Kitchen").await;
    let note = file.note(ada, kitchen, "Soup").await;
    for chunk in 0..21 {
        let edits = (1..=1_000)
            .map(|edit_no| edit(ada, kitchen, note.key, chunk * 1_000 + edit_no, b"x"))
            .collect();
        file.commit(edits).await;
    }
    let last = file.message(ada, kitchen, "done").await;
    let is_message = |meta: &hearth_store::FactMeta| meta.code == 40;

    let page = file
        .reader
        .facts(0, file.head, usize::MAX, is_message)
        .await
        .unwrap();
    assert_eq!((page.facts.len(), page.next), (0, 20_000));
    let page = file
        .reader
        .facts(page.next, file.head, usize::MAX, is_message)
        .await
        .unwrap();
    assert_eq!((page.facts.len(), page.next), (1, file.head));

    // Without edits there is little to look at.
    let page = file
        .reader
        .facts_but_edits(0, file.head, usize::MAX, is_message)
        .await
        .unwrap();
    assert_eq!(page.facts[0].seq, Some(last.seq));
    assert_eq!(page.next, file.head);
    let all = file
        .reader
        .facts_but_edits(0, file.head, usize::MAX, |_| true)
        .await
        .unwrap();
    assert_eq!(all.facts.len() as u64, file.head - 21_000);
}

#[tokio::test]
async fn what_is_known_of_a_fact_tells_room_note_and_subject() {
    let mut file = SessionFile::new().await;
    let ada = file.member("Ada").await;
    let kitchen = file.room(ada, "Kitchen").await;
    let note = file.note(ada, kitchen, "Soup").await;
    let seen = std::sync::Mutex::new(Vec::new());
    file.reader
        .facts(0, file.head, usize::MAX, |meta| {
            seen.lock().unwrap().push(*meta);
            false
        })
        .await
        .unwrap();
    let seen = seen.into_inner().unwrap();
    let rows: Vec<_> = seen
        .iter()
        .map(|meta| (meta.seq, meta.code, meta.room, meta.subject, meta.note))
        .collect();
    assert_eq!(
        rows,
        [
            (1, 10, None, None, None),
            (2, 20, None, None, None),
            (3, 25, Some(kitchen), Some(ada), None),
            (4, 30, Some(kitchen), None, Some(note.key)),
        ]
    );
}
