//! The door's own order of all that was ever typed is that of yrs.

use hearth_text::MemberId;

use crate::handmade::{A, ANNA, B, BEN, E, EVE, typed};
use crate::host::Host;
use crate::update::Forged;

/// A host that writes anywhere into the text by the one finds it there by the
/// other.
#[track_caller]
fn check_order(updates: &[(MemberId, Forged)], body: &str) {
    let mut host = Host::new();
    for (member, update) in updates {
        host.edit(*member, &update.encode()).expect("it fits");
    }
    assert_eq!(host.note.text().body(), body);
    for at in 0..=body.len() {
        let marked = format!("{}|{}", &body[..at], &body[at..]);
        host.write(updates.len(), |_| marked).expect("it fits");
    }
}

#[test]
fn what_was_typed_at_one_place_at_once_stands_in_the_order_of_yjs() {
    // Eve has `abc`, and types behind it; Ben has `abcde`.
    let anna = || (ANNA, typed(A, 0, None, None, "abcdef"));
    let eve = || (EVE, typed(E, 0, Some((A, 2)), None, "x"));
    let ben = || (BEN, typed(B, 0, Some((A, 4)), None, "y"));
    check_order(&[anna(), eve(), ben()], "abcdefyx");
    check_order(&[anna(), ben(), eve()], "abcdefyx");
    // Low ids stand in front.
    let first = (ANNA, typed(B, 0, None, None, "abcdef"));
    let second = (EVE, typed(E, 0, Some((B, 2)), None, "x"));
    let third = (BEN, typed(A, 0, Some((B, 2)), None, "y"));
    check_order(&[first, second, third], "abcydefx");
}
