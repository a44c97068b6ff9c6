//! A joined app that is closed leaves nothing behind, whatever it was doing.

use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use hearth_app::identity::Identity;
use hearth_app::joined::JoinedSession;
use hearth_protocol::Name;
use hearth_protocol::signal::LinkState;
use hearth_replica::{ComingIn, Door, Link, Outcome, Target, Trust};
use hearth_server::{Config, Listener};
use hearth_store::{CopyHost, NewCopy, create_copy};
use hearth_tests::alone::{is_alone, settled};
use hearth_tests::hearthd::Hearthd;
use hearth_tests::proxy::{Proxy, Weather};
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::time::{sleep, timeout};

use crate::copy::{DEADLINE, OPEN, id, target};

const STARTS: usize = 50;

/// After this an app that misses its host listens for it on the network.
const LISTENS_AFTER: Duration = Duration::from_millis(3_500);

/// Threads for what blocks end this long after their last work.
const THREADS_KEPT: Duration = Duration::from_millis(100);

/// Nothing of an app is left after this.
const SETTLED: Duration = Duration::from_secs(20);

#[test]
fn fifty_starts_and_stops_leave_no_task_no_thread_no_socket_and_no_file() -> Result<()> {
    let name = "leaving::fifty_starts_and_stops_leave_no_task_no_thread_no_socket_and_no_file";
    if !is_alone(name)? {
        return Ok(());
    }
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .thread_keep_alive(THREADS_KEPT)
        .enable_all()
        .build()?;
    runtime.block_on(start_and_stop())
}

async fn start_and_stop() -> Result<()> {
    let host = Hearthd::start(OPEN)?;
    let proxy = Proxy::open(host.address()).await?;
    let app = App::new(&host, &proxy).await?;
    // What is set up once for the whole process.
    for way in WAYS {
        app.start_and_stop(way, &proxy).await?;
    }
    let before = settled(None, SETTLED).await;
    for round in 0..STARTS {
        let way = WAYS[round % (WAYS.len() - 1)];
        app.start_and_stop(way, &proxy).await?;
    }
    app.start_and_stop(Way::Missed, &proxy).await?;
    assert_eq!(settled(Some(before), SETTLED).await, before);
    Ok(())
}

/// What an app is doing when it is closed.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// It has just been opened.
    AtOnce,
    /// Its window is open, and it has all there is.
    Live,
    /// A call of its window is on its way.
    Calling,
    /// It waits for a host that accepts and does not answer.
    Waiting,
    /// Its link breaks.
    Cut,
    /// It has missed its host for long. This takes a while.
    Missed,
}

const WAYS: [Way; 6] = [
    Way::AtOnce,
    Way::Live,
    Way::Calling,
    Way::Waiting,
    Way::Cut,
    Way::Missed,
];

/// An installation with the copy of a session.
struct App {
    folder: TempDir,
    identity: Identity,
}

impl App {
    async fn new(host: &Hearthd, proxy: &Proxy) -> Result<Self> {
        let folder = TempDir::new()?;
        let identity = Identity::open(folder.path())?;
        let coming = ComingIn {
            name: Name::new("Ben").map_err(anyhow::Error::msg)?,
            color: None,
            pin: None,
            invite: None,
            token: None,
        };
        let door = Door::new(target(host, proxy.address())?, identity.link()?);
        let Outcome::In(admitted) = door.sign_in(coming).await? else {
            anyhow::bail!("the host is asked");
        };
        let new = NewCopy {
            session: admitted.signed_in.session.clone(),
            member: admitted.signed_in.member.id,
            host: CopyHost {
                addresses: vec![proxy.address().to_string()],
                fingerprint: Some(host.fingerprint()?.parse()?),
                token: admitted.signed_in.token.clone(),
            },
        };
        let (writer, _) = create_copy(&file(folder.path()), &new).await?;
        writer.close().await?;
        Ok(Self { folder, identity })
    }

    async fn start_and_stop(&self, way: Way, proxy: &Proxy) -> Result<()> {
        let away = matches!(way, Way::Waiting | Way::Missed);
        proxy.set(Weather {
            swallow: away,
            ..Weather::default()
        });
        let tried = proxy.connections();
        let app = JoinedSession::open(&file(self.folder.path()), &self.identity).await?;
        match way {
            Way::AtOnce => {}
            Way::Waiting => until_tried(proxy, tried).await?,
            Way::Missed => sleep(LISTENS_AFTER).await,
            Way::Live | Way::Calling | Way::Cut => {
                until_live(&app).await?;
                let window = open_window(&app, &self.identity).await?;
                window.call("thanks", json!({})).await?;
                let room = window.call("room:list", json!({})).await?["rooms"][0]["id"].clone();
                let message = json!({ "id": id(), "room": room, "body": "on its way" });
                if matches!(way, Way::Cut) {
                    proxy.set(Weather {
                        cut_after: Some(0),
                        ..Weather::default()
                    });
                }
                let call = window.call("message:send", message);
                if matches!(way, Way::Live) {
                    // Whether it is too soon after the last one does not matter.
                    let _ = call.await;
                }
                timeout(DEADLINE, app.stop()).await?;
                window.close().await;
                return Ok(());
            }
        }
        timeout(DEADLINE, app.stop()).await?;
        Ok(())
    }
}

fn file(folder: &Path) -> std::path::PathBuf {
    folder.join("session.hearth")
}

async fn until_live(app: &JoinedSession) -> Result<()> {
    let mut progress = app.progress();
    let live = progress.wait_for(|now| now.link == LinkState::Live);
    timeout(DEADLINE, live).await.context("it is not live")??;
    Ok(())
}

/// Until one more connection than `before` leads nowhere.
async fn until_tried(proxy: &Proxy, before: usize) -> Result<()> {
    let tried = async {
        while proxy.connections() == before {
            sleep(Duration::from_millis(2)).await;
        }
    };
    Ok(timeout(DEADLINE, tried).await?)
}

/// The window's connection, as the app's own page has one.
async fn open_window(app: &JoinedSession, identity: &Identity) -> Result<Link> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let token = app.session().sign_in_joined().await?.token;
    let config = Config {
        kind: Listener::Window {
            token: token.clone(),
            origins: Vec::new(),
        },
        serve_client: false,
        tls: None,
    };
    app.serve(listener, config);
    let target = Target::new(address.into(), Trust::Plain);
    let (link, _events) = Link::open(&target, &identity.link()?, &token).await?;
    Ok(link)
}
