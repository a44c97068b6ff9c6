use std::ops::Range;
use std::time::{Duration, Instant};

use similar::algorithms::{Capture, Replace, myers};
use similar::{DiffOp, DiffTag};

mod words;

/// How long the search for a small difference may take. What is not compared
/// by then is replaced whole, which is still right, only coarser.
const PATIENCE: Duration = Duration::from_millis(30);

/// More changes than this are joined. Each costs every copy of the note an
/// entry for ever, and a text that differs in so many places is a new text.
const MOST_CHANGES: usize = 4_000;

/// One piece of a difference, in bytes of UTF-8. Pieces follow each other and
/// cover both texts; none is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Stands in both.
    Equal {
        /// Where it stands in the old text.
        old: Range<usize>,
        /// Where it stands in the new text.
        new: Range<usize>,
    },
    /// Stands in the old text only.
    Delete {
        /// Where it stood.
        old: Range<usize>,
    },
    /// Stands in the new text only.
    Insert {
        /// Where it stands.
        new: Range<usize>,
    },
}

/// What became of `old` in `new`, in bounded time: whole lines first, then
/// words, then the letters in which two words begin or end alike.
pub fn difference(old: &str, new: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut done = Replaced {
        old: 0..0,
        new: 0..0,
    };
    let end = Replaced {
        old: old.len()..old.len(),
        new: new.len()..new.len(),
    };
    for change in changes(old, new).into_iter().chain([end]) {
        if change.old.start > done.old.end {
            parts.push(Part::Equal {
                old: done.old.end..change.old.start,
                new: done.new.end..change.new.start,
            });
        }
        if !change.old.is_empty() {
            parts.push(Part::Delete {
                old: change.old.clone(),
            });
        }
        if !change.new.is_empty() {
            parts.push(Part::Insert {
                new: change.new.clone(),
            });
        }
        done = change;
    }
    parts
}

/// A piece of the old text and what stands there in the new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Replaced {
    pub(crate) old: Range<usize>,
    pub(crate) new: Range<usize>,
}

/// Where two texts differ, ascending; between two changes stands something.
pub(crate) fn changes(old: &str, new: &str) -> Vec<Replaced> {
    if old == new {
        return Vec::new();
    }
    let deadline = Instant::now() + PATIENCE;
    let mut changes = Vec::new();
    for block in changed_lines(old, new, deadline) {
        changes.extend(changed_words(old, new, &block, deadline));
    }
    // Two words that changed on both sides of a space are one change to a reader.
    let mut changes = join(changes, |between| {
        old[between].chars().all(char::is_whitespace)
    });
    let mut shortest = 4;
    while changes.len() > MOST_CHANGES {
        changes = join(changes, |between| between.len() < shortest);
        shortest *= 4;
    }
    for change in &mut changes {
        trim(old, new, change);
    }
    changes
}

fn changed_lines(old: &str, new: &str, deadline: Instant) -> Vec<Replaced> {
    let mut middle = Replaced {
        old: 0..old.len(),
        new: 0..new.len(),
    };
    trim(old, new, &mut middle);
    widen_to_lines(old, new, &mut middle);
    let lines = |text: &str| text.split_inclusive('\n').map(str::len).collect::<Vec<_>>();
    compare(old, new, &middle, lines, deadline)
}

fn changed_words(old: &str, new: &str, block: &Replaced, deadline: Instant) -> Vec<Replaced> {
    if block.old.is_empty() || block.new.is_empty() {
        return vec![block.clone()];
    }
    compare(old, new, block, words::lengths, deadline)
}

/// Compares two pieces token by token; `cut` says how long each token is.
fn compare(
    old: &str,
    new: &str,
    block: &Replaced,
    cut: impl Fn(&str) -> Vec<usize>,
    deadline: Instant,
) -> Vec<Replaced> {
    let old = Tokens::new(&old[block.old.clone()], block.old.start, &cut);
    let new = Tokens::new(&new[block.new.clone()], block.new.start, &cut);
    tokens_changed(&old, &new, deadline)
        .into_iter()
        .filter(|op| op.tag() != DiffTag::Equal)
        .map(|op| Replaced {
            old: old.bytes(op.old_range()),
            new: new.bytes(op.new_range()),
        })
        .collect()
}

