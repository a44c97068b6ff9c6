//! Files' bytes: stored once, in parts, and gone with the last room that had them.

use hearth_protocol::{FactKind, FileHash, MemberId, RoomId};
use hearth_store::{FILE_PART_BYTES, Write};

use crate::support::{SessionFile, assert_is_nowhere, fact, file_added};

/// Words long enough not to come about by chance.
const SECRET: &str = "a picture of the third stone from the left";

fn parts(hash: u8, parts: &[&[u8]]) -> Vec<Write> {
    let size = parts.iter().map(|bytes| bytes.len() as u64).sum();
    let part = |(part, bytes): (u64, &&[u8])| Write::FilePart {
        hash: FileHash([hash; 32]),
        size,
        part,
        bytes: bytes.to_vec(),
    };
    (0..).zip(parts).map(part).collect()
}

/// A file of three parts, the last a short one, that holds the secret.
fn large() -> [Vec<u8>; 3] {
    let full = SECRET.repeat(FILE_PART_BYTES / SECRET.len() + 1);
    let full = full.as_bytes()[..FILE_PART_BYTES].to_vec();
    [full.clone(), full, SECRET.as_bytes().to_vec()]
}

async fn add(file: &mut SessionFile, by: MemberId, room: RoomId, hash: u8, name: &str) {
    file.commit(vec![file_added(Some(by), room, hash, name)])
        .await;
}

async fn purge(file: &mut SessionFile, room: RoomId) {
    file.commit(vec![fact(None, None, FactKind::RoomPurged { room })])
        .await;
}

async fn sweep(file: &mut SessionFile, kept: &[FileHash]) {
    while file.writer.sweep_files(kept).await.unwrap() {}
}

#[tokio::test]
async fn a_file_is_whole_when_every_part_of_it_is_there_in_whatever_order() {
    let mut file = SessionFile::new().await;
    let hash = FileHash([7; 32]);
    let [one, two, three] = large();
    let writes = parts(7, &[&one, &two, &three]);
    assert!(!file.writer.has_bytes(hash).await.unwrap());
    for write in writes.iter().rev() {
        assert!(!file.writer.has_bytes(hash).await.unwrap());
        file.write(vec![write.clone()]).await;
    }
    assert!(file.writer.has_bytes(hash).await.unwrap());
    // Somebody else brings the same.
    file.write(writes).await;
    let mut file = file.reopen().await;
    assert!(file.writer.has_bytes(hash).await.unwrap());
    for (number, part) in [one, two, three].into_iter().enumerate() {
        let found = file.reader.file_part(hash, number as u64).await.unwrap();
        assert_eq!(found, Some(part));
    }
    assert_eq!(file.reader.file_part(hash, 3).await.unwrap(), None);
    assert_eq!(file.reader.file_part(hash, u64::MAX).await.unwrap(), None);
}

#[tokio::test]
async fn a_room_has_a_file_once_under_its_first_name_and_other_rooms_have_their_own() {
    let mut file = SessionFile::new().await;
    let ada = file.member("Ada").await;
    let (kitchen, cellar) = (
        file.room(ada, "Kitchen").await,
        file.room(ada, "Cellar").await,
    );
    add(&mut file, ada, kitchen, 1, "soup.png").await;
    add(&mut file, ada, kitchen, 1, "other.png").await;
    add(&mut file, ada, cellar, 1, "wine.png").await;
    let hash = FileHash([1; 32]);
    let found = file.reader.file(kitchen, hash).await.unwrap().unwrap();
    assert_eq!((found.name.as_str(), found.size), ("soup.png", 4));
    let found = file.writer.file(cellar, hash).await.unwrap().unwrap();
    assert_eq!(found.name.as_str(), "wine.png");
    let nowhere = file.reader.file(RoomId::new(), hash).await.unwrap();
    assert_eq!(nowhere, None);
    let other = FileHash([2; 32]);
    assert_eq!(file.reader.file(kitchen, other).await.unwrap(), None);
}

#[tokio::test]
async fn a_purged_room_takes_its_files_names_and_bytes_with_it() {
    let mut file = SessionFile::new().await;
    let ada = file.member("Ada").await;
    let cellar = file.room(ada, "Cellar").await;
    let [one, two, three] = large();
    file.write(parts(1, &[&one, &two, &three])).await;
    add(&mut file, ada, cellar, 1, SECRET).await;
    let added = file.head;

    purge(&mut file, cellar).await;
    sweep(&mut file, &[]).await;

    let hash = FileHash([1; 32]);
    assert_eq!(file.reader.file(cellar, hash).await.unwrap(), None);
    assert_eq!(file.reader.file_part(hash, 0).await.unwrap(), None);
    let json = file.facts().await[added as usize - 1].to_listed_json();
    assert!(json.contains("\"file_name\":\"…\""), "{json}");
    assert!(json.contains(&hash.to_string()), "{json}");
    assert_is_nowhere(file, SECRET).await;
}

#[tokio::test]
async fn bytes_stay_as_long_as_any_room_has_them_also_after_a_rebuild() {
    let mut file = SessionFile::new().await;
    let ada = file.member("Ada").await;
    let (cellar, kitchen) = (
        file.room(ada, "Cellar").await,
        file.room(ada, "Kitchen").await,
    );
    file.write(parts(1, &[b"soup"])).await;
    add(&mut file, ada, cellar, 1, "wine.png").await;
    purge(&mut file, cellar).await;
    add(&mut file, ada, kitchen, 1, "soup.png").await;
    file.writer.rebuild().await.unwrap();
    sweep(&mut file, &[]).await;
    let part = file.reader.file_part(FileHash([1; 32]), 0).await.unwrap();
    assert_eq!(part.as_deref(), Some(&b"soup"[..]));
}

#[tokio::test]
async fn a_sweep_takes_what_no_room_has_and_leaves_what_is_on_its_way() {
    let mut file = SessionFile::new().await;
    file.write(parts(1, &[b"left over"])).await;
    file.write(parts(2, &[b"on its way"])).await;
    let kept = FileHash([2; 32]);
    sweep(&mut file, &[kept]).await;
    assert!(!file.writer.has_bytes(FileHash([1; 32])).await.unwrap());
    assert!(file.writer.has_bytes(kept).await.unwrap());
    sweep(&mut file, &[]).await;
    assert!(!file.writer.has_bytes(kept).await.unwrap());
}
