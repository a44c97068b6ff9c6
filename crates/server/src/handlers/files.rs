//! Pictures and other files of rooms: brought by `POST /files`, fetched from `/files/ROOM/HASH`.

mod arriving;
mod going_out;

pub(crate) use arriving::add_file;
pub(crate) use going_out::show_file;

use axum::http::HeaderMap;
use hearth_protocol::{CallError, Code};
use hearth_session::Credential;
use subtle::ConstantTimeEq;

use crate::config::Listener;
use crate::cookie;
use crate::server::Server;
use crate::wire::Wire;

/// Who sends a request: by cookie or token, for the window by its own token alone.
async fn authenticate(
    server: &Server,
    wire: &Wire,
    headers: &HeaderMap,
) -> Result<Credential, CallError> {
    let session = server.session();
    let said = match server.listener() {
        Listener::Window { token, .. } => cookie::bearer(headers)
            .filter(|said| bool::from(said.as_bytes().ct_eq(token.as_bytes()))),
        Listener::Public { .. } => {
            cookie::credential(session.state().session().id, headers, wire.is_secure())
        }
    };
    let said = said.ok_or_else(|| {
        let message = "Sign in first: files are for those who are in the session.";
        CallError::new(Code::Unauthorized, message)
    })?;
    session.authenticate(&said).await
}
