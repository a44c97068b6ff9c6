use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::door::{Door, DoorLimits, MemberId, Refused};
use crate::{ClientId, Damaged, Text};

/// A note that several people edit: its text, behind the door that every edit
/// has to come through.
pub struct Note {
    text: Text,
    door: Door,
    /// Ids of the host's under which something is being written, and whose turn it is.
    writing: BTreeMap<ClientId, u64>,
    /// Text and door no longer agree; the note has to be loaded again.
    damaged: bool,
}

/// A note as it was at one version, to load it from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checkpoint {
    /// Its text and history, as one Yjs update (version 1).
    pub update: Vec<u8>,
    /// Which member each client id belongs to. Without it the text is whole,
    /// but nobody may go on under an id that is in it.
    pub owners: Vec<u8>,
}

/// The right to write into a note under an id of the host's.
///
/// It ends with the note that gave it: one that was loaded again knows nothing of what was begun
/// before, and may give the same id to somebody else.
#[derive(Debug, PartialEq, Eq)]
pub struct Pen {
    client: ClientId,
    /// No two pens of one process have the same.
    turn: u64,
}

impl Pen {
    /// The id to write under.
    pub fn client(&self) -> ClientId {
        self.client
    }
}

/// What became of an edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is in. This is what was new in it: what is logged and told.
    Accepted {
        /// A Yjs update (version 1).
        update: Vec<u8>,
    },
    /// All of it was in already.
    Nothing,
    /// It was not let in, and the note is as it was.
    Refused(Refused),
}

impl Note {
    /// An empty note.
    pub fn new(limits: DoorLimits) -> Self {
        Self {
            text: Text::new(),
            door: Door::new(limits),
            writing: BTreeMap::new(),
            damaged: false,
        }
    }

    /// The note that a checkpoint and the logged updates after it make, each
    /// with the member who made it.
    pub fn load<'a>(
        checkpoint: Option<&'a Checkpoint>,
        updates: impl IntoIterator<Item = (MemberId, &'a [u8])>,
        limits: DoorLimits,
    ) -> Result<Self, Damaged> {
        let mut note = Self::new(limits);
        if let Some(checkpoint) = checkpoint {
            note.recall(None, &checkpoint.update)?;
            note.door
                .set_owners(&checkpoint.owners)
                .map_err(|_| Damaged)?;
        }
        let mut bytes = Vec::new();
        for (member, update) in updates {
            note.recall(Some(member), update)?;
            bytes.push(update);
        }
        let checkpoint = checkpoint.map(|checkpoint| &checkpoint.update[..]);
        note.text = Text::load(checkpoint, bytes)?;
        note.compare()?;
        Ok(note)
    }

    /// The text as it is now.
    pub fn text(&self) -> &Text {
        &self.text
    }

    /// Brings an edit in that a member's Yjs made, if all of it may be.
    ///
    /// When the answer is [`Damaged`] the note is of no use any more: load it
    /// again, and let the sender go.
    pub fn edit(&mut self, member: MemberId, update: &[u8]) -> Result<Verdict, Damaged> {
        if self.damaged {
            return Err(Damaged);
        }
        let checked = catch_unwind(AssertUnwindSafe(|| self.door.check(member, update)));
        let new = match checked {
            Ok(Ok(Some(new))) => new,
            Ok(Ok(None)) => return Ok(Verdict::Nothing),
            Ok(Err(refused)) => return Ok(Verdict::Refused(refused)),
            Err(_) => return self.give_up(),
        };
        if self.text.apply(&new).is_err() || self.compare().is_err() {
            return self.give_up();
        }
        Ok(Verdict::Accepted { update: new })
    }

    /// An id of the host's for [`write()`](crate::write()) to write under, into
    /// this note as it was at `base`: one that has typed nothing since.
    ///
    /// It is kept for that until [`finish_write`](Self::finish_write).
    pub fn begin_write(&mut self, base: &Text) -> Pen {
        static TURNS: AtomicU64 = AtomicU64::new(0);
        let free = ClientId::hosts().find(|id| {
            !self.writing.contains_key(id) && self.door.clients().clock_of(*id) == base.clock(*id)
        });
        // Sixty-five thousand at once: whoever waits for so many has stopped.
        let client = free.unwrap_or_else(ClientId::random);
        let turn = TURNS.fetch_add(1, Ordering::Relaxed);
        self.writing.insert(client, turn);
        Pen { client, turn }
    }

    /// Brings in what was written with a pen of [`begin_write`](Self::begin_write),
    /// if anything was.
    ///
    /// What was written with a pen that another note gave, this one before it was
    /// loaded again, is refused: under the same id others may have written since,
    /// and it would be taken for a repetition of that.
    pub fn finish_write(&mut self, pen: &Pen, update: Option<&[u8]>) -> Result<Verdict, Damaged> {
        let is_given = self.writing.get(&pen.client) == Some(&pen.turn);
        if is_given {
            self.writing.remove(&pen.client);
        }
        match update {
            Some(update) if is_given => self.edit(MemberId::HOST, update),
            Some(_) => Ok(Verdict::Refused(Refused::PutDown)),
            None => Ok(Verdict::Nothing),
        }
    }

    /// How much there is to keep of it: the pieces that its limits count.
    pub fn pieces(&self) -> usize {
        self.door.pieces()
    }

    /// All of it, to load it from later.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            update: self.text.checkpoint(),
            owners: self.door.owners(),
        }
    }

    fn recall(&mut self, member: Option<MemberId>, update: &[u8]) -> Result<(), Damaged> {
        let recalled = catch_unwind(AssertUnwindSafe(|| self.door.recall(member, update)));
        match recalled {
            Ok(Ok(())) => Ok(()),
            _ => Err(Damaged),
        }
    }

    /// Door and yrs count for themselves; a difference means that they have
    /// understood something differently.
    fn compare(&self) -> Result<(), Damaged> {
        let agree = u64::from(self.text.utf16_len()) == self.door.units();
        if agree { Ok(()) } else { Err(Damaged) }
    }

    fn give_up(&mut self) -> Result<Verdict, Damaged> {
        self.damaged = true;
        Err(Damaged)
    }
}

impl fmt::Debug for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Note")
            .field("text", &self.text)
            .field("pieces", &self.pieces())
            .field("damaged", &self.damaged)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
