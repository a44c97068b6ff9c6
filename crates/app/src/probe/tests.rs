//! Whatever stands at an address, a person is told what it is, soon, and gives nothing away.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hearth_protocol::fingerprint::{Fingerprint, KeyHint};
use hearth_protocol::http::Health;
use hearth_protocol::id::SessionId;
use hearth_protocol::name::Name;
use hearth_protocol::object::Browsers;
use hearth_protocol::window::{FoundHost, ProbeRequest, Probed};
use hearth_server::{Config, LINK_PROTOCOL, Listener};
use hearth_session::{Changes, Options};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::probe;
use crate::hosting::Hosted;
use crate::identity::Identity;

/// A real host on this computer.
struct House {
    hosted: Hosted,
    address: SocketAddr,
    fingerprint: Fingerprint,
    _dir: TempDir,
}

impl House {
    async fn open(encrypted: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let identity = Identity::open(dir.path()).unwrap();
        let options = Options {
            changes: Changes {
                browsers: Some(Browsers::Off),
                ..Changes::default()
            },
            ..Options::default()
        };
        let file = dir.path().join("session.hearth");
        let name = Name::new("Design").unwrap();
        let hosted = Hosted::open(&file, SessionId::new(), name, options)
            .await
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let config = Config {
            kind: Listener::Public { names: Vec::new() },
            serve_client: false,
            tls: encrypted.then(|| identity.tls().unwrap()),
        };
        hosted.serve(listener, config);
        Self {
            hosted,
            address,
            fingerprint: identity.fingerprint(),
            _dir: dir,
        }
    }
}

async fn look(place: impl ToString) -> Probed {
    let places = vec![place.to_string()];
    probe(ProbeRequest { places, key: None }).await
}

fn host(found: Probed) -> FoundHost {
    match found {
        Probed::Hearth { host } => host,
        other => panic!("no host that can be joined: {other:?}"),
    }
}

/// Somebody who does this with everybody that connects.
async fn somebody<F: Future<Output = ()> + Send + 'static>(
    does: impl Fn(tokio::net::TcpStream) -> F + Send + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(does(stream));
        }
    });
    address
}

/// Answers one request with this.
async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, with: &[u8]) {
    let mut asked = [0; 1024];
    let _ = stream.read(&mut asked).await;
    let _ = stream.write_all(with).await;
    let _ = stream.shutdown().await;
}

fn http(body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes()
}

/// TLS with a key of its own, speaking this.
fn acceptor(protocols: &[&[u8]]) -> TlsAcceptor {
    let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let certificate = rcgen::CertificateParams::default()
        .self_signed(&pair)
        .unwrap();
    let key = PrivateKeyDer::try_from(pair.serialize_der()).unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|one| one.to_vec()).collect();
    TlsAcceptor::from(Arc::new(config))
}

