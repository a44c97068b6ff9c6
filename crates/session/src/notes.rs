//! The notes that the writer holds in memory: those that were written lately.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use hearth_protocol::error::{CallError, Code};
use hearth_protocol::limits::Limits;
use hearth_protocol::{MemberId, NoteKey};
use hearth_store::{Reader, Write};
use hearth_text::{Checkpoint, Damaged, DoorLimits, Note, Pen, Refused, Text, Verdict};
use tokio::time::Instant;

use crate::failure::SessionError;
use crate::held::{Held, Loaded};
use crate::texts::{author, door_limits, note_at};

/// The most texts held in memory.
const MAX_OPEN: usize = 64;
/// The most pieces of text held in memory, all notes together; each takes some hundred bytes. One
/// note alone may have more.
const MAX_PIECES: usize = 600_000;
/// A text that nobody wrote to for this long is let go of; it is loaded again in milliseconds.
const IDLE: Duration = Duration::from_secs(5 * 60);
/// A text is checkpointed after this many edits: opening it replays at most that many. A long one
/// takes a while to write down, and room in the file, so that it is done less often.
const CHECKPOINT_AFTER_EDITS: RangeInclusive<u64> = 200..=2_000;
/// How long a checkpoint may be for each edit that it saves replaying.
const CHECKPOINT_BYTES_PER_EDIT: u64 = 100;
/// An edit that was too much work may be tried again after this long.
const RETRY_COSTLY_MS: u64 = 1_000;

/// The notes the writer holds.
pub(crate) struct OpenNotes {
    by_key: HashMap<NoteKey, Open>,
    limits: DoorLimits,
    /// Where others look which notes are in memory.
    held: Held,
}

struct Open {
    note: Note,
    version: u64,
    checkpointed: u64,
    /// The version that is checkpointed next.
    checkpoint_at: u64,
    used: Instant,
    /// What the text comes to, and at which version that was worked out.
    sum: Option<(u64, u32)>,
}

impl Open {
    fn new(note: Note, version: u64) -> Self {
        Self {
            note,
            version,
            checkpointed: version,
            checkpoint_at: version + CHECKPOINT_AFTER_EDITS.start(),
            used: Instant::now(),
            sum: None,
        }
    }

    /// Reading a long text through takes milliseconds: once for a version is enough.
    fn check(&mut self) -> (u64, u32) {
        match self.sum {
            Some(sum) if sum.0 == self.version => sum,
            _ => *self.sum.insert((self.version, self.note.text().crc32())),
        }
    }
}

/// What became of a change of a note's text.
pub(crate) enum Merged {
    /// It is in; this is what was new in it.
    Update(Vec<u8>),
    /// It brought nothing new.
    Nothing,
}

/// Why a change of a note's text was not merged.
pub(crate) enum NotMerged {
    /// It was not let in; the note is as it was.
    Refused(CallError),
    /// It broke the note, which is put together from the log at its next use.
    Broke,
}

impl OpenNotes {
    pub(crate) fn new(limits: &Limits, held: Held) -> Self {
        Self {
            by_key: HashMap::new(),
            limits: door_limits(limits),
            held,
        }
    }

    /// Makes sure that the note `key` at `version`, the present one, is in memory.
    pub(crate) async fn open(
        &mut self,
        reader: &Reader,
        key: NoteKey,
        version: u64,
    ) -> Result<(), SessionError> {
        if let Some(open) = self
            .by_key
            .get_mut(&key)
            .filter(|open| open.version == version)
        {
            open.used = Instant::now();
            return Ok(());
        }
        let note = match version {
            0 => Note::new(self.limits),
            version => note_at(reader, key, version, self.limits).await?,
        };
        self.keep(key, Open::new(note, version));
        Ok(())
    }

    /// Takes in a note that was loaded elsewhere, with what was written to it meanwhile: `present`
    /// is its version now. One that cannot be taken in is loaded again when it is written to.
    pub(crate) async fn take_in(&mut self, reader: &Reader, loaded: Loaded, present: u64) {
        let Loaded { key, version, note } = loaded;
        if self.by_key.contains_key(&key) {
            return;
        }
        let mut open = Open::new(note, version);
        if version < present {
            let Ok(edits) = reader.note_edits(key, version, present).await else {
                return;
            };
            for edit in edits {
                match open.note.edit(author(edit.by), &edit.update) {
                    Ok(Verdict::Accepted { .. }) => open.version += 1,
                    _ => return,
                }
            }
        }
        if open.version == present {
            self.keep(key, open);
        }
    }

    fn keep(&mut self, key: NoteKey, open: Open) {
        self.by_key.insert(key, open);
        self.held.add(key);
    }

    /// Whether the note is in memory as it is at `version`.
    pub(crate) fn is_open_at(&self, key: NoteKey, version: u64) -> bool {
        self.by_key
            .get(&key)
            .is_some_and(|open| open.version == version)
    }

    pub(crate) fn let_go(&mut self, key: NoteKey) {
        self.by_key.remove(&key);
        self.held.remove(key);
    }

