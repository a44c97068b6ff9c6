//! A host is its key. Nothing is said to any other.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result};
use hearth_protocol::fingerprint::Fingerprint;
use hearth_replica::{Ask, Door, HttpFailure, Link, LinkError, ReachError, Target, Trust, ask};
use hearth_tests::hearthd::Hearthd;
use http::Method;
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData as _};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::people::{OPEN, identity, pinned};

const OTHER: Fingerprint = Fingerprint([7; 32]);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Something that speaks TLS and answers one request.
struct Stranger {
    target: Target,
    key: Fingerprint,
    /// What was said to it inside the encryption.
    heard: JoinHandle<Result<Vec<u8>>>,
}

impl Stranger {
    async fn open(key: &KeyPair, valid: [SystemTime; 2], alpn: Option<&str>) -> Result<Self> {
        let mut params = CertificateParams::new(vec!["somebody.example".to_owned()])?;
        params.not_before = valid[0].into();
        params.not_after = valid[1].into();
        let certificate = params.self_signed(key)?.der().to_vec();
        let fingerprint = Fingerprint(Sha256::digest(key.subject_public_key_info()).into());
        let private = PrivateKeyDer::try_from(key.serialize_der()).map_err(anyhow::Error::msg)?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![CertificateDer::from(certificate)], private)?;
        config.alpn_protocols = alpn.iter().map(|alpn| alpn.as_bytes().to_vec()).collect();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let heard = tokio::spawn(async move {
            let (stream, _) = listener.accept().await?;
            let mut stream = acceptor.accept(stream).await?;
            let mut heard = vec![0; 4_096];
            let read = stream.read(&mut heard).await?;
            heard.truncate(read);
            let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
            stream.write_all(answer.as_bytes()).await?;
            stream.shutdown().await?;
            Ok(heard)
        });
        Ok(Self {
            target: Target::new(address.into(), Trust::Pinned(fingerprint)),
            key: fingerprint,
            heard,
        })
    }
}

fn key() -> Result<KeyPair> {
    Ok(KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?)
}

fn now() -> [SystemTime; 2] {
    [SystemTime::now() - DAY, SystemTime::now() + DAY]
}

fn health() -> Ask {
    Ask::new(Method::GET, "/health")
}

#[tokio::test]
async fn a_wrong_key_is_refused_inside_the_handshake_and_hears_nothing() -> Result<()> {
    let stranger = Stranger::open(&key()?, now(), Some("hearth/1")).await?;
    let target = Target {
        trust: Trust::Pinned(OTHER),
        ..stranger.target.clone()
    };
    let asked = ask(&target, &identity()?, health().token("secret")).await;
    let Err(HttpFailure::Reach(ReachError::WrongKey { seen, .. })) = asked else {
        panic!("{asked:?}");
    };
    assert_eq!(seen, stranger.key);
    let heard = stranger.heard.await?;
    assert!(heard.is_err(), "the handshake came about: {heard:?}");
    Ok(())
}

#[tokio::test]
async fn a_link_to_another_host_than_the_one_expected_is_none() -> Result<()> {
    let host = Hearthd::start(OPEN)?;
    let target = Target {
        trust: Trust::Pinned(OTHER),
        ..pinned(&host)?
    };
    let opened = Link::open(&target, &identity()?, "token").await.map(|_| ());
    let seen = host.fingerprint()?.parse()?;
    let address = host.address().to_string();
    let expected = ReachError::WrongKey { address, seen };
    assert_eq!(opened, Err(LinkError::Reach(expected)));
    Ok(())
}

#[tokio::test]
async fn a_certificate_counts_by_its_key_whatever_its_dates_and_names() -> Result<()> {
    let key = key()?;
    let now = SystemTime::now();
    for valid in [
        [now - DAY, now + DAY],
        [now - 900 * DAY, now - 800 * DAY],
        [now + 800 * DAY, now + 900 * DAY],
    ] {
        let host = Stranger::open(&key, valid, Some("hearth/1")).await?;
        let told = ask(&host.target, &identity()?, health()).await?;
        assert_eq!(told.host_key, Some(host.key));
        let heard = String::from_utf8(host.heard.await??)?;
        assert!(heard.starts_with("GET /health HTTP/1.1\r\n"), "{heard}");
    }
    Ok(())
}

#[tokio::test]
async fn what_does_not_speak_hearth_is_told_apart() -> Result<()> {
    let identity = identity()?;
    for alpn in [None, Some("http/1.1")] {
        let other = Stranger::open(&key()?, now(), alpn).await?;
        let asked = ask(&other.target, &identity, health()).await;
        let is_none = matches!(asked, Err(HttpFailure::Reach(ReachError::NotHearth { .. })));
        assert!(is_none, "{alpn:?}: {asked:?}");
        other.heard.abort();
    }
    let web = TcpListener::bind(("127.0.0.1", 0)).await?;
    let target = Target::new(web.local_addr()?.into(), Trust::AnyKey);
    tokio::spawn(async move {
        let (mut stream, _) = web.accept().await?;
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await
    });
    let asked = ask(&target, &identity, health()).await;
    let is_none = matches!(asked, Err(HttpFailure::Reach(ReachError::NotHearth { .. })));
    assert!(is_none, "{asked:?}");

    let closed = TcpListener::bind(("127.0.0.1", 0)).await?.local_addr()?;
    let target = Target::new(closed.into(), Trust::AnyKey);
    let asked = ask(&target, &identity, health()).await;
    let is_away = matches!(asked, Err(HttpFailure::Reach(ReachError::NoAnswer { .. })));
    assert!(is_away, "{asked:?}");
    Ok(())
}

#[tokio::test]
async fn a_host_known_by_no_key_yet_is_told_apart_by_the_one_it_shows() -> Result<()> {
    let host = Hearthd::start(OPEN)?;
    let target = Target {
        trust: Trust::AnyKey,
        ..pinned(&host)?
    };
    let seen = Door::new(target, identity()?).look().await?;
    assert_eq!(seen.context("a key")?.to_string(), host.fingerprint()?);
    Ok(())
}

#[tokio::test]
async fn another_computer_is_never_spoken_to_without_encryption() -> Result<()> {
    let target = Target::new("192.0.2.1:80".parse()?, Trust::Plain);
    let asked = ask(&target, &identity()?, health()).await.map(|_| ());
    let address = "192.0.2.1:80".to_owned();
    let expected = ReachError::NotLoopback { address };
    assert_eq!(asked, Err(HttpFailure::Reach(expected)));
    Ok(())
}
