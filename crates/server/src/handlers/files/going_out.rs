//! A file goes out, in a way that makes no browser run what somebody brought.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, State};
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use futures::stream;
use hearth_protocol::http::StoredFile;
use hearth_protocol::{CallError, FileHash, RoomId};
use hearth_session::Download;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::authenticate;
use crate::failure::Failure;
use crate::server::Server;
use crate::wire::Wire;

/// Bytes of one hash never change. Only for this person, and not for whoever uses the browser next.
const KEEP: &str = "private, max-age=31536000, immutable";
const FOR_WHOM: &str = "Cookie, Authorization";

/// A file that is opened by itself is no page of this host: nothing in it runs or loads.
const NO_PAGE: &str = "default-src 'none'; sandbox";

/// What may stand unencoded in `filename*` (RFC 5987, section 3.2.1).
const ATTR_CHARS: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// `GET /files/ROOM/HASH`
pub(crate) async fn show_file(
    State(server): State<Server>,
    Extension(wire): Extension<Arc<Wire>>,
    path: Result<Path<(RoomId, String)>, PathRejection>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let credential = authenticate(&server, &wire, &headers).await?;
    let unknown = || CallError::not_found("file");
    let Path((room, hash)) = path.map_err(|_| unknown())?;
    let hash: FileHash = hash.parse().map_err(|_| unknown())?;
    let download = server.session().download(credential, room, hash).await?;
    let (status, body) = if is_known(&headers, &tag(hash)) {
        (StatusCode::NOT_MODIFIED, Body::empty())
    } else if method == Method::HEAD {
        (StatusCode::OK, Body::empty())
    } else {
        return send(download).await;
    };
    Ok(with_headers(status, download.file(), body))
}

/// The first part is read before anything is said, so that what goes wrong can be said.
async fn send(mut download: Download) -> Result<Response, Failure> {
    let file = download.file().clone();
    let first = download.next_part().await?;
    let parts = stream::try_unfold((first, download), |(part, mut download)| async {
        let Some(part) = part else {
            return Ok::<_, CallError>(None);
        };
        let next = download.next_part().await?;
        Ok(Some((Bytes::from(part), (next, download))))
    });
    Ok(with_headers(
        StatusCode::OK,
        &file,
        Body::from_stream(parts),
    ))
}

fn with_headers(status: StatusCode, file: &StoredFile, body: Body) -> Response {
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    };
    set(header::ETAG, &tag(file.hash));
    set(header::CACHE_CONTROL, KEEP);
    set(header::VARY, FOR_WHOM);
    if status == StatusCode::OK {
        set(header::CONTENT_TYPE, file.r#type.as_str());
        set(header::CONTENT_LENGTH, &file.size.to_string());
        set(header::CONTENT_DISPOSITION, &disposition(file));
        set(header::CONTENT_SECURITY_POLICY, NO_PAGE);
        set(header::ACCEPT_RANGES, "none");
        let policy = HeaderName::from_static("cross-origin-resource-policy");
        set(policy, "same-origin");
    }
    response
}

fn tag(hash: FileHash) -> String {
    format!("\"{hash}\"")
}

/// Whether the client has the file that `tag` stands for.
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let known = headers.get_all(header::IF_NONE_MATCH).iter();
    known
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|one| one.trim())
        .any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
}

/// Pictures may be shown in place; anything else is only ever saved, under its own name.
fn disposition(file: &StoredFile) -> String {
    let how = if file.r#type.is_picture() {
        "inline"
    } else {
        "attachment"
    };
    let name = file.name.as_str();
    // For clients that do not read the second one (RFC 6266, appendix D).
    let plain: String = name
        .chars()
        .map(|c| match c {
            '"' | '\\' | '%' => '_',
            ' '..='~' => c,
            _ => '_',
        })
        .collect();
    let encoded = utf8_percent_encode(name, ATTR_CHARS);
    format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use hearth_protocol::{FileName, FileType};

    use super::*;

    #[track_caller]
    fn check(name: &str, file_type: FileType, expected: &str) {
        let file = StoredFile {
            hash: FileHash([0; 32]),
            name: FileName::new(name).expect("a name"),
            r#type: file_type,
            size: 1,
        };
        let disposition = disposition(&file);
        assert_eq!(disposition, expected);
        HeaderValue::try_from(disposition).expect("a header");
    }

    #[test]
    fn a_name_cannot_end_its_header() {
        check(
            "a \"b\\c%41.png",
            FileType::Png,
            "inline; filename=\"a _b_c_41.png\"; filename*=UTF-8''a%20%22b%5Cc%2541.png",
        );
        check(
            "Käse;x=y.html",
            FileType::Other,
            "attachment; filename=\"K_se;x=y.html\"; filename*=UTF-8''K%C3%A4se%3Bx%3Dy.html",
        );
    }

    #[test]
    fn a_file_that_is_known_is_not_sent_again() {
        let known = |value: &'static str| {
            let lines = [(header::IF_NONE_MATCH, HeaderValue::from_static(value))];
            is_known(&HeaderMap::from_iter(lines), "\"ab\"")
        };
        assert!(known("\"ab\"") && known("\"x\", W/\"ab\"") && known("*"));
        assert!(!known("\"abc\"") && !known("ab") && !known(""));
    }
}
