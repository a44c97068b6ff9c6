//! How a refusal is said by HTTP: `{error: {code, message, …}}` with the status its code has.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hearth_protocol::http::HttpError;
use hearth_protocol::{CallError, Code};

/// A refusal on its way to an HTTP client.
#[derive(Debug)]
pub(crate) struct Failure {
    status: StatusCode,
    error: CallError,
}

impl Failure {
    /// A refusal with another status than its code usually has.
    pub(crate) fn new(status: StatusCode, error: CallError) -> Self {
        Self { status, error }
    }

    /// Nothing is served under this path.
    pub(crate) fn unknown_path() -> Self {
        CallError::new(Code::NotFound, "There is nothing at this address.").into()
    }

    /// The path is known, the method is not one it takes.
    pub(crate) fn wrong_method() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            CallError::bad_request("This address does not take that method."),
        )
    }

    /// The host does not admit browsers.
    pub(crate) fn no_browsers() -> Self {
        CallError::forbidden("The host does not admit browsers to this session. Ask for it.").into()
    }

    /// The host is about to stop.
    pub(crate) fn stopping() -> Self {
        CallError::new(Code::Offline, "The host is closing this session.").into()
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        Self::new(status(error.code), error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let retry_after_ms = self.error.retry_after_ms;
        let mut response = (self.status, Json(HttpError { error: self.error })).into_response();
        if let Some(after_ms) = retry_after_ms {
            let seconds = HeaderValue::from(after_ms.div_ceil(1_000));
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }
}

fn status(code: Code) -> StatusCode {
    match code {
        Code::BadRequest | Code::Version => StatusCode::BAD_REQUEST,
        Code::Unauthorized | Code::Expired => StatusCode::UNAUTHORIZED,
        Code::Forbidden | Code::Removed => StatusCode::FORBIDDEN,
        Code::NotFound | Code::Absent => StatusCode::NOT_FOUND,
        Code::Conflict | Code::Diverged => StatusCode::CONFLICT,
        Code::Gone => StatusCode::GONE,
        Code::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        Code::Offline | Code::Full => StatusCode::SERVICE_UNAVAILABLE,
        Code::StorageFull => StatusCode::INSUFFICIENT_STORAGE,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
