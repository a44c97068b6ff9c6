//! Who may address this server from where: `Host` against rebinding, `Origin` against other pages,
//! and without TLS only whom the host allows it.
//!
//! Browsers send any page's WebSockets and simple requests anywhere, with cookies of the same site.
//! A page from elsewhere always says so in `Origin`, and a name that was made to point here says so
//! in `Host`; every request is checked for both before anything else looks at it.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Extension, Request, State};
use axum::http::uri::{Authority, PathAndQuery};
use axum::http::{HeaderMap, HeaderName, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use hearth_protocol::CallError;
use hearth_protocol::object::Browsers;

use crate::config::Listener;
use crate::failure::Failure;
use crate::server::Server;
use crate::wire::Wire;

const PLAIN_PORT: u16 = 80;
const TLS_PORT: u16 = 443;

/// Sent by every browser, and by no script can it be left away.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Lets a request through that may address this listener.
pub(crate) async fn guard(
    State(server): State<Server>,
    Extension(wire): Extension<Arc<Wire>>,
    request: Request,
    next: Next,
) -> Result<Response, Failure> {
    // An app has shown its key, and what it says to be addressing means nothing: it comes through
    // a tunnel of its own. A browser cannot take that way.
    if wire.link().is_some() {
        return Ok(next.run(request).await);
    }
    let host = check(
        server.listener(),
        request.uri(),
        request.headers(),
        wire.is_secure(),
    )?;
    if server.listener().is_window() {
        return Ok(next.run(request).await);
    }
    let browsers = server.session().state().session().browsers;
    if is_browser(request.headers()) {
        wire.mark_browser();
        if browsers == Browsers::Off {
            return Err(Failure::no_browsers());
        }
    }
    if wire.is_readable_by_others() && browsers != Browsers::Plain {
        return not_readable_by_others(&server, &host, &request);
    }
    Ok(next.run(request).await)
}

/// The host wants TLS: a browser is shown the way, anything else is told.
fn not_readable_by_others(
    server: &Server,
    host: &Authority,
    request: &Request,
) -> Result<Response, Failure> {
    let is_page = matches!(*request.method(), Method::GET | Method::HEAD);
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", PathAndQuery::as_str);
    if is_page && server.tls().is_some() && !path.starts_with("/socket.io/") {
        // Not for ever: the host may choose otherwise tomorrow.
        return Ok(Redirect::temporary(&format!("https://{host}{path}")).into_response());
    }
    Err(forbidden("This session is encrypted. Use its address with https:// in front.").into())
}

fn is_browser(headers: &HeaderMap) -> bool {
    headers.contains_key(header::ORIGIN) || headers.contains_key(FETCH_SITE)
}

/// What the request addresses, if it may be addressed from where it comes.
fn check(
    listener: &Listener,
    uri: &Uri,
    headers: &HeaderMap,
    secure: bool,
) -> Result<Authority, CallError> {
    let host = named_host(uri, headers)?;
    if !may_be_host(listener, host.host()) {
        return Err(forbidden(
            "This address is not one of the host's. Use the address it shows.",
        ));
    }
    let mut origins = headers.get_all(header::ORIGIN).iter();
    match (origins.next(), origins.next()) {
        (None, _) => Ok(host),
        (Some(origin), None) if is_own_origin(listener, &host, origin.as_bytes(), secure) => {
            Ok(host)
        }
        _ => Err(forbidden(
            "A page from elsewhere may not use this server. Open the address the host shows.",
        )),
    }
}

fn forbidden(message: &str) -> CallError {
    CallError::forbidden(message)
}

/// What the request says it addresses: one `Host`, and where the request line names one too, the
/// same.
fn named_host(uri: &Uri, headers: &HeaderMap) -> Result<Authority, CallError> {
    let unreadable = || CallError::bad_request("A request needs one `Host` header.");
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return Err(unreadable());
    };
    let host = authority(host.as_bytes()).ok_or_else(unreadable)?;
    if uri.authority().is_some_and(|named| *named != host) {
        return Err(unreadable());
    }
    Ok(host)
}

/// A host and perhaps a port, and no more.
fn authority(text: &[u8]) -> Option<Authority> {
    let authority = Authority::try_from(text).ok()?;
    let host_alone = authority.as_str().len() == authority.host().len();
    let with_port = authority.port_u16().is_some() && !authority.as_str().contains('@');
    (host_alone || with_port).then_some(authority)
}

fn may_be_host(listener: &Listener, host: &str) -> bool {
    match listener {
        Listener::Window { .. } => host == "127.0.0.1" || host.eq_ignore_ascii_case("localhost"),
        Listener::Public { names } => {
            let name = host.strip_suffix('.').unwrap_or(host);
            let literal = host
                .strip_prefix('[')
                .and_then(|host| host.strip_suffix(']'));
            literal.unwrap_or(host).parse::<IpAddr>().is_ok()
                || name.eq_ignore_ascii_case("localhost")
                || names.iter().any(|own| own.eq_ignore_ascii_case(name))
        }
    }
}

fn is_own_origin(listener: &Listener, host: &Authority, origin: &[u8], secure: bool) -> bool {
    match listener {
        Listener::Window { origins, .. } => origins.iter().any(|own| own.as_bytes() == origin),
        Listener::Public { .. } => {
            let (scheme, port): (&[u8], _) = if secure {
                (b"https://", TLS_PORT)
            } else {
                (b"http://", PLAIN_PORT)
            };
            let from = origin.strip_prefix(scheme).and_then(authority);
            let port = |of: &Authority| of.port_u16().unwrap_or(port);
            from.is_some_and(|from| {
                from.host().eq_ignore_ascii_case(host.host()) && port(&from) == port(host)
            })
        }
    }
}

#[cfg(test)]
mod tests;
