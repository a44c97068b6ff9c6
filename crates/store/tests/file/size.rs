//! Typing makes a log that a disk can take.

use hearth_store::NewFact;

use crate::support::{SessionFile, edit};

#[tokio::test]
async fn a_typed_character_takes_less_than_120_bytes_of_the_file() {
    const EDITS: u64 = 10_000;
    let mut file = SessionFile::new().await;
    let ada = file.member("Ada").await;
    let kitchen = file.room(ada, "Kitchen").await;
    let soup = file.note(ada, kitchen, "Soup").await;
    let file = file.reopen().await;
    let before = std::fs::metadata(file.path()).unwrap().len();
    let mut file = file;
    for first in (1..=EDITS).step_by(10) {
        let facts = (first..first + 10)
            .map(|version| {
                let new = edit(ada, kitchen, soup.key, version, &one_character(version));
                NewFact {
                    digest: Some(version.to_be_bytes()),
                    ..new
                }
            })
            .collect();
        file.commit(facts).await;
    }
    let path = file.path();
    let folder = file.close().await;
    let grown = std::fs::metadata(path).unwrap().len() - before;
    assert!(grown / EDITS < 120, "{} bytes each", grown / EDITS);
    drop(folder);
}

/// As long as Yjs makes it: client id, clocks, and one letter.
fn one_character(version: u64) -> Vec<u8> {
    let mut update = vec![1, 1];
    update.extend([0xd2, 0x84, 0x91, 0xfa, 0x0b]);
    update.extend([version as u8 | 0x80, (version >> 7) as u8, 0x84]);
    update.extend([0xd2, 0x84, 0x91, 0xfa, 0x0b]);
    update.extend([version as u8 | 0x80, (version >> 7) as u8, 1, b'x', 0]);
    update
}
