//! Typing, in as few bytes as the log can do with.
//!
//! A note's log consists mostly of single typed characters, each a Yjs update that names its
//! author's client id up to three times and a clock that is the one before its own. Such an update
//! is stored without what can be told from the rest; any other as it is.
//!
//! The layout of an update is that of Yjs v1 (`lib0` variable-length numbers; one section of one
//! struct; no deletions), as in `UpdateEncoderV1` of yjs 13.6.

use std::borrow::Cow;

use crate::error::StoreError;

/// A packed update begins with this and what it says of itself. A Yjs update begins with how many
/// authors it has, which is a byte above only from 128 on.
const PACKED: u8 = 0x80;
/// Stands before an update that begins with such a byte and is not packed.
const AS_IT_IS: u8 = 0xff;

/// What a struct of text says of itself: its origins, and that it is a string.
const STRING: u8 = 0x04;
const HAS_ORIGIN: u8 = 0x80;
const HAS_RIGHT_ORIGIN: u8 = 0x40;

/// What is there, and what can be told from the rest.
const ORIGIN: u8 = 1;
/// The origin is the author's unit right before.
const ORIGIN_BEFORE: u8 = 2;
const ORIGIN_OWN: u8 = 4;
const RIGHT: u8 = 8;
const RIGHT_OWN: u8 = 16;

/// One typed piece of text.
struct Typed<'a> {
    client: u32,
    clock: u32,
    origin: Option<Id>,
    right: Option<Id>,
    text: &'a [u8],
}

/// Client and clock.
type Id = (u32, u32);

/// The update in fewer bytes, where that is possible.
pub(crate) fn pack(update: Vec<u8>) -> Vec<u8> {
    let packed = Typed::read(&update).and_then(|typed| typed.pack());
    match packed {
        // Looking whether it comes out as it went in makes the log right whatever an update is.
        Some(packed) if packed.len() < update.len() && unpacks_to(&packed, &update) => packed,
        _ if update.first().is_some_and(|first| *first >= PACKED) => {
            [&[AS_IT_IS], &update[..]].concat()
        }
        _ => update,
    }
}

/// The update as it was.
pub(crate) fn unpack(stored: &[u8]) -> Result<Cow<'_, [u8]>, StoreError> {
    match stored.split_first() {
        Some((&AS_IT_IS, update)) => Ok(Cow::Borrowed(update)),
        Some((&first, packed)) if first >= PACKED => {
            let typed = Typed::unpack(first, packed).ok_or_else(|| StoreError::Damaged {
                detail: "a note's edit cannot be read".to_owned(),
            })?;
            Ok(Cow::Owned(typed.write()))
        }
        _ => Ok(Cow::Borrowed(stored)),
    }
}

fn unpacks_to(packed: &[u8], update: &[u8]) -> bool {
    unpack(packed).is_ok_and(|unpacked| *unpacked == *update)
}

impl<'a> Typed<'a> {
    /// Reads an update, if it is one typed piece and no more.
    fn read(update: &'a [u8]) -> Option<Self> {
        let mut bytes = Bytes(update);
        let one_struct = bytes.number()? == 1 && bytes.number()? == 1;
        let (client, clock) = one_struct.then(|| bytes.id())??;
        let info = bytes.byte()?;
        if info & !(HAS_ORIGIN | HAS_RIGHT_ORIGIN) != STRING {
            return None;
        }
        let mut id_if = |flag| match info & flag {
            0 => Some(None),
            _ => bytes.id().map(Some),
        };
        let (origin, right) = (id_if(HAS_ORIGIN)?, id_if(HAS_RIGHT_ORIGIN)?);
        // Without origins it names its parent; that happens once in a note.
        origin.or(right)?;
        let length = bytes.number()? as usize;
        let (text, deletions) = bytes.0.split_at_checked(length)?;
        (deletions == [0]).then_some(Self {
            client,
            clock,
            origin,
            right,
            text,
        })
    }

    /// The update again.
    fn write(&self) -> Vec<u8> {
        let mut out = vec![1, 1];
        push_id(&mut out, (self.client, self.clock));
        let flag = |id: Option<_>, flag| if id.is_some() { flag } else { 0 };
        out.push(STRING | flag(self.origin, HAS_ORIGIN) | flag(self.right, HAS_RIGHT_ORIGIN));
        for id in [self.origin, self.right].into_iter().flatten() {
            push_id(&mut out, id);
        }
        push_number(&mut out, self.text.len() as u32);
        out.extend_from_slice(self.text);
        out.push(0);
        out
    }

