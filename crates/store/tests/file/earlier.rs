//! What is known of copies from before.

use hearth_store::{EarlierCopy, Write};

use crate::support::SessionFile;

#[tokio::test]
async fn a_copy_from_before_is_known_until_nothing_of_it_is_offered() {
    let mut file = SessionFile::new().await;
    let copy = EarlierCopy {
        file: "before-1.hearth".to_owned(),
        is_ready: false,
        discarded: vec!["note/1".to_owned()],
    };
    let name = || copy.file.clone();
    let discard = |item: &str| Write::EarlierDiscarded {
        file: name(),
        item: item.to_owned(),
    };
    file.write(vec![Write::Earlier(copy.clone()), discard("note/2")])
        .await;
    // Once more says nothing new, and takes nothing back.
    file.write(vec![Write::Earlier(copy.clone()), discard("note/2")])
        .await;
    file.write(vec![Write::EarlierReady { file: name() }]).await;
    let mut file = file.reopen().await;
    let known = file.reader.earlier().await.unwrap();
    let expected = EarlierCopy {
        is_ready: true,
        discarded: ["note/1", "note/2"].map(str::to_owned).to_vec(),
        ..copy.clone()
    };
    assert_eq!(known, [expected]);
    file.write(vec![Write::EarlierDone { file: name() }]).await;
    assert_eq!(file.reader.earlier().await.unwrap(), []);
}
