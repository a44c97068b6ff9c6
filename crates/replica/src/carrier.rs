//! A connection to a host, up to the point where its bytes are what both sides mean.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use hearth_protocol::fingerprint::Fingerprint;
use rustls::ClientConfig;
use rustls::client::Resumption;
use rustls::crypto::ring;
use rustls::pki_types::ServerName;
use rustls::version::TLS13;
use tokio::net::{TcpSocket, TcpStream, lookup_host};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_util::either::Either;

use crate::identity::Identity;
use crate::pin::HostKey;
use crate::target::{Address, Target, Trust};

/// What an app says it speaks. Part of the contract between versions of Hearth.
pub(crate) const LINK_PROTOCOL: &[u8] = b"hearth/1";

/// Names are looked up by the system, which may ask somebody who does not answer.
const LOOKUP_WITHIN: Duration = Duration::from_secs(3);

/// On one network an answer comes in milliseconds, or the first packet was lost and sent again
/// after one second and three.
const CONNECT_WITHIN: Duration = Duration::from_secs(4);

const HANDSHAKE_WITHIN: Duration = Duration::from_secs(5);

/// One address after the other is tried, without waiting for those before to fail.
const NEXT_AFTER: Duration = Duration::from_millis(250);

/// A name or a hint may bring any number of addresses.
const MOST_ADDRESSES: usize = 16;

/// What the system may hold of what was sent. The heartbeat goes behind it, so this bounds how late
/// it arrives over a slow network; a gigabit network in one house holds less.
const SEND_BUFFER_BYTES: u32 = 256 * 1024;

/// Why a host was not reached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReachError {
    /// Nothing answers there.
    #[error("Nothing answers at {address} ({why}).")]
    NoAnswer {
        /// Where.
        address: String,
        /// What the system said.
        why: String,
    },
    /// Something answers, and it is not Hearth.
    #[error("What answers at {address} is not Hearth ({why}).")]
    NotHearth {
        /// Where.
        address: String,
        /// What gave it away.
        why: String,
    },
    /// What answers holds another key than the one expected. Nothing was said to it.
    #[error("The host at {address} is not the one expected: it has another key.")]
    WrongKey {
        /// Where.
        address: String,
        /// The key it showed.
        seen: Fingerprint,
    },
    /// Without encryption only this computer may be spoken to.
    #[error("{address} is another computer, which is only spoken to encrypted.")]
    NotLoopback {
        /// Where.
        address: String,
    },
}

impl ReachError {
    /// Of what several addresses said, the greatest is what is told. Another key is told only if
    /// nothing else was found: an address of old may belong to somebody else by now, and the host
    /// may still come back at one of the others.
    fn weight(&self) -> u8 {
        match self {
            Self::WrongKey { .. } => 0,
            Self::NotLoopback { .. } => 1,
            Self::NoAnswer { .. } => 2,
            Self::NotHearth { .. } => 3,
        }
    }
}

/// An open connection to a host.
#[derive(Debug)]
pub(crate) struct Carrier {
    pub(crate) stream: Either<TcpStream, Box<TlsStream<TcpStream>>>,
    /// The host's key; nothing where there is no encryption.
    pub(crate) host_key: Option<Fingerprint>,
    pub(crate) address: SocketAddr,
}

impl Carrier {
    /// Reaches `target` at whichever of its addresses answers first.
    pub(crate) async fn open(target: &Target, identity: &Identity) -> Result<Self, ReachError> {
        let addresses = target.addresses.iter().take(MOST_ADDRESSES).cloned();
        // Each attempt owns its address, and the list is made here: Rust could not see otherwise
        // that the future may go to another thread.
        let addresses: Vec<Address> = addresses.collect();
        let attempts = addresses
            .into_iter()
            .map(|address| Self::open_at(address, target.trust, identity));
        first_of(attempts).await.map_err(|errors| {
            let greatest = errors.into_iter().max_by_key(ReachError::weight);
            greatest.unwrap_or_else(|| ReachError::NoAnswer {
                address: "no address".to_owned(),
                why: "none is known".to_owned(),
            })
        })
    }

    async fn open_at(
        address: Address,
        trust: Trust,
        identity: &Identity,
    ) -> Result<Self, ReachError> {
        let address = &address;
        if trust == Trust::Plain && !address.is_loopback() {
            return Err(ReachError::NotLoopback {
                address: address.to_string(),
            });
        }
        let stream = connect(address)
            .await
            .map_err(|error| no_answer(address, &error))?;
        let peer = stream
            .peer_addr()
            .map_err(|error| no_answer(address, &error))?;
        let expected = match trust {
            Trust::Plain => {
                return Ok(Self {
                    stream: Either::Left(stream),
                    host_key: None,
                    address: peer,
                });
            }
            Trust::Pinned(key) => Some(key),
            Trust::AnyKey => None,
        };
        let (stream, key) = shake_hands(stream, address, expected, identity).await?;
        Ok(Self {
            stream: Either::Right(Box::new(stream)),
            host_key: Some(key),
            address: peer,
        })
    }
}

