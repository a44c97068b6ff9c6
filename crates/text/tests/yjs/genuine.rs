use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::thread::{available_parallelism, scope};

use base64::{Engine, engine::general_purpose::STANDARD};
use hearth_text::MemberId;

use crate::host::Host;
use crate::node::{Answer, Clients, Request};
use crate::random::Random;
use crate::{first_seed, times};

/// What else happens to the host between two edits of the clients.
pub(crate) trait Between {
    /// Called before a session's first edit.
    fn begin(&mut self, seed: u64);

    /// Called before each edit is let in, with its bytes.
    fn before(&mut self, host: &mut Host, update: &[u8]);
}

struct Nothing;

impl Between for Nothing {
    fn begin(&mut self, _: u64) {}

    fn before(&mut self, _: &mut Host, _: &[u8]) {}
}

#[test]
fn genuine_edits_always_pass_and_everybody_has_the_same_text() {
    run(times(3_000, 20_000), || Nothing);
}

/// Runs sessions of Yjs clients against a host, on as many threads as there are
/// processors. What `between` made for each thread is given back.
pub(crate) fn run<B: Between + Send>(sessions: u64, between: impl Fn() -> B + Sync) -> Vec<B> {
    let first = first_seed();
    let threads = available_parallelism().map_or(1, |count| count.get() as u64);
    let share = |index: u64| first + sessions * index / threads;
    scope(|scope| {
        let start = |index| {
            let seeds = share(index)..share(index + 1);
            let between = &between;
            scope.spawn(move || run_these(seeds, between()))
        };
        let running: Vec<_> = (0..threads).map(start).collect();
        let ended = running.into_iter().map(|thread| thread.join());
        let ended: Result<_, _> = ended.collect();
        ended.unwrap_or_else(|panic| resume_unwind(panic))
    })
}

fn run_these<B: Between>(seeds: Range<u64>, mut between: B) -> B {
    let sessions = seeds.end - seeds.start;
    let mut clients = Clients::start(seeds.start, sessions);
    let mut edits = 0;
    for seed in seeds {
        let session = AssertUnwindSafe(|| session(seed, &mut clients, &mut between));
        match catch_unwind(session) {
            Ok(count) => edits += count,
            Err(_) => panic!("HEARTH_SEED={seed} shows this again"),
        }
    }
    assert!(clients.next().is_none(), "all sessions are over");
    assert!(
        edits >= sessions * 5,
        "the clients did write: {edits} edits"
    );
    between
}

/// Runs one session, and says how many edits there were.
fn session(seed: u64, clients: &mut Clients, between: &mut dyn Between) -> u64 {
    let mut random = Random::new(seed);
    let mut host = Host::new();
    let mut edits = 0;
    between.begin(seed);
    while let Some(request) = clients.next() {
        let told = host.log.len();
        let mut refused = None;
        let mut over = false;
        match request {
            Request::Edit { member, update } => {
                let update = decode(&update);
                between.before(&mut host, &update);
                refused = host.edit(MemberId::new(member.into()), &update).err();
                edits += 1;
            }
            Request::Write { version, seed } => {
                let change = |body: &str| rewritten(body, seed);
                refused = host.write(version, change).err();
            }
            Request::End { body } => {
                assert_eq!(host.note.text().body(), body);
                host.restart(&mut random);
                over = true;
            }
            Request::Failed { reason } => panic!("{reason}"),
        }
        if random.chance(2) {
            host.restart(&mut random);
        }
        let new = host.log[told..].iter();
        clients.answer(&Answer {
            facts: new.map(|(_, update)| encode(update)).collect(),
            refused: refused.map(|refused| refused.to_string()),
        });
        if over {
            return edits;
        }
    }
    panic!("the clients ended too early");
}

/// A body somewhat changed, as a script would.
fn rewritten(body: &str, seed: u64) -> String {
    let mut random = Random::new(seed);
    let mut words: Vec<&str> = body.split_inclusive(' ').collect();
    for _ in 0..random.below(4) {
        let at = random.below(words.len() + 1);
        words.insert(at, *random.one(&["new ", "🎉 ", "line\n", "\r\n", "ü"]));
    }
    if random.chance(50) && !words.is_empty() {
        words.remove(random.below(words.len()));
    }
    words.concat()
}

fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

fn decode(text: &str) -> Vec<u8> {
    STANDARD.decode(text).expect("the clients send base64")
}
