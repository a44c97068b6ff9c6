//! Waits for the host's answers, in the order of the calls.

use std::sync::Arc;

use futures::StreamExt as _;
use futures::future::{BoxFuture, FutureExt as _};
use futures::stream::FuturesOrdered;
use hearth_protocol::error::CallError;
use hearth_protocol::signal::LinkState;
use serde_json::Value;
use tokio::sync::mpsc;

use super::inbox::{Job, JoinedJob};
use crate::handle::Shared;
use crate::joined::Sent;

enum Came {
    Answer {
        no: u64,
        result: Result<Value, CallError>,
    },
    Link(LinkState),
}

/// Hands each answer to the writer once those to the calls before it have come. A host answers in
/// order; a link that breaks does not, and what it leaves unanswered has to keep its place.
pub(crate) async fn relay(shared: Arc<Shared>, mut sent: mpsc::UnboundedReceiver<Sent>) {
    let mut coming: FuturesOrdered<BoxFuture<'static, Came>> = FuturesOrdered::new();
    loop {
        tokio::select! {
            one = sent.recv() => match one {
                Some(Sent::Call { no, answering }) => {
                    coming.push_back(answering.map(move |result| Came::Answer { no, result }).boxed());
                }
                Some(Sent::Link(state)) => {
                    coming.push_back(std::future::ready(Came::Link(state)).boxed());
                }
                None => break,
            },
            Some(came) = coming.next(), if !coming.is_empty() => {
                let job = match came {
                    Came::Answer { no, result } => JoinedJob::Relayed { no, result },
                    Came::Link(state) => JoinedJob::Link(state),
                };
                if shared.send(Job::Joined(job)).await.is_err() {
                    break;
                }
            }
            () = shared.stopping.cancelled() => break,
        }
    }
}
