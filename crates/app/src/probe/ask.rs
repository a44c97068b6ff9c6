//! One question to one address: `GET /health`, by TLS as an app asks, and by plain HTTP where there
//! is no TLS.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use hearth_protocol::fingerprint::Fingerprint;
use hearth_protocol::http::Health;
use hearth_replica::any_host_key;
use hearth_server::LINK_PROTOCOL;
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, ServerName};
use rustls::version::TLS13;
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use x509_parser::parse_x509_certificate;

/// On one network a connection takes milliseconds; a sleeping phone's radio takes a second or two.
const CONNECTS_WITHIN: Duration = Duration::from_secs(4);

/// The same for a handshake, and for the answer to a question.
const ANSWERS_WITHIN: Duration = Duration::from_secs(4);

/// A host's answer has some 500 bytes.
const ANSWER_BYTES: u64 = 16 * 1024;

/// What an address has to say.
#[derive(Debug)]
pub(crate) enum Answer {
    /// Nobody is there.
    Nothing,
    /// Somebody who does not speak like Hearth.
    NotHearth,
    /// A host.
    Hearth {
        health: Health,
        /// The key it has proven to hold; none without TLS.
        fingerprint: Option<Fingerprint>,
    },
}

/// Asks who is there, for some seconds at most.
pub(crate) async fn ask(host: &str, port: u16) -> Answer {
    let Some(stream) = connect(host, port).await else {
        return Answer::Nothing;
    };
    if let Ok((health, fingerprint)) = by_tls(stream, host).await {
        return Answer::Hearth {
            health,
            fingerprint: Some(fingerprint),
        };
    }
    let Some(stream) = connect(host, port).await else {
        // It took the first connection.
        return Answer::NotHearth;
    };
    match plainly(stream, host, port).await {
        Ok(health) => Answer::Hearth {
            health,
            fingerprint: None,
        },
        Err(_) => Answer::NotHearth,
    }
}

async fn connect(host: &str, port: u16) -> Option<TcpStream> {
    let connected = timeout(CONNECTS_WITHIN, TcpStream::connect((host, port))).await;
    connected.ok()?.ok()
}

/// As an app asks. Its key is made for this question, so that who asks cannot be known again.
async fn by_tls(stream: TcpStream, host: &str) -> io::Result<(Health, Fingerprint)> {
    let config = config().map_err(io::Error::other)?;
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    let handshake = TlsConnector::from(Arc::new(config)).connect(name, stream);
    let mut stream = timeout(ANSWERS_WITHIN, handshake).await??;
    let connection = stream.get_ref().1;
    if connection.alpn_protocol() != Some(LINK_PROTOCOL) {
        return Err(nonsense());
    }
    let certificate = connection
        .peer_certificates()
        .and_then(<[_]>::first)
        .ok_or_else(nonsense)?;
    let (_, parsed) = parse_x509_certificate(certificate).map_err(|_| nonsense())?;
    let fingerprint = Fingerprint(Sha256::digest(parsed.public_key().raw).into());
    // A link's `Host` means nothing; a name that could be anything else's is not told.
    let health = timeout(ANSWERS_WITHIN, health(&mut stream, "localhost")).await??;
    Ok((health, fingerprint))
}

async fn plainly(mut stream: TcpStream, host: &str, port: u16) -> io::Result<Health> {
    let host = match host.contains(':') {
        true => format!("[{host}]:{port}"),
        false => format!("{host}:{port}"),
    };
    timeout(ANSWERS_WITHIN, health(&mut stream, &host)).await?
}

/// `GET /health`, and nothing else is taken for an answer than what a host says to that.
async fn health(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    host: &str,
) -> io::Result<Health> {
    let request = format!("GET /health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    stream.flush().await?;
    let mut answer = Vec::new();
    let ended = stream.take(ANSWER_BYTES).read_to_end(&mut answer).await;
    // Some hosts close without saying so under TLS; what came before counts if it is whole.
    if answer.is_empty() {
        ended?;
    }
    read(&answer).ok_or_else(nonsense)
}

/// The body of a good answer.
fn read(answer: &[u8]) -> Option<Health> {
    let split = answer.windows(4).position(|part| part == b"\r\n\r\n")?;
    let (head, body) = (answer.get(..split)?, answer.get(split + 4..)?);
    if !head.starts_with(b"HTTP/1.1 200") {
        return None;
    }
    let health: Health = serde_json::from_slice(body).ok()?;
    let [lowest, highest] = health.protocol;
    (health.status == "ok" && lowest <= highest && is_version(&health.version)).then_some(health)
}

/// It is shown to people.
fn is_version(text: &str) -> bool {
    let of_versions = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+');
    (1..=40).contains(&text.len()) && text.bytes().all(of_versions)
}

fn config() -> Result<ClientConfig, Box<dyn std::error::Error + Send + Sync>> {
    let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let certificate = CertificateParams::default().self_signed(&pair)?;
    let key = PrivateKeyDer::try_from(pair.serialize_der())?;
    let provider = Arc::new(ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(any_host_key(&provider))
        .with_client_auth_cert(vec![certificate.der().clone()], key)?;
    config.alpn_protocols = vec![LINK_PROTOCOL.to_vec()];
    config.enable_sni = false;
    Ok(config)
}

fn nonsense() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "no answer of Hearth's")
}
