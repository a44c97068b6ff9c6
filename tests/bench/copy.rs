//! The first copy of a session with a long past, as a joined app makes it, beside appending the same
//! facts here.

use std::{net::SocketAddr, path::Path, time::Instant};

use anyhow::Result;

use crate::{
    Bench,
    facts::{Past, append},
    hearth::{Host, begin_to_join},
    machine::{Folder, Server},
    numbers::{Rounds, target},
};

const PAST: Past = Past {
    notes: 10_000,
    messages: 100_000,
    edits: 500_000,
};

/// Beside it, to see what more facts of the same notes cost in memory.
const SHORT: Past = Past {
    edits: 50_000,
    ..PAST
};
/// Long enough for one to do.
const ROUNDS: usize = 1;
const FLAT_WITHIN_MB: f64 = 16.0;

#[derive(Default)]
struct Found {
    appended: Rounds,
    copied: Rounds,
    cpu: Rounds,
    memory: Rounds,
    short: Rounds,
    at_host: Rounds,
}

pub(crate) async fn copy(bench: &Bench) -> Result<()> {
    println!(
        "\nA first copy of {} facts: {} notes, {} messages, {} edits",
        PAST.facts(),
        PAST.notes,
        PAST.messages,
        PAST.edits
    );
    let mut found = Found::default();
    for _ in 0..ROUNDS {
        round(bench, PAST, &mut found).await?;
    }
    let mut short = Found::default();
    round(bench, SHORT, &mut short).await?;
    found.short = short.memory;
    let Found {
        appended,
        copied,
        cpu,
        memory,
        short,
        at_host,
    } = &found;
    println!("  appended here: {appended} facts/s");
    println!("  copied, from coming in to being in step: {copied} facts/s, {cpu} s of CPU");
    println!("  memory: copy {memory} MB, {short} MB with a tenth of the edits; host {at_host} MB");
    let times = appended.median() / copied.median();
    target("time to copy, of that to append", times, 4.0, "");
    let more = memory.median() - short.median();
    target("memory for the other edits", more, FLAT_WITHIN_MB, "MB");
    Ok(())
}

async fn round(bench: &Bench, past: Past, found: &mut Found) -> Result<()> {
    let folder = Folder::new(&bench.folder)?;
    // It makes the session.
    Host::start(bench.pinned, &bench.hearthd, folder.path())?
        .server
        .stop()?;
    let file = folder.path().join("session.hearth");
    found.appended.push(append(&file, past).await?);

    let host = Host::start(bench.pinned, &bench.hearthd, folder.path())?;
    let place = Folder::new(&bench.folder)?;
    let begun = Instant::now();
    let copy = first_copy(bench, host.address, place.path()).await?;
    let took = begun.elapsed().as_secs_f64();
    found.copied.push(past.facts() as f64 / took);
    found.cpu.push(copy.cpu_seconds()?);
    found.memory.push(copy.peak_megabytes()?);
    found.at_host.push(host.server.peak_megabytes()?);
    copy.stop()?;
    host.server.stop()
}

/// Waits until it is whole, which is when the program says where it is served.
async fn first_copy(bench: &Bench, host: SocketAddr, place: &Path) -> Result<Server> {
    let mut copy = begin_to_join(&bench.hearthd, place, host)?;
    tokio::task::spawn_blocking(move || copy.first_line().map(|_| copy)).await?
}
