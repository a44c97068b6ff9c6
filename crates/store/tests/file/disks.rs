//! On a full disk and in a read-only place nothing is lost, and the error says which it is. Each test
//! has a file system of its own, in a mount namespace of its own.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

use hearth_protocol::FactKind;
use hearth_store::{OpenError, StoreError};

use crate::refusals::filled;
use crate::support::{fact, message, new_session};

const FOLDER: &str = "HEARTH_STORE_TEST_FOLDER";

/// Runs the test `name` as a process of its own, in a file system mounted for it alone.
fn run_in(mount: &str, name: &str) {
    if !may_mount() {
        let said = format!("{name}: this user may not mount anything, so it was left out");
        // Past the harness, which would keep it to itself.
        let mut out = std::io::stderr();
        writeln!(out, "{said}").unwrap();
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let output = own_mounts(&format!("{mount} && exec \"$@\""))
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", name, "--test-threads=1"])
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}"
    );
}

/// A shell whose mounts nobody else sees, and that end with it.
fn own_mounts(script: &str) -> Command {
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount", "sh", "-ec", script, "sh"]);
    command
}

/// Some systems let only root do this, even in a namespace of one's own.
fn may_mount() -> bool {
    let tried = own_mounts("mount -t tmpfs none /mnt").output();
    tried.is_ok_and(|output| output.status.success())
}

/// The folder, in the process that has it.
fn folder() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(PathBuf::from)
}

#[test]
fn on_a_full_disk_nothing_is_lost_and_everything_says_so() {
    let mount = format!("mount -t tmpfs -o size=1000k none \"${FOLDER}\"");
    run_in(&mount, "disks::fills_the_disk");
}

/// The other process's part.
#[tokio::test]
async fn fills_the_disk() {
    let Some(folder) = folder() else { return };
    let path = folder.join("garden.hearth");
    let (mut writer, reader) = hearth_store::create(&path, &new_session()).await.unwrap();
    let ada = crate::support::member("Ada");
    let room = crate::support::room("Kitchen");
    let (by, kitchen) = (ada.id, room.id);
    let mut head = 0;
    let batch = |kinds: Vec<FactKind>, head: u64| {
        let facts = (head + 1..)
            .zip(kinds)
            .map(|(seq, kind)| {
                let new = fact(None, None, kind);
                let fact = hearth_protocol::Fact {
                    seq: Some(seq),
                    ..(*new.fact).clone()
                };
                hearth_store::NewFact {
                    fact: fact.into(),
                    ..new
                }
            })
            .collect();
        hearth_store::Batch {
            facts,
            other: vec![],
        }
    };
    let first = vec![
        FactKind::MemberJoined { member: ada },
        FactKind::RoomCreated { room },
    ];
    writer.commit(&batch(first, head)).await.unwrap();
    head += 2;
    let mut refused = 0;
    while refused < 3 {
        let message = message(by, kitchen, head + 1, &"x".repeat(3_000));
        let post = batch(vec![FactKind::MessagePosted { message }], head);
        match writer.commit(&post).await {
            Ok(()) => head += 1,
            Err(StoreError::Full) => refused += 1,
            Err(other) => panic!("{other:?}"),
        }
        // Nobody is told that something is there which is not.
        assert_eq!(writer.load().await.unwrap().head, head);
    }
    assert!(head > 10, "{head}");
    let facts = reader
        .facts(0, head, usize::MAX, |_| true)
        .await
        .unwrap()
        .facts;
    assert_eq!(facts.len() as u64, head);

    // Another session finds no room.
    let other = folder.join("other.hearth");
    let full = hearth_store::create(&other, &new_session())
        .await
        .unwrap_err();
    assert!(matches!(full, OpenError::Full), "{full:?}");

    // Copying the log into the file needs no more room than the two have, or says so; either
    // way everything acknowledged is there when there is room again.
    let _ = writer.close().await;
    let remount = Command::new("mount")
        .args(["-o", "remount,size=4m"])
        .arg(&folder)
        .status()
        .unwrap();
    assert!(remount.success());
    let (mut writer, _) = hearth_store::open(&path).await.unwrap();
    assert_eq!(writer.load().await.unwrap().head, head);
    hearth_store::create(&other, &new_session()).await.unwrap();
}

#[test]
fn a_session_is_not_opened_on_a_disk_without_room_for_it() {
    let mount = format!("mount -t tmpfs -o size=1000k none \"${FOLDER}\"");
    run_in(&mount, "disks::opens_on_a_full_disk");
}

/// The other process's part.
#[tokio::test]
async fn opens_on_a_full_disk() {
    let Some(folder) = folder() else { return };
    let (_elsewhere, path, bytes) = filled().await;
    let full = folder.join("garden.hearth");
    std::fs::copy(path, &full).unwrap();
    // All there is left.
    let mut ballast = std::fs::File::create(folder.join("ballast")).unwrap();
    while std::io::Write::write_all(&mut ballast, &[0; 512]).is_ok() {}
    let refused = hearth_store::open(&full).await.unwrap_err();
    assert!(matches!(refused, OpenError::Full), "{refused:?}");
    assert_eq!(std::fs::read(&full).unwrap(), bytes);
}

#[test]
fn in_a_read_only_place_nothing_is_opened_or_made() {
    let mount = format!(
        "mount -t tmpfs none \"${FOLDER}\" && \
         touch \"${FOLDER}/garden.hearth.lock\" && \
         cp \"$HEARTH_STORE_TEST_COPY\" \"${FOLDER}/garden.hearth\" && \
         mount -o remount,ro \"${FOLDER}\""
    );
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (_elsewhere, path, _) = runtime.block_on(filled());
    let mount = format!("HEARTH_STORE_TEST_COPY='{}'; {mount}", path.display());
    run_in(&mount, "disks::opens_in_a_read_only_place");
}

/// The other process's part.
#[tokio::test]
async fn opens_in_a_read_only_place() {
    let Some(folder) = folder() else { return };
    let path = folder.join("garden.hearth");
    let before = std::fs::read(&path).unwrap();
    let refused = hearth_store::open(&path).await.unwrap_err();
    assert!(matches!(refused, OpenError::ReadOnly), "{refused:?}");
    let refused = hearth_store::create(&folder.join("new"), &new_session())
        .await
        .unwrap_err();
    assert!(matches!(refused, OpenError::ReadOnly), "{refused:?}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_file_that_may_not_be_written_is_not_opened() {
    let mount = format!("mount -t tmpfs -o size=8m none \"${FOLDER}\"");
    run_in(&mount, "disks::opens_a_read_only_file");
}

/// The other process's part.
#[tokio::test]
async fn opens_a_read_only_file() {
    let Some(folder) = folder() else { return };
    let path = folder.join("garden.hearth");
    let (writer, _) = hearth_store::create(&path, &new_session()).await.unwrap();
    writer.close().await.unwrap();
    let status = Command::new("sh")
        .args([
            "-ec",
            "mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro \"$0\"",
        ])
        .arg(&path)
        .status()
        .unwrap();
    assert!(status.success());
    let before = std::fs::read(&path).unwrap();
    let refused = hearth_store::open(&path).await.unwrap_err();
    assert!(matches!(refused, OpenError::ReadOnly), "{refused:?}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}