    /// Merges what a member's Yjs made. The note must be open.
    pub(crate) fn edit(
        &mut self,
        key: NoteKey,
        member: MemberId,
        update: &[u8],
    ) -> Result<Merged, NotMerged> {
        self.merge(key, |note| {
            let verdict = note.edit(author(member), update);
            #[cfg(test)]
            let verdict = tests::broken(member, verdict);
            verdict
        })
    }

    /// Merges the text that a note begins with. The note must be open.
    pub(crate) fn first(&mut self, key: NoteKey, update: &[u8]) -> Result<Merged, NotMerged> {
        self.merge(key, |note| note.edit(hearth_text::MemberId::HOST, update))
    }

    /// A pen of the host's, to write against the text as it was at `base`.
    pub(crate) fn begin_write(&mut self, key: NoteKey, base: &Text) -> Option<Pen> {
        self.by_key
            .get_mut(&key)
            .map(|open| open.note.begin_write(base))
    }

    /// Merges what was written with such a pen. The note must be open.
    pub(crate) fn finish_write(
        &mut self,
        key: NoteKey,
        pen: &Pen,
        update: Option<&[u8]>,
    ) -> Result<Merged, NotMerged> {
        self.merge(key, |note| note.finish_write(pen, update))
    }

    fn merge(
        &mut self,
        key: NoteKey,
        work: impl FnOnce(&mut Note) -> Result<Verdict, Damaged>,
    ) -> Result<Merged, NotMerged> {
        let Some(open) = self.by_key.get_mut(&key) else {
            return Err(NotMerged::Broke);
        };
        match work(&mut open.note) {
            Ok(Verdict::Accepted { update }) => {
                open.version += 1;
                Ok(Merged::Update(update))
            }
            Ok(Verdict::Nothing) => Ok(Merged::Nothing),
            Ok(Verdict::Refused(refused)) => Err(NotMerged::Refused(not_let_in(&refused))),
            Err(Damaged) => {
                self.let_go(key);
                Err(NotMerged::Broke)
            }
        }
    }

    /// The body of an open note.
    pub(crate) fn body(&self, key: NoteKey) -> Option<String> {
        self.by_key.get(&key).map(|open| open.note.text().body())
    }

    /// Version and checksum of an open note's text.
    pub(crate) fn check(&mut self, key: NoteKey) -> Option<(u64, u32)> {
        self.by_key.get_mut(&key).map(Open::check)
    }

    /// Checkpoints that are due; they are written with the next commit.
    pub(crate) fn due_checkpoints(&mut self) -> Vec<Write> {
        self.checkpoints(|open| open.version >= open.checkpoint_at)
    }

    /// Checkpoints of everything that has changed, for a quick start next time.
    pub(crate) fn last_checkpoints(&mut self) -> Vec<Write> {
        self.checkpoints(|open| open.version > open.checkpointed)
    }

    fn checkpoints(&mut self, is_due: impl Fn(&Open) -> bool) -> Vec<Write> {
        let due = self.by_key.iter_mut().filter(|(_, open)| is_due(open));
        due.map(|(key, open)| {
            let Checkpoint { update, owners } = open.note.checkpoint();
            let (least, most) = CHECKPOINT_AFTER_EDITS.into_inner();
            let edits = update.len() as u64 / CHECKPOINT_BYTES_PER_EDIT;
            open.checkpointed = open.version;
            open.checkpoint_at = open.version + edits.clamp(least, most);
            Write::Checkpoint {
                note: *key,
                version: open.version,
                state: update,
                owners,
            }
        })
        .collect()
    }

    /// Lets go of the notes that nobody wrote to for a while, and of those that were not used for
    /// longest where there are too many or too much.
    pub(crate) fn evict(&mut self) {
        let now = Instant::now();
        while let Some(oldest) = self.oldest() {
            let is_idle = now.duration_since(self.by_key[&oldest].used) >= IDLE;
            if !is_idle && !self.is_crowded() {
                return;
            }
            self.let_go(oldest);
        }
    }

    fn oldest(&self) -> Option<NoteKey> {
        let all = self.by_key.iter();
        all.min_by_key(|(_, open)| open.used).map(|(key, _)| *key)
    }

    fn is_crowded(&self) -> bool {
        let pieces = self.by_key.values().map(|open| open.note.pieces());
        self.by_key.len() > MAX_OPEN
            || (self.by_key.len() > 1 && pieces.sum::<usize>() > MAX_PIECES)
    }

    /// Lets go of everything: what is in memory may differ from the file.
    pub(crate) fn forget(&mut self) {
        self.by_key.clear();
        self.held.clear();
    }
}

/// What a client hears of an edit that was not let in.
fn not_let_in(refused: &Refused) -> CallError {
    let code = match refused {
        refused if refused.is_temporary() => Code::RateLimited,
        Refused::TooBig { .. } | Refused::TooLong { .. } | Refused::Full => Code::TooLarge,
        _ => Code::BadRequest,
    };
    let retry_after_ms = (code == Code::RateLimited).then_some(RETRY_COSTLY_MS);
    CallError {
        retry_after_ms,
        ..CallError::new(code, refused.to_string())
    }
}

#[cfg(test)]
mod tests;
