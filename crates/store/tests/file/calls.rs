//! What must not get into the log stays out, and what is in it is found again by its call.

use hearth_protocol::{CallId, Fact, FactKind, MemberId};
use hearth_store::{Batch, StoreError};

use crate::support::{SessionFile, THE_REST, called, edit, fact, room};

#[tokio::test]
async fn a_fact_out_of_order_is_refused_with_all_of_its_batch() {
    let mut file = SessionFile::new().await;
    let ada = file.member("Ada").await;
    let before = file.writer.load().await.unwrap();
    for numbers in [[1, 2], [2, 4], [3, 4], [2, 2]] {
        let facts = numbers
            .map(|seq| {
                let new = fact(
                    Some(ada),
                    None,
                    FactKind::RoomCreated {
                        room: room("Kitchen"),
                    },
                );
                let fact = Fact {
                    seq: Some(seq),
                    ..Fact::clone(&new.fact)
                };
                hearth_store::NewFact {
                    fact: fact.into(),
                    ..new
                }
            })
            .to_vec();
        let error = file
            .writer
            .commit(&Batch {
                facts,
                other: vec![],
            })
            .await
            .unwrap_err();
        assert!(matches!(error, StoreError::OutOfOrder { .. }), "{error}");
    }
    assert_eq!(file.writer.load().await.unwrap(), before);
    // And the writer is none the worse for it.
    file.room(ada, "Kitchen").await;
    assert_eq!(file.writer.load().await.unwrap().head, 3);
}

#[tokio::test]
async fn a_batch_that_the_database_refuses_leaves_nothing_behind() {
    let mut file = SessionFile::new().await;
    let ada = file.member("Ada").await;
    let kitchen = file.room(ada, "Kitchen").await;
    let note = file.note(ada, kitchen, "Soup").await;
    let before = (
        file.writer.load().await.unwrap(),
        file.dump(&THE_REST).await,
    );
    let stranger = MemberId::new();
    let join = FactKind::RoomJoined {
        room: kitchen,
        member: stranger,
    };
    let refused = [
        // Two edits that make the same version.
        vec![
            edit(ada, kitchen, note.key, 1, b"a"),
            edit(ada, kitchen, note.key, 1, b"b"),
        ],
        // Somebody in a room who never came in.
        vec![
            edit(ada, kitchen, note.key, 1, b"a"),
            fact(Some(ada), Some(kitchen), join),
        ],
        // The same note twice.
        vec![fact(
            Some(ada),
            Some(kitchen),
            FactKind::NoteCreated { note: note.clone() },
        )],
    ];
    for facts in refused {
        file.try_commit(facts, vec![]).await.unwrap_err();
    }
    let update = "no base64!".to_owned();
    let bad = FactKind::NoteEdited {
        key: note.key,
        version: 1,
        update,
    };
    let error = file
        .try_commit(vec![fact(Some(ada), Some(kitchen), bad)], vec![])
        .await;
    assert!(matches!(error.unwrap_err(), StoreError::Invalid(_)));
    let after = (
        file.writer.load().await.unwrap(),
        file.dump(&THE_REST).await,
    );
    assert_eq!(after, before);
    file.commit(vec![edit(ada, kitchen, note.key, 1, b"a")])
        .await;
}

#[tokio::test]
async fn a_call_that_was_written_down_is_found_again_with_all_its_facts() {
    let mut file = SessionFile::new().await;
    let (ada, bob) = (file.member("Ada").await, file.member("Bob").await);
    let calls = [CallId::new(), CallId::new(), CallId::new()];
    let kitchen = room("Kitchen");
    let joined = FactKind::RoomJoined {
        room: kitchen.id,
        member: ada,
    };
    let with_call = |call, new: hearth_store::NewFact| {
        let fact = Fact {
            id: Some(call),
            ..Fact::clone(&new.fact)
        };
        hearth_store::NewFact {
            fact: fact.into(),
            ..new
        }
    };
    file.commit(vec![
        called(
            ada,
            None,
            calls[0],
            FactKind::RoomCreated {
                room: kitchen.clone(),
            },
        ),
        with_call(calls[0], fact(Some(ada), Some(kitchen.id), joined)),
        // The id is unique per member only.
        called(
            bob,
            None,
            calls[0],
            FactKind::RoomCreated {
                room: room("Cellar"),
            },
        ),
        called(
            bob,
            None,
            calls[1],
            FactKind::RoomCreated {
                room: room("Attic"),
            },
        ),
    ])
    .await;
    let mut file = file.reopen().await;
    let facts = file.facts().await;
    let asked = [
        (ada, calls[0]),
        (bob, calls[0]),
        (ada, calls[1]),
        (bob, calls[2]),
        (MemberId::new(), calls[0]),
    ];
    let mut past = file.writer.past_calls(&asked).await.unwrap();
    past.sort_by_key(|call| call.facts[0].seq);
    assert_eq!(past.len(), 2);
    assert_eq!(
        (past[0].member, past[0].id, past[0].digest),
        (ada, calls[0], [7; 8])
    );
    assert_eq!(past[0].facts, facts[2..4]);
    assert_eq!((past[1].member, past[1].id), (bob, calls[0]));
    assert_eq!(past[1].facts, facts[4..5]);
    assert!(file.writer.past_calls(&[]).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_call_cannot_be_written_down_twice() {
    let mut file = SessionFile::new().await;
    let ada = file.member("Ada").await;
    let call = CallId::new();
    let create = |name| called(ada, None, call, FactKind::RoomCreated { room: room(name) });
    file.commit(vec![create("Kitchen")]).await;
    file.try_commit(vec![create("Kitchen")], vec![])
        .await
        .unwrap_err();
    assert_eq!(file.writer.load().await.unwrap().rooms.len(), 1);
}
