//! Taking from an update what the note has already.

use super::Refused;
use super::form::{Id, Piece, Section, utf16_len};

/// The pieces of a section from the clock `known` on. A piece that is known in
/// part is cut: what is left of it was put behind its own known part.
pub(crate) fn trim<'a>(section: &Section<'a>, known: u32) -> Result<Vec<Piece<'a>>, Refused> {
    if section.start() > known {
        return Err(Refused::Gap {
            client: section.client,
        });
    }
    let new = section.pieces.partition_point(|piece| piece.end() <= known);
    let mut pieces = section.pieces[new..].to_vec();
    if let Some(piece) = pieces.first_mut().filter(|piece| piece.clock < known) {
        let origin = Id {
            client: section.client,
            clock: known - 1,
        };
        cut(piece, known, origin)?;
    }
    Ok(pieces)
}

fn cut(piece: &mut Piece<'_>, at: u32, origin: Id) -> Result<(), Refused> {
    let units = at - piece.clock;
    if let Some(text) = piece.text {
        let rest = behind(text, units).ok_or(Refused::SplitsCharacter)?;
        piece.text = Some(rest);
    }
    piece.clock = at;
    piece.len -= units;
    piece.origin = Some(origin);
    Ok(())
}

/// What stands behind so many UTF-16 units, unless they end within a character.
fn behind(text: &str, units: u32) -> Option<&str> {
    if text.is_ascii() {
        return text.get(units as usize..);
    }
    let mut left = units;
    let mut chars = text.chars();
    while left > 0 {
        let len = chars.next()?.len_utf16() as u32;
        left = left.checked_sub(len)?;
    }
    debug_assert_eq!(utf16_len(text), units + utf16_len(chars.as_str()));
    Some(chars.as_str())
}
