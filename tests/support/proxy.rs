//! A network between two ends that delays, loses, cuts and falls silent as a test wants.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinHandle,
    time::{Instant, sleep_until},
};

/// What happens to what passes. All of it holds for connections that are open already, too.
#[derive(Debug, Clone, Default)]
pub struct Weather {
    /// How long each byte is on its way, in each direction.
    pub delay: Duration,
    /// Connections are cut, without ceremony, after so many more bytes from the host.
    pub cut_after: Option<usize>,
    /// What the host says is lost; what is said to it arrives, and connections stay open.
    pub mute: bool,
    /// New connections are accepted and carried nowhere.
    pub swallow: bool,
    /// There is no way at all: connections are cut, and new ones end at once.
    pub down: bool,
}

/// A way to a host that leads through weather.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    weather: watch::Sender<Weather>,
    counts: Arc<Counts>,
    accepting: JoinHandle<()>,
}

/// How many connections there were, and how many were cut.
#[derive(Debug, Default)]
struct Counts {
    connections: AtomicUsize,
    cuts: AtomicUsize,
}

impl Proxy {
    /// Leads to `host`.
    pub async fn open(host: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let weather = watch::Sender::new(Weather::default());
        let counts = Arc::new(Counts::default());
        let accepting = tokio::spawn({
            let (weather, counts) = (weather.clone(), counts.clone());
            async move {
                let mut open = tokio::task::JoinSet::new();
                loop {
                    tokio::select! {
                        accepted = listener.accept() => {
                            let Ok((client, _)) = accepted else { return };
                            if weather.borrow().down {
                                continue;
                            }
                            counts.connections.fetch_add(1, Ordering::Relaxed);
                            open.spawn(carry(client, host, weather.subscribe()));
                        }
                        Some(Ok(was_cut)) = open.join_next() => {
                            counts.cuts.fetch_add(usize::from(was_cut), Ordering::Relaxed);
                        }
                    }
                }
            }
        });
        Ok(Self {
            address,
            weather,
            counts,
            accepting,
        })
    }

    /// Where it is entered.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections have been let through.
    pub fn connections(&self) -> usize {
        self.counts.connections.load(Ordering::Relaxed)
    }

    /// How many of them were cut because of the weather.
    pub fn cuts(&self) -> usize {
        self.counts.cuts.load(Ordering::Relaxed)
    }

    /// From now on it is like this.
    pub fn set(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Answers whether it was cut.
async fn carry(
    mut client: TcpStream,
    host: SocketAddr,
    mut weather: watch::Receiver<Weather>,
) -> bool {
    if weather.borrow().swallow {
        let mut nowhere = [0; 1_024];
        while client.read(&mut nowhere).await.is_ok_and(|read| read > 0) {}
        return false;
    }
    let Ok(host) = TcpStream::connect(host).await else {
        return false;
    };
    // What passes is delayed by the weather alone.
    let _ = (client.set_nodelay(true), host.set_nodelay(true));
    let (from_client, to_client) = client.into_split();
    let (from_host, to_host) = host.into_split();
    // Whichever ends first ends both.
    let ended = tokio::select! {
        ended = pass(from_client, to_host, weather.clone(), false) => ended,
        ended = pass(from_host, to_client, weather.clone(), true) => ended,
        _ = weather.wait_for(|now| now.down) => Ok(()),
    };
    ended.is_err_and(|error| error.kind() == io::ErrorKind::ConnectionAborted)
}

async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    weather: watch::Receiver<Weather>,
    from_host: bool,
) -> io::Result<()> {
    let (send, mut delayed) = tokio::sync::mpsc::channel::<(Instant, Vec<u8>)>(4_096);
    let reading = async move {
        let mut passed = 0;
        loop {
            let mut bytes = vec![0; 16 * 1024];
            let read = from.read(&mut bytes).await?;
            if read == 0 {
                return Ok(());
            }
            bytes.truncate(read);
            let now = weather.borrow().clone();
            if from_host && now.mute {
                continue;
            }
            let cut = now.cut_after.filter(|_| from_host);
            let left = cut.map(|cut| cut.saturating_sub(passed));
            passed += read;
            bytes.truncate(left.unwrap_or(read));
            let is_cut = bytes.len() < read;
            if send
                .send((Instant::now() + now.delay, bytes))
                .await
                .is_err()
            {
                return Ok(());
            }
            if is_cut {
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
        }
    };
    let mut writing = std::pin::pin!(async {
        while let Some((at, bytes)) = delayed.recv().await {
            // A timer takes a millisecond even when its time has come.
            if at > Instant::now() {
                sleep_until(at).await;
            }
            to.write_all(&bytes).await?;
        }
        Ok(())
    });
    tokio::select! {
        ended = reading => {
            // What was read before a cut arrives, down to the byte.
            writing.await?;
            ended
        }
        ended = &mut writing => ended,
    }
}
