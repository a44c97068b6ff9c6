//! A new copy in the place of one that is set aside, and what it takes over from that: where to find
//! it, and what the host had refused, which is still to be offered.

use std::path::Path;

use hearth_protocol::http::StoredFile;
use hearth_store::{
    Batch, EarlierCopy, NewCopy, OpenError, OutboxRow, Reader, StoreError, WAITING_FILE, Write,
    Writer, create_copy,
};

use super::file::{anew, exchange, remove};

/// Makes a copy in the place of the closed one in `file`, which is set aside under the name `aside`
/// in the same folder, and opens it. Where that fails the old one stays as it is.
pub(crate) async fn replace(
    file: &Path,
    aside: &Path,
    new: &NewCopy,
) -> Result<(Writer, Reader), OpenError> {
    let made = anew(file);
    // Of a time when it was stopped on the way.
    remove(&made);
    let written = make(file, aside, &made, new).await;
    let exchanged = written.and_then(|()| Ok(exchange(file, aside)?));
    exchanged.inspect_err(|_| {
        if file.exists() {
            remove(&made);
        }
    })?;
    hearth_store::open(file).await
}

async fn make(file: &Path, aside: &Path, made: &Path, new: &NewCopy) -> Result<(), OpenError> {
    let (mut writer, reader) = create_copy(made, new).await?;
    let written = carry_over(file, aside, &mut writer).await;
    drop(reader);
    let closed = writer.close().await;
    written?;
    Ok(closed?)
}

/// Writes into the new copy what is in the one in `file`, which will be called `aside`: the bytes of
/// files first, then all that speaks of them in one transaction.
async fn carry_over(file: &Path, aside: &Path, new: &mut Writer) -> Result<(), OpenError> {
    let (before, reader) = hearth_store::open(file).await?;
    let written = write_over(aside, &reader, new).await;
    before.close().await?;
    Ok(written?)
}

async fn write_over(aside: &Path, reader: &Reader, new: &mut Writer) -> Result<(), StoreError> {
    let refused = reader.outbox_refused().await?;
    for row in &refused {
        if row.call.call == WAITING_FILE {
            copy_bytes(&row.call.payload, reader, new).await?;
        }
    }
    commit(new, taken_over(aside, reader, refused).await?).await
}

/// The bytes of a refused file, which nobody else may have.
async fn copy_bytes(said: &str, reader: &Reader, new: &mut Writer) -> Result<(), StoreError> {
    let Ok(StoredFile { hash, size, .. }) = serde_json::from_str(said) else {
        return Ok(());
    };
    let mut part = 0;
    while let Some(bytes) = reader.file_part(hash, part).await? {
        let write = Write::FilePart {
            hash,
            size,
            part,
            bytes,
        };
        commit(new, vec![write]).await?;
        part += 1;
    }
    Ok(())
}

async fn commit(new: &mut Writer, other: Vec<Write>) -> Result<(), StoreError> {
    let batch = Batch {
        other,
        ..Batch::default()
    };
    new.commit(&batch).await
}

async fn taken_over(
    aside: &Path,
    reader: &Reader,
    refused_calls: Vec<OutboxRow>,
) -> Result<Vec<Write>, StoreError> {
    // Copies from before that one: something of them may still be offered.
    let mut writes: Vec<_> = reader
        .earlier()
        .await?
        .into_iter()
        .map(|copy| {
            Write::Earlier(EarlierCopy {
                is_ready: false,
                ..copy
            })
        })
        .collect();
    let name = aside.file_name().unwrap_or_default().to_string_lossy();
    writes.push(Write::Earlier(EarlierCopy {
        file: name.into_owned(),
        is_ready: false,
        discarded: Vec::new(),
    }));
    writes.extend(refused(refused_calls));
    Ok(writes)
}

/// Each bundle as it was: what needs the refused call is in it too.
fn refused(rows: Vec<OutboxRow>) -> impl Iterator<Item = Write> {
    rows.into_iter().flat_map(|row| {
        let id = row.call.id;
        let refusal = row.error.map(|error| Write::OutboxRefused { id, error });
        // First the refused one: what comes after it and needs it is put into its bundle.
        std::iter::once(Write::Outbox(row.call)).chain(refusal)
    })
}

#[cfg(test)]
mod tests {
    use hearth_protocol::error::{CallError, Code};
    use hearth_protocol::object::{Admission, Browsers};
    use hearth_protocol::{
        CallId, FileHash, MemberId, Name, Role, RunId, Session, SessionId, Timestamp,
    };
    use hearth_store::{CopyHost, FILE_PART_BYTES, OutboxCall};
    use serde_json::json;

    use super::*;

