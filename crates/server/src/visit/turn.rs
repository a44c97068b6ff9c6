//! The moment in which a client goes over from polling to a WebSocket.
//!
//! A poll that reaches the library looks whether a WebSocket is being taken up, and if not, takes
//! the queue of what is to be sent; whoever takes a WebSocket up says so, and takes the same queue
//! (`polling_req` and `upgrade_handshake` of engineioxide 0.17). A poll that is held up between its
//! two steps finds the queue taken, and the library ends the session, as if two had polled at once.
//! So nothing is taken up while a poll begins, and no poll begins until it is.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::Poll;

use crate::wire::Wire;

/// Whose turn it is.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    /// The WebSockets that are taken up, or were: one, but for clients that are not good ones.
    over_to: Mutex<Vec<Weak<Wire>>>,
}

impl Turn {
    /// From now on the library may take up the WebSocket on `wire`.
    pub(crate) fn go_over(&self, wire: &Arc<Wire>) {
        let mut over_to = self.over_to();
        over_to.retain(|wire| wire.strong_count() > 0);
        over_to.push(Arc::downgrade(wire));
    }

    /// What the library answers to a poll; `None`, without asking it, while it takes up a
    /// WebSocket. All that `answer` does before it first waits is done before one is taken up.
    pub(crate) async fn poll<T>(&self, answer: impl Future<Output = T>) -> Option<T> {
        let mut answer = pin!(answer);
        let begun = poll_fn(|context| {
            let over_to = self.over_to();
            let mut wires = over_to.iter().filter_map(Weak::upgrade);
            let waits = wires.any(|wire| wire.lane().is_being_taken_up());
            Poll::Ready((!waits).then(|| answer.as_mut().poll(context)))
        });
        match begun.await? {
            Poll::Ready(answer) => Some(answer),
            Poll::Pending => Some(answer.await),
        }
    }

    fn over_to(&self) -> MutexGuard<'_, Vec<Weak<Wire>>> {
        // The library answers while it is held, and what panics there is that one request's.
        self.over_to.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use futures::FutureExt;
    use tokio::io::{AsyncWriteExt, DuplexStream, duplex};
    use tokio_util::sync::CancellationToken;
    use tokio_util::task::TaskTracker;

    use super::super::tests::wire;
    use super::*;
    use crate::connections::Connections;
    use crate::wire::{WireStream, text_frame};

    /// A connection, its bytes as the library has them, and the client's end.
    fn connection() -> (Arc<Wire>, WireStream, DuplexStream) {
        let (near, far) = duplex(1_024);
        let wire = wire(near);
        let seat = Connections::new(1, 1).take(wire.address(), CancellationToken::new());
        let open = TaskTracker::new().token();
        let stream = WireStream::new(wire.clone(), seat.expect("a seat"), open);
        (wire, stream, far)
    }

    fn poll_now(turn: &Turn) -> Option<&'static str> {
        turn.poll(ready("answered"))
            .now_or_never()
            .expect("at once")
    }

    #[tokio::test]
    async fn no_poll_begins_while_a_web_socket_is_taken_up() {
        let (turn, (wire, mut stream, _far)) = (Turn::default(), connection());
        assert_eq!(poll_now(&turn), Some("answered"));
        turn.go_over(&wire);
        assert_eq!(poll_now(&turn), None);
        wire.lane().switch();
        let head = b"HTTP/1.1 101 Switching Protocols\r\n\r\n";
        stream.write_all(head).await.expect("written");
        assert_eq!(poll_now(&turn), None);
        let probe = text_frame(&[b"3probe"]);
        stream.write_all(&probe).await.expect("written");
        assert_eq!(poll_now(&turn), Some("answered"));
    }

    #[tokio::test]
    async fn a_web_socket_that_is_gone_keeps_no_poll_back() {
        let (turn, (wire, stream, _far)) = (Turn::default(), connection());
        let (other, other_stream, _other_far) = connection();
        turn.go_over(&wire);
        turn.go_over(&other);
        drop(other_stream);
        assert_eq!(poll_now(&turn), None, "one is left");
        drop(stream);
        assert_eq!(poll_now(&turn), Some("answered"));
    }

    #[tokio::test]
    async fn nothing_is_taken_up_while_a_poll_begins() {
        let turn = Turn::default();
        let mut held = Vec::new();
        let answer = poll_fn(|context| {
            held.push(turn.over_to.try_lock().is_err());
            context.waker().wake_by_ref();
            match held.len() {
                1 => Poll::Pending,
                _ => Poll::Ready(()),
            }
        });
        turn.poll(answer).await.expect("nothing keeps it back");
        assert_eq!(held, [true, false], "to begin, and not while it waits");
    }
}
