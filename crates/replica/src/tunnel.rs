//! From a client in this process that knows only plain WebSocket to a host that is spoken to
//! encrypted.
//!
//! The tunnel listens on loopback for one connection and carries its bytes. It is told by a secret
//! in the path that the connection is ours: every process on this computer can connect to a port.
//! Closing the tunnel ends whatever the client is doing, however it hangs.

mod frames;
mod heart;

use std::fmt;
use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use socket2::SockRef;
use subtle::ConstantTimeEq as _;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::carrier::Carrier;
use frames::{Frames, PING, Side};
use heart::Heart;

/// Our own client connects at once.
const CLIENT_WITHIN: Duration = Duration::from_secs(5);

/// Whoever connects says the secret at once or is none of ours.
const SECRET_WITHIN: Duration = Duration::from_secs(1);

/// Connections that may be waited on to say it.
const MOST_STRANGERS: usize = 32;

/// When the system has no more descriptors, accepting at once again would only fail again.
const ACCEPT_AGAIN_AFTER: Duration = Duration::from_millis(50);

const SECRET_BYTES: usize = 16;

/// What is carried at once; TLS splits it into records of 16 KiB.
const BUFFER_BYTES: usize = 32 * 1024;

/// Why a tunnel carries nothing any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Closed {
    /// One of the two ends closed its connection, or lost it.
    Ended,
    /// The host does not answer.
    Silent,
    /// The host sent what no host of ours sends.
    Unfit,
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ended => "the connection was closed",
            Self::Silent => "the host does not answer",
            Self::Unfit => "the host sent what no host sends",
        })
    }
}

/// An open tunnel. Dropping it closes it.
#[derive(Debug)]
pub(crate) struct Tunnel {
    url: String,
    stop: CancellationToken,
    carrying: JoinHandle<Closed>,
    closed: Option<Closed>,
}

impl Tunnel {
    /// Opens a tunnel to the host that `carrier` has reached.
    pub(crate) async fn open(carrier: Carrier) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let secret = secret()?;
        let stop = CancellationToken::new();
        let carrying = tokio::spawn({
            let (secret, stop) = (secret.clone(), stop.clone());
            async move {
                let carried = stop
                    .run_until_cancelled(carry(listener, &secret, carrier))
                    .await;
                carried.unwrap_or(Closed::Ended)
            }
        });
        Ok(Self {
            url: format!("http://127.0.0.1:{port}/{secret}/socket.io/"),
            stop,
            carrying,
            closed: None,
        })
    }

    /// What the client is to connect to. Whoever knows it can take the tunnel.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Resolves when nothing is carried any more.
    pub(crate) async fn closed(&mut self) -> Closed {
        if self.closed.is_none() {
            self.closed = Some((&mut self.carrying).await.unwrap_or(Closed::Ended));
        }
        self.closed.unwrap_or(Closed::Ended)
    }

    /// Closes both connections.
    pub(crate) fn close(&self) {
        self.stop.cancel();
    }
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        self.close();
    }
}

fn secret() -> io::Result<String> {
    let mut bytes = [0; SECRET_BYTES];
    getrandom::fill(&mut bytes).map_err(|_| io::Error::other("no random numbers"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

async fn carry(listener: TcpListener, secret: &str, carrier: Carrier) -> Closed {
    let beginning = format!("GET /{secret}/");
    let admitting = timeout(CLIENT_WITHIN, admit(&listener, beginning.as_bytes()));
    let Ok(mut client) = admitting.await else {
        return Closed::Ended;
    };
    drop(listener);
    let (from_client, to_client) = client.split();
    let (from_host, to_host) = tokio::io::split(carrier.stream);
    let heart = Heart::new();
    tokio::select! {
        closed = inward(from_host, to_client, &heart) => closed,
        closed = outward(from_client, to_host, &heart) => closed,
        () = heart.stopped() => Closed::Silent,
    }
}

/// The first connection that begins with what only our client knows.
async fn admit(listener: &TcpListener, beginning: &[u8]) -> TcpStream {
    let mut strangers = FuturesUnordered::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if strangers.len() < MOST_STRANGERS => match accepted {
                Ok((stream, _)) => strangers.push(timeout(SECRET_WITHIN, prove(stream, beginning))),
                Err(error) => {
                    tracing::debug!(%error, "the tunnel cannot accept its client just now");
                    sleep(ACCEPT_AGAIN_AFTER).await;
                }
            },
            proved = strangers.next(), if !strangers.is_empty() => {
                if let Some(Ok(Ok(Some(client)))) = proved {
                    return client;
                }
            }
        }
    }
}

async fn prove(mut stream: TcpStream, beginning: &[u8]) -> io::Result<Option<TcpStream>> {
    stream.set_nodelay(true)?;
    let mut said = vec![0; beginning.len()];
    stream.read_exact(&mut said).await?;
    Ok(bool::from(said.ct_eq(beginning)).then_some(stream))
}

async fn inward(
    mut host: impl AsyncRead + Unpin,
    mut client: impl AsyncWrite + Unpin,
    heart: &Heart,
) -> Closed {
    let mut frames = Frames::new(Side::Host);
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let Ok(read @ 1..) = host.read(&mut buffer).await else {
            // So that the client sees an end and not a loss.
            let _ = client.shutdown().await;
            return Closed::Ended;
        };
        heart.heard();
        if frames.pass(&buffer[..read]).is_err() {
            return Closed::Unfit;
        }
        if client.write_all(&buffer[..read]).await.is_err() {
            return Closed::Ended;
        }
    }
}

async fn outward(
    mut client: tokio::net::tcp::ReadHalf<'_>,
    mut host: impl AsyncWrite + Unpin,
    heart: &Heart,
) -> Closed {
    let mut frames = Frames::new(Side::Client);
    let mut buffer = vec![0; BUFFER_BYTES];
    // In place of what proved the client to be ours.
    let beginning = b"GET /";
    if frames.pass(beginning).is_err() || send(&mut host, beginning).await.is_err() {
        return Closed::Ended;
    }
    loop {
        let sent = tokio::select! {
            read = client.read(&mut buffer) => {
                let Ok(read @ 1..) = read else {
                    let _ = host.shutdown().await;
                    return Closed::Ended;
                };
                acknowledge_at_once(client.as_ref());
                if frames.pass(&buffer[..read]).is_err() {
                    return Closed::Ended;
                }
                send(&mut host, &buffer[..read]).await.map(|()| heart.passed())
            }
            () = heart.ping_wanted(), if frames.is_between() => {
                send(&mut host, &PING).await.map(|()| heart.pinged())
            }
        };
        if sent.is_err() {
            return Closed::Ended;
        }
    }
}

async fn send(host: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> io::Result<()> {
    host.write_all(bytes).await?;
    host.flush().await
}

/// The library leaves Nagle's algorithm on, which holds back a small packet until the one before is
/// acknowledged, and the system takes up to 40 ms to acknowledge one. It turns that on again by
/// itself, so it is told after each.
fn acknowledge_at_once(client: &TcpStream) {
    #[cfg(target_os = "linux")]
    let _ = SockRef::from(client).set_tcp_quickack(true);
    #[cfg(not(target_os = "linux"))]
    let _ = SockRef::from(client);
}

#[cfg(test)]
mod tests;
