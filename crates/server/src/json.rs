//! A request's JSON body, refused in Hearth's own words.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use hearth_protocol::{CallError, Code};
use serde::de::DeserializeOwned;

use crate::failure::Failure;

/// The body, read as `T`.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        match Json::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(rejection) => Err(refusal(&rejection)),
        }
    }
}

fn refusal(rejection: &JsonRejection) -> Failure {
    match rejection {
        JsonRejection::MissingJsonContentType(_) => Failure::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            CallError::bad_request("Send JSON, with `Content-Type: application/json`."),
        ),
        rejection if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            CallError::new(Code::TooLarge, "That is larger than this address takes.").into()
        }
        rejection => {
            let text = rejection.body_text();
            // What comes before is about programs.
            let reason = text
                .split_once(": ")
                .map_or(text.as_str(), |(_, reason)| reason);
            CallError::bad_request(format!("This cannot be read: {reason}.")).into()
        }
    }
}