/// Somebody who speaks TLS like this and answers with that.
async fn somebody_by_tls(protocols: &[&[u8]], with: Vec<u8>) -> SocketAddr {
    let acceptor = acceptor(protocols);
    somebody(move |stream| {
        let (acceptor, with) = (acceptor.clone(), with.clone());
        async move {
            if let Ok(stream) = acceptor.accept(stream).await {
                answer(stream, &with).await;
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_session_is_found_with_its_name_and_the_key_it_has_proven() {
    let house = House::open(true).await;
    let found = host(look(house.address).await);
    assert_eq!(found.name.as_str(), "Design");
    assert_eq!(found.session, house.hosted.session().state().session().id);
    assert_eq!(found.fingerprint, Some(house.fingerprint.to_string()));
    assert_eq!(found.protocol, hearth_protocol::PROTOCOL);
    assert_eq!(found.browsers, Browsers::Off);
    assert_eq!(found.address, house.address.to_string());
    house.hosted.stop().await;
}

#[tokio::test]
async fn a_session_without_tls_is_found_without_a_key() {
    let house = House::open(false).await;
    let found = host(look(format!("http://{}/", house.address)).await);
    assert_eq!((found.name.as_str(), found.fingerprint), ("Design", None));
    house.hosted.stop().await;
}

#[tokio::test]
async fn another_key_than_the_expected_one_is_told_from_the_right_one() {
    let house = House::open(true).await;
    let (right, wrong) = (house.fingerprint, Fingerprint([7; 32]));
    let by_hint = async |fingerprint| {
        let places = vec![house.address.to_string()];
        let key = Some(KeyHint::of(fingerprint));
        probe(ProbeRequest { places, key }).await
    };
    let by_invitation =
        async |fingerprint| look(format!("https://{}/#s3cret.{fingerprint}", house.address)).await;
    for (found, expected) in [
        (by_hint(right).await, true),
        (by_hint(wrong).await, false),
        (by_invitation(right).await, true),
        (by_invitation(wrong).await, false),
    ] {
        match found {
            Probed::Hearth { .. } if expected => {}
            Probed::OtherKey { host } if !expected => {
                assert_eq!(host.fingerprint, Some(right.to_string()));
            }
            other => panic!("{other:?}"),
        }
    }
    house.hosted.stop().await;
}

#[tokio::test]
async fn a_host_that_cannot_prove_any_key_is_not_the_one_that_was_expected() {
    let house = House::open(false).await;
    let invitation = format!("http://{}/#s3cret.{}", house.address, house.fingerprint);
    assert!(matches!(look(invitation).await, Probed::OtherKey { .. }));
    house.hosted.stop().await;
}

#[tokio::test]
async fn a_host_of_another_version_is_told_so() {
    let health = Health {
        status: "ok".to_owned(),
        session: SessionId::new(),
        name: Name::new("Design").unwrap(),
        host: None,
        copy: None,
        version: "9.1.0".to_owned(),
        protocol: [7, 9],
        browsers: Browsers::Encrypted,
    };
    let body = serde_json::to_string(&health).unwrap();
    let address = somebody_by_tls(&[LINK_PROTOCOL], http(&body)).await;
    let Probed::OtherVersion { host } = look(address).await else {
        panic!("its version does not fit");
    };
    assert_eq!((host.version.as_str(), host.protocol), ("9.1.0", [7, 9]));
}

#[tokio::test]
async fn where_nobody_listens_nothing_answers() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap();
    drop(taken);
    let found = look(address).await;
    assert_eq!(
        found,
        Probed::Nothing {
            address: address.to_string()
        }
    );
}

#[tokio::test]
async fn what_is_not_hearth_is_told_so() {
    let page = http("<!doctype html><title>Router</title>");
    let lie = http(r#"{"status":"ok","session":"x","name":"a","version":"1"}"#);
    let plain = page.clone();
    let others = [
        somebody(move |stream| {
            let page = plain.clone();
            async move { answer(stream, &page).await }
        })
        .await,
        somebody(|stream| async move { answer(stream, b"SSH-2.0-OpenSSH_9.2\r\n").await }).await,
        somebody(|stream| async move { drop(stream) }).await,
        somebody_by_tls(&[], page.clone()).await,
        somebody_by_tls(&[b"http/1.1"], page.clone()).await,
        somebody_by_tls(&[LINK_PROTOCOL], page).await,
        somebody_by_tls(&[LINK_PROTOCOL], lie).await,
        somebody_by_tls(&[LINK_PROTOCOL], b"HTTP/1.1 500 No\r\n\r\n{}".to_vec()).await,
    ];
    for (number, address) in others.into_iter().enumerate() {
        let address_text = address.to_string();
        let found = look(address).await;
        assert_eq!(
            found,
            Probed::NotHearth {
                address: address_text
            },
            "the {number}th"
        );
    }
}

#[tokio::test]
async fn somebody_who_says_nothing_or_never_ends_is_not_waited_for() {
    let silent = somebody(|mut stream| async move {
        let mut asked = Vec::new();
        let _ = stream.read_to_end(&mut asked).await;
        std::future::pending::<()>().await;
    })
    .await;
    let endless =
        somebody(
            |mut stream| async move { while stream.write_all(&[b'a'; 4096]).await.is_ok() {} },
        )
        .await;
    let begun = Instant::now();
    let (silent, endless) = tokio::join!(look(silent), look(endless));
    assert!(matches!(silent, Probed::NotHearth { .. }), "{silent:?}");
    assert!(matches!(endless, Probed::NotHearth { .. }), "{endless:?}");
    assert!(begun.elapsed() < Duration::from_secs(30));
}

#[tokio::test]
async fn what_opens_the_door_is_told_to_nobody() {
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let address = somebody(move |mut stream| {
        let tell = tell.clone();
        async move {
            let mut asked = vec![0; 64 * 1024];
            while let Ok(count @ 1..) = stream.read(&mut asked).await {
                let _ = tell.send(asked[..count].to_vec());
                // No TLS, and whoever hears that may ask again without it.
                let _ = stream.write_all(b"HTTP/1.1 400 No\r\n\r\n").await;
                let _ = stream.shutdown().await;
            }
        }
    })
    .await;
    look(format!("https://{address}/#s3cretWord.{}", "07".repeat(32))).await;
    let mut all = Vec::new();
    while let Ok(part) = told.try_recv() {
        all.extend(part);
    }
    let text = String::from_utf8_lossy(&all);
    assert!(text.contains("GET /health"), "it was asked: {text}");
    assert!(
        !text.contains("s3cretWord") && !text.contains("0707"),
        "{text}"
    );
}

#[tokio::test]
async fn of_several_addresses_the_one_that_leads_there_counts() {
    let house = House::open(true).await;
    let other = somebody(|stream| async move { drop(stream) }).await;
    let places = vec![
        "127.0.0.1:1".to_owned(),
        other.to_string(),
        "nonsense here".to_owned(),
        house.address.to_string(),
    ];
    let found = probe(ProbeRequest { places, key: None }).await;
    assert_eq!(host(found).address, house.address.to_string());
    house.hosted.stop().await;
}

#[tokio::test]
async fn what_is_no_address_is_said_so() {
    assert_eq!(look("no address").await, Probed::NoAddress);
    let places = Vec::new();
    assert_eq!(
        probe(ProbeRequest { places, key: None }).await,
        Probed::NoAddress
    );
}
