//! The clients who typed in a note.

use std::collections::HashMap;
use std::ops::Range;

use super::form::{Id, Piece};
use super::runs::Unit;
use super::widths::{Measure, Widths};
use super::{MemberId, Refused};
use crate::ClientId;

/// All of them, numbered in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Clients {
    list: Vec<Client>,
    numbers: HashMap<ClientId, u32>,
    /// Runs of characters of one width, of all together.
    pieces: usize,
}

/// One client.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) id: ClientId,
    /// Whose it is; nobody's if it came with a checkpoint that did not say.
    pub(crate) owner: Option<MemberId>,
    /// How many units it has typed.
    pub(crate) clock: u32,
    widths: Widths,
}

impl Clients {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Client> {
        self.list.iter()
    }

    pub(crate) fn number(&self, id: ClientId) -> Option<u32> {
        self.numbers.get(&id).copied()
    }

    pub(crate) fn get(&self, number: u32) -> &Client {
        &self.list[number as usize]
    }

    pub(crate) fn clock_of(&self, id: ClientId) -> u32 {
        self.number(id).map_or(0, |number| self.get(number).clock)
    }

    pub(crate) fn add(&mut self, id: ClientId, owner: Option<MemberId>) -> u32 {
        let number = self.list.len() as u32;
        self.list.push(Client {
            id,
            owner,
            clock: 0,
            widths: Widths::default(),
        });
        self.numbers.insert(id, number);
        number
    }

    pub(crate) fn set_owner(&mut self, number: u32, owner: MemberId) {
        self.list[number as usize].owner = Some(owner);
    }

    /// Forgets the clients added last.
    pub(crate) fn keep(&mut self, count: usize) {
        for client in self.list.drain(count..) {
            self.numbers.remove(&client.id);
        }
    }

    /// The unit, if it is known.
    pub(crate) fn unit(&self, id: Id) -> Option<Unit> {
        let number = self.number(id.client)?;
        (id.clock < self.get(number).clock).then_some(Unit {
            client: number,
            clock: id.clock,
        })
    }

    /// Adds what a client typed next.
    pub(crate) fn push(&mut self, number: u32, piece: &Piece<'_>) {
        self.change(number, |client| client.push(piece));
    }

    /// Forgets what a client typed from this clock on.
    pub(crate) fn truncate(&mut self, number: u32, clock: u32) {
        self.change(number, |client| client.truncate(clock));
    }

    /// How many pieces are kept of what they typed.
    pub(crate) fn pieces(&self) -> usize {
        self.pieces
    }

    fn change(&mut self, number: u32, change: impl FnOnce(&mut Client)) {
        let client = &mut self.list[number as usize];
        let before = client.widths.len();
        change(client);
        self.pieces = self.pieces - before + client.widths.len();
    }
}

impl Client {
    fn push(&mut self, piece: &Piece<'_>) {
        match piece.text {
            Some(text) => self.widths.push(piece.clock, text),
            None => self.widths.push_unseen(piece.clock),
        }
        self.clock = piece.end();
    }

    fn truncate(&mut self, clock: u32) {
        self.widths.truncate(clock);
        self.clock = clock;
    }

    /// Refuses a cut in front of a unit that is the second half of a character.
    pub(crate) fn check_cut(&self, clock: u32) -> Result<(), Refused> {
        if clock < self.clock && self.widths.is_second_half(clock) {
            return Err(Refused::SplitsCharacter);
        }
        Ok(())
    }

    /// Refuses to delete half a character.
    pub(crate) fn check_deletion(&self, clocks: &Range<u32>) -> Result<(), Refused> {
        self.check_cut(clocks.start)?;
        self.check_cut(clocks.end)
    }

    pub(crate) fn measure(&self, range: Range<u32>) -> Measure {
        self.widths.measure(range)
    }
}
