//! A file that cannot be used is left exactly as it is, and the error says what to do.

use std::path::Path;

use hearth_store::OpenError;
use sqlx::Connection;

use crate::support::{SessionFile, new_session, raw};

/// A closed file with something in it: its folder and bytes.
pub(crate) async fn filled() -> (tempfile::TempDir, std::path::PathBuf, Vec<u8>) {
    let mut file = SessionFile::new().await;
    let ada = file.member("Ada").await;
    let kitchen = file.room(ada, "Kitchen").await;
    for _ in 0..100 {
        file.message(ada, kitchen, &"x".repeat(700)).await;
    }
    let path = file.path();
    let folder = file.close().await;
    let bytes = std::fs::read(&path).unwrap();
    (folder, path, bytes)
}

/// Opens and makes, expects this refusal of both, and that no byte changes.
async fn assert_refused(path: &Path, expected: fn(&OpenError) -> bool) {
    let before = std::fs::read(path).unwrap();
    let refused = hearth_store::open(path).await.unwrap_err();
    assert!(expected(&refused), "{refused:?}");
    let refused = hearth_store::create(path, &new_session())
        .await
        .unwrap_err();
    assert!(expected(&refused), "{refused:?}");
    assert_eq!(std::fs::read(path).unwrap(), before);
    let folder = path.parent().unwrap();
    let others: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path() != path && entry.metadata().unwrap().len() > 0)
        .map(|entry| entry.file_name())
        .collect();
    assert!(others.is_empty(), "{others:?}");
}

fn is_damaged(error: &OpenError) -> bool {
    matches!(error, OpenError::Damaged { .. })
}

fn is_newer(error: &OpenError) -> bool {
    matches!(error, OpenError::Newer { found: 1_000, .. })
}

#[tokio::test]
async fn flipped_bytes_in_a_page_are_damage() {
    let (_folder, path, bytes) = filled().await;
    let pages = bytes.len() / 4096;
    assert!(pages > 20);
    // The header of each page: what kind it is, and how many cells where.
    for page in 1..pages {
        let mut damaged = bytes.clone();
        damaged[page * 4096..page * 4096 + 8]
            .iter_mut()
            .for_each(|byte| *byte ^= 0xff);
        std::fs::write(&path, &damaged).unwrap();
        assert_refused(&path, is_damaged).await;
    }
    std::fs::write(&path, &bytes).unwrap();
    hearth_store::open(&path).await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_cut_off_is_damage() {
    let (_folder, path, bytes) = filled().await;
    for length in [1, 99, 100, 4096, 8192, bytes.len() / 2, bytes.len() - 4096] {
        std::fs::write(&path, &bytes[..length]).unwrap();
        assert_refused(&path, is_damaged).await;
    }
}

#[tokio::test]
async fn a_page_of_zeros_is_damage() {
    let (_folder, path, bytes) = filled().await;
    for page in (1..bytes.len() / 4096).step_by(5) {
        let mut damaged = bytes.clone();
        damaged[page * 4096..(page + 1) * 4096].fill(0);
        std::fs::write(&path, &damaged).unwrap();
        assert_refused(&path, is_damaged).await;
    }
}

#[tokio::test]
async fn a_file_of_another_kind_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letter");
    std::fs::write(&path, "Dear Ada, ".repeat(500)).unwrap();
    assert_refused(&path, is_damaged).await;

    // Another program's database.
    let path = folder.path().join("photos.db");
    std::fs::write(&path, "").unwrap();
    let mut connection = raw(&path).await;
    sqlx::raw_sql("create table photos (name); create table albums (name)")
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    std::fs::remove_file(folder.path().join("letter")).unwrap();
    assert_refused(&path, is_damaged).await;
}

#[tokio::test]
async fn a_file_from_a_newer_build_is_not_touched() {
    let (_folder, path, bytes) = filled().await;
    let newer = [
        "pragma user_version = 1000",
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
            values (1000, 'later', true, x'00', 0)",
    ];
    for sql in newer {
        std::fs::write(&path, &bytes).unwrap();
        let mut connection = raw(&path).await;
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        assert_refused(&path, is_newer).await;
    }
}

#[tokio::test]
async fn a_newer_build_that_was_killed_before_it_brought_its_log_in_is_noticed() {
    let (_folder, path, _) = filled().await;
    let mut connection = raw(&path).await;
    sqlx::raw_sql("pragma user_version = 1000")
        .execute(&mut connection)
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("garden.hearth");
    let log = folder.path().join("garden.hearth-wal");
    std::fs::copy(&path, &copy).unwrap();
    std::fs::copy(path.with_extension("hearth-wal"), &log).unwrap();
    let before = (std::fs::read(&copy).unwrap(), std::fs::read(&log).unwrap());
    let refused = hearth_store::open(&copy).await.unwrap_err();
    assert!(is_newer(&refused), "{refused}");
    assert_eq!(
        (std::fs::read(&copy).unwrap(), std::fs::read(&log).unwrap()),
        before
    );
    connection.close().await.unwrap();
}

#[tokio::test]
async fn a_newer_build_may_write_what_this_one_cannot_even_read() {
    let (_folder, path, _) = filled().await;
    let mut connection = raw(&path).await;
    sqlx::raw_sql(
        "pragma writable_schema = on;
        update sqlite_schema set sql = 'create hologram notes' where name = 'notes';
        pragma user_version = 1000",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    connection.close().await.unwrap();
    assert_refused(&path, is_newer).await;
}

/// Runs `sql` and gives a copy of the file as it is then, with SQLite's log still beside it.
async fn interrupted_after(sql: &'static str) -> (tempfile::TempDir, std::path::PathBuf) {
    let (_folder, path, _) = filled().await;
    let mut connection = raw(&path).await;
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("garden.hearth");
    std::fs::copy(&path, &copy).unwrap();
    std::fs::copy(
        path.with_extension("hearth-wal"),
        folder.path().join("garden.hearth-wal"),
    )
    .unwrap();
    (folder, copy)
}

#[tokio::test]
async fn after_an_interruption_indexes_and_numbers_are_compared_with_the_rows() {
    let mixed = [
        "delete from facts where seq = 50",
        "pragma writable_schema = on;
        update sqlite_schema
            set sql = 'create index facts_about_message on facts (message) where message is null'
            where name = 'facts_about_message'",
    ];
    for sql in mixed {
        let (_folder, path) = interrupted_after(sql).await;
        let before = std::fs::read(&path).unwrap();
        let refused = hearth_store::open(&path).await.unwrap_err();
        assert!(
            is_damaged(&refused) && refused.to_string().contains("-wal"),
            "{refused}"
        );
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }
    let (_folder, path) = interrupted_after("pragma user_version = 3").await;
    hearth_store::open(&path).await.unwrap();
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_said_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("no").join("such");
    let refused = hearth_store::open(&path).await.unwrap_err();
    assert!(matches!(refused, OpenError::Missing), "{refused}");
    let refused = hearth_store::create(&path, &new_session())
        .await
        .unwrap_err();
    assert!(matches!(refused, OpenError::Io(_)), "{refused}");
}