    fn new_copy() -> NewCopy {
        NewCopy {
            session: Session {
                id: SessionId::new(),
                name: Name::new("Tea").expect("a name"),
                run: RunId::new(),
                admission: Admission::Ask,
                guests: Role::Editor,
                browsers: Browsers::Encrypted,
            },
            member: MemberId::new(),
            host: CopyHost {
                addresses: Vec::new(),
                fingerprint: None,
                token: "a token".to_owned(),
            },
        }
    }

    fn call(name: &str, needs: &[CallId]) -> OutboxCall {
        OutboxCall {
            id: CallId::new(),
            call: name.to_owned(),
            payload: "{}".to_owned(),
            facts: Vec::new(),
            needs: needs.to_vec(),
            made_at: Timestamp(0),
        }
    }

    #[tokio::test]
    async fn what_the_host_had_refused_is_offered_by_the_new_copy_too() {
        let folder = tempfile::tempdir().expect("a folder");
        let [before, file] =
            ["before.hearth", "session.hearth"].map(|name| folder.path().join(name));
        let new = new_copy();
        let (mut old, old_reader) = create_copy(&file, &new).await.expect("made");
        let (room, waits) = (call("room:create", &[]), call("message:send", &[]));
        let note = call("note:create", &[room.id]);
        let refusal = CallError::new(Code::Gone, "It is gone.");
        let earlier = EarlierCopy {
            file: "long-before.hearth".to_owned(),
            is_ready: true,
            discarded: vec!["note/1".to_owned()],
        };
        let mut picture = call(WAITING_FILE, &[room.id]);
        let (hash, size) = (FileHash([7; 32]), FILE_PART_BYTES as u64 + 3);
        let said = json!({ "id": picture.id, "room": room.id, "hash": hash, "size": size,
            "name": "a.png", "type": "image/png" });
        picture.payload = said.to_string();
        let calls = [&room, &note, &picture, &waits].map(|one| Write::Outbox(one.clone()));
        let mut other = calls.to_vec();
        let bytes = [vec![1; FILE_PART_BYTES], vec![2; 3]];
        other.extend(
            (0..)
                .zip(bytes.clone())
                .map(|(part, bytes)| Write::FilePart {
                    hash,
                    size,
                    part,
                    bytes,
                }),
        );
        other.push(Write::OutboxRefused {
            id: room.id,
            error: refusal,
        });
        other.push(Write::Earlier(earlier.clone()));
        let batch = Batch {
            other,
            ..Batch::default()
        };
        old.commit(&batch).await.expect("written");
        let refused = old_reader.outbox_refused().await.expect("read");
        assert_eq!(refused.len(), 3, "the others need the room");
        old.close().await.expect("closed");

        let replaced = replace(&file, &before, &new).await;
        let (writer, reader) = replaced.expect("carried over");
        assert_eq!(reader.outbox_refused().await.expect("read"), refused);
        for (part, bytes) in (0..).zip(bytes) {
            let kept = reader.file_part(hash, part).await.expect("read");
            assert!(kept == Some(bytes), "part {part}");
        }
        // What had waited is offered as what it made, and not sent into another history.
        assert_eq!(reader.outbox(0, 9).await.expect("read"), []);
        let known = reader.earlier().await.expect("read");
        let is_ready = false;
        let long_before = EarlierCopy {
            is_ready,
            ..earlier
        };
        let just_before = EarlierCopy {
            file: "before.hearth".to_owned(),
            is_ready,
            discarded: Vec::new(),
        };
        assert_eq!(known, [long_before, just_before]);
        writer.close().await.expect("closed");
    }
    #[tokio::test]
    async fn where_no_copy_can_be_made_the_old_one_stays_in_its_place() {
        let folder = tempfile::tempdir().expect("a folder");
        let [before, file] =
            ["before.hearth", "session.hearth"].map(|name| folder.path().join(name));
        let new = new_copy();
        let (old, _) = create_copy(&file, &new).await.expect("made");
        old.close().await.expect("closed");
        // Nothing can be written there.
        std::fs::create_dir(anew(&file)).expect("made");
        replace(&file, &before, &new).await.expect_err("no copy");
        assert!(!before.exists());
        std::fs::remove_dir(anew(&file)).expect("removed");
        // What was made before is no better than nothing.
        std::fs::write(anew(&file), "half of a copy").expect("written");
        let replaced = replace(&file, &before, &new).await;
        let (new, reader) = replaced.expect("a copy");
        assert_eq!(
            reader.earlier().await.expect("read")[0].file,
            "before.hearth"
        );
        assert!(before.exists() && !anew(&file).exists());
        new.close().await.expect("closed");
    }
}
