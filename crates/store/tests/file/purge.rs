//! What was taken back or purged is nowhere in the file any more.

use hearth_protocol::{FactKind, Title};
use hearth_store::{NoteLog, Write};

use crate::support::{SessionFile, assert_is_nowhere, edit, fact, message};

/// Words long enough not to come about by chance.
const SECRET: &str = "the quince is under the third stone";

#[tokio::test]
async fn a_destroyed_messages_texts_are_blanked_in_the_log() {
    let mut file = SessionFile::new().await;
    let ada = file.member("Ada").await;
    let kitchen = file.room(ada, "Kitchen").await;
    for number in 0..50 {
        file.message(ada, kitchen, &format!("neighbour {number}"))
            .await;
    }
    let mut message = file.message(ada, kitchen, SECRET).await;
    let posted = message.seq;
    message.body = format!("{SECRET}!");
    let edited = FactKind::MessageEdited {
        message: message.clone(),
    };
    file.commit(vec![fact(Some(ada), Some(kitchen), edited)])
        .await;
    let kept = file.message(ada, kitchen, "kept").await;

    message.body.clear();
    let destroyed = FactKind::MessageDestroyed {
        message: message.clone(),
    };
    file.commit(vec![fact(Some(ada), Some(kitchen), destroyed)])
        .await;

    let facts = file.facts().await;
    for seq in [posted, posted + 1] {
        let json = facts[seq as usize - 1].to_listed_json();
        assert!(json.contains("\"body\":\"\""), "{json}");
    }
    assert_eq!(
        facts[posted as usize + 1].kind,
        FactKind::MessagePosted { message: kept }
    );
    assert_is_nowhere(file, SECRET).await;
}

#[tokio::test]
async fn a_message_destroyed_in_the_batch_that_posted_it_is_blanked_too() {
    let mut file = SessionFile::new().await;
    let ada = file.member("Ada").await;
    let kitchen = file.room(ada, "Kitchen").await;
    let message = message(ada, kitchen, file.next(), SECRET);
    let mut blank = message.clone();
    blank.body.clear();
    file.commit(vec![
        fact(
            Some(ada),
            Some(kitchen),
            FactKind::MessagePosted { message },
        ),
        fact(
            Some(ada),
            Some(kitchen),
            FactKind::MessageDestroyed {
                message: blank.clone(),
            },
        ),
    ])
    .await;
    assert_eq!(file.writer.message(blank.id).await.unwrap(), Some(blank));
    assert_is_nowhere(file, SECRET).await;
}

#[tokio::test]
async fn a_purged_note_keeps_its_numbers_and_loses_its_titles_and_text() {
    let mut file = SessionFile::new().await;
    let ada = file.member("Ada").await;
    let kitchen = file.room(ada, "Kitchen").await;
    let mut note = file.note(ada, kitchen, SECRET).await;
    let kept = file.note(ada, kitchen, "Kept").await;
    let long = SECRET.repeat(500);
    file.commit(vec![
        edit(ada, kitchen, note.key, 1, long.as_bytes()),
        edit(ada, kitchen, kept.key, 1, b"kept"),
        edit(ada, kitchen, note.key, 2, SECRET.as_bytes()),
    ])
    .await;
    let state = long.into_bytes();
    file.write(vec![Write::Checkpoint {
        note: note.key,
        version: 1,
        state,
        owners: Vec::new(),
    }])
    .await;
    note.title = Title::new(&format!("{SECRET}!")).unwrap();
    file.commit(vec![
        fact(
            Some(ada),
            Some(kitchen),
            FactKind::NoteUpdated { note: note.clone() },
        ),
        fact(
            Some(ada),
            Some(kitchen),
            FactKind::NoteDestroyed {
                key: note.key,
                note: note.clone(),
            },
        ),
    ])
    .await;
    let before = file.facts().await.len();
    file.commit(vec![fact(
        None,
        Some(kitchen),
        FactKind::NotePurged { key: note.key },
    )])
    .await;

    // Its text may still be in memory, and a checkpoint of it on the way.
    let state = SECRET.as_bytes().to_vec();
    let late = Write::Checkpoint {
        note: note.key,
        version: 2,
        state,
        owners: Vec::new(),
    };
    file.write(vec![late]).await;

    let facts = file.facts().await;
    assert_eq!(facts.len(), before + 1);
    assert!(
        facts
            .iter()
            .all(|fact| !fact.to_listed_json().contains(SECRET))
    );
    assert_eq!(
        file.reader.note_log(note.key, 9).await.unwrap(),
        NoteLog::default()
    );
    assert_eq!(
        file.reader.note_log(kept.key, 9).await.unwrap().updates[0].1,
        b"kept"
    );
    let notes = file.writer.load().await.unwrap().notes;
    assert_eq!(
        notes.iter().map(|note| note.key).collect::<Vec<_>>(),
        [kept.key]
    );
    assert_is_nowhere(file, SECRET).await;
}

#[tokio::test]
async fn a_purged_room_takes_its_notes_and_messages_with_it() {
    let mut file = SessionFile::new().await;
    let ada = file.member("Ada").await;
    let (cellar, kitchen) = (
        file.room(ada, "Cellar").await,
        file.room(ada, "Kitchen").await,
    );
    let wine = file.note(ada, cellar, SECRET).await;
    let soup = file.note(ada, kitchen, "Soup").await;
    file.commit(vec![
        edit(ada, cellar, wine.key, 1, SECRET.as_bytes()),
        edit(ada, kitchen, soup.key, 1, b"kept"),
    ])
    .await;
    let mut said = file.message(ada, cellar, SECRET).await;
    let kept = file.message(ada, kitchen, "kept").await;
    said.body = SECRET.to_uppercase() + SECRET;
    let edited = FactKind::MessageEdited {
        message: said.clone(),
    };
    file.commit(vec![fact(Some(ada), Some(cellar), edited)])
        .await;
    file.write(vec![
        Write::Read {
            member: ada,
            room: cellar,
            seq: said.seq,
        },
        Write::Checkpoint {
            note: wine.key,
            version: 1,
            state: SECRET.as_bytes().to_vec(),
            owners: Vec::new(),
        },
    ])
    .await;

    file.commit(vec![fact(
        None,
        None,
        FactKind::RoomPurged { room: cellar },
    )])
    .await;

    let loaded = file.writer.load().await.unwrap();
    assert_eq!(
        loaded
            .rooms
            .iter()
            .map(|row| row.room.id)
            .collect::<Vec<_>>(),
        [kitchen]
    );
    assert_eq!(
        loaded.notes.iter().map(|note| note.key).collect::<Vec<_>>(),
        [soup.key]
    );
    assert_eq!(file.writer.message(said.id).await.unwrap(), None);
    assert!(
        file.reader
            .messages(cellar, None, 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        file.reader.messages(kitchen, None, 10).await.unwrap(),
        [kept]
    );
    assert_eq!(
        file.reader.note_log(soup.key, 9).await.unwrap().updates[0].1,
        b"kept"
    );
    assert_eq!(file.facts().await.len() as u64, file.head);
    assert_is_nowhere(file, SECRET).await;
}
