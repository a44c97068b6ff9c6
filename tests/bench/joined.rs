//! What it costs to be joined: a call through the own app, catching up, and doing nothing.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use hearth_tests::proxy::{Proxy, Weather};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::{
    Bench,
    hearth::{Client, Host},
    machine::{Folder, fsyncs},
    numbers::{Rounds, Samples, target},
};

/// No more than a member may call in a moment.
const CALLS: usize = 230;
const MISSED: usize = 1_000;
const ROUNDS: usize = 3;
/// From here to the host and back.
const ROUND_TRIP: Duration = Duration::from_millis(100);
const IDLE: Duration = Duration::from_secs(120);
const SETTLED_AFTER: Duration = Duration::from_secs(10);
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) async fn joined(bench: &Bench) -> Result<()> {
    println!("\nAn app that has joined");
    let folder = Folder::new(&bench.folder)?;
    let host = Host::start(bench.pinned, &bench.hearthd, folder.path())?;
    let mut direct = host.enter("Ann").await?;
    calls(bench, &host, &mut direct, &folder).await?;
    missed(bench, &host, &mut direct).await?;
    drop(direct);
    idle(bench, &host).await?;
    host.server.stop()
}

/// Turn by turn at the host itself and through the joined app.
async fn calls(bench: &Bench, host: &Host, direct: &mut Client, folder: &Folder) -> Result<()> {
    let place = Folder::new(&bench.folder)?;
    let copy = Host::join(&bench.hearthd, place.path(), host.address).await?;
    let mut through = copy.enter_own().await?;
    let room = general(direct).await?;
    let (mut at_host, mut joined) = (Samples::default(), Samples::default());
    let disk = fsyncs(folder.path(), 200)?;
    let cpu = copy.server.cpu()?;
    for number in 0..CALLS {
        let call = json!({ "room": room, "topic": format!("Topic {number}") });
        at_host.push(timed(direct, &call).await?);
        let call = json!({ "room": room, "topic": format!("Other topic {number}") });
        joined.push(timed(&mut through, &call).await?);
    }
    let cpu = (copy.server.cpu()? - cpu).as_secs_f64() * 1_000.0 / CALLS as f64;
    println!(
        "  a call at the host: p50 {:.2} ms, p99 {:.2} ms; through the joined app: p50 {:.2} ms, \
         p99 {:.2} ms, {cpu:.2} ms of CPU there; one fsync p50 {:.2} ms",
        at_host.p50(),
        at_host.p99(),
        joined.p50(),
        joined.p99(),
        disk.p50()
    );
    let more = joined.p50() - at_host.p50();
    target("more for a call through it, p50", more, 1.0, "ms");
    copy.server.stop()
}

async fn timed(client: &mut Client, call: &Value) -> Result<f64> {
    let begun = Instant::now();
    client.call("room:update", call).await?;
    Ok(begun.elapsed().as_secs_f64() * 1_000.0)
}

/// The same absence on a fast network and on one with a long way: the difference is what the way
/// adds, in round trips.
async fn missed(bench: &Bench, host: &Host, direct: &mut Client) -> Result<()> {
    let place = Folder::new(&bench.folder)?;
    let proxy = Proxy::open(host.address).await?;
    let copy = Host::join(&bench.hearthd, place.path(), proxy.address()).await?;
    let through = &mut copy.enter_own().await?;
    let proxy = &proxy;
    let (mut near, mut far) = (Rounds::default(), Rounds::default());
    for _ in 0..ROUNDS {
        near.push(come_back(direct, through, proxy, Duration::ZERO).await?);
        far.push(come_back(direct, through, proxy, ROUND_TRIP).await?);
    }
    let way = ROUND_TRIP.as_secs_f64() * 1_000.0;
    println!(
        "  {MISSED} missed facts, from reaching the host to being in step: {near} ms, with {way:.0} \
         ms for a round trip {far} ms"
    );
    let trips = (far.median() - near.median()) / way;
    target("round trips for it", trips, 5.0, "");
    copy.server.stop()
}

/// Milliseconds from the connection that succeeds to being in step.
async fn come_back(
    direct: &mut Client,
    through: &mut Client,
    proxy: &Proxy,
    round_trip: Duration,
) -> Result<f64> {
    proxy.set(Weather {
        down: true,
        ..Weather::default()
    });
    until(through, "away").await?;
    let room = general(direct).await?;
    for number in 0..MISSED {
        let message = json!({ "room": room, "body": format!("You missed message {number}") });
        direct.call("message:send", &message).await?;
    }
    let before = proxy.connections();
    proxy.set(Weather {
        delay: round_trip / 2,
        ..Weather::default()
    });
    let coming = async {
        while proxy.connections() == before {
            sleep(Duration::from_millis(1)).await;
        }
        Instant::now()
    };
    let back = async { tokio::join!(timeout(PATIENCE, coming), until(through, "live")) };
    let (begun, live) = tokio::select! {
        back = back => back,
        ended = stay(direct) => return ended,
    };
    live?;
    let took = begun?.elapsed().as_secs_f64() * 1_000.0;
    proxy.set(Weather::default());
    Ok(took)
}

/// Whoever does not answer the host's pings is put out.
async fn stay<T>(client: &mut Client) -> Result<T> {
    loop {
        client.call("room:list", &json!({})).await?;
        sleep(Duration::from_secs(1)).await;
    }
}

async fn until(client: &mut Client, state: &str) -> Result<()> {
    let told = async {
        loop {
            if client.signal("link").await?["state"] == state {
                return Ok(());
            }
        }
    };
    timeout(PATIENCE, told)
        .await
        .with_context(|| format!("never {state}"))?
}

/// Nobody does anything; the link is kept all the same.
async fn idle(bench: &Bench, host: &Host) -> Result<()> {
    let place = Folder::new(&bench.folder)?;
    let copy = Host::join(&bench.hearthd, place.path(), host.address).await?;
    sleep(SETTLED_AFTER).await;
    let before = copy.server.cpu()?;
    sleep(IDLE).await;
    let used = copy.server.cpu()? - before;
    let hours = IDLE.as_secs_f64() / 3_600.0;
    let used = used.as_secs_f64() / hours;
    target("CPU of an idle link", used, 1.0, "s an hour");
    copy.server.stop()
}

async fn general(client: &mut Client) -> Result<Value> {
    let rooms = client.call("room:list", &json!({})).await?;
    Ok(rooms["rooms"][0]["id"].clone())
}
