//! The life of a listener: accepts connections, speaks HTTP on them, and stops in good order.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hearth_session::Handle;
use hyper::StatusCode;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use socketioxide::SocketIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;
use tower::ServiceExt;

use crate::answer::Answer;
use crate::config::Config;
use crate::connections::{Connections, Seat};
use crate::routes::routes;
use crate::server::Server;
use crate::sockets::event_api;
use crate::tls::{self, Tls};
use crate::wire::{Wire, WireStream, Wires};

/// A connection that sends no whole request head for this long is closed, idle ones included.
const HEAD_WITHIN: Duration = Duration::from_secs(30);

/// Request heads are small; this is also what hyper reads ahead of a WebSocket.
const HEAD_BYTES: usize = 32 * 1024;

/// TCP connections in all for each socket the session takes: a page loads by several.
const CONNECTIONS_PER_SOCKET: u64 = 4;

/// When the system has no more descriptors, accepting at once again would only fail again.
const ACCEPT_AGAIN_AFTER: Duration = Duration::from_millis(500);

/// How long a connection that the host does not want any more goes on, to be told so.
const HEAR_WITHIN: Duration = Duration::from_millis(500);

/// How long stopping may wait for sockets' tasks, for clients to be told, and for connections.
const TASKS_WITHIN: Duration = Duration::from_secs(2);
const TELL_WITHIN: Duration = Duration::from_secs(1);
const CLOSE_WITHIN: Duration = Duration::from_secs(1);

/// Why a listener cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The listener itself is broken.
    #[error("the listener cannot be used: {0}")]
    Listener(#[from] io::Error),
}

/// Serves `session` on `listener` until `shutdown`.
///
/// Stopping takes at most a few seconds: no more connections are accepted, what the session has
/// acknowledged is still sent, clients are told, and what is left is closed. To finish calls that
/// are being worked on, stop the session first and cancel `shutdown` then; cancelling alone closes
/// this listener and leaves the session open for others.
pub async fn serve(
    listener: TcpListener,
    session: Handle,
    config: Config,
    shutdown: CancellationToken,
) -> Result<(), ServeError> {
    let address = listener.local_addr()?;
    let front = Front::new(session, config, shutdown.clone());
    front.follow_browsers();
    front.watch_dates();
    tracing::info!(%address, "serving");
    while let Some((stream, peer)) = accept(&listener, &shutdown).await {
        front.welcome(stream, peer);
    }
    drop(listener);
    front.stop().await;
    tracing::info!(%address, "stopped serving");
    Ok(())
}

async fn accept(
    listener: &TcpListener,
    shutdown: &CancellationToken,
) -> Option<(TcpStream, SocketAddr)> {
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => return None,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok(accepted) => return Some(accepted),
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "no connection can be accepted just now");
                sleep(ACCEPT_AGAIN_AFTER).await;
            }
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}

/// Everything that connections are served with.
struct Front {
    server: Server,
    router: Router,
    io: SocketIo,
    connections: Connections,
    before_sign_in_bytes: u64,
    wires: Arc<Wires>,
    /// Connections, also those that have become WebSockets.
    open: TaskTracker,
    /// Requests under way are answered, then their connections are closed.
    finish: CancellationToken,
    /// Connections are closed at once.
    end: CancellationToken,
}

impl Front {
    fn new(session: Handle, config: Config, shutdown: CancellationToken) -> Self {
        let limits = session.limits().clone();
        let server = Server::new(session, config, shutdown);
        let events = event_api(&server);
        let in_all = limits.sockets.saturating_mul(CONNECTIONS_PER_SOCKET);
        Self {
            io: events.io.clone(),
            router: routes(&server, events),
            server,
            connections: Connections::new(limits.connections_per_address, in_all),
            before_sign_in_bytes: limits.message_before_sign_in_bytes,
            wires: Arc::default(),
            open: TaskTracker::new(),
            finish: CancellationToken::new(),
            end: CancellationToken::new(),
        }
    }

