//! The Yjs clients, a program for Node.js.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Once;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize, Serializer};

/// Sessions of Yjs clients that go on while they are answered.
pub(crate) struct Clients {
    program: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// What the clients say.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Request {
    /// A member's app sends an edit.
    Edit { member: u64, update: String },
    /// A simple client writes a whole body, drawn from the seed, against a version.
    Write { version: usize, seed: u64 },
    /// A session is over, and everybody has this text.
    End { body: String },
    /// A session went wrong.
    Failed { reason: String },
}

/// What they are answered.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Answer {
    /// New facts, in order; the edit's is among them if anything was new in it.
    pub(crate) facts: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refused: Option<String>,
}

impl Clients {
    /// Starts so many sessions, one after the other.
    pub(crate) fn start(first_seed: u64, sessions: u64) -> Self {
        install();
        let mut program = Command::new("node")
            .arg(folder().join("session.mjs"))
            .args([first_seed, sessions].map(|number| number.to_string()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Node.js starts");
        Self {
            input: program.stdin.take().expect("standard input is a pipe"),
            output: BufReader::new(program.stdout.take().expect("standard output is a pipe")),
            program,
        }
    }

    /// The next thing they say; nothing once all sessions are over.
    pub(crate) fn next(&mut self) -> Option<Request> {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the clients speak");
        (!line.is_empty()).then(|| serde_json::from_str(&line).expect(&line))
    }

    /// Answers it.
    pub(crate) fn answer(&mut self, answer: &Answer) {
        let mut line = serde_json::to_vec(answer).expect("an answer is JSON");
        line.push(b'\n');
        self.input.write_all(&line).expect("the clients listen");
    }
}

impl Drop for Clients {
    fn drop(&mut self) {
        // It ends by itself when nobody answers any more; this is for a test
        // that failed in between.
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// What some updates have to make.
#[derive(Serialize)]
pub(crate) struct Text {
    pub(crate) name: String,
    #[serde(serialize_with = "as_base64")]
    pub(crate) updates: Vec<Vec<u8>>,
    pub(crate) body: String,
}

fn as_base64<S: Serializer>(updates: &[Vec<u8>], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(updates.iter().map(|update| STANDARD.encode(update)))
}

/// Those of which Yjs makes something else, one by one or merged.
pub(crate) fn disagreements(texts: &[Text]) -> Vec<String> {
    install();
    let mut program = Command::new("node")
        .arg(folder().join("agree.mjs"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Node.js starts");
    let mut input = program.stdin.take().expect("standard input is a pipe");
    for text in texts {
        let mut line = serde_json::to_vec(text).expect("a text is JSON");
        line.push(b'\n');
        input.write_all(&line).expect("the program listens");
    }
    drop(input);
    let done = program.wait_with_output().expect("the program ends");
    serde_json::from_slice(&done.stdout).expect("the program answers")
}

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/yjs"))
}

/// Installs Yjs beside the clients, unless it is there.
fn install() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        if folder().join("node_modules/yjs").exists() {
            return;
        }
        let done = Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund"])
            .current_dir(folder())
            .status();
        assert!(
            done.is_ok_and(|status| status.success()),
            "These tests need Node.js 20 and Yjs: run `npm ci` in {}.",
            folder().display()
        );
    });
}
