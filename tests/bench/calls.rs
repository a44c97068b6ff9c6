//! What any call costs: a message sent and acknowledged, beside one fsync.

use std::time::Instant;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::{
    Bench,
    hearth::{Client, Host},
    machine::{Folder, fsyncs},
    numbers::Samples,
};

const ONE_BY_ONE: usize = 500;
const AT_ONCE: usize = 5_000;

pub(crate) async fn calls(bench: &Bench) -> Result<()> {
    println!("\nA message sent and acknowledged, beside one fsync");
    let folder = Folder::new(&bench.folder)?;
    let host = Host::start(bench.pinned, &bench.hearthd, folder.path())?;
    let mut client = host.enter("Sender").await?;
    let mut disk = fsyncs(folder.path(), 200)?;
    let rooms = client.call("room:list", &json!({})).await?;
    let message = json!({ "room": rooms["rooms"][0]["id"], "body": "Hello there" });
    let samples = one_by_one(&mut client, &message).await?;
    disk.extend(&fsyncs(folder.path(), 200)?);
    println!(
        "  one by one: p50 {:.2} ms, p99 {:.2} ms; fsync p50 {:.2} ms, p99 {:.2} ms; ratio {:.1}",
        samples.p50(),
        samples.p99(),
        disk.p50(),
        disk.p99(),
        samples.p50() / disk.p50()
    );
    let (per_second, cpu) = at_once(&mut client, &host, &message).await?;
    println!("  one behind the other: {per_second:.0} a second, {cpu:.0} ms of CPU for 1,000");
    host.server.stop()
}

async fn one_by_one(client: &mut Client, message: &Value) -> Result<Samples> {
    let mut samples = Samples::default();
    for _ in 0..ONE_BY_ONE {
        let begun = Instant::now();
        client.call("message:send", message).await?;
        samples.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    Ok(samples)
}

async fn at_once(client: &mut Client, host: &Host, message: &Value) -> Result<(f64, f64)> {
    let cpu = host.server.cpu_seconds()?;
    let begun = Instant::now();
    let mut last = None;
    for sent in 0..AT_ONCE {
        let call = client.send("message:send", message).await?;
        // The socket's queue takes 256.
        if sent % 100 == 99 {
            client.answer(call).await?;
        }
        last = Some(call);
    }
    last.context("nothing was sent")?;
    let took = begun.elapsed().as_secs_f64();
    let cpu = host.server.cpu_seconds()? - cpu;
    Ok((AT_ONCE as f64 / took, cpu * 1e6 / AT_ONCE as f64))
}
