//! A note's text at any version can be made from a checkpoint and the edits after it.

use hearth_protocol::id::NoteKey;
use hearth_store::{NoteLog, Write};

use crate::support::{SessionFile, edit, raw};

async fn note_with_edits(file: &mut SessionFile, edits: u64) -> NoteKey {
    let ada = file.member("Ada").await;
    let kitchen = file.room(ada, "Kitchen").await;
    // Another note's edits between, and its checkpoint, must not get in.
    let other = file.note(ada, kitchen, "Salt").await.key;
    let key = file.note(ada, kitchen, "Soup").await.key;
    for version in 1..=edits {
        file.commit(vec![
            edit(ada, kitchen, other, version, b"not this"),
            edit(
                ada,
                kitchen,
                key,
                version,
                format!("edit {version}").as_bytes(),
            ),
        ])
        .await;
    }
    file.write(vec![Write::Checkpoint {
        note: other,
        version: 1,
        state: b"not this".to_vec(),
        owners: Vec::new(),
    }])
    .await;
    key
}

fn edits(versions: std::ops::RangeInclusive<u64>) -> Vec<Vec<u8>> {
    versions
        .map(|version| format!("edit {version}").into_bytes())
        .collect()
}

fn bytes(log: NoteLog) -> Vec<Vec<u8>> {
    log.updates.into_iter().map(|(_, update)| update).collect()
}

#[tokio::test]
async fn whose_each_client_id_is_comes_back_with_a_checkpoint_and_with_each_edit() {
    let mut file = SessionFile::new().await;
    let key = note_with_edits(&mut file, 3).await;
    let (version, state, owners) = (2, b"two".to_vec(), b"whose".to_vec());
    file.write(vec![Write::Checkpoint {
        note: key,
        version,
        state,
        owners,
    }])
    .await;
    let log = file.reader.note_log(key, 3).await.unwrap();
    assert_eq!(log.checkpoint.unwrap().owners, b"whose");
    let edits = file.reader.note_edits(key, 0, 3).await.unwrap();
    assert_eq!(log.updates[0].0, edits[2].by);
    assert_eq!(
        edits.iter().map(|edit| edit.version).collect::<Vec<_>>(),
        [1, 2, 3]
    );
}

#[tokio::test]
async fn a_notes_version_at_a_fact_is_that_of_its_last_edit_until_then() {
    let mut file = SessionFile::new().await;
    let key = note_with_edits(&mut file, 3).await;
    let head = file.head;
    assert_eq!(file.reader.note_version_at(key, head).await.unwrap(), 3);
    assert_eq!(file.reader.note_version_at(key, head - 1).await.unwrap(), 2);
    assert_eq!(file.reader.note_version_at(key, 1).await.unwrap(), 0);
}

#[tokio::test]
async fn without_a_checkpoint_a_note_is_all_its_edits() {
    let mut file = SessionFile::new().await;
    let key = note_with_edits(&mut file, 5).await;
    let log = file.reader.note_log(key, 5).await.unwrap();
    assert_eq!(log.checkpoint, None);
    assert_eq!(bytes(log), edits(1..=5));
    let log = file.reader.note_log(key, 3).await.unwrap();
    assert_eq!(bytes(log), edits(1..=3));
    assert_eq!(
        file.reader.note_log(key, 0).await.unwrap(),
        NoteLog::default()
    );
    assert_eq!(
        file.reader
            .note_log(key, u64::MAX)
            .await
            .unwrap()
            .updates
            .len(),
        5
    );
    assert_eq!(
        file.reader.note_log(NoteKey::new(), 5).await.unwrap(),
        NoteLog::default()
    );
}

