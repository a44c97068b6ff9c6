//! What goes out to one socket: a queue bounded in packets and in bytes.
//!
//! Nobody waits for the slow. Whoever puts something in never waits; when the queue is full it is
//! cut, once and for good, and its socket is disconnected: it comes back and replays what it
//! missed. Nothing is ever skipped.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use hearth_protocol::id::AskId;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::bundle::Bundle;

/// The places that an empty queue keeps.
const KEPT_PLACES: usize = 16;

/// A number the server gives to a call that wants an answer, and gets back with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ticket(pub u64);

/// One thing for a socket.
#[derive(Debug, Clone)]
pub enum Out {
    /// The acknowledgement of a call: `{"ok": …}` or `{"error": …}`, whole.
    Answer {
        /// The call's ticket.
        ticket: Ticket,
        /// What to answer.
        answer: Arc<RawValue>,
    },
    /// Facts that were committed together.
    Facts {
        /// In order.
        facts: Arc<Bundle>,
        /// As one `facts` event rather than one event each.
        batch: bool,
    },
    /// Something that is true now.
    Signal {
        /// The event's name.
        event: &'static str,
        /// Its payload.
        payload: Arc<RawValue>,
    },
    /// A `request`, to be emitted with an acknowledgement.
    Request {
        /// Which.
        ask: AskId,
        /// Its payload.
        payload: Arc<RawValue>,
    },
}

impl Out {
    /// A signal with this payload.
    pub fn signal(event: &'static str, payload: &impl Serialize) -> Self {
        Self::Signal {
            event,
            payload: to_raw(payload),
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Answer { answer, .. } => answer.get().len(),
            Self::Facts { facts, .. } => facts.bytes(),
            Self::Signal { payload, .. } | Self::Request { payload, .. } => payload.get().len(),
        }
    }

    fn packets(&self) -> usize {
        match self {
            Self::Facts {
                facts,
                batch: false,
            } => facts.facts().len(),
            _ => 1,
        }
    }
}

/// Why a feed ended. The server disconnects the socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// It did not read fast enough.
    Slow,
    /// It sent more than its queue takes.
    Overrun,
    /// Its sign-in was ended.
    SignedOut,
    /// The host removed its member.
    Removed,
    /// A newer socket of the same member took its place.
    Replaced,
    /// The session is being closed.
    Stopping,
}

/// What both ends share.
#[derive(Debug, Default)]
struct Queue {
    outs: VecDeque<Out>,
    packets: usize,
    bytes: usize,
    /// Why there will be no more.
    end: Option<Cut>,
    /// The socket's task, where it waits.
    reader: Option<Waker>,
}

/// The end that puts things in. Cloning shares the queue.
#[derive(Debug, Clone)]
pub struct FeedSender {
    // Nothing is called while holding it but what is here. A channel of the runtime would set
    // places for 32 aside for each socket, and cannot count bytes.
    queue: Arc<Mutex<Queue>>,
    max_packets: usize,
    max_bytes: usize,
}

/// The end that a socket's task reads.
#[derive(Debug)]
pub struct FeedReceiver {
    queue: Arc<Mutex<Queue>>,
}

/// A queue of at most this many packets and bytes.
pub fn channel(max_packets: usize, max_bytes: usize) -> (FeedSender, FeedReceiver) {
    let queue = Arc::<Mutex<Queue>>::default();
    let sender = FeedSender {
        queue: queue.clone(),
        max_packets,
        max_bytes,
    };
    (sender, FeedReceiver { queue })
}

fn lock(queue: &Mutex<Queue>) -> MutexGuard<'_, Queue> {
    // Every change is one step, so a panic leaves nothing half done; and none may follow while one
    // is under way, when the ends are dropped.
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Queue {
    fn put(&mut self, out: Out) {
        self.packets += out.packets();
        self.bytes += out.bytes();
        self.outs.push_back(out);
    }

    fn take(&mut self) -> Option<Out> {
        let out = self.outs.pop_front()?;
        self.packets -= out.packets();
        self.bytes -= out.bytes();
        if self.outs.is_empty() && self.outs.capacity() > KEPT_PLACES {
            self.outs = VecDeque::new();
        }
        Some(out)
    }

    /// The first reason counts.
    fn cut(&mut self, reason: Cut) {
        self.end.get_or_insert(reason);
    }
}

impl FeedSender {
    /// Puts `out` in, or cuts the feed when it does not fit. An empty queue takes anything: one
    /// page may be larger than the bound.
    pub fn send(&self, out: Out) {
        let mut queue = lock(&self.queue);
        if queue.end.is_some() {
            return;
        }
        let full = queue.packets + out.packets() > self.max_packets
            || queue.bytes + out.bytes() > self.max_bytes;
        if full && queue.packets > 0 {
            queue.cut(Cut::Slow);
        } else {
            queue.put(out);
        }
        wake(queue);
    }

