use std::future::{Future, poll_fn};
use std::pin::pin;
use std::time::Duration;

use futures::FutureExt;
use tokio::io::{AsyncReadExt, DuplexStream, duplex};
use tokio::time::timeout;

use super::super::frames::text_frame;
use super::*;

const DEADLINE: Duration = Duration::from_secs(10);

/// Takes so much at a time.
const ROOM: usize = 64;

async fn lane() -> (Arc<Lane>, DuplexStream) {
    let (near, mut far) = duplex(ROOM);
    let lane = Arc::new(Lane::new(Box::pin(near), CancellationToken::new()));
    lane.switch();
    let head = b"HTTP/1.1 101 Switching Protocols\r\n\r\n";
    write(&lane, head).await;
    far.read_exact(&mut vec![0; head.len()])
        .await
        .expect("the head");
    (lane, far)
}

/// Writes as the library does.
async fn write(lane: &Lane, bytes: &[u8]) {
    let mut written = 0;
    while written < bytes.len() {
        let rest = &bytes[written..];
        written += poll_fn(|context| lane.poll_write(context, rest))
            .await
            .expect("it is open");
    }
}

async fn is_pending(future: impl Future) -> bool {
    let mut future = pin!(future);
    poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_pending())).await
}

#[tokio::test]
async fn frames_of_two_writers_follow_each_other_whole() {
    let (lane, mut far) = lane().await;
    let (theirs, ours) = (text_frame(&[&[b'a'; 300]]), text_frame(&[&[b'b'; 300]]));
    let (begin, rest) = theirs.split_at(10);
    write_and_read(&lane, begin, &mut far).await;
    assert!(
        is_pending(lane.send(&ours)).await,
        "into the middle of another"
    );
    write_and_read(&lane, rest, &mut far).await;
    let mut sending = pin!(lane.send(&ours));
    assert!(is_pending(&mut sending).await, "there is not room for all");
    let mut read = vec![0; ours.len()];
    let (some, others) = read.split_at_mut(10);
    far.read_exact(some).await.expect("the beginning");
    let write_theirs = poll_fn(|context| lane.poll_write(context, &theirs));
    assert!(is_pending(write_theirs).await, "nor into ours");
    // By itself, so that it goes on only if it is woken.
    let (waits, next) = (lane.clone(), theirs.clone());
    let waits = tokio::spawn(async move { write(&waits, &next).await });
    let (sent, got) = tokio::join!(sending, far.read_exact(others));
    sent.and(got.map(drop)).expect("all of it");
    assert_eq!(read, ours);
    let mut read = vec![0; theirs.len()];
    let got = timeout(DEADLINE, far.read_exact(&mut read)).await;
    got.expect("the library is woken").expect("all of it");
    assert_eq!(read, theirs);
    waits.await.expect("all of it");
}

/// Writes as the library does, and sees nothing else come.
async fn write_and_read(lane: &Lane, bytes: &[u8], far: &mut DuplexStream) {
    let mut read = vec![0; bytes.len()];
    let (_, got) = tokio::join!(write(lane, bytes), far.read_exact(&mut read));
    got.expect("all of it");
    assert_eq!(read, bytes);
}

#[tokio::test]
async fn nothing_follows_a_frame_that_was_given_up_on() {
    let (lane, _far) = lane().await;
    let frame = text_frame(&[&[b'b'; 300]]);
    assert!(is_pending(lane.send(&frame)).await);
    assert!(lane.end.is_cancelled());
    let sent = lane.send(&frame).now_or_never().expect("at once");
    let error = sent.expect_err("it is broken");
    assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
}

#[tokio::test]
async fn whoever_waits_hears_that_the_connection_is_gone() {
    let (lane, _far) = lane().await;
    write(&lane, &[0x81, 100]).await;
    let frame = text_frame(&[b"b"]);
    let close = async {
        tokio::task::yield_now().await;
        lane.close();
    };
    let (sent, ()) = tokio::join!(lane.send(&frame), close);
    sent.expect_err("it is gone");
    assert!(!lane.told_connected(|_| false).await);
}
