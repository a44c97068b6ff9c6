//! Whether the session is open.

use axum::Json;
use axum::extract::State;
use hearth_protocol::PROTOCOL;
use hearth_protocol::http::Health;

use crate::server::Server;

/// `GET /health`
pub(crate) async fn show_health(State(server): State<Server>) -> Json<Health> {
    let state = server.session().state();
    let session = state.session();
    Json(Health {
        status: "ok".to_owned(),
        session: session.id,
        name: session.name.clone(),
        host: state.host().map(|host| host.name.clone()),
        copy: server.session().own_copy(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        protocol: PROTOCOL,
        browsers: session.browsers,
    })
}
