//! One connected socket: calls go in, and come out of its feed answered, in the order sent.
//!
//! Putting something in never waits. A task of the socket takes it out in order: changing calls go
//! to the writer one behind the other without waiting for each; a call that only looks waits until
//! those before it have their answers, so it sees what they did.

mod conduct;
mod invites;
mod later;
mod seen;
mod signals;
mod task;

use std::collections::BTreeMap;
use std::sync::Arc;

use hearth_protocol::error::CallError;
use hearth_protocol::id::AskId;
use hearth_protocol::signal::{NoteTitles, Welcome, event};
use hearth_protocol::{Member, MemberId, PROTOCOL};
use serde_json::Value;
use tokio::sync::mpsc::{self, error::TrySendError};

use crate::door::Credential;
use crate::feed::{self, Cut, FeedReceiver, FeedSender, Out, Ticket};
use crate::handle::{Shared, same_place};
use crate::presence::{self, Place};
use crate::tell::{ConnectionId, Socket, Space};

use conduct::Load;
use task::Task;

#[cfg(test)]
pub(crate) use conduct::weight;
pub(crate) use seen::Seen;

/// A socket's end that calls are put into. Dropping it is leaving.
pub struct Connection {
    shared: Arc<Shared>,
    id: ConnectionId,
    member: MemberId,
    feed: FeedSender,
    inbound: mpsc::Sender<Box<Inbound>>,
    load: Load,
}

/// More came in than the socket's queue takes; the socket is to be disconnected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more came in than is waited for")]
pub struct Overrun;

struct Inbound {
    event: String,
    payload: Value,
    ticket: Option<Ticket>,
    bytes: usize,
}

impl Connection {
    pub(crate) fn open(
        shared: Arc<Shared>,
        credential: Credential,
        name: String,
        space: Space,
    ) -> Result<(Self, FeedReceiver), CallError> {
        let me = credential.member;
        let limits = &shared.limits;
        let (feed, receiver) = feed::channel(
            limits.outward_packets as usize,
            limits.outward_bytes as usize,
        );
        let socket = Socket {
            member: me,
            name,
            device: credential.device,
            space,
            feed: feed.clone(),
            live: None,
            open: BTreeMap::new(),
            place: Place {
                changed: true,
                ..Place::default()
            },
        };
        let id = enter(&shared, socket)?;
        let (inbound, queue) = mpsc::channel(limits.inward_events as usize);
        let load = Load::default();
        let task = Task::new(&shared, id, me, feed.clone(), queue, load.clone());
        shared.tasks.spawn(task.run());
        Ok((
            Self {
                member: me,
                shared,
                id,
                feed,
                inbound,
                load,
            },
            receiver,
        ))
    }

    /// Puts a call or a signal of the client into the socket's queue.
    pub fn receive(
        &self,
        event: &str,
        payload: Value,
        ticket: Option<Ticket>,
    ) -> Result<(), Overrun> {
        let bytes = conduct::weight(&payload);
        let fits = self
            .load
            .take(bytes, self.shared.limits.outward_bytes as usize);
        // Boxed: a channel sets places for 32 aside, and most sockets never have two waiting.
        let inbound = Box::new(Inbound {
            event: event.to_owned(),
            payload,
            ticket,
            bytes,
        });
        match self.inbound.try_send(inbound) {
            Ok(()) if fits => Ok(()),
            // The socket's task has ended: it is cut, or the session stops and says so to all.
            // Whoever goes on sending meanwhile has done nothing wrong and is to come back.
            Err(TrySendError::Closed(_)) => Ok(()),
            _ => {
                self.feed.cut(Cut::Overrun);
                Err(Overrun)
            }
        }
    }

    /// The acknowledgement of a `request` came back.
    pub fn answered(&self, ask: AskId, answer: Value) {
        // A client may acknowledge with the answer itself or with `{answer}`.
        let answer = match answer {
            Value::Object(mut fields) if fields.len() == 1 && fields.contains_key("answer") => {
                fields.remove("answer").unwrap_or_default()
            }
            answer => answer,
        };
        if let Err(error) = self.shared.asks.answer(ask, self.member, answer) {
            tracing::debug!(
                code = error.code.as_str(),
                "an acknowledgement came in vain"
            );
        }
    }
}

