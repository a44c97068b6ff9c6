//! What goes out to one socket: a queue bounded in packets and in bytes.
//!
//! Nobody waits for the slow. Whoever puts something in never waits; when the queue is full it is
//! cut, once and for good, and its socket is disconnected: it comes back and replays what it
//! missed. Nothing is ever skipped.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

use hearth_protocol::id::AskId;
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::{Notify, mpsc};

use crate::bundle::Bundle;

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
#[repr(u8)]
pub enum Cut {
    /// It did not read fast enough.
    Slow = 1,
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

impl Cut {
    const ALL: [Self; 6] = [
        Self::Slow,
        Self::Overrun,
        Self::SignedOut,
        Self::Removed,
        Self::Replaced,
        Self::Stopping,
    ];
}

#[derive(Debug, Default)]
struct Fill {
    packets: AtomicUsize,
    bytes: AtomicUsize,
}

/// Whether a feed has ended.
#[derive(Debug, Default)]
struct End {
    /// The reason's number; 0 while there is none.
    reason: AtomicU8,
    came: Notify,
}

impl End {
    fn reason(&self) -> Option<Cut> {
        let number = self.reason.load(Ordering::Acquire);
        Cut::ALL.into_iter().find(|cut| *cut as u8 == number)
    }
}

/// The end that puts things in. Cloning shares the queue.
#[derive(Debug, Clone)]
pub struct FeedSender {
    // Unbounded as a channel: `fill` is the bound, and counts packets and bytes, which a channel
    // cannot.
    queue: mpsc::UnboundedSender<Item>,
    fill: Arc<Fill>,
    end: Arc<End>,
    max_packets: usize,
    max_bytes: usize,
}

/// The end that a socket's task reads.
#[derive(Debug)]
pub struct FeedReceiver {
    queue: mpsc::UnboundedReceiver<Item>,
    fill: Arc<Fill>,
    end: Arc<End>,
}

/// What is in the queue.
#[derive(Debug)]
enum Item {
    Out(Out),
    /// Wakes whoever waits for something: the feed has ended.
    End,
}

/// A queue of at most this many packets and bytes.
pub fn channel(max_packets: usize, max_bytes: usize) -> (FeedSender, FeedReceiver) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let (fill, end) = (Arc::new(Fill::default()), Arc::new(End::default()));
    (
        FeedSender {
            queue: sender,
            fill: fill.clone(),
            end: end.clone(),
            max_packets,
            max_bytes,
        },
        FeedReceiver {
            queue: receiver,
            fill,
            end,
        },
    )
}

impl FeedSender {
    /// Puts `out` in, or cuts the feed when it does not fit. An empty queue takes anything: one
    /// page may be larger than the bound.
    pub fn send(&self, out: Out) {
        if self.is_cut() {
            return;
        }
        let (packets, bytes) = (out.packets(), out.bytes());
        let before = self.fill.packets.fetch_add(packets, Ordering::AcqRel);
        let before_bytes = self.fill.bytes.fetch_add(bytes, Ordering::AcqRel);
        let full = before + packets > self.max_packets || before_bytes + bytes > self.max_bytes;
        if (full && before > 0) || self.queue.send(Item::Out(out)).is_err() {
            self.cut(Cut::Slow);
        }
    }

    /// Whether there is room for a signal without pressing anything else out: signals are dropped
    /// long before facts would be cut.
    pub fn has_room_for_signals(&self) -> bool {
        self.fill.packets.load(Ordering::Acquire) < self.max_packets / 4
            && self.fill.bytes.load(Ordering::Acquire) < self.max_bytes / 4
    }

    /// Ends the feed. The first reason counts.
    pub fn cut(&self, reason: Cut) {
        let set =
            self.end
                .reason
                .compare_exchange(0, reason as u8, Ordering::AcqRel, Ordering::Acquire);
        if set.is_ok() {
            self.end.came.notify_waiters();
            // Its reader may be gone already.
            let _ = self.queue.send(Item::End);
        }
    }

    /// Whether it has ended.
    pub fn is_cut(&self) -> bool {
        self.end.reason().is_some()
    }
}

impl FeedReceiver {
    /// The next thing for the socket, or why there will be none. A feed that stops because the
    /// session is being closed gives out what was in it first.
    pub async fn recv(&mut self) -> Result<Out, Cut> {
        loop {
            match self.end.reason() {
                Some(Cut::Stopping) => return self.taken().ok_or(Cut::Stopping),
                Some(reason) => return Err(reason),
                None => {}
            }
            match self.queue.recv().await {
                Some(Item::Out(out)) if !self.is_cut_off() => return Ok(self.count_out(out)),
                // Whatever was next, it ends here.
                Some(Item::Out(_) | Item::End) => {}
                None => return Err(Cut::Stopping),
            }
        }
    }

    /// Whether the feed was cut, other than by the session's end.
    pub fn is_cut_off(&self) -> bool {
        let reason = self.end.reason();
        reason.is_some_and(|reason| reason != Cut::Stopping)
    }

    /// Waits until the feed is cut, other than by the session's end, and takes nothing out: for a
    /// socket's task that waits for its peer to take what it has already.
    pub async fn cut_off(&mut self) -> Cut {
        let came = self.end.came.notified();
        if self.end.reason().is_none() {
            came.await;
        }
        match self.end.reason() {
            Some(reason) if reason != Cut::Stopping => reason,
            // There is one reason only, and it is in the feed.
            _ => std::future::pending().await,
        }
    }

    /// The next thing if one is there already.
    pub fn taken(&mut self) -> Option<Out> {
        loop {
            match self.queue.try_recv().ok()? {
                Item::Out(out) => return Some(self.count_out(out)),
                Item::End => {}
            }
        }
    }

    fn count_out(&self, out: Out) -> Out {
        self.fill.packets.fetch_sub(out.packets(), Ordering::AcqRel);
        self.fill.bytes.fetch_sub(out.bytes(), Ordering::AcqRel);
        out
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
