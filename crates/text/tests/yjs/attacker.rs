//! A member who forges edits, knowing all that everybody knows.

use hearth_text::MemberId;

use crate::bend::bend;
use crate::genuine::Between;
use crate::host::Host;
use crate::memory::measured;
use crate::random::Random;
use crate::update::{Content, Forged, Id, Piece, Section};

/// The member that attackers are; no client of the others is one.
const MEMBER: MemberId = MemberId::new(666);

/// Forges edits and tries to get them in.
pub(crate) struct Attacker {
    random: Random,
    /// How many to try before each genuine edit.
    tries: usize,
    /// Every client in the log with its clock.
    clients: Vec<Id>,
    /// Every piece in the log.
    pieces: Vec<Piece>,
    /// How much of the log was looked at.
    read: usize,
    pub(crate) tried: u64,
    pub(crate) let_in: u64,
    /// What one edit took, let in or not.
    pub(crate) most_taken: u64,
    /// What was kept after those that were not let in, in the worst session.
    pub(crate) most_kept: i64,
    kept: i64,
}

impl Attacker {
    pub(crate) fn new(tries: usize) -> Self {
        Self {
            random: Random::new(0),
            tries,
            clients: Vec::new(),
            pieces: Vec::new(),
            read: 0,
            tried: 0,
            let_in: 0,
            most_taken: 0,
            most_kept: 0,
            kept: 0,
        }
    }

    fn read(&mut self, host: &Host) {
        for (_, update) in &host.log[self.read..] {
            for section in Forged::parse(update).sections {
                match self.clients.iter_mut().find(|one| one.0 == section.client) {
                    Some(one) => one.1 = section.end(),
                    None => self.clients.push((section.client, section.end())),
                }
                self.pieces.extend(section.pieces);
            }
        }
        self.read = host.log.len();
    }

    fn forge(&mut self, genuine: &[u8]) -> Vec<u8> {
        match self.random.below(12) {
            0..=3 => self.damaged(genuine),
            4 => {
                let stolen = self.stolen(genuine).encode();
                self.damaged(&stolen)
            }
            5 | 6 => self.bent(genuine).encode(),
            _ => self.invented().encode(),
        }
    }

    /// Some bytes of an update changed, lost, doubled or added.
    fn damaged(&mut self, update: &[u8]) -> Vec<u8> {
        let mut bytes = update.to_vec();
        for _ in 0..=self.random.below(3) {
            let at = self.random.below(bytes.len() + 1);
            let end = (at + self.random.below(8)).min(bytes.len());
            match self.random.below(5) {
                0 if at < bytes.len() => bytes[at] ^= 1 << self.random.below(8),
                1 if at < bytes.len() => bytes[at] = self.random.next() as u8,
                2 => bytes.insert(at, self.random.next() as u8),
                3 => drop(bytes.drain(at..end)),
                _ => {
                    let again = bytes[at..end].to_vec();
                    bytes.splice(at..at, again);
                }
            }
        }
        bytes
    }

    /// A genuine update as if an own client had typed it.
    fn stolen(&mut self, genuine: &[u8]) -> Forged {
        let mut update = Forged::parse(genuine);
        let own = self.own();
        for section in &mut update.sections {
            let theirs = (section.client, section.clock, section.end());
            let moved = |id: Id| {
                if id.0 == theirs.0 && (theirs.1..theirs.2).contains(&id.1) {
                    (own.0, id.1 - theirs.1 + own.1)
                } else {
                    id
                }
            };
            (section.client, section.clock) = own;
            for piece in &mut section.pieces {
                piece.origin = piece.origin.map(moved);
                piece.right = piece.right.map(moved);
            }
        }
        update.sections.truncate(1);
        update
    }

    /// A genuine update with something in its structure changed.
    fn bent(&mut self, genuine: &[u8]) -> Forged {
        let mut update = if self.random.chance(70) {
            self.stolen(genuine)
        } else {
            Forged::parse(genuine)
        };
        for _ in 0..=self.random.below(2) {
            let (some, other) = (self.unit(), self.unit());
            bend(&mut update, &mut self.random, some, other);
        }
        update
    }

    /// An update of its own, of a right form, put between two units that may
    /// never have been neighbours.
    fn invented(&mut self) -> Forged {
        let (client, mut clock) = self.own();
        let start = clock;
        let mut pieces = Vec::new();
        for _ in 0..=self.random.below(3) {
            let own = (clock > 0).then(|| (client, self.random.below(clock as usize) as u32));
            let piece = self.piece(own);
            clock += piece.len();
            pieces.push(piece);
        }
        let mut update = Forged::default();
        if self.random.chance(90) {
            update.sections.push(Section {
                client,
                clock: start,
                pieces,
            });
        }
        if self.random.chance(20) {
            let (client, clock) = self.unit();
            update
                .deleted
                .push((client, vec![(clock, 1 + self.random.below(3) as u32)]));
        }
        update
    }

    fn piece(&mut self, own: Option<Id>) -> Piece {
        let text = *self.random.one(&["x", "yy", "🎃", "z\n", "\u{fffd}"]);
        let content = Content::Text(text.to_owned());
        let place = (!self.pieces.is_empty()).then(|| self.random.one(&self.pieces).clone());
        let (mut origin, mut right) =
            place.map_or((None, None), |piece| (piece.origin, piece.right));
        match self.random.below(6) {
            0 => origin = own,
            1 => right = own,
            2 => origin = Some(self.unit()),
            3 => right = Some(self.unit()),
            4 => (origin, right) = (Some(self.unit()), None),
            _ => {}
        }
        Piece::new(origin, right, content)
    }

    /// Some unit that is there, or nearly.
    fn unit(&mut self) -> Id {
        if self.clients.is_empty() {
            return (7, 0);
        }
        let (client, clock) = *self.random.one(&self.clients);
        (client, self.random.below(clock as usize + 1) as u32)
    }

    /// A client of its own, low or high among the ids, and its clock: one that
    /// has typed before, or a fresh one, which need not have seen anything.
    fn own(&mut self) -> Id {
        let id = match self.random.below(6) {
            0 => 65_536 + self.random.below(1 << 20) as u32,
            1 => u32::MAX - self.random.below(1 << 20) as u32,
            2 => 70_000,
            3 => 2_000_000_000,
            _ => 4_294_900_000,
        };
        let clock = self.clients.iter().find(|(client, _)| *client == id);
        (id, clock.map_or(0, |(_, clock)| *clock))
    }
}

impl Between for Attacker {
    fn begin(&mut self, seed: u64) {
        self.random = Random::new(seed);
        self.clients.clear();
        self.pieces.clear();
        self.read = 0;
        self.kept = 0;
    }

    fn before(&mut self, host: &mut Host, update: &[u8]) {
        for _ in 0..self.tries {
            self.read(host);
            // An id that nobody has seen yet cannot be taken from its owner.
            let sections = Forged::parse(update).sections;
            let mut ids = sections.iter().map(|section| section.client);
            let seen = ids.all(|id| self.clients.iter().any(|(client, _)| *client == id));
            let forged = if seen {
                self.forge(update)
            } else if host.log.is_empty() {
                self.invented().encode()
            } else {
                let at = self.random.below(host.log.len());
                self.forge(&host.log[at].1)
            };
            self.tried += 1;
            let (verdict, memory) = measured(|| host.edit(MEMBER, &forged));
            self.most_taken = self.most_taken.max(memory.bytes_max);
            if verdict == Ok(true) {
                self.let_in += 1;
            } else {
                self.kept += memory.bytes_current;
                self.most_kept = self.most_kept.max(self.kept);
            }
        }
    }
}
