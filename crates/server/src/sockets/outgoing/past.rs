//! Writing past the library: when that may begin, and how.
//!
//! Nothing may overtake what the library still has for the client. For one that began with a
//! WebSocket that is the word that it is connected. For one that began with polling it is all that
//! it was told so far: what was given last is known again when it leaves by the WebSocket.

use std::io;
use std::pin::pin;
use std::sync::Arc;

use hearth_session::Cut;
use serde_json::value::RawValue;
use tokio::time::timeout;

use super::{Delivery, End, Outbox};
use crate::sockets::{Namespace, packet};
use crate::visit::STALLED;
use crate::wire::{Mark, Wire};

/// Frames that wait are written together up to this size: an answer and the facts that it made are
/// told in one packet.
const TOGETHER_BYTES: usize = 16 * 1024;

impl Delivery {
    /// The connection to write to past the library from the first packet on, once its client knows
    /// that it is connected: for clients that begin with a WebSocket.
    pub(super) async fn begin_past(&mut self) -> Option<Arc<Wire>> {
        let Outbox {
            link,
            feed,
            visit,
            namespace,
            is_first,
        } = &mut self.outbox;
        let wire = visit.began_on().filter(|_| *is_first)?;
        let connected = wire.lane().told_connected(|connected| match namespace {
            Namespace::Session => connected.session,
            Namespace::Home => connected.home,
        });
        let connected = tokio::select! {
            connected = connected => connected,
            () = link.closed() => false,
            _ = feed.cut_off() => false,
            () = self.stopping.cancelled() => false,
        };
        connected.then_some(wire)
    }

    /// Looks whether everything that was given to the library has left by the WebSocket.
    pub(super) fn find_way_past(&mut self) {
        if let (None, Some(last)) = (&self.past, self.given) {
            self.past = self.outbox.visit.has_left_by(last);
            if self.past.is_some() {
                tracing::debug!(socket.id = %self.socket.id, "is told past the library from here");
            }
        }
    }

    /// Notes which facts were given to the library just now. No other packet of this socket is the
    /// same: facts have numbers. Of a socket that came later in its client's connection an earlier
    /// one may have been told the same, so those stay with the library.
    pub(super) fn mark_given(&mut self, event: &str, payload: &RawValue) {
        if self.past.is_none() && self.outbox.is_first && self.outbox.visit.has_wire() {
            let frame = packet::event(self.outbox.namespace, event, payload);
            self.given = Some(Mark::of(&frame));
        }
    }

    /// Sends one packet past the library.
    pub(super) async fn send(&mut self, frame: &[u8]) -> Result<(), End> {
        if self.ahead.is_none() {
            self.ahead = self.outbox.feed.taken();
        }
        let waits = self.ahead.is_some() && self.held.len() + frame.len() <= TOGETHER_BYTES;
        if waits || !self.held.is_empty() {
            self.held.extend_from_slice(frame);
        }
        match waits {
            true => Ok(()),
            false if self.held.is_empty() => self.write(frame).await,
            false => self.write_held().await,
        }
    }

    pub(super) async fn write_held(&mut self) -> Result<(), End> {
        if self.held.is_empty() {
            return Ok(());
        }
        let held = std::mem::take(&mut self.held);
        self.write(&held).await
    }

    /// Writes frames past the library, as soon as the client takes them.
    async fn write(&mut self, frames: &[u8]) -> Result<(), End> {
        let Some(wire) = &self.past else {
            return Err(End::Gone);
        };
        let mut sending = pin!(wire.lane().send(frames));
        let end = tokio::select! {
            biased;
            sent = &mut sending => return sent.map_err(|error| unsent(&error)),
            () = self.outbox.link.closed() => End::Gone,
            cut = self.outbox.feed.cut_off() => End::Cut(cut),
        };
        // Half a frame would end the connection, for whatever else is on it too, and before its
        // client hears why. One that is too slow is to lose it.
        if !matches!(end, End::Cut(Cut::Slow)) && wire.lane().is_in_ours() {
            let _ = timeout(STALLED, sending).await;
        }
        Err(end)
    }
}

fn unsent(error: &io::Error) -> End {
    tracing::debug!(%error, "a packet could not be written");
    match error.kind() {
        io::ErrorKind::NotConnected | io::ErrorKind::BrokenPipe => End::Gone,
        _ => End::Stalled,
    }
}