fn no_answer(address: &Address, error: &io::Error) -> ReachError {
    ReachError::NoAnswer {
        address: address.to_string(),
        why: error.to_string(),
    }
}

async fn connect(address: &Address) -> io::Result<TcpStream> {
    let found = timeout(LOOKUP_WITHIN, lookup_host((address.host(), address.port()))).await??;
    let found: Vec<SocketAddr> = found.take(MOST_ADDRESSES).collect();
    let attempts = found.into_iter().map(|address| async move {
        let socket = match address {
            SocketAddr::V4(_) => TcpSocket::new_v4()?,
            SocketAddr::V6(_) => TcpSocket::new_v6()?,
        };
        socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
        // Small packets are not held back to be sent together: 40 ms for each would be felt.
        socket.set_nodelay(true)?;
        timeout(CONNECT_WITHIN, socket.connect(address)).await?
    });
    first_of(attempts).await.map_err(|errors| {
        let last = errors.into_iter().next_back();
        last.unwrap_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no such name"))
    })
}

async fn shake_hands(
    stream: TcpStream,
    address: &Address,
    expected: Option<Fingerprint>,
    identity: &Identity,
) -> Result<(TlsStream<TcpStream>, Fingerprint), ReachError> {
    let not_hearth = |why: String| ReachError::NotHearth {
        address: address.to_string(),
        why,
    };
    let provider = Arc::new(ring::default_provider());
    let key = Arc::new(HostKey::new(expected, &provider));
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])
        .map_err(|error| not_hearth(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(key.clone())
        .with_client_auth_cert(vec![identity.certificate()], identity.key())
        .map_err(|error| not_hearth(error.to_string()))?;
    config.alpn_protocols = vec![LINK_PROTOCOL.to_vec()];
    config.enable_sni = false;
    // A resumed connection would not show its key again.
    config.resumption = Resumption::disabled();

    let nobody = ServerName::try_from("hearth").expect("it is a name");
    let connecting = TlsConnector::from(Arc::new(config)).connect(nobody, stream);
    let connected = timeout(HANDSHAKE_WITHIN, connecting)
        .await
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
    let stream = connected.map_err(|error| match key.wrong() {
        Some(seen) => ReachError::WrongKey {
            address: address.to_string(),
            seen,
        },
        None => not_hearth(error.to_string()),
    })?;
    if stream.get_ref().1.alpn_protocol() != Some(LINK_PROTOCOL) {
        return Err(not_hearth("it does not speak hearth/1".to_owned()));
    }
    let key = key.seen();
    let key = key.ok_or_else(|| not_hearth("it showed no key".to_owned()))?;
    Ok((stream, key))
}

/// Starts one attempt after the other, each when the ones before take long or have failed, and
/// takes the first that succeeds. All their errors if none does, in the order they came.
async fn first_of<T, E, F>(attempts: impl IntoIterator<Item = F>) -> Result<T, Vec<E>>
where
    F: Future<Output = Result<T, E>>,
{
    let mut waiting = attempts.into_iter().peekable();
    let mut running = FuturesUnordered::new();
    let mut errors = Vec::new();
    loop {
        match waiting.next() {
            Some(next) => running.push(next),
            None if running.is_empty() => return Err(errors),
            None => {}
        }
        tokio::select! {
            Some(ended) = running.next() => match ended {
                Ok(reached) => return Ok(reached),
                Err(error) => errors.push(error),
            },
            () = sleep(NEXT_AFTER), if waiting.peek().is_some() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::future::{self, BoxFuture, FutureExt as _};

    use super::*;

    fn hangs() -> BoxFuture<'static, Result<u8, u8>> {
        future::pending().boxed()
    }

    fn says(result: Result<u8, u8>) -> BoxFuture<'static, Result<u8, u8>> {
        future::ready(result).boxed()
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_that_hangs_keeps_nobody_from_the_next() {
        let began = tokio::time::Instant::now();
        assert_eq!(first_of([hangs(), hangs(), says(Ok(3))]).await, Ok(3));
        assert_eq!(began.elapsed(), 2 * NEXT_AFTER);
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_that_refuses_makes_room_at_once() {
        let began = tokio::time::Instant::now();
        let tried = [says(Err(1)), says(Err(2)), says(Err(3))];
        assert_eq!(first_of(tried).await, Err(vec![1, 2, 3]));
        assert!(began.elapsed().is_zero());
        assert_eq!(
            first_of(Vec::<BoxFuture<'_, Result<u8, u8>>>::new()).await,
            Err(vec![])
        );
    }
}
