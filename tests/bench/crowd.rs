//! Many editors in one note, each typing in a line of its own, and when what
//! they type has arrived at the last of the others.

use std::{
    cell::RefCell,
    rc::Rc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use tokio::task::JoinSet;

use crate::{
    hearth, hocuspocus,
    machine::Server,
    numbers::Samples,
    random::Random,
    socket::{Kind, Reader, Writer},
    yjs::{self, Id},
};

/// What each editor types in a second.
const PER_SECOND: u32 = 5;
/// What each editor types before anything counts: two seconds.
const WARM_EDITS: usize = 10;
/// What was typed has to have arrived within so much of the end.
const ARRIVES_WITHIN: Duration = Duration::from_secs(10);
/// Who made the lines.
const PAPER: u32 = 1_000_000;
/// The first editor; the others count on from here.
const FIRST: u32 = 1_000_001;

/// How a server is spoken to.
#[derive(Clone)]
pub(crate) enum Language {
    Hearth { key: String },
    Hocuspocus,
}

/// One editor's connection.
pub(crate) struct Editor {
    pub(crate) reader: Reader,
    pub(crate) writer: Writer,
    pub(crate) calls: u64,
}

/// What was measured.
pub(crate) struct Outcome {
    /// From an edit to its arrival at the last of the others, in milliseconds.
    pub(crate) arrivals: Samples,
    /// Milliseconds of processor time for 1,000 edits.
    pub(crate) cpu: f64,
    /// By how much the driver was late at most, in milliseconds.
    pub(crate) late: f64,
    /// Edits that somebody never got.
    pub(crate) lost: usize,
}

/// The update that makes a line for each editor.
pub(crate) fn paper(editors: usize) -> Vec<u8> {
    let first = Id {
        client: PAPER,
        clock: 0,
    };
    yjs::insertion(first, None, None, &"\n".repeat(editors + 1))
}

/// Lets these type for so many seconds.
pub(crate) async fn type_together(
    language: Language,
    editors: Vec<Editor>,
    seconds: u32,
    server: &Server,
) -> Result<Outcome> {
    let count = editors.len();
    let edits = WARM_EDITS + (seconds * PER_SECOND) as usize;
    let journal = Rc::new(RefCell::new(Journal::new(count, edits)));
    let mut readers = JoinSet::new();
    let mut writers = Vec::new();
    for (me, editor) in editors.into_iter().enumerate() {
        writers.push((editor.writer.clone(), editor.calls));
        let listening = listen(language.clone(), me, editor, journal.clone());
        readers.spawn_local(listening);
    }
    let typing = type_all(&language, &writers, edits, &journal, server);
    let (cpu, late) = tokio::select! {
        typed = typing => typed?,
        ended = readers.join_next() => {
            ended.context("nobody listens")???;
            unreachable!("listening goes on until it fails");
        }
    };
    let journal = journal.borrow();
    Ok(Outcome {
        arrivals: journal.arrivals(),
        cpu,
        late,
        lost: journal.waiting,
    })
}

/// Types by the clock; answers processor time for 1,000 edits and the worst delay.
async fn type_all(
    language: &Language,
    writers: &[(Writer, u64)],
    edits: usize,
    journal: &RefCell<Journal>,
    server: &Server,
) -> Result<(f64, f64)> {
    let interval = Duration::from_secs(1) / PER_SECOND;
    let phases = phases(writers.len());
    let begun = Instant::now();
    let mut cpu = 0.0;
    let mut late = Duration::ZERO;
    for clock in 0..edits {
        if clock == WARM_EDITS {
            cpu = server.cpu_seconds()?;
        }
        for &(phase, me) in &phases {
            let due = begun + interval * clock as u32 + interval.mul_f64(phase);
            let now = Instant::now();
            if due > now {
                tokio::time::sleep_until(due.into()).await;
            } else if clock >= WARM_EDITS {
                late = late.max(now - due);
            }
            let (writer, calls) = &writers[me];
            let (kind, frame) = language.edit(me, clock, *calls);
            journal.borrow_mut().sent(me, clock);
            writer.send(kind, &frame)?;
        }
    }
    let give_up = Instant::now() + ARRIVES_WITHIN;
    while journal.borrow().waiting > 0 && Instant::now() < give_up {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let cpu = server.cpu_seconds()? - cpu;
    let counted = writers.len() * (edits - WARM_EDITS);
    Ok((cpu * 1e6 / counted as f64, late.as_secs_f64() * 1_000.0))
}

/// When in each interval who types: by chance, but always by the same.
fn phases(count: usize) -> Vec<(f64, usize)> {
    let mut random = Random::new();
    let mut phases: Vec<_> = (0..count).map(|me| (random.part(), me)).collect();
    phases.sort_by(|a, b| a.0.total_cmp(&b.0));
    phases
}

/// Notes what comes to one editor, and answers the server's pings.
async fn listen(
    language: Language,
    me: usize,
    mut editor: Editor,
    journal: Rc<RefCell<Journal>>,
) -> Result<()> {
    loop {
        let mut outcome = Ok(());
        let hear = |kind, payload: &[u8]| {
            let heard = match kind {
                Kind::Ping => editor.writer.send(Kind::Ping, payload),
                Kind::Text if payload == b"2" => editor.writer.send(Kind::Text, b"3"),
                _ => {
                    let mut journal = journal.borrow_mut();
                    let now = Instant::now();
                    language.updates(payload, |update| {
                        let read = yjs::typed(update, |id| journal.arrived(me, id, now));
                        read.expect("servers pass on what was sent");
                    })
                }
            };
            outcome = std::mem::replace(&mut outcome, Ok(())).and(heard);
        };
        editor.reader.frames(hear).await?;
        outcome?;
    }
}

impl Language {
    /// The message by which an editor types its next letter, at the end of its line.
    fn edit(&self, me: usize, clock: usize, calls: u64) -> (Kind, Vec<u8>) {
        let (client, clock) = (FIRST + me as u32, clock as u32);
        let line = |clock| Id {
            client: PAPER,
            clock,
        };
        let left = match clock.checked_sub(1) {
            Some(clock) => Id { client, clock },
            None => line(me as u32),
        };
        let right = line(me as u32 + 1);
        let update = yjs::insertion(Id { client, clock }, Some(left), Some(right), "x");
        match self {
            Self::Hearth { key } => {
                let call = calls + u64::from(clock) + 1;
                (Kind::Text, hearth::edit_frame(key, client, call, &update))
            }
            Self::Hocuspocus => (Kind::Binary, hocuspocus::edit_frame(&update)),
        }
    }

    fn updates(&self, frame: &[u8], each: impl FnMut(&[u8])) -> Result<()> {
        match self {
            Self::Hearth { .. } => hearth::updates(frame, each),
            Self::Hocuspocus => hocuspocus::updates(frame, each),
        }
    }
}

/// What was sent, and at how many it has not arrived.
struct Journal {
    edits: usize,
    sent: Vec<Sent>,
    /// Edits that have not arrived everywhere.
    waiting: usize,
}

#[derive(Clone, Copy)]
struct Sent {
    at: Instant,
    left: u32,
    took: Duration,
}

impl Journal {
    fn new(editors: usize, edits: usize) -> Self {
        let none = Sent {
            at: Instant::now(),
            left: editors as u32 - 1,
            took: Duration::MAX,
        };
        Self {
            edits,
            sent: vec![none; editors * edits],
            waiting: 0,
        }
    }

    fn sent(&mut self, editor: usize, clock: usize) {
        self.sent[editor * self.edits + clock].at = Instant::now();
        self.waiting += 1;
    }

    fn arrived(&mut self, at: usize, id: Id, now: Instant) {
        // The lines themselves come to those who were early.
        let Some(editor) = id.client.checked_sub(FIRST).map(|place| place as usize) else {
            return;
        };
        if editor == at {
            return;
        }
        let sent = &mut self.sent[editor * self.edits + id.clock as usize];
        sent.left -= 1;
        if sent.left == 0 {
            sent.took = now - sent.at;
            self.waiting -= 1;
        }
    }

    fn arrivals(&self) -> Samples {
        let mut samples = Samples::default();
        for of_editor in self.sent.chunks(self.edits) {
            let counted = of_editor[WARM_EDITS..].iter();
            counted
                .filter(|sent| sent.left == 0)
                .for_each(|sent| samples.push(sent.took.as_secs_f64() * 1_000.0));
        }
        samples
    }
}