fn tokens_changed(old: &Tokens<'_>, new: &Tokens<'_>, deadline: Instant) -> Vec<DiffOp> {
    let mut found = Replace::new(Capture::new());
    let (all_old, all_new) = (0..old.texts.len(), 0..new.texts.len());
    let Ok(()) = myers::diff_deadline(
        &mut found,
        &old.texts[..],
        all_old,
        &new.texts[..],
        all_new,
        Some(deadline),
    );
    found.into_inner().into_ops()
}

struct Tokens<'a> {
    texts: Vec<&'a str>,
    /// Where each begins in the whole text, and where the last one ends.
    starts: Vec<usize>,
}

impl<'a> Tokens<'a> {
    fn new(text: &'a str, offset: usize, cut: impl Fn(&str) -> Vec<usize>) -> Self {
        let lengths = cut(text);
        let mut texts = Vec::with_capacity(lengths.len());
        let mut starts = Vec::with_capacity(lengths.len() + 1);
        let mut at = 0;
        starts.push(offset);
        for length in lengths {
            texts.push(&text[at..at + length]);
            at += length;
            starts.push(offset + at);
        }
        Self { texts, starts }
    }

    fn bytes(&self, tokens: Range<usize>) -> Range<usize> {
        self.starts[tokens.start]..self.starts[tokens.end]
    }
}

/// Joins neighbours if what stands between them, in bytes of the old text, is
/// not worth keeping.
fn join(changes: Vec<Replaced>, worthless: impl Fn(Range<usize>) -> bool) -> Vec<Replaced> {
    let mut joined: Vec<Replaced> = Vec::with_capacity(changes.len());
    for change in changes {
        match joined.last_mut() {
            Some(last) if worthless(last.old.end..change.old.start) => {
                last.old.end = change.old.end;
                last.new.end = change.new.end;
            }
            _ => joined.push(change),
        }
    }
    joined
}

/// Takes from both ends of a change what is the same in both texts.
fn trim(old: &str, new: &str, change: &mut Replaced) {
    let (before, after) = (&old[change.old.clone()], &new[change.new.clone()]);
    let alike = before.bytes().zip(after.bytes());
    let mut prefix = alike.take_while(|(a, b)| a == b).count();
    // If it is no boundary here it is none there: the bytes before are the same,
    // and they say how many are to follow.
    while !before.is_char_boundary(prefix) || !after.is_char_boundary(prefix) {
        prefix -= 1;
    }
    let (before, after) = (&before[prefix..], &after[prefix..]);
    let alike = before.bytes().rev().zip(after.bytes().rev());
    let mut suffix = alike.take_while(|(a, b)| a == b).count();
    while !before.is_char_boundary(before.len() - suffix) {
        suffix -= 1;
    }
    change.old = change.old.start + prefix..change.old.end - suffix;
    change.new = change.new.start + prefix..change.new.end - suffix;
}

/// Moves both ends outward to where lines begin, so that a line put between
/// two others that begin alike is seen as that line.
fn widen_to_lines(old: &str, new: &str, change: &mut Replaced) {
    let line = old[..change.old.start].rfind('\n').map_or(0, |at| at + 1);
    let back = change.old.start - line;
    let rest = &old[change.old.end..];
    let forth = rest.find('\n').map_or(rest.len(), |at| at + 1);
    debug_assert_eq!(
        new[change.new.end..].len(),
        rest.len(),
        "what follows is the same"
    );
    change.old = line..change.old.end + forth;
    change.new = change.new.start - back..change.new.end + forth;
}

#[cfg(test)]
mod tests;
