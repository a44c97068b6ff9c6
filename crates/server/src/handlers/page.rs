//! The interface and the client bundle, from memory.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use hearth_protocol::object::Browsers;
use hearth_protocol::{CallError, Code};
use include_dir::{Dir, File, include_dir};

use crate::cookie;
use crate::failure::Failure;
use crate::headers::page_policy;
use crate::server::Server;
use crate::wire::Wire;

static INTERFACE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../ui/dist");

const PAGE: &str = "index.html";

/// Names in this folder change with their contents.
const HASHED: &str = "assets/";

/// The folder of the client bundle, which has a route of its own.
const CLIENT: &str = "socket.io/";

/// `GET /`: the page. A sign-in's cookie lives on for another 30 days.
pub(crate) async fn show_page(
    State(server): State<Server>,
    Extension(wire): Extension<Arc<Wire>>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    if server.session().state().session().browsers == Browsers::Off {
        return Err(Failure::no_browsers());
    }
    let page = INTERFACE.get_file(PAGE).ok_or_else(not_built)?;
    let secure = wire.is_secure();
    let mut response = serve(page, &headers, secure);
    let session = server.session().state().session().id;
    if let Some(token) = cookie::stored(session, &headers, secure)
        && server.session().authenticate(&token).await.is_ok()
    {
        let cookie = cookie::set(session, &token, secure);
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Any path without a route: a file of the interface, or nothing.
pub(crate) async fn show_file(
    State(server): State<Server>,
    Extension(wire): Extension<Arc<Wire>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    match find(uri.path()) {
        Some(file) if method == Method::GET || method == Method::HEAD => {
            Ok(serve(file, &headers, wire.is_secure()))
        }
        Some(_) => Err(Failure::wrong_method()),
        None => {
            server.rates().count(wire.address())?;
            Err(Failure::unknown_path())
        }
    }
}

/// `GET /socket.io/socket.io.js` and its like.
pub(crate) async fn show_client(
    State(server): State<Server>,
    Extension(wire): Extension<Arc<Wire>>,
    name: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let Path(name) = name.map_err(|_| Failure::unknown_path())?;
    let file = INTERFACE.get_file(format!("{CLIENT}{name}"));
    match file.filter(|_| server.serves_client() && !name.contains('/')) {
        Some(file) => Ok(serve(file, &headers, wire.is_secure())),
        None => Err(Failure::unknown_path()),
    }
}

fn find(path: &str) -> Option<&'static File<'static>> {
    let path = path.strip_prefix('/')?;
    // Paths are compared without such parts, so `assets//x` would be another name for `assets/x`.
    let odd = path.split('/').any(|part| matches!(part, "" | "." | ".."));
    (!odd && !path.starts_with(CLIENT)).then(|| INTERFACE.get_file(path))?
}

fn serve(file: &'static File<'static>, request: &HeaderMap, secure: bool) -> Response {
    let path = file.path();
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let mut response = file.contents().into_response();
    let headers = response.headers_mut();
    if kind == mime_guess::mime::TEXT_HTML {
        headers.insert(
            header::CONTENT_SECURITY_POLICY,
            page_policy(request, secure),
        );
    }
    let cache = if path.starts_with(HASHED) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::CONTENT_TYPE, content_type(&kind));
    response
}

fn content_type(kind: &mime_guess::Mime) -> HeaderValue {
    let text = match kind.type_() {
        mime_guess::mime::TEXT => format!("{kind}; charset=utf-8"),
        _ => kind.to_string(),
    };
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("application/octet-stream"))
}

fn not_built() -> Failure {
    Failure::new(
        StatusCode::SERVICE_UNAVAILABLE,
        CallError::new(
            Code::NotFound,
            "The interface was not built into this program. Run `cargo xtask run`, or \
             `npm run build` in the folder `ui` and then build the program again.",
        ),
    )
}
