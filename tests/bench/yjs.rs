//! Updates as Yjs writes them (version 1), for typing and deleting one letter at
//! a time; and what is in an update.

use anyhow::{Context as _, Result, bail};

/// One typed unit: who, and the how manieth of theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Id {
    pub(crate) client: u32,
    pub(crate) clock: u32,
}

/// The update that types `text` under `id` between two neighbours; without any
/// into an empty note.
pub(crate) fn insertion(id: Id, left: Option<Id>, right: Option<Id>, text: &str) -> Vec<u8> {
    let mut update = vec![1];
    section(&mut update, id, 1);
    item(&mut update, left, right, text);
    update.push(0);
    update
}

/// The head of what one client typed, in so many pieces.
pub(crate) fn section(update: &mut Vec<u8>, first: Id, pieces: u32) {
    number(update, pieces);
    number(update, first.client);
    number(update, first.clock);
}

/// One piece of a section.
pub(crate) fn item(update: &mut Vec<u8>, left: Option<Id>, right: Option<Id>, text: &str) {
    const STRING: u8 = 4;
    let has = |id: Option<Id>, flag: u8| if id.is_some() { flag } else { 0 };
    update.push(STRING | has(left, 0x80) | has(right, 0x40));
    for id in [left, right].into_iter().flatten() {
        number(update, id.client);
        number(update, id.clock);
    }
    if left.is_none() && right.is_none() {
        number(update, 1);
        string(update, "body");
    }
    string(update, text);
}

/// The update that deletes `length` units from `from` on.
pub(crate) fn deletion(from: Id, length: u32) -> Vec<u8> {
    let mut update = vec![0, 1];
    number(&mut update, from.client);
    number(&mut update, 1);
    number(&mut update, from.clock);
    number(&mut update, length);
    update
}

/// A number as lib0 writes it.
pub(crate) fn number(bytes: &mut Vec<u8>, mut number: u32) {
    while number > 0x7f {
        bytes.push(0x80 | (number & 0x7f) as u8);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// A text as lib0 writes it.
pub(crate) fn string(bytes: &mut Vec<u8>, text: &str) {
    number(bytes, text.len() as u32);
    bytes.extend_from_slice(text.as_bytes());
}

/// Reads what lib0 wrote.
pub(crate) struct Input<'a>(pub(crate) &'a [u8]);

impl<'a> Input<'a> {
    pub(crate) fn byte(&mut self) -> Result<u8> {
        let (first, rest) = self.0.split_first().context("an update ends too soon")?;
        self.0 = rest;
        Ok(*first)
    }

    pub(crate) fn number(&mut self) -> Result<u32> {
        let mut number = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            number |= u32::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        bail!("a number in an update is too long")
    }

    pub(crate) fn bytes(&mut self) -> Result<&'a [u8]> {
        let length = self.number()? as usize;
        let (bytes, rest) = self
            .0
            .split_at_checked(length)
            .context("an update ends too soon")?;
        self.0 = rest;
        Ok(bytes)
    }

    fn id(&mut self) -> Result<Id> {
        Ok(Id {
            client: self.number()?,
            clock: self.number()?,
        })
    }
}

/// Names everything that an update of plain letters types.
pub(crate) fn typed(update: &[u8], mut each: impl FnMut(Id)) -> Result<()> {
    let mut input = Input(update);
    for _ in 0..input.number()? {
        let pieces = input.number()?;
        let mut id = input.id()?;
        for _ in 0..pieces {
            let length = piece(&mut input)?;
            for _ in 0..length {
                each(id);
                id.clock += 1;
            }
        }
    }
    Ok(())
}

/// The length of the next piece.
fn piece(input: &mut Input<'_>) -> Result<u32> {
    let info = input.byte()?;
    match info & 0x1f {
        4 => {
            for flag in [0x80, 0x40] {
                if info & flag != 0 {
                    input.id()?;
                }
            }
            if info & 0xc0 == 0 {
                input.number()?;
                input.bytes()?;
            }
            Ok(input.bytes()?.len() as u32)
        }
        other => bail!("an update holds content of kind {other}"),
    }
}
