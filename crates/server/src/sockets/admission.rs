//! Who may have a socket. A refusal is the `connect_error` whose message is exactly a code.

use std::fmt;
use std::sync::{Arc, Mutex};

use hearth_protocol::{CallError, Code, PROTOCOL};
use hearth_session::Credential;
use serde_json::Value;
use socketioxide::socket::Socket;
use subtle::ConstantTimeEq;

use super::Namespace;
use super::incoming::Incoming;
use super::link::Link;
use super::outgoing::Outbox;
use crate::config::Listener;
use crate::cookie;
use crate::server::Server;
use crate::visit::Visit;
use crate::wire::Wire;

/// Why somebody may not have a socket.
#[derive(Debug)]
pub(super) struct Refused(Code);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

impl From<CallError> for Refused {
    fn from(error: CallError) -> Self {
        Self(error.code)
    }
}

/// Lets `socket` into a namespace and prepares everything it will do there.
pub(super) async fn admit(
    server: &Server,
    socket: &Socket,
    auth: Option<Value>,
    namespace: Namespace,
) -> Result<(), Refused> {
    let visit = socket.req_parts().extensions.get::<Arc<Visit>>();
    // Every request that opens a session of Engine.IO is given a visit at its door.
    let visit = visit.ok_or(Refused(Code::Internal))?;
    if !visit.may_ask() {
        return Err(Refused(Code::RateLimited));
    }
    let auth = auth.unwrap_or_default();
    check_version(&auth)?;
    let credential = authenticate(server, socket, &auth).await?;

    let (session, id) = (server.session(), socket.id.to_string());
    let (connection, feed) = match namespace {
        Namespace::Session => session.connect(credential, id)?,
        Namespace::Home => session.connect_home(credential, id)?,
    };
    let link = Arc::new(Link::new(connection, visit.join()));
    listen(socket, &link);
    // Here, because sockets are admitted one after the other.
    let is_first = visit.is_first_in(namespace as usize);
    let outbox = Outbox {
        link,
        feed,
        visit: visit.clone(),
        namespace,
        is_first,
    };
    socket.extensions.insert(Arc::new(Mutex::new(Some(outbox))));
    Ok(())
}

/// Registers what happens to the socket's events and at its end. Nothing here holds the socket, so
/// that it, and with it the connection to the session, is gone when the library drops it.
fn listen(socket: &Socket, link: &Arc<Link>) {
    let receiving = link.clone();
    socket.on_fallback(move |incoming: Incoming| {
        receiving.receive(incoming);
        std::future::ready(())
    });
    let closing = link.clone();
    socket.on_disconnect(move || {
        closing.close();
        std::future::ready(())
    });
}

async fn authenticate(
    server: &Server,
    socket: &Socket,
    auth: &Value,
) -> Result<Credential, Refused> {
    let token = token(server, socket, auth).ok_or(Refused(Code::Unauthorized))?;
    Ok(server.session().authenticate(&token).await?)
}

/// What the client says it is: `auth.token`, else what its handshake carried.
fn token(server: &Server, socket: &Socket, auth: &Value) -> Option<String> {
    let said = auth
        .get("token")
        .map(|token| token.as_str().map(str::to_owned));
    match server.listener() {
        Listener::Window { token, .. } => said
            .flatten()
            .filter(|said| bool::from(said.as_bytes().ct_eq(token.as_bytes()))),
        Listener::Public { .. } => said.unwrap_or_else(|| {
            let session = server.session().state().session().id;
            let handshake = socket.req_parts();
            let wire = handshake.extensions.get::<Arc<Wire>>();
            let secure = wire.is_some_and(|wire| wire.is_secure());
            cookie::credential(session, &handshake.headers, secure)
        }),
    }
}

fn check_version(auth: &Value) -> Result<(), Refused> {
    let [lowest, highest] = PROTOCOL.map(u64::from);
    match auth.get("protocol") {
        None | Some(Value::Null) => Ok(()),
        Some(version)
            if version
                .as_u64()
                .is_some_and(|it| (lowest..=highest).contains(&it)) =>
        {
            Ok(())
        }
        Some(_) => Err(Refused(Code::Version)),
    }
}
