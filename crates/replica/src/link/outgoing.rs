//! What goes to the host, one after the other.

use std::sync::Arc;

use serde_json::{Map, Value};
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::CallFailure;
use super::calls::{Answer, Calls};
use super::socket::{Socket, SocketError};

/// Calls that may be with the host at a time. It takes as many from one socket.
const MOST_OUTSTANDING: usize = 64;

/// Something that waits to be sent.
#[derive(Debug)]
pub(super) enum Outgoing {
    /// To be answered.
    Call {
        name: String,
        payload: Value,
        answer: oneshot::Sender<Answer>,
    },
    /// Not to be.
    Signal { name: String, payload: Value },
}

/// Sends what waits.
pub(super) struct Sending<'a> {
    pub(super) socket: &'a Socket,
    pub(super) calls: &'a Arc<Calls>,
}

impl Sending<'_> {
    /// Until there is nothing more to come, or it cannot be sent.
    pub(super) async fn run(&self, mut queue: mpsc::Receiver<Outgoing>) {
        let places = Arc::new(Semaphore::new(MOST_OUTSTANDING));
        while let Some(outgoing) = queue.recv().await {
            let sent = match outgoing {
                Outgoing::Signal { name, payload } => self.socket.emit(&name, payload).await,
                Outgoing::Call {
                    name,
                    payload,
                    answer,
                } => {
                    let place = places.clone().acquire_owned().await;
                    let place = place.expect("it is never closed");
                    if answer.is_closed() {
                        // Nobody waits for it any more.
                        continue;
                    }
                    self.call(&name, payload, answer, place).await
                }
            };
            if let Err(error) = sent {
                tracing::debug!(%error, "a link cannot send any more");
                return;
            }
        }
    }

    async fn call(
        &self,
        name: &str,
        payload: Value,
        answer: oneshot::Sender<Answer>,
        place: tokio::sync::OwnedSemaphorePermit,
    ) -> Result<(), SocketError> {
        let mut payload = match payload {
            Value::Object(payload) => payload,
            Value::Null => Map::new(),
            // The host would refuse it, and could not say what it answers.
            _ => {
                let refusal = hearth_protocol::CallError::bad_request("A call takes one object.");
                let _ = answer.send(Err(CallFailure::Refused(refusal)));
                return Ok(());
            }
        };
        let mark = self.calls.enter(answer, place);
        payload.insert("re".to_owned(), Value::String(mark));
        self.socket.emit(name, Value::Object(payload)).await
    }
}