    /// Serves a connection, unless there are too many that are all in use.
    fn welcome(&self, stream: TcpStream, peer: SocketAddr) {
        let end = self.end.child_token();
        let Some(seat) = self.connections.take(peer.ip(), end.clone()) else {
            tracing::debug!("a connection is refused: too many are in use");
            return;
        };
        // Small packets are not held back to be sent together: 40 ms for each would be felt.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection was gone at once");
            return;
        }
        let newcomer = Newcomer {
            stream,
            peer,
            seat: seat.clone(),
            tls: self.server.tls().cloned(),
            open: self.open.token(),
            end: end.clone(),
            before_sign_in_bytes: self.before_sign_in_bytes,
        };
        let (router, finish) = (self.router.clone(), self.finish.clone());
        let wires = self.wires.clone();
        self.open.spawn(async move {
            let opened = tokio::select! {
                opened = newcomer.open() => opened,
                () = end.cancelled() => return,
                () = finish.cancelled() => return,
            };
            match opened {
                Ok((stream, wire)) => {
                    wires.enter(&wire);
                    converse(stream, wire, seat, router, finish).await;
                }
                Err(error) => tracing::debug!(%error, "a connection ended before it began"),
            }
        });
    }

    /// Ends connections that the host does not want any more, until it stops.
    fn follow_browsers(&self) {
        if self.server.listener().is_window() {
            return;
        }
        let (wires, mut browsers) = (self.wires.clone(), self.server.session().browsers());
        let finish = self.finish.clone();
        self.open.spawn(async move {
            while let Some(Ok(())) = finish.run_until_cancelled(browsers.changed()).await {
                // Those who are put out still hear why, and whoever chose it that it was done.
                if finish
                    .run_until_cancelled(sleep(HEAR_WITHIN))
                    .await
                    .is_none()
                {
                    return;
                }
                let now = *browsers.borrow_and_update();
                wires.end_unless_admitted(now);
            }
        });
    }

    fn watch_dates(&self) {
        if let Some(tls) = self.server.tls().cloned() {
            let finish = self.finish.clone();
            self.open
                .spawn(async move { finish.run_until_cancelled(tls.watch_dates()).await });
        }
    }

    async fn stop(self) {
        self.server.sockets().close();
        if timeout(TASKS_WITHIN, self.server.sockets().wait())
            .await
            .is_err()
        {
            tracing::warn!("some clients were too slow to be sent everything");
        }
        // A client that sees its connection closed, rather than itself put out, comes back when
        // the host does.
        if timeout(TELL_WITHIN, self.io.close()).await.is_err() {
            tracing::debug!("some clients could not be told that the host stops");
        }
        self.finish.cancel();
        self.open.close();
        if timeout(CLOSE_WITHIN, self.open.wait()).await.is_err() {
            self.end.cancel();
            // Only tasks that are about to notice are left.
            let _ = timeout(CLOSE_WITHIN, self.open.wait()).await;
        }
    }
}

/// A connection that has said nothing yet.
struct Newcomer {
    stream: TcpStream,
    peer: SocketAddr,
    seat: Arc<Seat>,
    tls: Option<Tls>,
    open: TaskTrackerToken,
    end: CancellationToken,
    before_sign_in_bytes: u64,
}

impl Newcomer {
    async fn open(self) -> io::Result<(WireStream, Arc<Wire>)> {
        let opened = tls::open(self.stream, self.tls.as_ref()).await?;
        let wire = Wire::new(self.peer, opened, self.end, self.before_sign_in_bytes);
        let stream = WireStream::new(wire.clone(), self.seat, self.open);
        Ok((stream, wire))
    }
}

async fn converse(
    stream: WireStream,
    wire: Arc<Wire>,
    seat: Arc<Seat>,
    router: Router,
    finish: CancellationToken,
) {
    let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(wire.clone());
        let (busy, wire) = (seat.busy(), wire.clone());
        let answered = router.clone().oneshot(request);
        async move {
            let response = answered.await?;
            if response.status() == StatusCode::SWITCHING_PROTOCOLS {
                busy.for_good();
                wire.lane().switch();
                return Ok(response);
            }
            Ok::<_, Infallible>(response.map(|body| Body::new(Answer { body, _busy: busy })))
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = finish.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended with an error");
    }
}
