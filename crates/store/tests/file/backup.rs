//! A session file is copied while it is in use, and the copy is whole.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;

use hearth_store::{OpenError, backup, backup_over};

use crate::support::{PROJECTIONS, SessionFile, THE_REST};

#[tokio::test]
async fn a_backup_of_a_file_in_use_is_the_session_as_it_was_then() {
    let mut file = SessionFile::new().await;
    let ada = file.member("Ada").await;
    let kitchen = file.room(ada, "Kitchen").await;
    file.message(ada, kitchen, "Before").await;
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("backup.hearth");
    let (then, rest) = (file.dump(&PROJECTIONS).await, file.dump(&THE_REST).await);
    let bytes = backup(&file.path(), &to).await.unwrap();
    assert_eq!(bytes, std::fs::metadata(&to).unwrap().len());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    file.message(ada, kitchen, "After").await;

    let (mut writer, reader) = hearth_store::open(&to).await.unwrap();
    assert_eq!(writer.load().await.unwrap().head, file.head - 1);
    let messages = reader.messages(kitchen, None, 9).await.unwrap();
    assert_eq!(messages.len(), 1);
    writer.close().await.unwrap();
    let copy = SessionFile::at(folder).await;
    assert_eq!(copy.dump(&PROJECTIONS).await, then);
    assert_eq!(copy.dump(&THE_REST).await, rest);
}

#[tokio::test]
async fn a_backup_is_written_over_nothing() {
    let file = SessionFile::new().await;
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("backup.hearth");
    std::fs::write(&to, b"something dear").unwrap();
    let refused = backup(&file.path(), &to).await.unwrap_err();
    assert!(matches!(refused, OpenError::Exists), "{refused}");
    assert_eq!(std::fs::read(&to).unwrap(), b"something dear");
    std::fs::remove_file(&to).unwrap();
    std::fs::write(to.with_extension("hearth-wal"), b"a log").unwrap();
    let refused = backup(&file.path(), &to).await.unwrap_err();
    assert!(matches!(refused, OpenError::Exists), "{refused}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn what_is_no_session_is_not_backed_up_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("backup.hearth");
    let from = folder.path().join("garden.hearth");
    let refused = backup(&from, &to).await.unwrap_err();
    assert!(matches!(refused, OpenError::Missing), "{refused}");
    std::fs::write(&from, b"not a session at all, but long enough to look at").unwrap();
    let refused = backup(&from, &to).await.unwrap_err();
    assert!(matches!(refused, OpenError::Damaged { .. }), "{refused}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_backup_goes_over_what_is_there_where_that_is_wanted_and_never_over_what_is_in_use() {
    let (mut file, other) = (SessionFile::new().await, SessionFile::new().await);
    let ada = file.member("Ada").await;
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("backup.hearth");
    std::fs::write(&to, b"an earlier one").unwrap();
    let bytes = backup_over(&file.path(), &to).await.unwrap();
    assert_eq!(bytes, std::fs::metadata(&to).unwrap().len());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    let itself = backup_over(&file.path(), &file.path()).await.unwrap_err();
    assert!(matches!(itself, OpenError::Exists), "{itself}");
    let in_use = backup_over(&file.path(), &other.path()).await.unwrap_err();
    assert!(
        matches!(in_use, OpenError::InUse | OpenError::Exists),
        "{in_use}"
    );
    // What fails leaves what was there.
    let none = backup_over(&folder.path().join("none.hearth"), &to).await;
    assert!(matches!(none.unwrap_err(), OpenError::Missing));
    let (mut writer, _) = hearth_store::open(&to).await.unwrap();
    let loaded = writer.load().await.unwrap();
    assert!(loaded.members.iter().any(|member| member.id == ada));
    writer.close().await.unwrap();
}

/// Goes as far as it goes without waiting.
async fn begin<F: Future>(mut work: Pin<&mut F>) {
    let begun = poll_fn(|context| Poll::Ready(work.as_mut().poll(context).is_pending()));
    assert!(begun.await, "a file is not copied at once");
}

#[tokio::test]
async fn nobody_opens_what_is_being_written_over() {
    let file = SessionFile::new().await;
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("backup.hearth");
    backup(&file.path(), &to).await.unwrap();
    let (writer, _) = hearth_store::open(&to).await.unwrap();
    writer.close().await.unwrap();
    let from = file.path();
    let mut over = pin!(backup_over(&from, &to));
    begin(over.as_mut()).await;
    let in_use = hearth_store::open(&to).await.map(drop).unwrap_err();
    assert!(matches!(in_use, OpenError::InUse), "{in_use}");
    over.await.unwrap();
    let (writer, _) = hearth_store::open(&to).await.unwrap();
    writer.close().await.unwrap();
}

#[tokio::test]
async fn what_is_opened_meanwhile_is_not_written_over() {
    let mut file = SessionFile::new().await;
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("backup.hearth");
    backup(&file.path(), &to).await.unwrap();
    let ada = file.member("Ada").await;
    let from = file.path();
    let mut over = pin!(backup_over(&from, &to));
    begin(over.as_mut()).await;
    let (mut writer, _) = hearth_store::open(&to).await.unwrap();
    let in_use = over.await.unwrap_err();
    assert!(matches!(in_use, OpenError::InUse), "{in_use}");
    let loaded = writer.load().await.unwrap();
    assert!(loaded.members.iter().all(|member| member.id != ada));
    writer.close().await.unwrap();
}
