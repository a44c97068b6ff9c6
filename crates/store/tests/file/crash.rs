//! However the process ends, what was acknowledged is there, once, and what was not is there whole
//! or not at all.

use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use hearth_protocol::{FactKind, MemberId, RoomId};
use hearth_store::{Batch, OpenError};

use crate::support::{PROJECTIONS, SessionFile, fact, message};

/// Names the file for the tests that are another process's part.
pub(crate) const FILE: &str = "HEARTH_STORE_TEST_FILE";

/// Messages in one commit.
const BATCH: u64 = 3;

/// What [`SessionFile::member`] and [`SessionFile::room`] wrote before.
const BASE: u64 = 3;

/// Ends with the test, also when the test fails.
pub(crate) struct OtherProcess(Child);

impl OtherProcess {
    pub(crate) fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for OtherProcess {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs the test `name` of this program as a process of its own, and gives what it says.
pub(crate) fn other_process(name: &str, path: &Path) -> (OtherProcess, impl BufRead) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--test-threads=1"])
        .env(FILE, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stdout.take().unwrap());
    (OtherProcess(child), said)
}

/// What follows `word` in the next line that has it.
pub(crate) fn next(lines: &mut impl BufRead, word: &str) -> String {
    let mut line = String::new();
    while lines.read_line(&mut line).unwrap() > 0 {
        if let Some(at) = line.find(word) {
            return line[at + word.len()..].trim().to_owned();
        }
        line.clear();
    }
    panic!("the other process ended without saying {word:?}");
}

pub(crate) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").unwrap();
    out.flush().unwrap();
}

fn messages(by: MemberId, room: RoomId, head: u64) -> Batch {
    let facts = (1..=BATCH)
        .map(|n| {
            let message = message(
                by,
                room,
                head + n,
                &format!("{head} {n} {}", "x".repeat(500)),
            );
            let new = fact(Some(by), Some(room), FactKind::MessagePosted { message });
            let mut fact = hearth_protocol::Fact::clone(&new.fact);
            fact.seq = Some(head + n);
            hearth_store::NewFact {
                fact: fact.into(),
                ..new
            }
        })
        .collect();
    Batch {
        facts,
        other: vec![],
    }
}

/// The other process's part: writes until it is killed, and says what it knows to be written.
#[tokio::test]
async fn writes_until_killed() {
    let Some(path) = std::env::var_os(FILE).map(PathBuf::from) else {
        return;
    };
    let (mut writer, _reader) = hearth_store::open(&path).await.unwrap();
    let loaded = writer.load().await.unwrap();
    let (by, room) = (loaded.members[0].id, loaded.rooms[0].room.id);
    let mut head = loaded.head;
    loop {
        writer.commit(&messages(by, room, head)).await.unwrap();
        head += BATCH;
        say(&format!("acknowledged {head}"));
    }
}

#[tokio::test]
async fn kill_9_loses_nothing_acknowledged_and_leaves_no_half_of_a_batch() {
    let mut file = SessionFile::new().await;
    let ada = file.member("Ada").await;
    file.room(ada, "Kitchen").await;
    let path = file.path();
    let folder = file.close().await;
    for round in 0..20 {
        let (mut child, mut lines) = other_process("crash::writes_until_killed", &path);
        let mut acknowledged = 0;
        for _ in 0..=(round * 7) % 23 {
            acknowledged = next(&mut lines, "acknowledged ").parse().unwrap();
        }
        child.kill();
        let head = assert_whole(&path).await;
        assert!(
            head >= acknowledged,
            "{acknowledged} was acknowledged, {head} is there"
        );
    }
    drop(folder);
}

/// Opens the file as after a crash, looks whether log and projections are whole, and gives the head.
async fn assert_whole(path: &Path) -> u64 {
    let (mut writer, reader) = hearth_store::open(path).await.unwrap();
    let loaded = writer.load().await.unwrap();
    assert_eq!((loaded.head - BASE) % BATCH, 0, "half a batch is there");
    let facts = reader
        .facts(0, loaded.head, usize::MAX, |_| true)
        .await
        .unwrap()
        .facts;
    assert_eq!(facts.len() as u64, loaded.head);
    let room = loaded.rooms[0].room.id;
    let messages = reader.messages(room, None, u32::MAX).await.unwrap();
    assert_eq!(messages.len() as u64, loaded.head - BASE);
    writer.close().await.unwrap();
    loaded.head
}

