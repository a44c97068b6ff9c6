//! What waits for the host is kept in order until it has come back, and what the host refused for
//! good is kept together with what needed it.

use hearth_protocol::{CallError, CallId, Code, FactKind};
use hearth_store::{OutboxCall, OutboxCount, OutboxRow, Write};

use crate::support::{SessionFile, at, fact, room};

fn call(name: &str, needs: &[CallId]) -> OutboxCall {
    let made = fact(None, None, FactKind::RoomCreated { room: room("Shed") });
    OutboxCall {
        id: CallId::new(),
        call: name.to_owned(),
        payload: format!("{{\"name\":\"{name}\"}}"),
        facts: vec![hearth_protocol::Fact {
            pending: Some(true),
            ..(*made.fact).clone()
        }],
        needs: needs.to_vec(),
        made_at: at(4),
    }
}

fn names(rows: &[OutboxRow]) -> Vec<&str> {
    rows.iter().map(|row| &*row.call.call).collect()
}

fn gone() -> CallError {
    CallError::new(Code::Gone, "This room is gone for good.")
}

/// A room, a note in it, a message about the note, and something else.
async fn filled() -> (SessionFile, Vec<OutboxCall>) {
    let mut file = SessionFile::new().await;
    let shed = call("room:create", &[]);
    let note = call("note:create", &[shed.id]);
    let other = call("room:update", &[]);
    let message = call("message:send", &[note.id]);
    let calls = vec![shed, note, other, message];
    for call in &calls {
        file.write(vec![Write::Outbox(call.clone())]).await;
    }
    (file, calls)
}

#[tokio::test]
async fn calls_wait_in_order_across_openings_each_once() {
    let (mut file, calls) = filled().await;
    file.write(vec![Write::Outbox(calls[0].clone())]).await;
    let file = file.reopen().await;
    let waiting = file.reader.outbox(0, 9).await.unwrap();
    let kept: Vec<_> = waiting.iter().map(|row| row.call.clone()).collect();
    assert_eq!(kept, calls);
    let (first, rest) = waiting.split_first().unwrap();
    assert_eq!(file.reader.outbox(first.no, 2).await.unwrap(), rest[..2]);
    let count = file.reader.outbox_count().await.unwrap();
    assert_eq!(
        count,
        OutboxCount {
            waiting: 4,
            bundles: 0
        }
    );
}

#[tokio::test]
async fn a_call_that_came_back_goes_and_no_number_is_given_twice() {
    let (mut file, calls) = filled().await;
    for call in &calls {
        file.write(vec![Write::OutboxDone { id: call.id }]).await;
    }
    assert_eq!(file.reader.outbox(0, 9).await.unwrap(), []);
    file.write(vec![Write::Outbox(call("note:move", &[]))])
        .await;
    assert_eq!(file.reader.outbox(0, 9).await.unwrap()[0].no, 5);
}

#[tokio::test]
async fn a_refused_call_is_kept_with_all_that_needed_it() {
    let (mut file, calls) = filled().await;
    let id = calls[0].id;
    file.write(vec![Write::OutboxRefused { id, error: gone() }])
        .await;
    let mut file = file.reopen().await;
    assert_eq!(
        names(&file.reader.outbox(0, 9).await.unwrap()),
        ["room:update"]
    );
    let refused = file.reader.outbox_refused().await.unwrap();
    assert_eq!(
        names(&refused),
        ["room:create", "note:create", "message:send"]
    );
    assert!(refused.iter().all(|row| row.bundle == Some(1)));
    assert_eq!(refused[0].error, Some(gone()));
    assert_eq!((&refused[1].error, &refused[2].error), (&None, &None));

    // What is done about it later belongs to it, and an answer that comes late changes nothing.
    let late = call("note:edit", &[calls[1].id]);
    file.write(vec![Write::Outbox(late), Write::OutboxDone { id }])
        .await;
    let count = file.reader.outbox_count().await.unwrap();
    assert_eq!(
        count,
        OutboxCount {
            waiting: 1,
            bundles: 1
        }
    );
    assert_eq!(file.reader.outbox_refused().await.unwrap().len(), 4);

    file.write(vec![Write::OutboxDiscarded { bundle: 1 }]).await;
    let count = file.reader.outbox_count().await.unwrap();
    assert_eq!(
        count,
        OutboxCount {
            waiting: 1,
            bundles: 0
        }
    );
}

#[tokio::test]
async fn a_call_that_cannot_be_written_leaves_nothing_behind() {
    let (mut file, _) = filled().await;
    let broken = OutboxCall {
        payload: "{\"name\":".to_owned(),
        ..call("room:create", &[])
    };
    let fine = Write::Outbox(call("room:create", &[]));
    let tried = file
        .try_commit(vec![], vec![fine, Write::Outbox(broken)])
        .await;
    assert!(tried.is_err());
    assert_eq!(file.reader.outbox_count().await.unwrap().waiting, 4);
}
