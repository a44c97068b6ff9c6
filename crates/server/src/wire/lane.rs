//! The way out of a connection, which the libraries' frames and ours take in turns.
//!
//! What a library sends to one client goes through three queues, two tasks, and a buffer that
//! stays as large as its largest frame; and what goes to many is put into frames for each of them.
//! A frame from a server is the same for everybody (RFC 6455, section 5.1), so what the session
//! tells is put into one once, and written here by whoever has it, between two frames of the
//! library. The library goes on sending its own: pings, who is connected, who is put out.

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker, ready};

use futures::task::AtomicWaker;
use tokio::io::ReadBuf;
use tokio_util::sync::CancellationToken;

use super::frames::{Connected, Frames, Mark};
use crate::tls::Carrier;

/// A connection's bytes, shared by those who write them.
pub(crate) struct Lane {
    // Nothing is called while holding it that waits.
    road: Mutex<Road>,
    waiting: Arc<Waiting>,
    /// Whoever sends past the library does so one after the other.
    turn: tokio::sync::Mutex<()>,
    /// Ends the connection.
    end: CancellationToken,
}

struct Road {
    /// None once the connection is gone.
    carrier: Option<Pin<Box<dyn Carrier>>>,
    /// What the library writes.
    frames: Frames,
    /// Frames of ours are written in part.
    ours: bool,
    /// Wakes all that wait, because a carrier remembers one only.
    waker: Waker,
}

/// Who waits for something on the way out.
#[derive(Default)]
struct Waiting {
    library: AtomicWaker,
    sender: AtomicWaker,
}

impl Wake for Waiting {
    fn wake(self: Arc<Self>) {
        self.library.wake();
        self.sender.wake();
    }
}

/// Frames of ours on their way. If that is given up on half way, nothing can follow on the
/// connection.
struct Sending<'a> {
    lane: &'a Lane,
    frames: &'a [u8],
    written: usize,
}

impl Lane {
    /// Takes over a connection that speaks HTTP. `end` ends it from here.
    pub(super) fn new(carrier: Pin<Box<dyn Carrier>>, end: CancellationToken) -> Self {
        let waiting = Arc::new(Waiting::default());
        Self {
            road: Mutex::new(Road {
                carrier: Some(carrier),
                frames: Frames::default(),
                ours: false,
                waker: waiting.clone().into(),
            }),
            waiting,
            turn: tokio::sync::Mutex::default(),
            end,
        }
    }

    fn road(&self) -> MutexGuard<'_, Road> {
        // A carrier that panics ends its own connection, and closing that must not panic again.
        self.road.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection is about to become a WebSocket: what is written next is the answer that says
    /// so.
    pub(crate) fn switch(&self) {
        self.road().frames.switch();
    }

    /// Whether this is to be a WebSocket, on which the library has not spoken yet.
    pub(crate) fn is_being_taken_up(&self) -> bool {
        let road = self.road();
        let frames = &road.frames;
        road.carrier.is_some() && !frames.have_spoken() && !frames.have_ended()
    }

    /// Waits until the library has told a client that it is connected: nothing may come before
    /// that. False where that can no longer be seen.
    pub(crate) async fn told_connected(&self, which: impl Fn(Connected) -> bool) -> bool {
        let _turn = self.turn.lock().await;
        poll_fn(|context| {
            self.waiting.sender.register(context.waker());
            let road = self.road();
            if road.carrier.is_none() || road.frames.have_ended() {
                return Poll::Ready(false);
            }
            match which(road.frames.connected()) {
                true => Poll::Ready(true),
                false => Poll::Pending,
            }
        })
        .await
    }

    /// Whether the last event or acknowledgement that the library has written here is this one.
    pub(crate) fn has_sent(&self, mark: Mark) -> bool {
        self.road().frames.last() == Some(mark)
    }

    /// Whether frames of ours are written in part.
    pub(crate) fn is_in_ours(&self) -> bool {
        self.road().ours
    }