    /// Whether there is room for a signal without pressing anything else out: signals are dropped
    /// long before facts would be cut.
    pub fn has_room_for_signals(&self) -> bool {
        let queue = lock(&self.queue);
        queue.packets < self.max_packets / 4 && queue.bytes < self.max_bytes / 4
    }

    /// Ends the feed. The first reason counts.
    pub fn cut(&self, reason: Cut) {
        let mut queue = lock(&self.queue);
        queue.cut(reason);
        wake(queue);
    }

    /// Whether it has ended.
    pub fn is_cut(&self) -> bool {
        lock(&self.queue).end.is_some()
    }
}

fn wake(mut queue: MutexGuard<'_, Queue>) {
    let reader = queue.reader.take();
    drop(queue);
    if let Some(reader) = reader {
        reader.wake();
    }
}

impl FeedReceiver {
    /// The next thing for the socket, or why there will be none. A feed that stops because the
    /// session is being closed gives out what was in it first.
    pub async fn recv(&mut self) -> Result<Out, Cut> {
        let next = |queue: &mut Queue| match queue.end {
            Some(Cut::Stopping) => Some(queue.take().ok_or(Cut::Stopping)),
            Some(reason) => Some(Err(reason)),
            None => queue.take().map(Ok),
        };
        self.wait(next).await
    }

    /// Whether the feed was cut, other than by the session's end.
    pub fn is_cut_off(&self) -> bool {
        let end = lock(&self.queue).end;
        end.is_some_and(|reason| reason != Cut::Stopping)
    }

    /// Waits until the feed is cut, other than by the session's end, and takes nothing out: for a
    /// socket's task that waits for its peer to take what it has already.
    pub async fn cut_off(&mut self) -> Cut {
        // Where the session's end is the reason, there will be no other.
        self.wait(|queue| queue.end.filter(|reason| *reason != Cut::Stopping))
            .await
    }

    /// The next thing if one is there already.
    pub fn taken(&mut self) -> Option<Out> {
        lock(&self.queue).take()
    }

    async fn wait<T>(&mut self, look: impl Fn(&mut Queue) -> Option<T>) -> T {
        poll_fn(|context| {
            let mut queue = lock(&self.queue);
            match look(&mut queue) {
                Some(seen) => Poll::Ready(seen),
                None => {
                    queue.reader = Some(context.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }
}

impl Drop for FeedReceiver {
    /// What nobody will read is not kept.
    fn drop(&mut self) {
        let mut queue = lock(&self.queue);
        queue.cut(Cut::Slow);
        let outs = std::mem::take(&mut queue.outs);
        drop(queue);
        drop(outs);
    }
}

/// JSON text that was just written by serde.
pub(crate) fn raw(json: String) -> Box<RawValue> {
    RawValue::from_string(json).expect("serde_json writes valid JSON")
}

/// `value` as JSON, to be shared by many feeds.
pub(crate) fn to_raw(value: &impl Serialize) -> Arc<RawValue> {
    let raw = serde_json::value::to_raw_value(value).expect("wire types have string keys only");
    Arc::from(raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signal(text: &str) -> Out {
        Out::signal("achtung", &text)
    }

    #[tokio::test]
    async fn a_full_feed_is_cut_and_never_skips() {
        let (sender, mut receiver) = channel(2, 1_000);
        for text in ["a", "b", "c"] {
            sender.send(signal(text));
        }
        assert!(sender.is_cut());
        assert_eq!(receiver.recv().await.unwrap_err(), Cut::Slow);
    }

    #[tokio::test]
    async fn bytes_fill_a_feed_as_packets_do() {
        let (sender, mut receiver) = channel(100, 64);
        sender.send(signal(&"x".repeat(500)));
        assert!(!sender.is_cut(), "one large thing fits into an empty feed");
        assert!(receiver.recv().await.is_ok());
        sender.send(signal(&"x".repeat(40)));
        sender.send(signal(&"x".repeat(40)));
        assert!(sender.is_cut());
    }

    #[tokio::test]
    async fn a_session_that_stops_gives_out_what_it_has_acknowledged() {
        let (sender, mut receiver) = channel(10, 1_000);
        sender.send(signal("last"));
        sender.cut(Cut::Stopping);
        sender.send(signal("too late"));
        assert!(receiver.recv().await.is_ok());
        assert_eq!(receiver.recv().await.unwrap_err(), Cut::Stopping);
    }
}
