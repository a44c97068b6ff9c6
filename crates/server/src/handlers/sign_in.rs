//! Coming in and going out.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use hearth_protocol::digits::Keys;
use hearth_protocol::fingerprint::Fingerprint;
use hearth_protocol::http::{Knocking, Reveal, SignIn, SignedIn};
use hearth_protocol::{CallError, KnockId};
use hearth_session::{Admitted, Caller};

use crate::cookie;
use crate::failure::Failure;
use crate::json::Body;
use crate::server::Server;
use crate::wire::Wire;

/// How long a client waits at the door for one answer, before it asks again.
const WAIT: Duration = Duration::from_secs(25);

/// `POST /sign-in`
pub(crate) async fn sign_in(
    State(server): State<Server>,
    Extension(wire): Extension<Arc<Wire>>,
    headers: HeaderMap,
    Body(request): Body<SignIn>,
) -> Result<Response, Failure> {
    let session = server.session();
    let caller = Caller {
        address: wire.address(),
        link: link(&server, &wire),
        token: cookie::credential(session.state().session().id, &headers, wire.is_secure()),
    };
    match session.sign_in(request, caller).await? {
        Admitted::In(signed_in) => Ok(admitted(signed_in, wire.is_secure())),
        Admitted::Knocking { knock, nonce } => Ok(not_yet(Knocking { knock, nonce })),
    }
}

/// `GET /sign-in/:knock`: waits until the host has decided.
pub(crate) async fn wait_at_door(
    State(server): State<Server>,
    Extension(wire): Extension<Arc<Wire>>,
    knock: Result<Path<KnockId>, PathRejection>,
) -> Result<Response, Failure> {
    let knock = read(knock)?;
    let decided = tokio::select! {
        decided = server.session().wait_at_door(knock, WAIT) => decided?,
        () = server.stopping().cancelled() => return Err(Failure::stopping()),
    };
    Ok(match decided {
        Some(signed_in) => admitted(signed_in, wire.is_secure()),
        None => not_yet(Knocking { knock, nonce: None }),
    })
}

/// `POST /sign-in/:knock`: the nonce that completes the six digits.
pub(crate) async fn reveal_nonce(
    State(server): State<Server>,
    knock: Result<Path<KnockId>, PathRejection>,
    Body(request): Body<Reveal>,
) -> Result<StatusCode, Failure> {
    server.session().reveal(read(knock)?, request.reveal)?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /sign-in/:knock`: gives up waiting.
pub(crate) async fn leave_door(
    State(server): State<Server>,
    knock: Result<Path<KnockId>, PathRejection>,
) -> Result<StatusCode, Failure> {
    server.session().leave_door(read(knock)?);
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /sign-out`: the sign-in is over, and so are its sockets.
pub(crate) async fn sign_out(
    State(server): State<Server>,
    Extension(wire): Extension<Arc<Wire>>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let session = server.session().state().session().id;
    if let Some(token) = cookie::credential(session, &headers, wire.is_secure()) {
        server.session().sign_out(&token).await?;
    }
    let forget = AppendHeaders([(header::SET_COOKIE, cookie::clear(session, wire.is_secure()))]);
    Ok((StatusCode::NO_CONTENT, forget).into_response())
}

fn read(knock: Result<Path<KnockId>, PathRejection>) -> Result<KnockId, CallError> {
    knock
        .map(|Path(knock)| knock)
        .map_err(|_| CallError::not_found("knock"))
}

fn admitted(signed_in: SignedIn, secure: bool) -> Response {
    let cookie = cookie::set(signed_in.session.id, &signed_in.token, secure);
    let remember = AppendHeaders([(header::SET_COOKIE, cookie)]);
    (StatusCode::CREATED, remember, Json(signed_in)).into_response()
}

fn not_yet(knocking: Knocking) -> Response {
    (StatusCode::ACCEPTED, Json(knocking)).into_response()
}

/// Between which keys an app's link runs.
fn link(server: &Server, wire: &Wire) -> Option<Keys> {
    Some(Keys {
        host: server.tls()?.fingerprint(),
        joiner: Fingerprint(wire.link()?),
    })
}