    /// Writes frames, as soon as the client takes them and the library is between two of its own.
    ///
    /// # Errors
    ///
    /// The connection is gone, or is being closed.
    pub(crate) async fn send(&self, frames: &[u8]) -> io::Result<()> {
        // Mostly nobody else sends, and trying costs less than asking to wait.
        let _turn = match self.turn.try_lock() {
            Ok(turn) => turn,
            Err(_) => self.turn.lock().await,
        };
        let mut sending = Sending {
            lane: self,
            frames,
            written: 0,
        };
        poll_fn(|context| sending.poll(context)).await
    }

    pub(super) fn poll_read(
        &self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.road().carrier()?.poll_read(context, buffer)
    }

    /// Writes what the library has.
    pub(super) fn poll_write(
        &self,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.waiting.library.register(context.waker());
        let mut road = self.road();
        if road.ours {
            return Poll::Pending;
        }
        let written = ready!(road.write(bytes));
        match &written {
            Ok(written) => road.frames.written(&bytes[..*written]),
            // The library may go on as if nothing were, in the middle of a frame.
            Err(_) => self.end.cancel(),
        }
        drop(road);
        self.waiting.sender.wake();
        Poll::Ready(written)
    }

    /// The same from several places at once, as HTTP writes heads and bodies.
    pub(super) fn poll_write_vectored(
        &self,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        {
            let mut road = self.road();
            if road.frames.have_not_begun() {
                return road.carrier()?.poll_write_vectored(context, slices);
            }
        }
        let first = slices.iter().find(|slice| !slice.is_empty());
        self.poll_write(context, first.map_or(&[], |slice| slice))
    }

    pub(super) fn is_write_vectored(&self) -> bool {
        let carrier = self.road();
        let carrier = carrier.carrier.as_ref();
        carrier.is_some_and(|carrier| carrier.is_write_vectored())
    }

    pub(super) fn poll_flush(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.waiting.library.register(context.waker());
        self.road().flush()
    }

    pub(super) fn poll_shutdown(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.waiting.library.register(context.waker());
        let mut road = self.road();
        let waker = road.waker.clone();
        road.carrier()?
            .poll_shutdown(&mut Context::from_waker(&waker))
    }

    /// Closes the connection, and tells whoever waits to send on it.
    pub(super) fn close(&self) {
        let carrier = self.road().carrier.take();
        drop(carrier);
        self.waiting.sender.wake();
    }
}

impl Road {
    fn carrier(&mut self) -> io::Result<Pin<&mut (dyn Carrier + 'static)>> {
        let carrier = self.carrier.as_mut().map(Pin::as_mut);
        carrier.ok_or_else(|| io::ErrorKind::NotConnected.into())
    }

    fn write(&mut self, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let carrier = self.carrier.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        let mut context = Context::from_waker(&self.waker);
        carrier.as_mut().poll_write(&mut context, bytes)
    }

    fn flush(&mut self) -> Poll<io::Result<()>> {
        let carrier = self.carrier.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        carrier
            .as_mut()
            .poll_flush(&mut Context::from_waker(&self.waker))
    }
}

impl Sending<'_> {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Mostly there is nothing to wait for, so nothing to be woken for.
        if let Poll::Ready(sent) = self.go_on() {
            return Poll::Ready(sent);
        }
        self.lane.waiting.sender.register(context.waker());
        self.go_on()
    }

    fn go_on(&mut self) -> Poll<io::Result<()>> {
        let mut road = self.lane.road();
        if self.written == self.frames.len() {
            return road.flush();
        }
        if road.carrier.is_none() || road.frames.have_ended() {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        if !road.frames.are_whole() {
            return Poll::Pending;
        }
        while self.written < self.frames.len() {
            let written = ready!(road.write(&self.frames[self.written..]))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.written += written;
            road.ours = self.written < self.frames.len();
        }
        let flushed = road.flush();
        drop(road);
        self.lane.waiting.library.wake();
        flushed
    }
}

impl Drop for Sending<'_> {
    fn drop(&mut self) {
        if (1..self.frames.len()).contains(&self.written) {
            // Whoever is next must not write into the middle of this one.
            self.lane.road().frames.lose();
            self.lane.end.cancel();
        }
    }
}

#[cfg(test)]
mod tests;
