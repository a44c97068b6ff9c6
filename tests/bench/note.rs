//! Typing into a note as large as a note may be, beside typing into a small one.

use anyhow::{Context as _, Result};
use serde_json::json;

use crate::{
    Bench,
    hearth::{Client, Host},
    machine::{Folder, fsyncs},
    numbers::{Samples, target},
    probe::{Place, Typist},
};

const BYTES: usize = (1 << 20) - 10_000;
const LETTERS: usize = 1_000;
const ROUNDS: usize = 3;
const TYPIST: u32 = 1_000_000;
/// So much later than in a small note nobody feels.
const MOST_MORE: f64 = 10.0;

/// What typing into one of the notes came to.
#[derive(Default)]
struct Typed {
    took: Samples,
    cpu: f64,
}

pub(crate) async fn note(bench: &Bench) -> Result<()> {
    println!("\nA letter into a note of 1 MiB, beside one into a small note");
    let folder = Folder::new(&bench.folder)?;
    let disk = fsyncs(folder.path(), 200)?;
    let host = Host::start(bench.pinned, &bench.hearthd, folder.path())?;
    let mut client = host.enter("Typist").await?;
    let sizes = [("large", BYTES), ("small", 100)];
    let mut keys = Vec::new();
    for (name, bytes) in sizes {
        keys.push(filled(&mut client, name, bytes).await?);
    }
    let mut typed = [Typed::default(), Typed::default()];
    for round in 0..ROUNDS {
        for (key, typed) in keys.iter().zip(&mut typed) {
            let place = Place {
                key: key.clone(),
                client: TYPIST + round as u32,
                left: None,
                right: None,
            };
            let mut typist = Typist::new(place);
            let cpu = host.server.cpu_seconds()?;
            for _ in 0..LETTERS {
                typed.took.push(typist.letter(&mut client).await?);
            }
            typed.cpu += host.server.cpu_seconds()? - cpu;
        }
    }
    for ((name, _), Typed { took, cpu }) in sizes.iter().zip(&typed) {
        let (p50, p99, most) = (took.p50(), took.p99(), took.quantile(1.0));
        let cpu = cpu * 1e6 / (ROUNDS * LETTERS) as f64;
        println!(
            "  {name} note: p50 {p50:.2} ms, p99 {p99:.2} ms, worst {most:.1} ms; {cpu:.0} ms of CPU for 1,000"
        );
    }
    println!(
        "  one fsync: p50 {:.2} ms, p99 {:.2} ms",
        disk.p50(),
        disk.p99()
    );
    let [large, small] = &typed;
    target(
        "p99 of a letter into the large note",
        large.took.p99(),
        small.took.p99() + MOST_MORE,
        "ms",
    );
    host.server.stop()
}

async fn filled(client: &mut Client, title: &str, bytes: usize) -> Result<String> {
    let rooms = client.call("room:list", &json!({})).await?;
    let line = "A line of a note that is as long as lines of notes are.\n";
    let body = &line.repeat(bytes / line.len() + 1)[..bytes];
    let made = json!({ "room": rooms["rooms"][0]["id"], "title": title, "body": body });
    let made = client.call("note:create", &made).await?;
    let key = made["note"]["key"].as_str().context("no note was made")?;
    client.open(key).await?;
    Ok(key.to_owned())
}
