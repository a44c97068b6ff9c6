//! One person writes a paper letter by letter; then it is opened again.
//!
//! The edits are generated in the shape of a well-known trace of a paper's
//! writing: runs of typing, three of ten edits taking a letter back, also in
//! runs, and places that move.

use std::{fs, path::Path, time::Instant};

use anyhow::Result;
use serde_json::json;

use crate::{
    Bench,
    hearth::{Client, Host},
    machine::Folder,
    numbers::{Rounds, Samples, target},
    random::Random,
    yjs::{self, Id},
};

const EDITS: usize = 260_000;
/// As long as the ids that Yjs draws.
const AUTHOR: u32 = 3_654_321_987;
/// So many edits are on their way at once.
const WINDOW: u64 = 256;
const OPENINGS: usize = 11;

/// The paper as its author's editor has it.
struct Paper {
    /// Typed letters that are to be seen, in order.
    visible: Vec<u32>,
    /// The letter behind each one, seen or not; the first behind none.
    next: Vec<Option<u32>>,
    first: Option<u32>,
    cursor: usize,
    /// Edits of this run that are still to come.
    run: usize,
    takes_back: bool,
    random: Random,
}

impl Paper {
    fn new() -> Self {
        Self {
            visible: Vec::new(),
            next: Vec::new(),
            first: None,
            cursor: 0,
            run: 0,
            takes_back: false,
            random: Random::new(),
        }
    }

    /// The next edit.
    fn edit(&mut self) -> Vec<u8> {
        if self.run == 0 {
            self.next_run();
        }
        self.run -= 1;
        if self.takes_back && self.cursor > 0 {
            self.take_back()
        } else {
            self.type_on()
        }
    }

    /// Half of the runs of typing end in taking some of it back.
    fn next_run(&mut self) {
        self.takes_back = !self.takes_back && self.random.below(2) == 0;
        self.run = 1 + self.random.below(if self.takes_back { 42 } else { 48 });
        if !self.takes_back && self.random.below(2) == 0 {
            self.move_on();
        }
    }

    /// Mostly a few lines away, at times anywhere.
    fn move_on(&mut self) {
        let length = self.visible.len();
        self.cursor = match self.random.below(4) {
            0 => self.random.below(length + 1),
            _ => (self.cursor + self.random.below(400))
                .saturating_sub(200)
                .min(length),
        };
    }

    fn take_back(&mut self) -> Vec<u8> {
        self.cursor -= 1;
        let clock = self.visible.remove(self.cursor);
        let client = AUTHOR;
        yjs::deletion(Id { client, clock }, 1)
    }

    fn type_on(&mut self) -> Vec<u8> {
        let new = self.next.len() as u32;
        let left = self.cursor.checked_sub(1).map(|at| self.visible[at]);
        let link = match left {
            Some(left) => &mut self.next[left as usize],
            None => &mut self.first,
        };
        let right = link.replace(new);
        self.next.push(right);
        self.visible.insert(self.cursor, new);
        self.cursor += 1;
        let letter = match self.random.below(60) {
            0 => "\n",
            1..10 => " ",
            _ => "e",
        };
        let id = |clock| Id {
            client: AUTHOR,
            clock,
        };
        yjs::insertion(id(new), left.map(id), right.map(id), letter)
    }
}

/// Writes the trace through the API, stops the host, and opens the note again.
pub(crate) async fn trace(bench: &Bench) -> Result<()> {
    println!("\nA note of {EDITS} single edits");
    let folder = Folder::new(&bench.folder)?;
    let host = Host::start(bench.pinned, &bench.hearthd, folder.path())?;
    let mut author = host.enter("Author").await?;
    let key = author.new_note("Paper").await?;
    let begun = Instant::now();
    let cpu = host.server.cpu_seconds()?;
    write(&mut author, &key).await?;
    let (took, cpu) = (
        begun.elapsed().as_secs_f64(),
        host.server.cpu_seconds()? - cpu,
    );
    println!(
        "  written in {took:.1} s, {:.0} ms of CPU for 1,000 edits, memory {:.0} MB",
        cpu * 1e6 / EDITS as f64,
        host.server.peak_megabytes()?
    );
    host.server.stop()?;
    let file = folder.path().join("session.hearth");
    let bytes = fs::metadata(&file)?.len() - checkpoint_bytes(&file, &key).await?;

    let openings = open_again(bench, folder.path(), &key).await?;
    println!(
        "  opening after a start: first {:.1} ms, then p50 {:.1} ms",
        openings.0.median(),
        openings.1.p50()
    );
    target("first opening", openings.0.median(), 20.0, "ms");
    let per_edit = bytes as f64 / EDITS as f64;
    target("log for each edit", per_edit, 120.0, "bytes");
    Ok(())
}

/// What of the file is no log: the note's texts at some versions, from which others are read.
async fn checkpoint_bytes(file: &Path, key: &str) -> Result<u64> {
    let (writer, reader) = hearth_store::open(file).await?;
    let key = serde_json::from_value(json!(key))?;
    let (mut bytes, mut version) = (0, u64::MAX);
    while let Some(checkpoint) = reader.note_log(key, version).await?.checkpoint {
        bytes += checkpoint.state.len() + checkpoint.owners.len();
        version = checkpoint.version - 1;
    }
    writer.close().await?;
    Ok(bytes as u64)
}

async fn write(author: &mut Client, key: &str) -> Result<()> {
    let mut paper = Paper::new();
    let mut answered = None;
    for _ in 0..EDITS {
        let call = author.send_edit(key, &paper.edit()).await?;
        let next = *answered.get_or_insert(call);
        if call >= next + WINDOW {
            author.answer(next).await?;
            answered = Some(next + 1);
        }
    }
    // Calls are answered in order, so this is after all of them.
    author.call("note:close", &json!({ "key": key })).await?;
    Ok(())
}

/// The first opening of each of several starts, and the later ones.
async fn open_again(bench: &Bench, data: &Path, key: &str) -> Result<(Rounds, Samples)> {
    let (mut first, mut later) = (Rounds::default(), Samples::default());
    for _ in 0..3 {
        let host = Host::start(bench.pinned, &bench.hearthd, data)?;
        let mut reader = host.enter("Reader").await?;
        for opening in 0..OPENINGS {
            let begun = Instant::now();
            reader.open(key).await?;
            let took = begun.elapsed().as_secs_f64() * 1_000.0;
            match opening {
                0 => first.push(took),
                _ => later.push(took),
            }
            reader.call("note:close", &json!({ "key": key })).await?;
        }
        host.server.stop()?;
    }
    Ok((first, later))
}
