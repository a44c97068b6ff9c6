//! What the host does with a note, in memory.

use hearth_text::{
    Checkpoint, DoorLimits, Edit, Limits, MemberId, Note, Refused, Text, Verdict, normalize, write,
};

use crate::random::Random;

/// A note with its log.
pub(crate) struct Host {
    pub(crate) note: Note,
    pub(crate) log: Vec<(MemberId, Vec<u8>)>,
    /// A checkpoint, and how much of the log it holds.
    checkpoint: Option<(Checkpoint, usize)>,
}

impl Host {
    pub(crate) fn new() -> Self {
        Self {
            note: Note::new(DoorLimits::default()),
            log: Vec::new(),
            checkpoint: None,
        }
    }

    /// Lets an edit in or not; in the log is what was new.
    pub(crate) fn edit(&mut self, member: MemberId, update: &[u8]) -> Result<bool, Refused> {
        let verdict = self.note.edit(member, update).expect("the note holds");
        match verdict {
            Verdict::Accepted { update } => {
                self.log.push((member, update));
                Ok(true)
            }
            Verdict::Nothing => Ok(false),
            Verdict::Refused(refused) => Err(refused),
        }
    }

    /// Writes a body made by `change` from that of a version, as for a client
    /// without Yjs.
    pub(crate) fn write(
        &mut self,
        version: usize,
        change: impl FnOnce(&str) -> String,
    ) -> Result<(), Refused> {
        let limits = Limits {
            body_bytes: 1 << 20,
            changes: 1_000,
        };
        let base = Text::load(None, self.updates(version)).expect("the log is whole");
        let wanted = change(&base.body());
        let pen = self.note.begin_write(&base);
        let update = write(&base, pen.client(), &Edit::Body(wanted.clone()), limits);
        let update = update.expect("the edit fits");
        let written = self.updates(version).chain(update.as_deref());
        let written = Text::load(None, written).expect("the update applies");
        assert_eq!(written.body(), normalize(&wanted));
        let verdict = self.note.finish_write(&pen, update.as_deref());
        match verdict.expect("the note holds") {
            Verdict::Accepted { update } => self.log.push((MemberId::HOST, update)),
            Verdict::Nothing => {}
            Verdict::Refused(refused) => return Err(refused),
        }
        Ok(())
    }

    /// Forgets the note and reads it back, from the log alone or from a
    /// checkpoint made some time ago.
    pub(crate) fn restart(&mut self, random: &mut Random) {
        if random.chance(50) {
            self.checkpoint = Some((self.note.checkpoint(), self.log.len()));
        }
        let (checkpoint, from) = match &self.checkpoint {
            Some((checkpoint, from)) if random.chance(70) => (Some(checkpoint), *from),
            _ => (None, 0),
        };
        let updates = self.log[from..].iter();
        let updates = updates.map(|(member, update)| (*member, &update[..]));
        let note = Note::load(checkpoint, updates, DoorLimits::default());
        let note = note.expect("the log is whole");
        assert_eq!(note.text().body(), self.note.text().body());
        self.note = note;
    }

    fn updates(&self, version: usize) -> impl Iterator<Item = &[u8]> {
        self.log[..version].iter().map(|(_, update)| &update[..])
    }
}
