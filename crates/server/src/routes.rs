//! The table of contents: every path, and what answers it. Events are listed in `sockets`.

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, Method, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use tower_http::cors::CorsLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;

use crate::config::Listener;
use crate::failure::Failure;
use crate::handlers::{api, files, health, page, sign_in};
use crate::server::Server;
use crate::sockets::{EventApi, engine};
use crate::{guard, headers, rates};

/// A sign-in is a few short texts.
const BODY_BYTES: usize = 16 * 1024;

/// A body that stops arriving for this long ends its request.
const BODY_STALLED: Duration = Duration::from_secs(10);

/// How long a browser may remember the answer to a preflight.
const PREFLIGHT_MAX_AGE: Duration = Duration::from_secs(600);

/// Everything one listener answers.
pub(crate) fn routes(server: &Server, events: EventApi) -> Router {
    let programs = everybody(server).merge(socket_io(server, events));
    let wrong_method = async || Failure::wrong_method();
    let router = match server.listener() {
        Listener::Public { .. } => programs
            .merge(people(server))
            .method_not_allowed_fallback(wrong_method),
        Listener::Window { origins, .. } => {
            let nothing_else = async || Failure::unknown_path();
            // Inside of the layer: it is the one that answers OPTIONS.
            programs
                .fallback(nothing_else)
                .method_not_allowed_fallback(wrong_method)
                .layer(cors(origins))
        }
    };
    router
        .layer(RequestBodyTimeoutLayer::new(BODY_STALLED))
        .layer(from_fn_with_state(server.clone(), guard::guard))
        .layer(from_fn(headers::add))
        .with_state(server.clone())
}

/// For programs, on every listener.
fn everybody(server: &Server) -> Router<Server> {
    // A body is as large as a file may be, which the session says.
    let arriving = post(files::add_file).layer(DefaultBodyLimit::disable());
    let going_out = Router::new()
        .route("/files/{room}/{hash}", get(files::show_file))
        .route_layer(from_fn_with_state(server.clone(), rates::limit_downloads));
    Router::new()
        .route("/health", get(health::show_health))
        .route("/api.json", get(api::show_api))
        .route("/files", arriving)
        .route_layer(from_fn_with_state(server.clone(), rates::limit))
        .merge(going_out)
}

/// For people and what acts for them: the interface and the way in.
fn people(server: &Server) -> Router<Server> {
    let way_in = Router::new()
        .route("/sign-in", post(sign_in::sign_in))
        .route(
            "/sign-in/{knock}",
            get(sign_in::wait_at_door)
                .post(sign_in::reveal_nonce)
                .delete(sign_in::leave_door),
        )
        .route("/sign-out", post(sign_in::sign_out))
        .route_layer(from_fn_with_state(server.clone(), rates::limit))
        .layer(DefaultBodyLimit::max(BODY_BYTES));
    Router::new()
        .route("/", get(page::show_page))
        .fallback(page::show_file)
        .merge(way_in)
}

/// Socket.IO, and the official client for it in front: the library takes every path below its own.
fn socket_io(server: &Server, events: EventApi) -> Router<Server> {
    let engine = events
        .router
        .route_layer(from_fn_with_state(server.clone(), engine::door));
    match server.listener() {
        Listener::Public { .. } => engine.route("/socket.io/{name}", get(page::show_client)),
        Listener::Window { .. } => engine,
    }
}

/// The window's page comes from an origin of its own, and says who it is by token only.
fn cors(origins: &[String]) -> CorsLayer {
    let origins = origins
        .iter()
        .filter_map(|origin| HeaderValue::try_from(origin).ok());
    CorsLayer::new()
        .allow_origin(origins.collect::<Vec<_>>())
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::CONTENT_TYPE, header::AUTHORIZATION])
        .allow_private_network(true)
        .max_age(PREFLIGHT_MAX_AGE)
}
