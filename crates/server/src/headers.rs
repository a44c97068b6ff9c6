//! What every answer tells the browser about how it may be used.

use axum::extract::Request;
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

/// For answers that are no page: nothing in them may be run, shown or framed.
const NO_PAGE: &str =
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// For the interface, but for where it may connect to. Styles may be inline because the editor
/// makes its own.
const PAGE: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data: blob:; font-src 'self'; manifest-src 'self'; base-uri 'none'; \
    form-action 'none'; frame-src 'none'; frame-ancestors 'none'; object-src 'none'; connect-src 'self'";

/// Things of the device that no page of Hearth asks for.
const PERMISSIONS: &str = "camera=(), microphone=(), geolocation=(), payment=(), usb=()";

/// Adds them to an answer that does not have its own.
pub(crate) async fn add(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, NO_PAGE),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("permissions-policy"), PERMISSIONS),
    ] {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

/// The content security policy of the interface, for a request that passed the guard.
pub(crate) fn page_policy(request: &HeaderMap, secure: bool) -> HeaderValue {
    // Not every browser counts WebSockets of the same host as 'self'.
    let host = request
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let scheme = if secure { "wss" } else { "ws" };
    let policy = host.map_or_else(
        || PAGE.to_owned(),
        |host| format!("{PAGE} {scheme}://{host}"),
    );
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static(PAGE))
}
