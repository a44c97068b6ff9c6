//! What this computer shows hosts that it is.

use std::fmt;
use std::sync::Arc;

use hearth_protocol::fingerprint::Fingerprint;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest as _, Sha256};
use x509_parser::parse_x509_certificate;

/// A key and certificate that TLS cannot be spoken with.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The certificate is none.
    #[error("this computer's certificate cannot be read")]
    Certificate,
    /// The key is none that this build can use.
    #[error("this computer's key cannot be read: {0}")]
    Key(&'static str),
}

/// An installation's key and certificate, as hosts get to see them. Cheap to clone.
#[derive(Clone)]
pub struct Identity {
    parts: Arc<Parts>,
    fingerprint: Fingerprint,
}

struct Parts {
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    /// With a certificate and its key, both as DER (X.509; PKCS #8).
    pub fn new(certificate: Vec<u8>, key: Vec<u8>) -> Result<Self, IdentityError> {
        let certificate = CertificateDer::from(certificate);
        let fingerprint = fingerprint(&certificate).ok_or(IdentityError::Certificate)?;
        let key = PrivateKeyDer::try_from(key).map_err(IdentityError::Key)?;
        let parts = Arc::new(Parts { certificate, key });
        Ok(Self { parts, fingerprint })
    }

    /// What hosts know this computer by.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// For tests that show it to nobody.
    #[cfg(test)]
    pub(crate) fn of_nobody(fingerprint: Fingerprint) -> Self {
        let parts = Arc::new(Parts {
            certificate: CertificateDer::from(Vec::new()),
            key: PrivateKeyDer::Pkcs8(Vec::new().into()),
        });
        Self { parts, fingerprint }
    }

    pub(crate) fn certificate(&self) -> CertificateDer<'static> {
        self.parts.certificate.clone()
    }

    pub(crate) fn key(&self) -> PrivateKeyDer<'static> {
        self.parts.key.clone_key()
    }
}

/// Without the key.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Identity").field(&self.fingerprint).finish()
    }
}

/// The SHA-256 of a certificate's public key; nothing when it is no certificate.
pub(crate) fn fingerprint(certificate: &[u8]) -> Option<Fingerprint> {
    let (_, parsed) = parse_x509_certificate(certificate).ok()?;
    Some(Fingerprint(Sha256::digest(parsed.public_key().raw).into()))
}
