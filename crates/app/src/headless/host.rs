//! `hearthd host`.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::Path;

use anyhow::Context as _;
use hearth_protocol::fingerprint::Fingerprint;
use hearth_protocol::name::Name;
use hearth_protocol::object::Browsers;
use hearth_protocol::{Role, SessionId};
use hearth_server::{Config, Listener, bind};
use hearth_session::{Changes, Options, ShownInvite};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::arguments::HostOptions;
use super::exit::Exit;
use super::terminal::welcome;
use crate::discovery::{Announced, Announcer};
use crate::hosting::Hosted;
use crate::identity::Identity;
use crate::invitation::{inviting, likeliest_address, shown};

/// The name of the session's file in its folder.
pub(super) const FILE: &str = "session.hearth";

/// The first line on standard output.
#[derive(Debug, Serialize)]
pub(super) struct Ready {
    pub(super) url: String,
    pub(super) sign_in_url: String,
    pub(super) fingerprint: Option<Fingerprint>,
    pub(super) session: SessionId,
    pub(super) head: u64,
}

/// Hosts until SIGTERM or SIGINT.
pub(super) async fn run(options: HostOptions) -> Result<(), Exit> {
    options.check().map_err(Exit::Usage)?;
    not_joined(&options.data)?;
    make_folder(&options.data)?;
    let listener = listen(options.listen)?;
    let address = listener
        .local_addr()
        .map_err(|error| Exit::Other(error.into()))?;
    // From here on the first signal means: finish, then stop.
    let stop = stop_signal().map_err(Exit::Other)?;

    let hosted = open(&options).await?;
    // After the session's lock is held, so that two programs never make one each.
    let identity = Identity::open(&options.data)?;
    let fingerprint = identity.fingerprint();
    let show = move |secret: &str, browsers| shown(&url(address, browsers), secret, fingerprint);
    let invite = hosted.session().invite(Role::Host, 1);
    let url = url(address, options.reached_by());
    let sign_in_url = inviting(&url, &invite, fingerprint);
    hosted.session().show_invites(show);
    let config = Config {
        kind: Listener::Public { names: Vec::new() },
        serve_client: !options.no_serve_client,
        tls: Some(identity.tls()?),
    };
    hosted.serve(listener, config);
    let state = hosted.session().state();
    let ready = Ready {
        sign_in_url,
        url,
        fingerprint: Some(fingerprint),
        session: state.session().id,
        head: state.head(),
    };
    print(&ready).map_err(Exit::Other)?;
    welcome(
        fingerprint,
        open_invitation(&hosted, address, show).as_deref(),
    );
    let announcer = (!options.no_announce).then(|| announce(&hosted, fingerprint, address));
    stop.await;
    tracing::info!("finishing what was acknowledged, then stopping");
    tokio::join!(hosted.stop(), async {
        if let Some(announcer) = announcer {
            announcer.stop().await;
        }
    });
    Ok(())
}

fn announce(hosted: &Hosted, fingerprint: Fingerprint, listening: SocketAddr) -> Announcer {
    let announced = Announced {
        session: hosted.session().clone(),
        fingerprint,
        listening,
    };
    // Whoever wants it switched off says so when starting.
    let (_, wanted) = watch::channel(true);
    Announcer::start(announced, wanted)
}

/// A copy that is kept in step is not made one's own by a slip: its host would never be followed
/// again. A backup of it is, in a folder of its own.
fn not_joined(folder: &Path) -> Result<(), Exit> {
    if folder.join(super::join::LOCK).exists() {
        return Err(Exit::Usage(format!(
            "{0} keeps a copy of somebody else's session: hearthd join --data {0} goes on with it. \
             To host it as your own, copy it with hearthd backup into another folder, as {FILE}.",
            folder.display()
        )));
    }
    Ok(())
}

pub(super) fn make_folder(folder: &Path) -> Result<(), Exit> {
    std::fs::create_dir_all(folder).map_err(|error| Exit::Folder {
        folder: folder.display().to_string(),
        error,
    })
}

pub(super) fn listen(address: SocketAddr) -> Result<TcpListener, Exit> {
    bind(address).map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => Exit::AddressTaken(address, SocketAddr::new(address.ip(), 0)),
        _ => Exit::NoSuchAddress(address, error),
    })
}

async fn open(options: &HostOptions) -> Result<Hosted, Exit> {
    let changes = Changes {
        name: options.name.clone(),
        admission: options.admission(),
        pin: options.pin.clone(),
        guests: None,
        browsers: Some(options.reached_by()),
    };
    let file = options.data.join(FILE);
    let name = Name::new("Hearth").expect("it is a name");
    let opening = Hosted::open(
        &file,
        SessionId::new(),
        name,
        Options {
            limits: options.limits.clone(),
            changes,
        },
    );
    Ok(opening.await?)
}

/// The address to open. Where all addresses are listened on, the one others reach most likely.
/// Without TLS where nobody else can read along, or where the host chose so.
pub(super) fn url(address: SocketAddr, browsers: Browsers) -> String {
    let ip = if address.ip().is_unspecified() {
        likeliest_address().unwrap_or_else(|| match address {
            SocketAddr::V4(_) => [127, 0, 0, 1].into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        })
    } else {
        address.ip()
    };
    let scheme = if ip.is_loopback() || browsers == Browsers::Plain {
        "http"
    } else {
        "https"
    };
    format!("{scheme}://{}", SocketAddr::new(ip, address.port()))
}

/// The address by which as many come in as want to; nothing where nobody else gets there.
fn open_invitation(
    hosted: &Hosted,
    address: SocketAddr,
    show: impl Fn(&str, Browsers) -> ShownInvite,
) -> Option<String> {
    if address.ip().is_loopback() {
        return None;
    }
    let browsers = hosted.session().state().session().browsers;
    Some(show(&hosted.session().open_invite(), browsers).url)
}

pub(super) fn print(ready: &Ready) -> anyhow::Result<()> {
    let line = serde_json::to_string(ready).context("writing the first line")?;
    let mut out = io::stdout().lock();
    // Whoever started this may have closed its end; hosting goes on all the same.
    if let Err(error) = writeln!(out, "{line}").and_then(|()| out.flush()) {
        tracing::warn!(%error, "nobody reads the first line");
    }
    Ok(())
}

/// Done at the first SIGTERM or SIGINT after this call.
#[cfg(unix)]
pub(super) fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).context("listening for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("listening for SIGINT")?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Done at Ctrl+C.
#[cfg(not(unix))]
pub(super) fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    Ok(async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(%error, "Ctrl+C cannot be heard");
        }
    })
}
