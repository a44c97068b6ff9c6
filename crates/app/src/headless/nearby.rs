//! `hearthd nearby`.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::time::Duration;

use anyhow::Context as _;
use hearth_protocol::window::{Nearby, NearbySession};
use serde::Serialize;
use tokio::time::{Instant, timeout_at};

use super::arguments::NearbyOptions;
use super::exit::Exit;
use crate::discovery::Listener;

/// What has become of a session.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum Event {
    Found,
    Changed,
    Gone,
}

/// One line.
#[derive(Debug, Serialize)]
struct Line<'a> {
    event: Event,
    #[serde(flatten)]
    session: &'a NearbySession,
}

/// Writes what is found until the time is over.
pub(super) async fn run(options: NearbyOptions) -> Result<(), Exit> {
    let until = Instant::now() + Duration::from_secs(options.seconds);
    let mut listener = Listener::start();
    let mut known = BTreeMap::new();
    while let Ok(now) = timeout_at(until, listener.changed()).await {
        if !now.listening {
            tracing::warn!("This network cannot be listened to just now; it is tried again");
        }
        known = tell(known, now).map_err(Exit::Other)?;
    }
    Ok(())
}

/// Writes how `now` differs from what was known; answers what is known then.
fn tell(
    before: BTreeMap<String, NearbySession>,
    now: Nearby,
) -> anyhow::Result<BTreeMap<String, NearbySession>> {
    let now: BTreeMap<_, _> = now
        .sessions
        .into_iter()
        .map(|session| (session.id.clone(), session))
        .collect();
    for (id, session) in &before {
        if !now.contains_key(id) {
            write(Event::Gone, session)?;
        }
    }
    for (id, session) in &now {
        match before.get(id) {
            None => write(Event::Found, session)?,
            Some(known) if known != session => write(Event::Changed, session)?,
            Some(_) => {}
        }
    }
    Ok(now)
}

fn write(event: Event, session: &NearbySession) -> anyhow::Result<()> {
    let line = serde_json::to_string(&Line { event, session }).context("writing a session")?;
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")
        .and_then(|()| out.flush())
        .context("writing to standard output")
}
