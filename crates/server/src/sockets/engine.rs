//! The door in front of Engine.IO: gives each of its sessions a visit, keeps the keys of those that
//! poll, holds bodies to their size, and says its refusals as every other is said.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Extension, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hearth_protocol::limits::Limits;
use hearth_protocol::{CallError, Code};
use http_body_util::Limited;
use serde_json::Value;

use crate::failure::Failure;
use crate::server::Server;
use crate::visit::Visit;
use crate::wire::Wire;

/// More than the packet that opens a session has.
const OPENING_BYTES: usize = 4_096;

/// What is still asked of a session's first request after it was let through: how it goes on, and
/// who it says it is.
const KEPT: [HeaderName; 6] = [
    header::AUTHORIZATION,
    header::CONNECTION,
    header::COOKIE,
    header::SEC_WEBSOCKET_KEY,
    header::SEC_WEBSOCKET_VERSION,
    header::UPGRADE,
];

/// Lets a request through to Engine.IO.
pub(crate) async fn door(
    State(server): State<Server>,
    Extension(wire): Extension<Arc<Wire>>,
    request: Request,
    next: Next,
) -> Result<Response, Failure> {
    if !names_transport(request.uri())
        || is_web_socket(request.uri()) && !is_handshake(request.headers())
    {
        return Err(refusal(StatusCode::BAD_REQUEST));
    }
    let told = parameter(request.uri(), "sid").map(str::to_owned);
    let response = match told {
        None => open(&server, &wire, request, next).await?,
        Some(told) => go_on(&server, &wire, &told, request, next).await?,
    };
    let status = response.status();
    if status.is_client_error() || status.is_server_error() {
        return Err(refusal(status));
    }
    Ok(response)
}

/// The first request of a session.
async fn open(
    server: &Server,
    wire: &Arc<Wire>,
    mut request: Request,
    next: Next,
) -> Result<Response, Failure> {
    let place = server.not_signed_in().take(wire.address()).ok_or_else(|| {
        let wait_ms = server.session().limits().sign_in_within_ms;
        CallError::rate_limited(wait_ms)
    })?;
    let visit = Visit::new(place, server.sign_in_within()).map_err(|error| {
        tracing::error!(%error, "the system has no random numbers");
        CallError::internal()
    })?;
    if is_web_socket(request.uri()) && !visit.begins_on(wire) {
        return Err(refusal(StatusCode::BAD_REQUEST));
    }
    request.extensions_mut().insert(visit.clone());
    copy_head(&mut request)?;
    let response = next.run(request).await;
    if response.status() == StatusCode::OK {
        return with_key(server, &visit, response).await;
    }
    Ok(response)
}

/// Copies what is kept of a request's head. The library keeps the head as long as the session, and
/// everything in it is a part of the buffer that it was read into.
fn copy_head(request: &mut Request) -> Result<(), CallError> {
    let headers = request.headers();
    let kept = KEPT.iter().flat_map(|name| {
        let values = headers.get_all(name).iter();
        values.map(|value| (name.clone(), value.as_bytes()))
    });
    let kept = kept.map(|(name, value)| Ok((name, HeaderValue::from_bytes(value)?)));
    let kept: Result<Vec<_>, header::InvalidHeaderValue> = kept.collect();
    let kept = kept.map_err(|_| CallError::bad_request("This request cannot be read."))?;
    let uri = address(&request.uri().to_string())?;
    // In place of the other ones: a map that was emptied keeps its size.
    let mut fewer = HeaderMap::with_capacity(kept.len());
    kept.into_iter().for_each(|(name, value)| {
        fewer.append(name, value);
    });
    *request.headers_mut() = fewer;
    *request.uri_mut() = uri;
    Ok(())
}

/// A later request of a session that was opened by polling.
async fn go_on(
    server: &Server,
    wire: &Arc<Wire>,
    told: &str,
    mut request: Request,
    next: Next,
) -> Result<Response, Failure> {
    let Some((id, visit)) = server.visits().find(told) else {
        return Err(CallError::bad_request("This connection is not known any more.").into());
    };
    let uri = with_id(request.uri(), id)?;
    *request.uri_mut() = uri;
    if is_web_socket(request.uri()) && !visit.carried_by(wire) {
        return Err(refusal(StatusCode::BAD_REQUEST));
    }
    if request.method() == Method::POST {
        request = limited(request, &visit, server.session().limits())?;
    }
    tokio::select! {
        response = in_turn(wire, &visit, request, next) => {
            visit.flow().sent(length(response.headers()));
            Ok(response)
        }
        () = visit.ended() => Err(CallError::bad_request("This connection was closed.").into()),
    }
}

/// What the library answers, which is not asked for more to send while it takes up a WebSocket.
async fn in_turn(wire: &Arc<Wire>, visit: &Visit, request: Request, next: Next) -> Response {
    let polls = request.method() == Method::GET && !is_web_socket(request.uri());
    if polls {
        let answer = visit.turn().poll(next.run(request)).await;
        return answer.unwrap_or_else(noop);
    }
    let response = next.run(request).await;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        visit.turn().go_over(wire);
    }
    response
}

/// What ends a poll without a word (Engine.IO 4, "noop").
fn noop() -> Response {
    let text = [(header::CONTENT_TYPE, "text/plain; charset=UTF-8")];
    (text, "6").into_response()
}