#[tokio::test]
async fn a_power_cut_at_any_byte_leaves_whole_batches() {
    let mut file = SessionFile::new().await;
    let ada = file.member("Ada").await;
    let kitchen = file.room(ada, "Kitchen").await;
    let mut file = file.reopen().await;
    for _ in 0..8 {
        file.writer
            .commit(&messages(ada, kitchen, file.head))
            .await
            .unwrap();
        file.head += BATCH;
    }
    // What would be on the disk: the log beside the file only grows until it is brought into it.
    let bytes = std::fs::read(file.path()).unwrap();
    let log = std::fs::read(file.path().with_extension("hearth-wal")).unwrap();
    const FRAME: usize = 24 + 4096;
    let frames = (log.len() - 32) / FRAME;
    assert!(frames > 30, "{frames}");
    let mut heads = Vec::new();
    for frame in (0..=frames).rev().step_by(3) {
        for cut in [0, 20, 3_000] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("garden.hearth");
            std::fs::write(&path, &bytes).unwrap();
            let end = (32 + frame * FRAME + cut).min(log.len());
            std::fs::write(folder.path().join("garden.hearth-wal"), &log[..end]).unwrap();
            heads.push(assert_whole(&path).await);
        }
    }
    assert_eq!(
        heads[0], file.head,
        "with the whole log everything is there"
    );
    assert!(
        heads.contains(&BASE) && heads.contains(&(BASE + 4 * BATCH)),
        "{heads:?}"
    );
}

/// The other process's part: holds the file until it is killed.
#[tokio::test]
async fn holds_the_file() {
    let Some(path) = std::env::var_os(FILE).map(PathBuf::from) else {
        return;
    };
    let _held = hearth_store::open(&path).await.unwrap();
    say("held ");
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn a_second_process_is_kept_out_until_the_first_has_ended() {
    let file = SessionFile::new().await;
    let path = file.path();
    let folder = file.close().await;
    let (mut child, mut lines) = other_process("crash::holds_the_file", &path);
    next(&mut lines, "held ");
    let before = std::fs::read(&path).unwrap();

    let refused = hearth_store::open(&path).await.unwrap_err();
    assert!(matches!(refused, OpenError::InUse), "{refused}");
    let refused = hearth_store::create(&path, &crate::support::new_session())
        .await
        .unwrap_err();
    assert!(matches!(refused, OpenError::InUse), "{refused}");
    assert_eq!(std::fs::read(&path).unwrap(), before);

    child.kill();
    let (mut writer, _) = hearth_store::open(&path).await.unwrap();
    writer.load().await.unwrap();
    drop(folder);
}

#[tokio::test]
async fn a_commit_that_is_given_up_half_way_is_there_whole_or_not_at_all() {
    let mut file = SessionFile::new().await;
    let ada = file.member("Ada").await;
    let kitchen = file.room(ada, "Kitchen").await;
    for patience in 0..60 {
        let batch = messages(ada, kitchen, file.head);
        // Polled a few times, then dropped, as when the session's task is cancelled.
        let mut commit = Box::pin(file.writer.commit(&batch));
        for _ in 0..patience {
            if futures::poll!(&mut commit).is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(commit);
        let head = file.writer.load().await.unwrap().head;
        assert!([file.head, file.head + BATCH].contains(&head));
        file.head = head;
    }
    file.writer
        .commit(&messages(ada, kitchen, file.head))
        .await
        .unwrap();
    file.head += BATCH;
    assert_eq!(file.facts().await.len() as u64, file.head);
    let projected = file.dump(&PROJECTIONS).await;
    file.writer.rebuild().await.unwrap();
    assert_eq!(file.dump(&PROJECTIONS).await, projected);
}
