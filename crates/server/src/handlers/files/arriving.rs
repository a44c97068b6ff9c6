//! A file arrives: its bytes as they are, or in a form as browsers and scripts send it.

use std::error::Error;
use std::future::ready;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::multipart::Field;
use axum::extract::{Extension, FromRequest, Multipart, Query, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use futures::{Stream, TryStreamExt};
use hearth_protocol::http::StoredFile;
use hearth_protocol::{CallError, CallId, RoomId};
use hearth_session::Upload;
use http_body_util::Limited;
use serde::Deserialize;
use tokio::time::timeout;
use tower_http::timeout::TimeoutError;

use super::authenticate;
use crate::failure::Failure;
use crate::server::Server;
use crate::wire::Wire;

/// What a form may have besides its file: boundaries, headers, small fields.
const FORM_BYTES: u64 = 64 * 1_024;

/// A refused body is still read for so long and so far, into nothing: whoever is busy sending does
/// not hear an answer that comes with the end of the connection.
const DISCARD_WITHIN: Duration = Duration::from_secs(10);
const DISCARD_FILES: u64 = 4;

/// What stands after `?`.
#[derive(Deserialize)]
struct Wanted {
    room: RoomId,
    name: Option<String>,
    id: Option<CallId>,
}

/// `POST /files?room=ID&name=NAME&id=ID`
pub(crate) async fn add_file(
    State(server): State<Server>,
    Extension(wire): Extension<Arc<Wire>>,
    request: Request,
) -> Result<Response, Failure> {
    let (head, body) = request.into_parts();
    let (wanted, upload) = match begin(&server, &wire, &head).await {
        Ok(begun) => begun,
        Err(failure) => {
            discard(&server, &head.headers, body).await;
            return Err(failure);
        }
    };
    let room = wanted.room;
    let within = Duration::from_millis(server.session().limits().upload_within_ms);
    let received = receive(&server, head, body, wanted, upload);
    let file = timeout(within, received).await.map_err(|_| too_slow())??;
    let location = HeaderValue::try_from(format!("/files/{room}/{}", file.hash));
    let location = location.map_err(|_| CallError::internal())?;
    let headers = AppendHeaders([(header::LOCATION, location)]);
    Ok((StatusCode::CREATED, headers, Json(file)).into_response())
}

/// Everything that can be said before the body is read.
async fn begin(server: &Server, wire: &Wire, head: &Parts) -> Result<(Wanted, Upload), Failure> {
    let credential = authenticate(server, wire, &head.headers).await?;
    let Query(wanted) = Query::<Wanted>::try_from_uri(&head.uri).map_err(|_| {
        CallError::bad_request(
            "Say which room the file is for: POST /files?room=ID&name=NAME, with ids as they come \
             from the session.",
        )
    })?;
    let around = if is_form(&head.headers) {
        FORM_BYTES
    } else {
        0
    };
    let size = length(&head.headers).saturating_sub(around);
    let session = server.session();
    let upload = session.begin_upload(credential, wanted.room, size).await?;
    Ok((wanted, upload))
}

async fn receive(
    server: &Server,
    head: Parts,
    body: Body,
    wanted: Wanted,
    mut upload: Upload,
) -> Result<StoredFile, Failure> {
    if !is_form(&head.headers) {
        let most = server.session().limits().file_bytes * DISCARD_FILES;
        fill(&mut upload, body.into_data_stream(), most).await?;
        return Ok(upload.finish(wanted.name.as_deref(), wanted.id).await?);
    }
    let most = server.session().limits().file_bytes + FORM_BYTES;
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let request = Request::from_parts(head, Body::new(Limited::new(body, most)));
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|error| broken_form(&error))?;
    let mut name = None;
    let mut found = false;
    while let Some(field) = form
        .next_field()
        .await
        .map_err(|error| broken_form(&error))?
    {
        let Some(file_name) = field.file_name() else {
            continue;
        };
        if found {
            return Err(CallError::bad_request("Send one file at a time.").into());
        }
        found = true;
        // So browsers write a quotation mark (HTML, "multipart/form-data encoding algorithm").
        name = Some(file_name.replace("%22", "\""));
        fill_from_form(&mut upload, field).await?;
    }
    if !found {
        let message = "This form holds no file. Send one, as the form's field of type file.";
        return Err(CallError::bad_request(message).into());
    }
    let name = wanted.name.or(name);
    Ok(upload.finish(name.as_deref(), wanted.id).await?)
}

/// Takes bytes in as they come. The rest of what is refused is read all the same, up to `most`.
async fn fill(
    upload: &mut Upload,
    chunks: impl Stream<Item = Result<Bytes, axum::Error>>,
    most: u64,
) -> Result<(), Failure> {
    let mut chunks = pin!(chunks);
    while let Some(chunk) = chunks.try_next().await.map_err(|error| cut_off(&error))? {
        if let Err(refusal) = upload.push(&chunk) {
            skip(chunks, most).await;
            return Err(refusal.into());
        }
    }
    Ok(())
}

async fn fill_from_form(upload: &mut Upload, mut field: Field<'_>) -> Result<(), Failure> {
    while let Some(chunk) = field.chunk().await.map_err(|error| broken_form(&error))? {
        upload.push(&chunk)?;
    }
    Ok(())
}

/// Reads the body of a request that is refused without it. A client that waits for a word before it
/// sends, as curl does with large files, gets the refusal instead.
async fn discard(server: &Server, headers: &HeaderMap, body: Body) {
    if !headers.contains_key(header::EXPECT) {
        let most = server.session().limits().file_bytes * DISCARD_FILES;
        skip(body.into_data_stream(), most).await;
    }
}

async fn skip(chunks: impl Stream<Item = Result<Bytes, axum::Error>>, most: u64) {
    let mut left = most;
    let reading = chunks.try_for_each(|chunk| {
        left = left.saturating_sub(chunk.len() as u64);
        let enough = || axum::Error::new(std::io::Error::other("enough"));
        ready(if left == 0 { Err(enough()) } else { Ok(()) })
    });
    // However it ends, the answer is the refusal.
    let _ = timeout(DISCARD_WITHIN, reading).await;
}

fn is_form(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("multipart/form-data"))
}

fn length(headers: &HeaderMap) -> u64 {
    let length = headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok());
    length.and_then(|length| length.parse().ok()).unwrap_or(0)
}

/// Why the body ended before its time.
fn cut_off(error: &(dyn Error + 'static)) -> Failure {
    if has_stalled(error) {
        return too_slow();
    }
    CallError::bad_request("The file did not arrive whole. Send it again.").into()
}

fn broken_form(error: &(dyn Error + 'static)) -> Failure {
    if has_stalled(error) {
        return too_slow();
    }
    CallError::bad_request(
        "This form cannot be read. Send multipart/form-data with one file, or the file's bytes alone.",
    )
    .into()
}

fn has_stalled(error: &(dyn Error + 'static)) -> bool {
    let mut causes = std::iter::successors(Some(error), |&error| error.source());
    causes.any(|cause| cause.is::<TimeoutError>())
}

fn too_slow() -> Failure {
    Failure::new(
        StatusCode::REQUEST_TIMEOUT,
        CallError::bad_request(
            "The file arrived too slowly. Send it again on a better connection.",
        ),
    )
}
