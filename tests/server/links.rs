//! An app is known by its key, and has to prove that it holds it: a certificate is no secret.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use hearth_server::LINK_PROTOCOL;
use rcgen::{CertificateParams, KeyPair};
use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme, version::TLS13};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::house::House;

/// A certificate, and the key that signs for it.
struct Shown {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

/// What an installation of its own would show.
fn app() -> Result<Shown> {
    let pair = KeyPair::generate()?;
    let certificate = CertificateParams::new(Vec::new())?.self_signed(&pair)?;
    Ok(Shown {
        certificate: certificate.der().to_vec(),
        key: pair.serialize_der(),
    })
}

/// What is answered to a request over a link that shows this. Nothing if the host ends it.
async fn ask(house: &House, shown: Option<Shown>) -> Result<String> {
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Pinned {
            certificate: house.certificate.clone(),
            provider: provider.clone(),
        }));
    let mut config = match shown {
        None => config.with_no_client_auth(),
        Some(shown) => {
            let key = PrivateKeyDer::try_from(shown.key).map_err(anyhow::Error::msg)?;
            let key = provider.key_provider.load_private_key(key)?;
            let certificate = vec![CertificateDer::from(shown.certificate)];
            let shown = Arc::new(CertifiedKey::new(certificate, key));
            config.with_client_cert_resolver(Arc::new(Always(shown)))
        }
    };
    config.alpn_protocols = vec![LINK_PROTOCOL.to_vec()];
    let address = house.others.rsplit('/').next().context("an address")?;
    let stream = TcpStream::connect(address).await?;
    let connector = TlsConnector::from(Arc::new(config));
    let mut link = connector
        .connect(ServerName::try_from("localhost")?, stream)
        .await?;
    let request = "GET /health HTTP/1.1\r\nHost: tunnel.example\r\nConnection: close\r\n\r\n";
    let mut answer = String::new();
    // With TLS 1.3 the host looks at a certificate when the app believes to be done.
    if link.write_all(request.as_bytes()).await.is_ok() {
        let _ = link.read_to_string(&mut answer).await;
    }
    Ok(answer)
}

#[tokio::test]
async fn whoever_holds_the_key_of_the_certificate_is_an_app() -> Result<()> {
    let house = House::open().await?;
    let answer = ask(&house, Some(app()?)).await?;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    house.hosted.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_certificate_without_its_key_is_not_answered_one_byte() -> Result<()> {
    let house = House::open().await?;
    let stolen = Shown {
        certificate: app()?.certificate,
        key: app()?.key,
    };
    assert_eq!(ask(&house, Some(stolen)).await?, "");
    // Nor may anybody take the host for an app by what it shows to everybody.
    let hosts_own = Shown {
        certificate: house.certificate.clone(),
        key: app()?.key,
    };
    assert_eq!(ask(&house, Some(hosts_own)).await?, "");
    assert_eq!(ask(&house, None).await?, "");
    house.hosted.stop().await;
    Ok(())
}

#[tokio::test]
async fn what_is_no_certificate_is_refused_and_harms_nobody() -> Result<()> {
    let house = House::open().await?;
    let good = app()?.certificate;
    let mut cases = vec![
        Vec::new(),
        vec![0x30],
        b"-----BEGIN CERTIFICATE-----".to_vec(),
        vec![0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
        vec![0x30; 60_000],
        [good.as_slice(), b"more"].concat(),
    ];
    // A certificate in which one byte is another: its key cannot be read, or is another one.
    cases.extend((0..good.len()).step_by(7).map(|at| {
        let mut changed = good.clone();
        changed[at] ^= 0xff;
        changed
    }));
    for certificate in cases {
        let key = app()?.key;
        let answer = ask(&house, Some(Shown { certificate, key })).await;
        assert_eq!(answer.unwrap_or_default(), "");
    }
    let answer = ask(&house, Some(app()?)).await?;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    house.hosted.stop().await;
    Ok(())
}

/// Shows one certificate, whether or not it fits its key.
#[derive(Debug)]
struct Always(Arc<CertifiedKey>);

impl ResolvesClientCert for Always {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(self.0.clone())
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// Takes the host's certificate and no other.
#[derive(Debug)]
struct Pinned {
    certificate: Vec<u8>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if shown.as_ref() == self.certificate {
            return Ok(ServerCertVerified::assertion());
        }
        Err(Error::General("another certificate".to_owned()))
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("links speak TLS 1.3".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let algorithms = &self.provider.signature_verification_algorithms;
        algorithms.supported_schemes()
    }
}
