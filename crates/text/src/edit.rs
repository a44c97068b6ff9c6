use crate::{Damaged, normalize};

/// What a client without Yjs wants a body to become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// This whole body. What differs from the text the edit was made against
    /// is worked out by [`difference`](crate::difference()).
    Body(String),
    /// These changes, all counted in the text the edit was made against.
    Changes(Vec<Change>),
}

/// One change by position: what stands from `from` to `to` becomes `insert`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Where it begins, in UTF-16 code units.
    pub from: u32,
    /// Where it ends, `from` if absent: nothing is removed then.
    pub to: Option<u32>,
    /// What is put there, if anything.
    pub insert: Option<String>,
}

/// How big an edit may be and may make a body.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of UTF-8 in the resulting body.
    pub body_bytes: usize,
    /// Changes in one edit.
    pub changes: usize,
}

/// Why an edit was not made. The text is as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// A change reaches beyond the end.
    #[error(
        "Change {index} reaches to {position}, but the text ends at {length} (counted in UTF-16 units)."
    )]
    OutOfRange {
        /// Which change, from 0.
        index: usize,
        /// The position that does not exist.
        position: u32,
        /// Where the text ends.
        length: u32,
    },
    /// A change ends before it begins.
    #[error("Change {index} ends at {to}, before it begins at {from}.")]
    Reversed {
        /// Which change, from 0.
        index: usize,
        /// Its beginning.
        from: u32,
        /// Its end.
        to: u32,
    },
    /// A change begins before the end of the one in front of it.
    #[error(
        "Change {index} begins at {from}, before the previous one ends at {previous}. List changes in ascending order, without overlap."
    )]
    NotAscending {
        /// Which change, from 0.
        index: usize,
        /// Its beginning.
        from: u32,
        /// The end of the change in front of it.
        previous: u32,
    },
    /// A position lies between the two UTF-16 units of one character.
    #[error(
        "Position {position} of change {index} lies inside a character of two UTF-16 units. Move it by one."
    )]
    SplitsCharacter {
        /// Which change, from 0.
        index: usize,
        /// The position.
        position: u32,
    },
    /// The body would become too long.
    #[error(
        "The note would be {length} bytes long, and {limit} are allowed. Shorten it or split it in two."
    )]
    TooLong {
        /// Bytes of UTF-8 it would have.
        length: usize,
        /// Bytes of UTF-8 allowed.
        limit: usize,
    },
    /// More changes than one edit may have.
    #[error("The edit has {count} changes, and {limit} are allowed at once. Send it in parts.")]
    TooManyChanges {
        /// Changes in the edit.
        count: usize,
        /// Changes allowed.
        limit: usize,
    },
    /// The text it was made against cannot be read.
    #[error(transparent)]
    Damaged(#[from] Damaged),
}

/// A checked change, in bytes of UTF-8 of the text it was made against.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Splice {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) insert: String,
}

/// Checks changes against the text they were made against; what changes
/// nothing is left out.
pub(crate) fn check_changes(
    text: &str,
    changes: &[Change],
    limits: Limits,
) -> Result<Vec<Splice>, EditError> {
    if changes.len() > limits.changes {
        return Err(EditError::TooManyChanges {
            count: changes.len(),
            limit: limits.changes,
        });
    }
    let mut cursor = Cursor::new(text);
    let mut splices = Vec::with_capacity(changes.len());
    let mut length = text.len();
    for (index, change) in changes.iter().enumerate() {
        let splice = check_change(&mut cursor, index, change)?;
        length = length - (splice.to - splice.from) + splice.insert.len();
        push(&mut splices, splice);
    }
    check_length(length, limits)?;
    splices.retain(|splice| text[splice.from..splice.to] != splice.insert);
    Ok(splices)
}

/// Checks how long a body becomes.
pub(crate) fn check_length(length: usize, limits: Limits) -> Result<(), EditError> {
    let limit = limits.body_bytes;
    if length > limit {
        return Err(EditError::TooLong { length, limit });
    }
    Ok(())
}

/// Changes that touch are one.
fn push(splices: &mut Vec<Splice>, splice: Splice) {
    match splices.last_mut() {
        Some(last) if last.to == splice.from => {
            last.to = splice.to;
            last.insert.push_str(&splice.insert);
        }
        _ => splices.push(splice),
    }
}

fn check_change(
    cursor: &mut Cursor<'_>,
    index: usize,
    change: &Change,
) -> Result<Splice, EditError> {
    let from = change.from;
    let to = change.to.unwrap_or(from);
    if from < cursor.position {
        return Err(EditError::NotAscending {
            index,
            from,
            previous: cursor.position,
        });
    }
    if to < from {
        return Err(EditError::Reversed { index, from, to });
    }
    Ok(Splice {
        from: cursor.advance(index, from)?,
        to: cursor.advance(index, to)?,
        insert: normalize(change.insert.as_deref().unwrap_or_default()).into_owned(),
    })
}

/// Walks a text once, knowing where it is in UTF-16 units and in bytes.
struct Cursor<'a> {
    text: &'a str,
    position: u32,
    byte: usize,
}

impl<'a> Cursor<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            position: 0,
            byte: 0,
        }
    }

    fn advance(&mut self, index: usize, position: u32) -> Result<usize, EditError> {
        let mut chars = self.text[self.byte..].chars();
        while self.position < position {
            let Some(char) = chars.next() else {
                return Err(EditError::OutOfRange {
                    index,
                    position,
                    length: self.position,
                });
            };
            self.position += char.len_utf16() as u32;
            self.byte += char.len_utf8();
        }
        if self.position > position {
            return Err(EditError::SplitsCharacter { index, position });
        }
        Ok(self.byte)
    }
}