/// Puts a socket among the others and tells everybody.
fn enter(shared: &Shared, socket: Socket) -> Result<ConnectionId, CallError> {
    let limits = &shared.limits;
    let mut sockets = shared.hub.lock();
    // Under the lock: whoever is removed or signed out later is found among the sockets.
    if sockets.has_ended(socket.device) {
        return Err(CallError::new(
            hearth_protocol::Code::Unauthorized,
            "You are not signed in here.",
        ));
    }
    let state = shared.state();
    let member = state
        .present(socket.member)
        .ok_or_else(crate::failure::removed)?;
    let open = sockets
        .by_id
        .values()
        .filter(|socket| !socket.feed.is_cut())
        .count() as u64;
    if open >= limits.sockets {
        return Err(CallError::new(
            hearth_protocol::Code::Full,
            "As many people are connected as this session takes.",
        ));
    }
    let mut mine: Vec<_> = sockets
        .by_id
        .iter()
        .filter(|(_, other)| same_place(other, socket.member, socket.space))
        .map(|(id, _)| *id)
        .collect();
    mine.sort_unstable();
    let surplus = (mine.len() + 1).saturating_sub(limits.sockets_per_member as usize);
    for oldest in mine.into_iter().take(surplus) {
        sockets.by_id[&oldest].feed.cut(Cut::Replaced);
    }

    let before = sockets.people();
    let (space, feed) = (socket.space, socket.feed.clone());
    let id = sockets.insert(socket);
    if space == Space::Home {
        let notelist = crate::tickers::titles(&state, member.id);
        feed.send(Out::signal(event::NOTE_TITLES, &NoteTitles { notelist }));
        return Ok(id);
    }
    feed.send(Out::signal(
        event::WELCOME,
        &welcome(shared, &sockets, member, &state),
    ));
    if let Some(joined) = &shared.joined {
        feed.send(Out::signal(event::LINK, &joined.link()));
    }
    let count = presence::user_count(&sockets);
    if sockets.people() == before {
        feed.send(count);
    } else {
        sockets
            .main()
            .for_each(|(_, socket)| socket.feed.send(count.clone()));
    }
    Ok(id)
}

fn welcome(
    shared: &Shared,
    sockets: &crate::tell::Sockets,
    member: &Member,
    state: &crate::state::State,
) -> Welcome {
    Welcome {
        message: format!("Welcome to {}, {}!", state.session().name, member.name),
        you: member.clone(),
        session: state.session().clone(),
        people: people(shared, sockets, member.id, state),
        limits: shared.limits.clone(),
        head: state.head(),
        protocol: PROTOCOL,
    }
}

/// Who is here: with the host, where this is a copy and the host says it.
fn people(
    shared: &Shared,
    sockets: &crate::tell::Sockets,
    me: MemberId,
    state: &crate::state::State,
) -> Vec<hearth_protocol::signal::Presence> {
    let with_host = shared.joined.as_ref().and_then(|joined| joined.everybody());
    with_host.unwrap_or_else(|| presence::people(sockets, me, state))
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.feed.cut(Cut::SignedOut);
        let state = self.shared.state();
        let mut sockets = self.shared.hub.lock();
        let before = sockets.people();
        let Some(socket) = sockets.by_id.remove(&self.id) else {
            return;
        };
        if socket.space == Space::Home {
            return;
        }
        if sockets.people() != before {
            let count = presence::user_count(&sockets);
            sockets
                .main()
                .for_each(|(_, socket)| socket.feed.send(count.clone()));
        }
        drop(sockets);
        // Of a joined session the host tells, by what the link says.
        if self.shared.joined.is_some() {
            return;
        }
        let mut dirty = self.shared.dirty();
        dirty.cursors.extend(crate::cursors::left(&socket, &state));
        dirty.gone.extend(presence::gone(&socket, &state));
    }
}
