//! TLS and plain HTTP on one port: which of them a connection speaks, and whose key is behind it.
//!
//! An app says in the handshake that it is one (ALPN `hearth/1`), and only then is asked for a
//! certificate of its own: browsers would show their people a choice of certificates. What counts
//! of a certificate is its key. There is no authority here that could vouch for anything else, and
//! clocks on a network without internet are wrong too often to trust a date.

mod links;
mod validity;

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use hearth_protocol::fingerprint::Fingerprint;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::Acceptor;
use rustls::version::TLS13;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::LazyConfigAcceptor;
use x509_parser::parse_x509_certificate;

use links::AnyKey;
use validity::Validity;

/// What an app says it speaks. Part of the contract between versions of Hearth.
pub const LINK_PROTOCOL: &[u8] = b"hearth/1";

const HTTP: &[u8] = b"http/1.1";

/// The first byte of every TLS connection, and of no HTTP request.
const HANDSHAKE: u8 = 0x16;

/// Browsers open connections ahead and leave them silent; these are closed again.
const FIRST_BYTE_WITHIN: Duration = Duration::from_secs(10);
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);

/// A write that makes no progress for this long ends the connection. Without it a frozen peer's
/// connection outlives even the heartbeat, because closing waits for what is still to be written.
const WRITE_STALLED: Duration = Duration::from_secs(10);

/// Why a key and certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The key is none that this build can use.
    #[error("the private key cannot be read: {0}")]
    Key(&'static str),
    /// The certificate is none.
    #[error("the certificate cannot be read")]
    Certificate,
    /// Key and certificate do not fit, or TLS cannot be set up with them.
    #[error(transparent)]
    Tls(#[from] rustls::Error),
}

/// What encrypted connections are accepted with.
#[derive(Debug, Clone)]
pub struct Tls {
    browsers: Arc<ServerConfig>,
    links: Arc<ServerConfig>,
    fingerprint: Fingerprint,
    validity: Option<Validity>,
}

impl Tls {
    /// With a certificate and its key, both as DER (X.509; PKCS #8).
    pub fn new(certificate: Vec<u8>, key: Vec<u8>) -> Result<Self, TlsError> {
        let certificate = CertificateDer::from(certificate);
        let fingerprint = fingerprint(&certificate).map_err(|_| TlsError::Certificate)?;
        let validity = Validity::of(&certificate);
        let certificate = vec![certificate];
        let key = PrivateKeyDer::try_from(key).map_err(TlsError::Key)?;
        let provider = Arc::new(ring::default_provider());
        let mut browsers = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(certificate.clone(), key.clone_key())?;
        browsers.alpn_protocols = vec![HTTP.to_vec()];
        // Apps are all of one kind, so nothing older needs to be spoken with them.
        let mut links = ServerConfig::builder_with_provider(provider.clone())
            .with_protocol_versions(&[&TLS13])?
            .with_client_cert_verifier(Arc::new(AnyKey::new(&provider)))
            .with_single_cert(certificate, key)?;
        links.alpn_protocols = vec![LINK_PROTOCOL.to_vec()];
        Ok(Self {
            browsers: Arc::new(browsers),
            links: Arc::new(links),
            fingerprint: Fingerprint(fingerprint),
            validity,
        })
    }

    /// The SHA-256 of the public key that whoever connects is shown.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Says in the log when the certificate is not valid by this computer's clock. Never ends.
    pub(crate) async fn watch_dates(self) {
        if let Some(validity) = self.validity {
            validity.watch().await;
        }
    }

    async fn accept(&self, stream: Tcp) -> io::Result<Opened> {
        let start = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
        let is_link = start
            .client_hello()
            .alpn()
            .is_some_and(|mut protocols| protocols.any(|one| one == LINK_PROTOCOL));
        let config = if is_link { &self.links } else { &self.browsers };
        let stream = start.into_stream(config.clone()).await?;
        let certificates = stream.get_ref().1.peer_certificates();
        let key = match certificates.and_then(<[_]>::first) {
            Some(certificate) => Some(fingerprint(certificate)?),
            None => None,
        };
        Ok(Opened {
            carrier: Box::pin(stream),
            security: Security::Encrypted { link: key },
        })
    }
}

/// The SHA-256 of a certificate's public key (its `SubjectPublicKeyInfo`).
fn fingerprint(certificate: &CertificateDer<'_>) -> io::Result<[u8; 32]> {
    let (_, parsed) = parse_x509_certificate(certificate)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "no certificate"))?;
    Ok(Sha256::digest(parsed.public_key().raw).into())
}

/// How a connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Security {
    /// Not at all.
    Plain,
    /// By TLS.
    Encrypted {
        /// An app's link: the fingerprint of its key.
        link: Option<[u8; 32]>,
    },
}

/// A connection's bytes, as the peer meant them.
pub(crate) trait Carrier: AsyncRead + AsyncWrite + Send {}
impl<T: AsyncRead + AsyncWrite + Send> Carrier for T {}

type Tcp = Pin<Box<TimeoutStream<TcpStream>>>;

/// A connection that is ready to be spoken on.
pub(crate) struct Opened {
    pub(crate) carrier: Pin<Box<dyn Carrier>>,
    pub(crate) security: Security,
}

/// Finds out what `stream` speaks, and takes the handshake if it is TLS.
pub(crate) async fn open(stream: TcpStream, tls: Option<&Tls>) -> io::Result<Opened> {
    let mut first = [0];
    if timeout(FIRST_BYTE_WITHIN, stream.peek(&mut first)).await?? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(WRITE_STALLED));
    let stream = Box::pin(stream);
    match tls.filter(|_| first[0] == HANDSHAKE) {
        Some(tls) => timeout(HANDSHAKE_WITHIN, tls.accept(stream)).await?,
        // Where TLS is not spoken, hyper answers a handshake like any other nonsense.
        None => Ok(Opened {
            carrier: stream,
            security: Security::Plain,
        }),
    }
}
