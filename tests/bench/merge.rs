//! One person comes back with 10,000 edits to a note in which the others made
//! 10,000 meanwhile, and people go on typing.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use anyhow::Result;

use crate::{
    Bench,
    hearth::Host,
    machine::{Folder, fsyncs},
    numbers::{Rounds, Samples, target},
    probe::{Place, Probe},
    random::Random,
    yjs::{self, Id},
};

const EDITS: u32 = 10_000;
const OTHERS: u32 = 10;
/// Letters typed at one place before going to another.
const BURST: u32 = 20;
const LINES: u32 = 500;
const ROUNDS: usize = 3;

/// Who made the lines, who was away, and the first of the others.
const PAPER: u32 = 1_000_000;
const AWAY: u32 = 2_000_000;
const FIRST: u32 = 3_000_000;
const PROBE: u32 = 4_000_000;

/// What all rounds came to.
#[derive(Default)]
struct Found {
    took: Rounds,
    quiet: Samples,
    same_note: Samples,
    other_note: Samples,
}

pub(crate) async fn merge(bench: &Bench) -> Result<()> {
    println!("\n{EDITS} edits made away, into a note with {EDITS} of others, {ROUNDS} rounds");
    let mut found = Found::default();
    let mut disk = Samples::default();
    for _ in 0..ROUNDS {
        let folder = Folder::new(&bench.folder)?;
        disk.extend(&fsyncs(folder.path(), 100)?);
        measure(bench, &folder, &mut found).await?;
    }
    let Found {
        took,
        quiet,
        same_note,
        other_note,
    } = &found;
    println!(
        "  merged after {took} ms; one fsync p99 {:.2} ms",
        disk.p99()
    );
    let line = |when: &str, samples: &Samples| {
        let (p50, p99, most) = (samples.p50(), samples.p99(), samples.quantile(1.0));
        println!("  a letter {when}: p50 {p50:.1} ms, p99 {p99:.1} ms, worst {most:.1} ms");
    };
    line("before", quiet);
    line("meanwhile in the same note", same_note);
    line("meanwhile in another note", other_note);
    target("merging", took.median(), 1_000.0, "ms");
    Ok(())
}

async fn measure(bench: &Bench, folder: &Folder, found: &mut Found) -> Result<()> {
    let host = Host::start(bench.pinned, &bench.hearthd, folder.path())?;
    let mut away = host.enter("Away").await?;
    let key = away.new_note("Together").await?;
    let first = Id {
        client: PAPER,
        clock: 0,
    };
    let lines = "\n".repeat(LINES as usize + 1);
    away.edit(&key, &yjs::insertion(first, None, None, &lines))
        .await?;
    others_type(&host, &key).await?;

    let mut elsewhere = host.enter("Elsewhere").await?;
    let other = elsewhere.new_note("Another").await?;
    let in_same = Place {
        key: key.clone(),
        client: PROBE,
        left: Some(line(0)),
        right: Some(line(1)),
    };
    let in_other = Place {
        key: other,
        client: PROBE,
        left: None,
        right: None,
    };
    found.quiet.extend(&quietly(&host, &in_other.key).await?);
    let same = Probe::start(&host, "In the same", in_same).await?;
    let apart = Probe::start(&host, "In another", in_other).await?;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let offline = Typing::new(AWAY).merged(EDITS);
    let begun = Instant::now();
    away.edit(&key, &offline).await?;
    found.took.push(begun.elapsed().as_secs_f64() * 1_000.0);
    tokio::time::sleep(Duration::from_millis(100)).await;
    found.same_note.extend(&same.stop().await?);
    found.other_note.extend(&apart.stop().await?);
    host.server.stop()
}

/// How typing is while nothing else happens.
async fn quietly(host: &Host, key: &str) -> Result<Samples> {
    let place = Place {
        key: key.to_owned(),
        client: PROBE + 1,
        left: None,
        right: None,
    };
    let probe = Probe::start(host, "Before", place).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    probe.stop().await
}

/// Each letter an edit of its own, as it comes from people who are there.
async fn others_type(host: &Host, key: &str) -> Result<()> {
    for other in 0..OTHERS {
        let mut client = host.enter(&format!("Other {other}")).await?;
        let mut typing = Typing::new(FIRST + other);
        for clock in 0..EDITS / OTHERS {
            let (id, left, right) = typing.next(clock);
            let update = yjs::insertion(id, Some(left), Some(right), "x");
            let call = client.send_edit(key, &update).await?;
            if clock % BURST == BURST - 1 {
                client.answer(call).await?;
            }
        }
    }
    Ok(())
}

/// Somebody who sees nothing of what the others type.
struct Typing {
    client: u32,
    random: Random,
    place: u32,
    /// Their own last letter in each line.
    ends: HashMap<u32, Id>,
}

impl Typing {
    fn new(client: u32) -> Self {
        Self {
            client,
            random: Random::new(),
            place: 0,
            ends: HashMap::new(),
        }
    }

    /// The next letter, and its neighbours: the end of what they typed in a line.
    fn next(&mut self, clock: u32) -> (Id, Id, Id) {
        if clock.is_multiple_of(BURST) {
            self.place = self.random.below(LINES as usize) as u32;
        }
        let id = Id {
            client: self.client,
            clock,
        };
        let left = self.ends.insert(self.place, id);
        (id, left.unwrap_or(line(self.place)), line(self.place + 1))
    }

    /// One update of many letters, each a piece of its own, as unsent edits are merged.
    fn merged(mut self, count: u32) -> Vec<u8> {
        let client = self.client;
        let mut update = vec![1];
        yjs::section(&mut update, Id { client, clock: 0 }, count);
        for clock in 0..count {
            let (_, left, right) = self.next(clock);
            yjs::item(&mut update, Some(left), Some(right), "y");
        }
        update.push(0);
        update
    }
}

fn line(clock: u32) -> Id {
    Id {
        client: PAPER,
        clock,
    }
}
