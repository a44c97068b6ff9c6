//! Opening, making, closing, and copies.

use hearth_protocol::FactKind;
use hearth_store::{OpenError, StoreError};

use crate::support::{SessionFile, fact, new_session, raw, room};

#[tokio::test]
async fn what_was_written_is_there_after_closing_and_opening() {
    let mut file = SessionFile::new().await;
    let ada = file.member("Ada").await;
    file.room(ada, "Kitchen").await;
    let loaded = file.writer.load().await.unwrap();
    let mut file = file.reopen().await;
    assert_eq!(file.writer.load().await.unwrap(), loaded);
}

#[tokio::test]
async fn a_task_can_open_and_make_a_session() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("garden");
    let making = tokio::spawn(async move {
        let (writer, _) = hearth_store::create(&path, &new_session()).await?;
        writer.close().await?;
        hearth_store::open(&path).await
    });
    making.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_closed_session_is_one_file() {
    let mut file = SessionFile::new().await;
    file.member("Ada").await;
    let reader = file.reader.clone();
    let folder = file.close().await;
    let mut names: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.metadata().unwrap().len() > 0)
        .map(|entry| entry.file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["garden.hearth"]);
    let refused = reader.facts(0, 1, 1, |_| true).await.unwrap_err();
    assert!(matches!(refused, StoreError::Closed), "{refused}");
}

#[tokio::test]
async fn a_file_of_any_name_can_be_opened() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a b", "50%?mode=memory", "#1", "été 🍲", "file:x"] {
        let path = folder.path().join(name);
        let (writer, _) = hearth_store::create(&path, &new_session()).await.unwrap();
        writer.close().await.unwrap();
        let (mut writer, reader) = hearth_store::open(&path).await.unwrap();
        assert_eq!(writer.load().await.unwrap().head, 0);
        assert!(reader.free_disk_bytes().unwrap() > 0);
        assert!(path.exists(), "{name}");
    }
}

#[tokio::test]
async fn where_there_is_no_session_none_is_made_by_opening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none");
    let refused = hearth_store::open(&path).await.unwrap_err();
    assert!(matches!(refused, OpenError::Missing), "{refused}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);

    std::fs::write(&path, "").unwrap();
    let refused = hearth_store::open(&path).await.unwrap_err();
    assert!(matches!(refused, OpenError::Missing), "{refused}");
    assert_eq!(std::fs::read(&path).unwrap(), b"");
}

#[tokio::test]
async fn a_session_is_not_made_over_another() {
    let mut file = SessionFile::new().await;
    file.member("Ada").await;
    let loaded = file.writer.load().await.unwrap();
    let path = file.path();
    let folder = file.close().await;
    let refused = hearth_store::create(&path, &new_session())
        .await
        .unwrap_err();
    assert!(matches!(refused, OpenError::Exists), "{refused}");
    let (mut writer, _) = hearth_store::open(&path).await.unwrap();
    assert_eq!(writer.load().await.unwrap(), loaded);
    drop(folder);
}

#[tokio::test]
async fn a_making_that_was_interrupted_is_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    // After every step that is a transaction of its own.
    let steps = [
        "",
        "create table _sqlx_migrations (
            version bigint primary key,
            description text not null,
            installed_on timestamp not null default current_timestamp,
            success boolean not null,
            checksum blob not null,
            execution_time bigint not null
        )",
        "delete from session; delete from settings",
    ];
    for (number, sql) in steps.into_iter().enumerate() {
        let path = folder.path().join(number.to_string());
        if sql.starts_with("delete") {
            let (writer, _) = hearth_store::create(&path, &new_session()).await.unwrap();
            writer.close().await.unwrap();
        } else {
            std::fs::write(&path, "").unwrap();
        }
        let mut connection = raw(&path).await;
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        sqlx::Connection::close(connection).await.unwrap();

        let refused = hearth_store::open(&path).await.unwrap_err();
        assert!(matches!(refused, OpenError::Missing), "{refused}");
        let (mut writer, _) = hearth_store::create(&path, &new_session()).await.unwrap();
        assert_eq!(writer.load().await.unwrap().head, 0);
    }
}

#[tokio::test]
async fn an_old_copy_that_was_put_back_opens_as_it_was() {
    let mut file = SessionFile::new().await;
    let ada = file.member("Ada").await;
    let old = file.writer.load().await.unwrap();
    let path = file.path();
    let folder = file.close().await;
    let copy = std::fs::read(&path).unwrap();

    let (mut writer, _) = hearth_store::open(&path).await.unwrap();
    let new = fact(
        Some(ada),
        None,
        FactKind::RoomCreated {
            room: room("Kitchen"),
        },
    );
    let mut numbered = hearth_protocol::Fact::clone(&new.fact);
    numbered.seq = Some(old.head + 1);
    let facts = vec![hearth_store::NewFact {
        fact: numbered.into(),
        ..new
    }];
    writer
        .commit(&hearth_store::Batch {
            facts,
            other: vec![],
        })
        .await
        .unwrap();
    writer.close().await.unwrap();

    std::fs::write(&path, copy).unwrap();
    let (mut writer, _) = hearth_store::open(&path).await.unwrap();
    assert_eq!(writer.load().await.unwrap(), old);
    drop(folder);
}

#[tokio::test]
async fn an_old_copy_beside_a_newer_log_is_never_mixed_with_it() {
    let mut file = SessionFile::new().await;
    let ada = file.member("Ada").await;
    let kitchen = file.room(ada, "Kitchen").await;
    let mut file = file.reopen().await;
    let copy = std::fs::read(file.path()).unwrap();
    // Enough for SQLite to bring its log into the file and begin it again.
    while std::fs::metadata(file.path()).unwrap().len() < 4 << 20 {
        file.message(ada, kitchen, &"x".repeat(50_000)).await;
    }
    file.message(ada, kitchen, "the last").await;
    let log = std::fs::read(file.path().with_extension("hearth-wal")).unwrap();

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("garden.hearth");
    let log_path = folder.path().join("garden.hearth-wal");
    std::fs::write(&path, &copy).unwrap();
    std::fs::write(&log_path, &log).unwrap();
    let refused = hearth_store::open(&path).await.unwrap_err();
    assert!(matches!(refused, OpenError::Damaged { .. }), "{refused}");
    assert_eq!(std::fs::read(&path).unwrap(), copy);
    assert_eq!(std::fs::read(&log_path).unwrap(), log);

    std::fs::remove_file(&log_path).unwrap();
    let (mut writer, _) = hearth_store::open(&path).await.unwrap();
    assert_eq!(writer.load().await.unwrap().head, 3);
}
