//! The description of the event API, generated from its declaration.

use std::sync::LazyLock;

use axum::http::header;
use axum::response::IntoResponse;
use hearth_protocol::describe;

static API: LazyLock<String> =
    LazyLock::new(|| describe::asyncapi(env!("CARGO_PKG_VERSION")).to_string());

/// `GET /api.json`
pub(crate) async fn show_api() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], API.as_str())
}
