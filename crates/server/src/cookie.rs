//! The sign-in as a cookie, and where else a request may carry it.

use axum::http::{HeaderMap, HeaderValue, header};
use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use hearth_protocol::SessionId;

/// As long as a sign-in lives without being used.
const MAX_AGE: Duration = Duration::days(30);

/// `Set-Cookie` for a sign-in. Cookies do not tell ports apart, so the session's short id keeps
/// the sign-ins of two sessions on one machine apart.
pub(crate) fn set(session: SessionId, token: &str, secure: bool) -> HeaderValue {
    header_value(&build(session, token, MAX_AGE, secure))
}

/// `Set-Cookie` that makes a browser forget the sign-in.
pub(crate) fn clear(session: SessionId, secure: bool) -> HeaderValue {
    header_value(&build(session, "", Duration::ZERO, secure))
}

/// The sign-in a request carries: in `Authorization: Bearer`, else in the cookie.
pub(crate) fn credential(session: SessionId, headers: &HeaderMap, secure: bool) -> Option<String> {
    bearer(headers).or_else(|| stored(session, headers, secure))
}

/// The sign-in in `Authorization: Bearer`.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<String> {
    let (scheme, token) = headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim().to_owned())
}

/// The sign-in in the cookie. Under TLS only the one that was set under TLS: anybody on the network
/// can set the other.
pub(crate) fn stored(session: SessionId, headers: &HeaderMap, secure: bool) -> Option<String> {
    let name = name(session, secure);
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .find(|cookie| cookie.name() == name)
        .map(|cookie| cookie.value().to_owned())
}

fn name(session: SessionId, secure: bool) -> String {
    let prefix = if secure { "__Host-" } else { "" };
    format!("{prefix}hearth.sid.{}", session.short())
}

fn build(session: SessionId, token: &str, max_age: Duration, secure: bool) -> Cookie<'static> {
    Cookie::build((name(session, secure), token.to_owned()))
        .http_only(true)
        .secure(secure)
        .same_site(SameSite::Strict)
        .path("/")
        .max_age(max_age)
        .build()
}

fn header_value(cookie: &Cookie<'_>) -> HeaderValue {
    HeaderValue::try_from(cookie.to_string()).expect("ids and tokens are plain ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(header::HeaderName, &'static str)]) -> HeaderMap {
        lines
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)))
            .collect()
    }

    fn session() -> SessionId {
        serde_json::from_str("\"00000000-0000-7000-8000-000012abcdef\"").expect("an id")
    }

    #[test]
    fn the_cookie_stays_with_this_host_and_away_from_scripts() {
        assert_eq!(
            set(session(), "token", false),
            "hearth.sid.12abcdef=token; HttpOnly; SameSite=Strict; Path=/; Max-Age=2592000"
        );
        assert_eq!(
            set(session(), "token", true),
            "__Host-hearth.sid.12abcdef=token; HttpOnly; SameSite=Strict; Secure; Path=/; \
             Max-Age=2592000"
        );
    }

    #[test]
    fn under_tls_a_cookie_that_anybody_could_have_set_is_not_taken() {
        let open = headers(&[(header::COOKIE, "hearth.sid.12abcdef=planted")]);
        assert_eq!(credential(session(), &open, true), None);
        let kept = headers(&[(header::COOKIE, "__Host-hearth.sid.12abcdef=mine")]);
        assert_eq!(credential(session(), &kept, true).as_deref(), Some("mine"));
        assert_eq!(credential(session(), &kept, false), None);
    }

    #[test]
    fn a_sign_in_is_found_wherever_a_client_may_put_it() {
        let cookie = headers(&[(
            header::COOKIE,
            "a=b; hearth.sid.12abcdef=mine; hearth.sid.x=no",
        )]);
        assert_eq!(
            credential(session(), &cookie, false).as_deref(),
            Some("mine")
        );
        let bearer = headers(&[
            (header::COOKIE, "hearth.sid.12abcdef=mine"),
            (header::AUTHORIZATION, "bearer other"),
        ]);
        assert_eq!(
            credential(session(), &bearer, false).as_deref(),
            Some("other")
        );
        let none = headers(&[
            (header::COOKIE, "hearth.sid.00000000=x; =; ;"),
            (header::AUTHORIZATION, "Basic x"),
        ]);
        assert_eq!(credential(session(), &none, false), None);
    }
}
