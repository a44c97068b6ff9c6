//! A session that an app leaves leaves nothing behind in it, whatever it was doing.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use hearth_app::desk::Desk;
use hearth_app::identity::Identity;
use hearth_protocol::SessionId;
use hearth_protocol::signal::event;
use hearth_protocol::window::{JoinRequest, JoinStep, OpenSession, WindowAccess};
use hearth_replica::{Invitation, Link};
use hearth_tests::alone::{is_alone, settled};
use hearth_tests::hearthd::Hearthd;
use hearth_tests::proxy::{Proxy, Weather};
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Builder;
use tokio::time::{sleep, timeout};

use crate::copy::{DEADLINE, OPEN, id};

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
    let app = App::join(&proxy).await?;
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

/// Somebody's Hearth, which has joined a session.
struct App {
    desk: Desk,
    session: SessionId,
    identity: Identity,
    _folder: TempDir,
}

impl App {
    async fn join(proxy: &Proxy) -> Result<Self> {
        let folder = TempDir::new()?;
        let identity = Identity::open(folder.path())?;
        let desk = Desk::open(folder.path(), folder.path())?;
        let request = JoinRequest {
            address: proxy.address().to_string(),
            also: Vec::new(),
            key: None,
            pin: None,
        };
        let mut step = desk.join(request).await?;
        let session = loop {
            match step {
                JoinStep::Joined(joined) => break joined.session,
                JoinStep::Connecting | JoinStep::Copying { .. } => {}
                other => bail!("not joined: {other:?}"),
            }
            step = timeout(DEADLINE, desk.join_progress()).await??;
        };
        desk.leave(true).await?;
        Ok(Self {
            desk,
            session,
            identity,
            _folder: folder,
        })
    }

    async fn start_and_stop(&self, way: Way, proxy: &Proxy) -> Result<()> {
        let away = matches!(way, Way::Waiting | Way::Missed);
        proxy.set(Weather {
            swallow: away,
            ..Weather::default()
        });
        let tried = proxy.connections();
        let OpenSession::Joined(joined) = self.desk.open_session(self.session).await? else {
            bail!("it is somebody else's");
        };
        match way {
            Way::AtOnce => {}
            Way::Waiting => until_tried(proxy, tried).await?,
            Way::Missed => sleep(LISTENS_AFTER).await,
            Way::Live | Way::Calling | Way::Cut => {
                let window = self.live_window(&joined.window).await?;
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
                self.leave().await?;
                window.close().await;
                return Ok(());
            }
        }
        self.leave().await
    }

    async fn leave(&self) -> Result<()> {
        Ok(timeout(DEADLINE, self.desk.leave(true)).await??)
    }

    /// The window's connection, as the app's own page has one, once the host is there.
    async fn live_window(&self, access: &WindowAccess) -> Result<Link> {
        let place: Invitation = access.url.parse()?;
        let identity = self.identity.link()?;
        let (link, mut heard) = Link::open(&place.target, &identity, &access.token).await?;
        let live = async {
            while let Some(event) = heard.recv().await {
                if event.name == event::LINK && event.payload["state"] == "live" {
                    return true;
                }
            }
            false
        };
        ensure!(timeout(DEADLINE, live).await?, "the window was closed");
        Ok(link)
    }
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
