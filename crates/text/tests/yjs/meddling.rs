//! Two members who send whatever some bytes say, and what has to hold then: what
//! the door lets in makes the same text in every order in which it can arrive.
//!
//! The fuzzer looks for such bytes; those worth keeping are tried in every run
//! of the tests.

use hearth_text::{DoorLimits, Edit, Limits, MemberId, Note, Text, Verdict, merge, write};

use crate::update::{Content, Forged, Id, Piece, Section};

/// Two of each of two members, low and high.
const CLIENTS: [u32; 4] = [100_000, 200_000, 3_000_000_000, 4_000_000_000];

/// Lets them do what the bytes say, to the end.
pub(crate) fn meddle(bytes: &[u8]) {
    let mut session = Session::new(bytes);
    while !session.rest.is_empty() && session.log.len() < 40 {
        session.act();
    }
    session.check();
}

struct Session<'a> {
    rest: &'a [u8],
    note: Note,
    log: Vec<(MemberId, Vec<u8>)>,
    clocks: [u32; 4],
}

impl<'a> Session<'a> {
    fn new(rest: &'a [u8]) -> Self {
        Self {
            rest,
            note: Note::new(limits()),
            log: Vec::new(),
            clocks: [0; 4],
        }
    }

    fn act(&mut self) {
        match self.byte() % 16 {
            0 => self.raw(),
            1 => self.restart(),
            2 => self.write(),
            _ => self.forge(),
        }
    }

    fn byte(&mut self) -> u8 {
        let Some((byte, rest)) = self.rest.split_first() else {
            return 0;
        };
        self.rest = rest;
        *byte
    }

    fn raw(&mut self) {
        let len = usize::from(self.byte()).min(self.rest.len());
        let (update, rest) = self.rest.split_at(len);
        self.rest = rest;
        self.send(0, update);
    }

    fn restart(&mut self) {
        let checkpoint = self.note.checkpoint();
        let note = Note::load(Some(&checkpoint), [], limits()).expect("a checkpoint loads");
        assert_eq!(note.text().body(), self.note.text().body());
        self.note = note;
    }

    fn write(&mut self) {
        let version = usize::from(self.byte()) % (self.log.len() + 1);
        let base = self.log[..version].iter().map(|(_, update)| &update[..]);
        let base = Text::load(None, base).expect("the log loads");
        let mut chars: Vec<char> = base.body().chars().collect();
        let at = usize::from(self.byte()) % (chars.len() + 1);
        match self.byte() % 3 {
            0 => chars.insert(at, '🎉'),
            1 => drop(chars.drain(at..)),
            _ => chars.splice(at.., "new".chars()).for_each(drop),
        }
        let edit = Edit::Body(chars.into_iter().collect());
        let pen = self.note.begin_write(&base);
        let size = Limits {
            body_bytes: 1 << 20,
            changes: 10,
        };
        let update = write(&base, pen.client(), &edit, size).expect("the edit fits");
        let verdict = self.note.finish_write(&pen, update.as_deref());
        match verdict.expect("the note holds") {
            Verdict::Accepted { update } => self.log.push((MemberId::HOST, update)),
            Verdict::Nothing => {}
            Verdict::Refused(refused) => panic!("a write was refused: {refused}"),
        }
    }

    fn forge(&mut self) {
        let index = usize::from(self.byte()) % 4;
        let mut update = Forged::default();
        if !self.byte().is_multiple_of(8) {
            let section = self.section(index);
            update.sections.push(section);
        }
        if self.byte().is_multiple_of(4) {
            let (client, clock) = self.unit();
            let len = 1 + u32::from(self.byte() % 4);
            update.deleted.push((client, vec![(clock, len)]));
        }
        if self.byte().is_multiple_of(16) {
            let other = self.section((index + 2) % 4);
            update.sections.push(other);
            update
                .sections
                .sort_by_key(|section| u32::MAX - section.client);
        }
        self.send(index, &update.encode());
    }

    fn section(&mut self, index: usize) -> Section {
        let back = u32::from(self.byte() / 64);
        let count = 1 + self.byte() % 3;
        Section {
            client: CLIENTS[index],
            clock: self.clocks[index].saturating_sub(back),
            pieces: (0..count).map(|_| self.piece()).collect(),
        }
    }

    fn piece(&mut self) -> Piece {
        let (origin, right) = (self.maybe_unit(), self.maybe_unit());
        let content = match self.byte() % 8 {
            0 => Content::Deleted(1 + u32::from(self.byte() % 3)),
            1 => Content::Text("🎈".into()),
            2 => Content::Text("ab🎈".into()),
            3 => Content::Text("é漢\n".into()),
            len => Content::Text("wxyz"[..usize::from(len) - 3].into()),
        };
        Piece::new(origin, right, content)
    }

    fn maybe_unit(&mut self) -> Option<Id> {
        (!self.byte().is_multiple_of(3)).then(|| self.unit())
    }

    fn unit(&mut self) -> Id {
        let index = usize::from(self.byte()) % 4;
        let clock = u32::from(self.byte()) % (self.clocks[index] + 1);
        (CLIENTS[index], clock)
    }

    fn send(&mut self, index: usize, update: &[u8]) {
        let member = MemberId::new(1 + index as u128 % 2);
        let verdict = self.note.edit(member, update).expect("the note holds");
        if let Verdict::Accepted { update } = verdict {
            for section in Forged::parse(&update).sections {
                if let Some(index) = CLIENTS.iter().position(|id| *id == section.client) {
                    self.clocks[index] = section.end();
                }
            }
            self.log.push((member, update));
        }
    }

    fn check(&self) {
        let body = self.note.text().body();
        let all = || self.log.iter().map(|(_, update)| &update[..]);
        let merged = merge(all()).expect("the log merges");
        let read = Text::load(None, [&merged[..]]).expect("the merged log loads");
        assert_eq!(read.body(), body, "the merged log");

        // The last first, as far as it does not build on what comes earlier.
        let mut waiting: Vec<_> = self.log.iter().rev().collect();
        let mut note = Note::new(limits());
        while !waiting.is_empty() {
            let before = waiting.len();
            waiting.retain(|(member, update)| {
                let verdict = note.edit(*member, update).expect("the note holds");
                matches!(verdict, Verdict::Refused(_))
            });
            assert!(
                waiting.len() < before,
                "what passed once passes in any order"
            );
        }
        assert_eq!(note.text().body(), body, "the log backwards");
    }
}

fn limits() -> DoorLimits {
    DoorLimits::default()
}
