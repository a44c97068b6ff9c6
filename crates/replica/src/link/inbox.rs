//! What the host tells, on its way to whoever takes it: in order, bounded, nothing left out.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio_util::sync::CancellationToken;

/// Events that may wait. As many as the host holds for one client.
const MOST_EVENTS: usize = 4_096;

/// And what they may take of memory, about. One event alone always fits.
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// Something that the host tells: facts by their name, `facts`, signals.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Which.
    pub name: String,
    /// What it holds.
    pub payload: Value,
}

/// More came than is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Full;

/// Everything that the host tells over one link, in its order.
#[derive(Debug)]
pub struct Events {
    queue: mpsc::Receiver<(Event, usize)>,
    waiting_bytes: Arc<AtomicUsize>,
    end: CancellationToken,
}

/// Where events are put in.
#[derive(Debug)]
pub(super) struct Inbox {
    queue: mpsc::Sender<(Event, usize)>,
    waiting_bytes: Arc<AtomicUsize>,
}

/// `end` is cancelled when nothing more is put in.
pub(super) fn inbox(end: CancellationToken) -> (Inbox, Events) {
    let (sender, queue) = mpsc::channel(MOST_EVENTS);
    let waiting_bytes = Arc::new(AtomicUsize::new(0));
    let inbox = Inbox {
        queue: sender,
        waiting_bytes: waiting_bytes.clone(),
    };
    let events = Events {
        queue,
        waiting_bytes,
        end,
    };
    (inbox, events)
}

impl Events {
    /// The next one; nothing once the link has ended and all that came before was taken.
    pub async fn recv(&mut self) -> Option<Event> {
        let taken = tokio::select! {
            biased;
            taken = self.queue.recv() => taken,
            () = self.end.cancelled() => self.queue.try_recv().ok(),
        };
        taken.map(|taken| self.take(taken))
    }

    /// The next one if it is there already.
    pub fn try_recv(&mut self) -> Option<Event> {
        let taken = self.queue.try_recv().ok();
        taken.map(|taken| self.take(taken))
    }

    fn take(&self, (event, bytes): (Event, usize)) -> Event {
        self.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
        event
    }
}

impl Inbox {
    /// Puts an event in, without waiting.
    pub(super) fn put(&self, event: Event) -> Result<(), Full> {
        let bytes = event.name.len() + weight(&event.payload);
        let waiting = self.waiting_bytes.fetch_add(bytes, Ordering::Relaxed);
        if waiting > 0 && waiting.saturating_add(bytes) > MOST_BYTES {
            return Err(Full);
        }
        match self.queue.try_send((event, bytes)) {
            // Whoever took them has gone, and the link with it.
            Ok(()) | Err(TrySendError::Closed(_)) => Ok(()),
            Err(TrySendError::Full(_)) => Err(Full),
        }
    }
}

/// About how much memory a value takes.
fn weight(value: &Value) -> usize {
    const EACH: usize = 32;
    match value {
        Value::String(text) => EACH + text.len(),
        Value::Array(list) => list.iter().map(weight).sum::<usize>() + EACH,
        Value::Object(fields) => {
            let fields = fields.iter();
            let fields = fields.map(|(key, value)| EACH + key.len() + weight(value));
            fields.sum::<usize>() + EACH
        }
        _ => EACH,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(payload: Value) -> Event {
        Event {
            name: "noteedited".to_owned(),
            payload,
        }
    }

    #[tokio::test]
    async fn what_does_not_fit_is_said_and_what_did_is_still_there_in_order() {
        let (inbox, mut events) = inbox(CancellationToken::new());
        let mut put = 0;
        while inbox.put(event(json!(put))).is_ok() {
            put += 1;
        }
        assert_eq!(put, MOST_EVENTS);
        drop(inbox);
        for number in 0..put {
            assert_eq!(events.recv().await, Some(event(json!(number))));
        }
        assert_eq!(events.recv().await, None);
    }

    #[test]
    fn few_events_that_are_large_do_not_fit_either() {
        let (inbox, mut events) = inbox(CancellationToken::new());
        let large = || event(json!("x".repeat(MOST_BYTES)));
        assert_eq!(inbox.put(large()), Ok(()));
        assert_eq!(inbox.put(event(json!(1))), Err(Full));
        events.try_recv().expect("the large one");
    }
}
