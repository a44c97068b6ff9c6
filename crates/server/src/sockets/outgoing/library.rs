//! Giving packets to the library, no faster than the client takes them.

use std::sync::Arc;

use socketioxide::extract::AckSender;
use socketioxide::handler::{FromMessageParts, Value};
use socketioxide::socket::Socket;
use socketioxide::{SendError, SocketError};
use tokio::time::Instant;

use super::{Delivery, End};
use crate::visit::{STALLED, Stalled};

impl Delivery {
    /// Gives one packet to the library, as soon as there is room for it.
    pub(super) async fn hand_over<T>(
        &mut self,
        bytes: usize,
        emit: impl Fn() -> Result<T, SendError>,
    ) -> Result<T, End> {
        self.room().await?;
        self.outbox.visit.flow().give(bytes);
        self.given = None;
        let give_up = Instant::now() + STALLED;
        loop {
            match emit() {
                Ok(emitted) => return Ok(emitted),
                // Many small packets fill it before they make many bytes.
                Err(SendError::Socket(SocketError::InternalChannelFull)) => {
                    if Instant::now() > give_up {
                        return Err(End::Stalled);
                    }
                    self.outbox.visit.flow().a_moment().await;
                    self.room().await?;
                }
                Err(SendError::Socket(SocketError::Closed)) => return Err(End::Gone),
                Err(SendError::Serialize(error)) => {
                    // Everything emitted is JSON already.
                    tracing::error!(%error, "a packet could not be encoded");
                    return Err(End::Stalled);
                }
            }
        }
    }

    async fn room(&mut self) -> Result<(), End> {
        // Waiting has to be prepared for, packet by packet; mostly there is nothing to wait for.
        if !self.outbox.link.is_closed()
            && !self.outbox.feed.is_cut_off()
            && self.outbox.visit.flow().has_room()
        {
            return Ok(());
        }
        tokio::select! {
            biased;
            () = self.outbox.link.closed() => Err(End::Gone),
            cut = self.outbox.feed.cut_off() => Err(End::Cut(cut)),
            room = self.outbox.visit.flow().room() => room.map_err(|Stalled| End::Stalled),
        }
    }
}

/// The library lets only handlers make these; but they are made of nothing but what is here.
pub(super) fn ack_sender(socket: &Arc<Socket>, number: i64) -> AckSender {
    let made =
        AckSender::from_message_parts(socket, &mut Value::Bytes(Vec::new().into()), &Some(number));
    made.unwrap_or_else(|never| match never {})
}