#[tokio::test]
async fn the_nearest_checkpoint_at_or_below_the_version_is_used() {
    let mut file = SessionFile::new().await;
    let key = note_with_edits(&mut file, 6).await;
    let checkpoint = |version, state: &[u8]| Write::Checkpoint {
        note: key,
        version,
        state: state.to_vec(),
        owners: Vec::new(),
    };
    file.write(vec![checkpoint(2, b"two"), checkpoint(4, b"four")])
        .await;
    // Made twice, as after a commit whose outcome was unknown.
    file.write(vec![checkpoint(4, b"four")]).await;
    let expected = [
        (1, None, edits(1..=1)),
        (2, Some((2, b"two".to_vec())), vec![]),
        (3, Some((2, b"two".to_vec())), edits(3..=3)),
        (4, Some((4, b"four".to_vec())), vec![]),
        (6, Some((4, b"four".to_vec())), edits(5..=6)),
    ];
    for (version, checkpoint, updates) in expected {
        let log = file.reader.note_log(key, version).await.unwrap();
        let found = log
            .checkpoint
            .as_ref()
            .map(|found| (found.version, found.state.clone()));
        assert_eq!(
            (found, bytes(log)),
            (checkpoint, updates),
            "at version {version}"
        );
    }
}

#[tokio::test]
async fn who_was_away_hears_which_notes_were_edited_meanwhile() {
    let mut file = SessionFile::new().await;
    let ada = file.member("Ada").await;
    let kitchen = file.room(ada, "Kitchen").await;
    let soup = file.note(ada, kitchen, "Soup").await.key;
    let salt = file.note(ada, kitchen, "Salt").await.key;
    file.note(ada, kitchen, "Empty").await;
    assert!(file.reader.notes_edited(0).await.unwrap().is_empty());
    file.commit(vec![
        edit(ada, kitchen, soup, 1, b"a"),
        edit(ada, kitchen, salt, 1, b"b"),
    ])
    .await;
    let away = file.head;
    file.commit(vec![
        edit(ada, kitchen, salt, 2, b"c"),
        edit(ada, kitchen, salt, 3, b"d"),
    ])
    .await;
    assert_eq!(file.reader.notes_edited(0).await.unwrap(), [soup, salt]);
    assert_eq!(file.reader.notes_edited(away).await.unwrap(), [salt]);
    assert!(
        file.reader
            .notes_edited(file.head)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn old_checkpoints_are_let_go_of_and_the_rest_is_spread_over_the_versions() {
    let mut file = SessionFile::new().await;
    let key = note_with_edits(&mut file, 1).await;
    for version in (100..=10_000).step_by(100) {
        file.write(vec![Write::Checkpoint {
            note: key,
            version,
            state: vec![1],
            owners: Vec::new(),
        }])
        .await;
    }
    let mut kept = Vec::new();
    let mut version = u64::MAX;
    while let Some(found) = file.reader.note_log(key, version).await.unwrap().checkpoint {
        kept.insert(0, found.version);
        version = found.version - 1;
    }
    assert_eq!(kept.len(), 8, "{kept:?}");
    assert_eq!(kept.last(), Some(&10_000));
    let gaps = kept
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .chain([kept[0]]);
    assert!(gaps.max() <= Some(3_000), "{kept:?}");
}

#[tokio::test]
async fn edits_that_cannot_be_written_leave_nothing_behind_and_keep_nobody_waiting() {
    let mut file = SessionFile::new().await;
    let ada = file.member("Ada").await;
    let kitchen = file.room(ada, "Kitchen").await;
    let key = file.note(ada, kitchen, "Soup").await.key;
    let typed = |version| edit(ada, kitchen, key, version, b"letter");
    file.commit(vec![typed(1), typed(2)]).await;
    let next = file.next();

    // Somebody has put a fact where the second one is to go.
    let mut other = raw(&file.path()).await;
    let copied = "insert into facts select ?, at, kind, made_by, call, digest, room, note, subject,
        message, version + 10, body, redacted from facts where seq = ?";
    let copied = sqlx::query(copied)
        .bind(next as i64 + 1)
        .bind(next as i64 - 1);
    copied.execute(&mut other).await.unwrap();
    file.try_commit(vec![typed(3), typed(4)], Vec::new())
        .await
        .unwrap_err();
    // The other one waits for nothing.
    sqlx::raw_sql("pragma busy_timeout = 0")
        .execute(&mut other)
        .await
        .unwrap();
    let undo = sqlx::query("delete from facts where seq > ?").bind(next as i64);
    undo.execute(&mut other).await.unwrap();

    assert_eq!(file.writer.load().await.unwrap().head, next - 1);
    file.commit(vec![typed(3), typed(4)]).await;
    let log = bytes(file.reader.note_log(key, 4).await.unwrap());
    assert_eq!(log, vec![b"letter".to_vec(); 4]);
}
