//! What a new copy takes over from the one that was set aside: where to find it, and what the host
//! had refused, which is still to be offered.

use std::path::Path;

use hearth_protocol::http::StoredFile;
use hearth_store::{
    Batch, EarlierCopy, OpenError, OutboxRow, Reader, StoreError, WAITING_FILE, Write, Writer,
};

/// Writes into the new copy what is in `aside`: the bytes of files first, then all that speaks of
/// them in one transaction.
pub(crate) async fn carry_over(aside: &Path, new: &mut Writer) -> Result<(), OpenError> {
    let (before, reader) = hearth_store::open(aside).await?;
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
    use hearth_store::{CopyHost, FILE_PART_BYTES, NewCopy, OutboxCall, create_copy};
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
        let [before, after] =
            ["before.hearth", "session.hearth"].map(|name| folder.path().join(name));
        let new = new_copy();
        let (mut old, old_reader) = create_copy(&before, &new).await.expect("made");
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

        let (mut writer, reader) = create_copy(&after, &new).await.expect("made");
        carry_over(&before, &mut writer)
            .await
            .expect("carried over");
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
}
