//! Many people type into one note at once, beside the same people at Hocuspocus.

use anyhow::Result;

use crate::{
    Bench,
    crowd::{self, Editor, Language, Outcome},
    hearth::Host,
    hocuspocus::{self, Reference},
    machine::{Folder, Server, fsyncs},
    numbers::{Rounds, Samples, target},
    socket::Kind,
};

const CROWDS: [usize; 3] = [10, 100, 300];
const ROUNDS: usize = 3;
const SECONDS: u32 = 6;

/// What all rounds of one server came to.
#[derive(Default)]
struct Side {
    p50: Rounds,
    p99: Rounds,
    cpu: Rounds,
    memory: Rounds,
    late: f64,
    lost: usize,
}

impl Side {
    fn add(&mut self, outcome: &Outcome, server: &Server) -> Result<()> {
        self.p50.push(outcome.arrivals.p50());
        self.p99.push(outcome.arrivals.p99());
        self.cpu.push(outcome.cpu);
        self.memory.push(server.peak_megabytes()?);
        self.late = self.late.max(outcome.late);
        self.lost += outcome.lost;
        Ok(())
    }

    fn print(&self, name: &str) {
        let Self {
            p50,
            p99,
            cpu,
            memory,
            late,
            lost,
        } = self;
        println!("  {name:12} arrival p50 {p50} ms, p99 {p99} ms");
        println!(
            "  {:12} CPU {cpu} ms for 1,000 edits, memory {memory} MB",
            ""
        );
        if *lost > 0 || *late > 50.0 {
            println!(
                "  {:12} {lost} edits never arrived; driver late by {late:.0} ms",
                ""
            );
        }
    }
}

/// Every crowd in turn.
pub(crate) async fn editors(bench: &Bench) -> Result<()> {
    for crowd in CROWDS {
        if bench.crowd.is_none_or(|only| only == crowd) {
            measure(bench, crowd).await?;
        }
    }
    Ok(())
}

async fn measure(bench: &Bench, crowd: usize) -> Result<()> {
    println!("\n{crowd} editors, 5 letters a second each, {ROUNDS} rounds of {SECONDS} s");
    let mut hearth = Side::default();
    let mut beside = Side::default();
    let mut reference = Side::default();
    let mut disk = Samples::default();
    for _ in 0..ROUNDS {
        let folder = Folder::new(&bench.folder)?;
        disk.extend(&fsyncs(folder.path(), 200)?);
        at_hearth(bench, &bench.hearthd, crowd, &mut hearth).await?;
        disk.extend(&fsyncs(folder.path(), 200)?);
        if let Some(other) = &bench.beside {
            at_hearth(bench, other, crowd, &mut beside).await?;
        }
        at_hocuspocus(bench, crowd, &mut reference).await?;
    }
    hearth.print("Hearth");
    if bench.beside.is_some() {
        beside.print("beside it");
    }
    reference.print("Hocuspocus");
    println!(
        "  one fsync    p50 {:.2} ms, p99 {:.2} ms",
        disk.p50(),
        disk.p99()
    );
    judge(crowd, &hearth, &reference, &disk);
    Ok(())
}

fn judge(crowd: usize, hearth: &Side, reference: &Side, disk: &Samples) {
    let allowed = match crowd {
        300 => 25.0,
        _ => 5.0,
    };
    let (p99, most) = (hearth.p99.median(), allowed + 2.0 * disk.p99());
    target("p99 of the arrival", p99, most, "ms");
    let (cpu, most) = (hearth.cpu.median(), reference.cpu.median());
    target("CPU for 1,000 edits", cpu, most, "ms");
    let (memory, most) = (hearth.memory.median(), reference.memory.median() / 3.0);
    target("memory", memory, most, "MB");
}

async fn at_hearth(
    bench: &Bench,
    program: &std::path::Path,
    crowd: usize,
    side: &mut Side,
) -> Result<()> {
    let folder = Folder::new(&bench.folder)?;
    let host = Host::start(bench.pinned, program, folder.path())?;
    let mut first = host.enter("Editor 0").await?;
    let key = first.new_note("Together").await?;
    first.edit(&key, &crowd::paper(crowd)).await?;
    let mut editors = Vec::new();
    let mut next = Some(first);
    while editors.len() < crowd {
        let client = match next.take() {
            Some(first) => first,
            None => {
                let mut client = host.enter(&format!("Editor {}", editors.len())).await?;
                client.open(&key).await?;
                client
            }
        };
        let (reader, writer, calls) = client.into_parts();
        editors.push(Editor {
            reader,
            writer,
            calls,
        });
    }
    let language = Language::Hearth { key };
    let outcome = crowd::type_together(language, editors, SECONDS, &host.server).await?;
    side.add(&outcome, &host.server)?;
    host.server.stop()
}

async fn at_hocuspocus(bench: &Bench, crowd: usize, side: &mut Side) -> Result<()> {
    let server = Reference::start(bench.pinned, &bench.script)?;
    let mut editors = Vec::new();
    for _ in 0..crowd {
        let socket = server.enter().await?;
        editors.push(Editor {
            reader: socket.reader,
            writer: socket.writer,
            calls: 0,
        });
    }
    let paper = hocuspocus::edit_frame(&crowd::paper(crowd));
    editors[0].writer.send(Kind::Binary, &paper)?;
    let outcome =
        crowd::type_together(Language::Hocuspocus, editors, SECONDS, &server.server).await?;
    side.add(&outcome, &server.server)?;
    server.server.stop()
}
