//! A connection as the libraries read and write it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_util::sync::WaitForCancellationFutureOwned;
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::Wire;
use crate::connections::Seat;

/// What frames, pings and a probe add to the bytes of one message before sign-in.
const FRAMING_BYTES: usize = 4_096;

/// The connection's bytes.
pub(crate) struct WireStream {
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
    /// The bytes of `wire`, of which there is one stream.
    pub(crate) fn new(wire: Arc<Wire>, seat: Arc<Seat>, open: TaskTrackerToken) -> Self {
        Self {
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
        let read = self.wire.lane.poll_read(context, buffer);
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
        let written = self.wire.lane.poll_write(context, bytes);
        self.count_written(&written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        check(&mut self.end_of_writing, context)?;
        let written = self.wire.lane.poll_write_vectored(context, slices);
        self.count_written(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.wire.lane.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        check(&mut self.end_of_writing, context)?;
        self.wire.lane.poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.wire.lane.poll_shutdown(context)
    }
}

impl Drop for WireStream {
    fn drop(&mut self) {
        self.wire.lane.close();
    }
}
