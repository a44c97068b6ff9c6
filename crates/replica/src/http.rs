//! Requests to a host, over connections that are made and pinned as links are.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use hearth_protocol::CallError;
use hearth_protocol::fingerprint::Fingerprint;
use hearth_protocol::http::HttpError;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use crate::carrier::{Carrier, ReachError};
use crate::identity::Identity;
use crate::target::Target;

/// Unless said otherwise: an answer about a session is small.
const MOST_BYTES: usize = 64 * 1024;

/// Unless said otherwise: a host that has not answered by then is stuck.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);

/// Why a request has no answer that could be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpFailure {
    /// The host was not reached.
    #[error(transparent)]
    Reach(#[from] ReachError),
    /// The connection broke, the answer did not come in time, or is larger than it may be.
    #[error("The host's answer did not arrive ({0}).")]
    Lost(String),
    /// The answer cannot be read.
    #[error("What answers at {0} is not Hearth.")]
    Unreadable(String),
    /// The host refused.
    #[error("{error}")]
    Refused {
        /// HTTP's own word for it.
        status: StatusCode,
        /// What and why.
        error: CallError,
    },
}

/// One request to a host.
#[derive(Clone)]
pub struct Ask {
    method: Method,
    path: String,
    token: Option<String>,
    body: Bytes,
    is_json: bool,
    most_bytes: usize,
    within: Duration,
}

impl Ask {
    /// With this method, for this path and query.
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            token: None,
            body: Bytes::new(),
            is_json: false,
            most_bytes: MOST_BYTES,
            within: ANSWER_WITHIN,
        }
    }

    /// Says who asks.
    #[must_use]
    pub fn token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// Carries these bytes.
    #[must_use]
    pub fn body(mut self, body: Bytes) -> Self {
        self.body = body;
        self
    }

    /// Carries this as JSON.
    #[must_use]
    pub fn json(mut self, value: &impl Serialize) -> Self {
        // Types of the protocol have string keys alone, which is all that can fail here.
        self.body = serde_json::to_vec(value).unwrap_or_default().into();
        self.is_json = true;
        self
    }

    /// Takes an answer of up to so many bytes; 64 KiB otherwise.
    #[must_use]
    pub fn most_bytes(mut self, bytes: usize) -> Self {
        self.most_bytes = bytes;
        self
    }

    /// Waits so long for the whole answer; 15 s otherwise. Reaching the host is not counted.
    #[must_use]
    pub fn within(mut self, within: Duration) -> Self {
        self.within = within;
        self
    }
}

/// Without who asks and what is said.
impl fmt::Debug for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ask")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

/// A host's answer.
pub struct Told {
    /// HTTP's word for it: never a refusal.
    pub status: StatusCode,
    /// Its media type.
    pub kind: Option<String>,
    /// What it holds.
    pub body: Bytes,
    /// The key that the host showed; nothing without encryption.
    pub host_key: Option<Fingerprint>,
    address: String,
}

/// Without what it holds, which may be a credential.
impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Told")
            .field("status", &self.status)
            .field("host_key", &self.host_key)
            .finish_non_exhaustive()
    }
}

impl Told {
    /// Reads the answer.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, HttpFailure> {
        serde_json::from_slice(&self.body)
            .map_err(|_| HttpFailure::Unreadable(self.address.clone()))
    }
}

/// Asks `target`, by a connection for this request alone. Dropping the future ends both.
pub async fn ask(target: &Target, identity: &Identity, ask: Ask) -> Result<Told, HttpFailure> {
    let carrier = Carrier::open(target, identity).await?;
    let within = ask.within;
    match timeout(within, exchange(carrier, ask)).await {
        Ok(answered) => answered,
        Err(_) => Err(HttpFailure::Lost("it took too long".to_owned())),
    }
}

async fn exchange(carrier: Carrier, ask: Ask) -> Result<Told, HttpFailure> {
    let lost = |error: hyper::Error| HttpFailure::Lost(error.to_string());
    let (host_key, address) = (carrier.host_key, carrier.address.to_string());
    let request = request(&ask, &address)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(carrier.stream))
        .await
        .map_err(lost)?;
    let answering = async {
        let answer = sender.send_request(request).await.map_err(lost)?;
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, ask.most_bytes).collect().await;
        let body = body.map_err(|error| HttpFailure::Lost(error.to_string()))?;
        let kind = head.headers.get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).map(str::to_owned);
        Ok::<_, HttpFailure>(Told {
            status: head.status,
            kind,
            body: body.to_bytes(),
            host_key,
            address,
        })
    };
    // The connection is driven here, so nothing of it outlives the request.
    let told = tokio::select! {
        told = answering => told?,
        Err(error) = connection => return Err(lost(error)),
    };
    if told.status.is_success() {
        return Ok(told);
    }
    let refused: HttpError = told.read()?;
    Err(HttpFailure::Refused {
        status: told.status,
        error: refused.error,
    })
}

fn request(ask: &Ask, address: &str) -> Result<Request<Full<Bytes>>, HttpFailure> {
    let mut request = Request::builder()
        .method(ask.method.clone())
        .uri(&ask.path)
        .header(header::HOST, address);
    if ask.is_json {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    if let Some(token) = &ask.token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let request = request.body(Full::new(ask.body.clone()));
    request.map_err(|error| HttpFailure::Lost(error.to_string()))
}
