//! Updates whose bytes are wrong here and there.

use hearth_text::{DoorLimits, Note, Refused};

use crate::handmade::{A, B, E, EVE, check_refused, note, typed};
use crate::update::number;

#[test]
fn any_bit_of_an_update_may_be_wrong() {
    let mut update = typed(E, 0, Some((A, 1)), Some((A, 2)), "hi 🎈");
    update.deleted.push((A, vec![(0, 1)]));
    let whole = update.encode();
    for bit in 0..whole.len() * 8 {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let mut note = note();
        note.edit(EVE, &bytes).expect("the note holds");
        Note::load(Some(&note.checkpoint()), [], DoorLimits::default()).expect("it can be read");
    }
}

#[test]
fn other_content_than_text_is_refused_however_its_bytes_go_on() {
    for kind in (0..0x40).filter(|kind| *kind != 1 && *kind != 4) {
        for content in [&[1][..], &[1, b'x'], &[1, 1, b'x']] {
            let mut bytes = vec![1, 1];
            number(&mut bytes, E);
            bytes.extend([0, 0x80 | kind]);
            number(&mut bytes, B);
            bytes.push(1);
            bytes.extend(content);
            bytes.push(0);
            check_refused(EVE, &bytes, &Refused::Malformed(""));
        }
    }
}