    fn pack(&self) -> Option<Vec<u8>> {
        let mut out = vec![PACKED];
        out.extend(self.client.to_le_bytes());
        push_number(&mut out, self.clock);
        if let Some((client, clock)) = self.origin {
            out[0] |= ORIGIN;
            if client != self.client {
                out.extend(client.to_le_bytes());
                push_number(&mut out, clock);
            } else if clock.checked_add(1)? == self.clock {
                out[0] |= ORIGIN_BEFORE;
            } else {
                out[0] |= ORIGIN_OWN;
                push_number(&mut out, clock);
            }
        }
        if let Some((client, clock)) = self.right {
            out[0] |= RIGHT;
            if client == self.client {
                out[0] |= RIGHT_OWN;
            } else {
                out.extend(client.to_le_bytes());
            }
            push_number(&mut out, clock);
        }
        out.extend_from_slice(self.text);
        Some(out)
    }

    fn unpack(flags: u8, packed: &'a [u8]) -> Option<Self> {
        let mut bytes = Bytes(packed);
        let (client, clock) = bytes.packed_id()?;
        let has = |flag: u8| flags & flag != 0;
        let origin = match has(ORIGIN) {
            false => None,
            true if has(ORIGIN_BEFORE) => Some((client, clock.checked_sub(1)?)),
            true if has(ORIGIN_OWN) => Some((client, bytes.number()?)),
            true => Some(bytes.packed_id()?),
        };
        let right = match has(RIGHT) {
            false => None,
            true if has(RIGHT_OWN) => Some((client, bytes.number()?)),
            true => Some(bytes.packed_id()?),
        };
        Some(Self {
            client,
            clock,
            origin,
            right,
            text: bytes.0,
        })
    }
}

/// What is left to read.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    /// Seven bits a byte, the low ones first.
    fn number(&mut self) -> Option<u32> {
        let mut number = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return u32::try_from(number).ok();
            }
        }
        None
    }

    fn id(&mut self) -> Option<Id> {
        Some((self.number()?, self.number()?))
    }

    /// Client ids are random, so as a number of variable length most would take a byte more.
    fn packed_id(&mut self) -> Option<Id> {
        let (client, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some((u32::from_le_bytes(*client), self.number()?))
    }
}

fn push_number(out: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn push_id(out: &mut Vec<u8>, (client, clock): Id) {
    push_number(out, client);
    push_number(out, clock);
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIENT: u32 = 3_456_789_012;

    fn typed(origin: Option<Id>, right: Option<Id>, text: &str) -> Vec<u8> {
        let text = text.as_bytes();
        let (client, clock) = (CLIENT, 200_000);
        Typed {
            client,
            clock,
            origin,
            right,
            text,
        }
        .write()
    }

    #[track_caller]
    fn expect(update: &[u8], shorter_by: usize) {
        let packed = pack(update.to_vec());
        assert_eq!(update.len().saturating_sub(packed.len()), shorter_by);
        assert_eq!(&*unpack(&packed).expect("it was packed"), update);
    }

    #[test]
    fn typing_is_stored_in_fewer_bytes() {
        expect(&typed(Some((CLIENT, 199_999)), None, "a"), 13);
        expect(&typed(Some((CLIENT, 199_999)), Some((CLIENT, 5)), "é"), 18);
        expect(&typed(Some((CLIENT, 199_999)), Some((7, 5)), "🌱"), 10);
        expect(&typed(Some((CLIENT, 150_000)), None, "a"), 10);
        expect(&typed(None, Some((7, 5)), "several words"), 2);
    }

    #[test]
    fn whatever_is_no_typing_is_stored_as_it_is() {
        let typing = typed(Some((CLIENT, 199_999)), None, "a");
        let mut and_deletes = typing.clone();
        and_deletes.splice(typing.len() - 1.., [1, 7, 1, 3, 1]);
        let with_parent = vec![1, 1, 7, 0, 4, 1, 4, b'b', b'o', b'd', b'y', 1, b'a', 0];
        let padded = [&[0x81, 0x00][..], &typing[1..]].concat();
        let more = [&typing[..], &[0]].concat();
        for update in [
            and_deletes,
            with_parent,
            padded,
            more,
            vec![0, 1, 7, 1, 3, 1],
            vec![],
            vec![1],
            vec![255; 40],
            vec![AS_IT_IS],
            vec![PACKED, 1, 2, 3],
        ] {
            expect(&update, 0);
        }
    }

    #[test]
    fn a_damaged_row_is_told_and_not_taken_for_an_edit() {
        let packed = pack(typed(Some((CLIENT, 199_999)), None, "a"));
        for length in 1..packed.len() - 1 {
            assert!(unpack(&packed[..length]).is_err(), "{length} bytes");
        }
    }
}