/// Tells the client its id with the key behind it.
async fn with_key(
    server: &Server,
    visit: &Arc<Visit>,
    response: Response,
) -> Result<Response, Failure> {
    let (mut head, body) = response.into_parts();
    let opening = to_bytes(body, OPENING_BYTES).await.ok();
    let Some(opening) = opening.as_deref().and_then(|opening| {
        let mut opening: Value = serde_json::from_slice(opening.strip_prefix(b"0")?).ok()?;
        let told = server.visits().enter(opening.get("sid")?.as_str()?, visit);
        opening["sid"] = told.into();
        Some(format!("0{opening}"))
    }) else {
        tracing::error!("Engine.IO opened a session in a way that is not understood");
        return Err(CallError::internal().into());
    };
    head.headers.remove(header::CONTENT_LENGTH);
    Ok(Response::from_parts(head, Body::from(opening)))
}

fn limited(request: Request, visit: &Visit, limits: &Limits) -> Result<Request, Failure> {
    let most = if visit.is_signed_in() {
        limits.message_bytes
    } else {
        limits.message_before_sign_in_bytes
    };
    if length(request.headers()) > most {
        return Err(
            CallError::new(Code::TooLarge, "That is larger than one message may be.").into(),
        );
    }
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    Ok(request.map(|body| Body::new(Limited::new(body, most))))
}

fn refusal(status: StatusCode) -> Failure {
    let error = match status {
        StatusCode::PAYLOAD_TOO_LARGE => {
            CallError::new(Code::TooLarge, "That is larger than one message may be.")
        }
        status if status.is_server_error() => CallError::internal(),
        _ => CallError::bad_request("This is not how Engine.IO 4 is spoken."),
    };
    Failure::new(status, error)
}

fn length(headers: &HeaderMap) -> u64 {
    let length = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok());
    length.and_then(|length| length.parse().ok()).unwrap_or(0)
}

fn parameter<'a>(uri: &'a Uri, name: &str) -> Option<&'a str> {
    let mut pairs = uri.query()?.split('&');
    pairs.find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// Whether it is one of the two transports by its exact name. The library reads on to a second `=`
/// only, and would take for a WebSocket what is none here.
fn names_transport(uri: &Uri) -> bool {
    matches!(parameter(uri, "transport"), Some("polling" | "websocket"))
}

fn is_web_socket(uri: &Uri) -> bool {
    parameter(uri, "transport") == Some("websocket")
}

/// Whether the headers ask for a WebSocket (RFC 6455, section 4.2.1). The library looks at no more
/// than the key, and whoever speaks another version would be answered in one it does not know.
fn is_handshake(headers: &HeaderMap) -> bool {
    let names = |header, wanted: &str| {
        let values = headers.get_all(header).iter();
        let mut tokens = values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','));
        tokens.any(|token| token.trim().eq_ignore_ascii_case(wanted))
    };
    names(header::CONNECTION, "upgrade")
        && names(header::UPGRADE, "websocket")
        && names(header::SEC_WEBSOCKET_VERSION, "13")
}

/// The same address with the id that Engine.IO knows, and no other.
fn with_id(uri: &Uri, id: &str) -> Result<Uri, CallError> {
    let others = uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.starts_with("sid="));
    let query = others.fold(format!("sid={id}"), |query, pair| query + "&" + pair);
    address(&format!("{}?{query}", uri.path()))
}

fn address(text: &str) -> Result<Uri, CallError> {
    let read = text.parse();
    read.map_err(|_| CallError::bad_request("This address cannot be read."))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_handshake_asks_for_a_web_socket_of_the_one_version() {
        let ask = |connection: &'static str, upgrade: &'static str, version: &'static str| {
            let lines = [
                (header::CONNECTION, connection),
                (header::UPGRADE, upgrade),
                (header::SEC_WEBSOCKET_VERSION, version),
            ];
            let lines = lines.map(|(name, value)| (name, HeaderValue::from_static(value)));
            is_handshake(&HeaderMap::from_iter(lines))
        };
        assert!(ask("Upgrade", "websocket", "13"));
        assert!(ask("keep-alive, upgrade", "WebSocket", "13"));
        assert!(!ask("close", "websocket", "13"));
        assert!(!ask("Upgrade", "h2c", "13"));
        assert!(!ask("Upgrade", "websocket", "8"));
        assert!(!ask("Upgrade", "websocket", ""));
    }

    #[test]
    fn a_transport_has_its_exact_name() {
        let named = |query: &str| names_transport(&format!("/?{query}").parse().expect("a uri"));
        assert!(named("EIO=4&transport=polling") && named("transport=websocket&t=x"));
        for other in [
            "transport=websocket=",
            "transport=WebSocket",
            "transport=",
            "EIO=4",
        ] {
            assert!(!named(other), "{other}");
        }
    }

    #[test]
    fn an_address_is_passed_on_with_one_id_only() {
        let uri: Uri = "/socket.io/?EIO=4&sid=told&transport=polling&sid=other&t=x"
            .parse()
            .expect("a uri");
        assert_eq!(parameter(&uri, "sid"), Some("told"));
        let passed = with_id(&uri, "known").expect("a uri");
        assert_eq!(passed, "/socket.io/?sid=known&EIO=4&transport=polling&t=x");
    }
}
