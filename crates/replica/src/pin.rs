//! Whether a host has the key it is known by, checked inside the handshake.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use hearth_protocol::fingerprint::Fingerprint;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};
use x509_parser::parse_x509_certificate;

use crate::identity::fingerprint;

/// Takes a host that proves to hold the expected key, or any key where none is known yet. Names
/// prove nothing on a network without authorities, and clocks without internet are wrong too often
/// to trust a date, so neither decides anything.
#[derive(Debug)]
pub(crate) struct HostKey {
    expected: Option<Fingerprint>,
    seen: OnceLock<Fingerprint>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl HostKey {
    pub(crate) fn new(expected: Option<Fingerprint>, provider: &CryptoProvider) -> Self {
        Self {
            expected,
            seen: OnceLock::new(),
            algorithms: provider.signature_verification_algorithms,
        }
    }

    /// The key that the host showed, once it has.
    pub(crate) fn seen(&self) -> Option<Fingerprint> {
        self.seen.get().copied()
    }

    /// The key that was shown in place of the expected one.
    pub(crate) fn wrong(&self) -> Option<Fingerprint> {
        let expected = self.expected?;
        self.seen().filter(|seen| *seen != expected)
    }
}

impl ServerCertVerifier for HostKey {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let key = fingerprint(certificate)
            .ok_or(Error::InvalidCertificate(CertificateError::BadEncoding))?;
        let seen = self.seen.get_or_init(|| key);
        if self.expected.is_some_and(|expected| expected != *seen) {
            return Err(Error::InvalidCertificate(
                CertificateError::ApplicationVerificationFailure,
            ));
        }
        warn_of_dates(certificate, now);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("links speak TLS 1.3".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Takes any host that proves to hold the key it shows: for looking who is there. Whoever joins
/// compares the key.
pub fn any_host_key(provider: &CryptoProvider) -> Arc<dyn ServerCertVerifier> {
    Arc::new(HostKey::new(None, provider))
}

/// Says so when a certificate is of another time: then one of the two clocks is wrong, and times
/// beside messages will look odd.
fn warn_of_dates(certificate: &[u8], now: UnixTime) {
    let Ok((_, parsed)) = parse_x509_certificate(certificate) else {
        return;
    };
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    let (begins, ends) = (
        parsed.validity().not_before.timestamp(),
        parsed.validity().not_after.timestamp(),
    );
    if (begins..=ends).contains(&now) {
        return;
    }
    let off = Duration::from_secs(now.abs_diff(if now < begins { begins } else { ends }));
    tracing::warn!(
        off_hours = off.as_secs() / 3_600,
        "the host's certificate is of another time, which is let pass: is a clock wrong?"
    );
}
