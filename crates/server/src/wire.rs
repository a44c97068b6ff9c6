//! One connection, with what the protocols above it do not watch: a WebSocket that sends much
//! before it has signed in, what has left, and the wish to end it from here.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::task::{Context, Poll};

use hearth_protocol::object::Browsers;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tokio_util::task::task_tracker::TaskTrackerToken;

use crate::connections::Seat;
use crate::tls::{Carrier, Security};
use crate::visit::Visit;

/// What frames, pings and a probe add to the bytes of one message before sign-in.
const FRAMING_BYTES: usize = 4_096;

/// What others know of a connection.
#[derive(Debug)]
pub(crate) struct Wire {
    peer: SocketAddr,
    security: Security,
    /// Set once a request on it came from a browser.
    from_browser: AtomicBool,
    end: CancellationToken,
    /// Set once the connection has become a WebSocket.
    visit: OnceLock<Arc<Visit>>,
    before_sign_in_bytes: usize,
}

impl Wire {
    /// `end` closes it from here.
    pub(crate) fn new(
        peer: SocketAddr,
        security: Security,
        end: CancellationToken,
        before_sign_in: u64,
    ) -> Arc<Self> {
        Arc::new(Self {
            peer,
            security,
            from_browser: AtomicBool::new(false),
            end,
            visit: OnceLock::new(),
            before_sign_in_bytes: usize::try_from(before_sign_in).unwrap_or(usize::MAX),
        })
    }

    /// The peer's address, without IPv6 dressing of an IPv4 one.
    pub(crate) fn address(&self) -> IpAddr {
        self.peer.ip().to_canonical()
    }

    /// Whether it is encrypted.
    pub(crate) fn is_secure(&self) -> bool {
        self.security != Security::Plain
    }

    /// An app's link: the fingerprint of its key.
    pub(crate) fn link(&self) -> Option<[u8; 32]> {
        match self.security {
            Security::Encrypted { link } => link,
            Security::Plain => None,
        }
    }

    /// Notes that a browser speaks on it.
    pub(crate) fn mark_browser(&self) {
        self.from_browser.store(true, Ordering::Relaxed);
    }

    /// Whether others on the network can read along.
    pub(crate) fn is_readable_by_others(&self) -> bool {
        !self.is_secure() && !self.address().is_loopback()
    }

    /// Whether the host's choice lets it go on.
    fn may_go_on(&self, browsers: Browsers) -> bool {
        match browsers {
            Browsers::Plain => true,
            Browsers::Encrypted => !self.is_readable_by_others(),
            Browsers::Off => {
                !self.is_readable_by_others() && !self.from_browser.load(Ordering::Relaxed)
            }
        }
    }

    /// From now on it is the WebSocket of `visit`.
    pub(crate) fn carry(&self, visit: Arc<Visit>) {
        // A connection is upgraded once; a second request on it cannot follow.
        let _ = self.visit.set(visit);
    }

    /// Ends the connection at once; what is not written yet is lost.
    pub(crate) fn end(&self) {
        self.end.cancel();
    }
}

/// All open connections of a listener.
#[derive(Debug, Default)]
pub(crate) struct Wires(Mutex<Vec<Weak<Wire>>>);

impl Wires {
    /// Enters a new one.
    pub(crate) fn enter(&self, wire: &Arc<Wire>) {
        let mut wires = self.0.lock().expect("nothing panics while holding it");
        // Looking through all of them at each doubling costs each newcomer the same, on average.
        if wires.len() == wires.capacity() {
            wires.retain(|wire| wire.strong_count() > 0);
        }
        wires.push(Arc::downgrade(wire));
    }

    /// Ends those that the host's new choice does not let be used. A client that may, comes back
    /// the other way.
    pub(crate) fn end_unless_admitted(&self, browsers: Browsers) {
        let wires = self.0.lock().expect("nothing panics while holding it");
        wires
            .iter()
            .filter_map(Weak::upgrade)
            .filter(|wire| !wire.may_go_on(browsers))
            .for_each(|wire| wire.end());
    }
}

/// The connection's bytes.
pub(crate) struct WireStream {
    stream: Pin<Box<dyn Carrier>>,
    wire: Arc<Wire>,
    // One each: a WebSocket is read by one task and written by another, and a future wakes only
    // the one that asked last.
    end_of_reading: Pin<Box<WaitForCancellationFutureOwned>>,
    end_of_writing: Pin<Box<WaitForCancellationFutureOwned>>,
    read_before_sign_in: usize,
    // Given back when the connection is gone, also after it was handed on as a WebSocket.
    _seat: Arc<Seat>,
    _open: TaskTrackerToken,
}

impl WireStream {
    /// Wraps `stream`.
    pub(crate) fn new(
        stream: Pin<Box<dyn Carrier>>,
        wire: Arc<Wire>,
        seat: Arc<Seat>,
        open: TaskTrackerToken,
    ) -> Self {
        Self {
            stream,
            end_of_reading: Box::pin(wire.end.clone().cancelled_owned()),
            end_of_writing: Box::pin(wire.end.clone().cancelled_owned()),
            wire,
            read_before_sign_in: 0,
            _seat: seat,
            _open: open,
        }
    }

    /// Engine.IO knows one message size for everybody, so the smaller one before sign-in is kept
    /// here: in all, a WebSocket may send one such message until it has signed in.
    fn count_read(&mut self, bytes: usize) -> io::Result<()> {
        let Some(visit) = self.wire.visit.get() else {
            return Ok(());
        };
        if visit.is_signed_in() {
            self.read_before_sign_in = 0;
            return Ok(());
        }
        self.read_before_sign_in += bytes;
        let allowed = self.wire.before_sign_in_bytes.saturating_add(FRAMING_BYTES);
        if self.read_before_sign_in > allowed {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "too much was sent before signing in",
            ));
        }
        Ok(())
    }

    fn count_written(&self, written: &Poll<io::Result<usize>>) {
        if let (Poll::Ready(Ok(bytes)), Some(visit)) = (written, self.wire.visit.get()) {
            visit.flow().sent(*bytes as u64);
        }
    }
}

fn check(
    end: &mut Pin<Box<WaitForCancellationFutureOwned>>,
    context: &mut Context<'_>,
) -> io::Result<()> {
    match end.as_mut().poll(context) {
        Poll::Ready(()) => Err(io::ErrorKind::ConnectionAborted.into()),
        Poll::Pending => Ok(()),
    }
}

impl AsyncRead for WireStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        check(&mut self.end_of_reading, context)?;
        let before = buffer.filled().len();
        let read = self.stream.as_mut().poll_read(context, buffer);
        if matches!(read, Poll::Ready(Ok(()))) {
            self.count_read(buffer.filled().len() - before)?;
        }
        read
    }
}

impl AsyncWrite for WireStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        check(&mut self.end_of_writing, context)?;
        let written = self.stream.as_mut().poll_write(context, bytes);
        self.count_written(&written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        check(&mut self.end_of_writing, context)?;
        let written = self.stream.as_mut().poll_write_vectored(context, slices);
        self.count_written(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        check(&mut self.end_of_writing, context)?;
        self.stream.as_mut().poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_shutdown(context)
    }
}
