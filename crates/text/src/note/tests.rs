use super::*;
use crate::{Edit, Limits, write};

const ANNA: MemberId = MemberId::new(1);
const LIMITS: Limits = Limits {
    body_bytes: 1_000,
    changes: 10,
};

fn body(text: &Text, client: ClientId, body: &str) -> Vec<u8> {
    let edit = Edit::Body(body.to_owned());
    let update = write(text, client, &edit, LIMITS).unwrap();
    update.expect("it is another body")
}

/// A note and all its versions, to which Anna's `typed` are added one by one.
fn note(typed: &[&str]) -> (Note, Vec<Text>) {
    let mut note = Note::new(DoorLimits::default());
    let mut versions = vec![Text::new()];
    for next in typed {
        let update = body(note.text(), ClientId::new(100_000), next);
        assert!(matches!(
            note.edit(ANNA, &update),
            Ok(Verdict::Accepted { .. })
        ));
        versions.push(Text::load(Some(&note.checkpoint().update), []).unwrap());
    }
    (note, versions)
}

#[test]
fn the_host_writes_into_old_versions_under_ids_of_its_own() {
    let (mut note, versions) = note(&["milk\n", "milk\nbread\n"]);
    let first = note.begin_write(&versions[1]);
    let second = note.begin_write(&versions[1]);
    assert!(first.is_hosts() && second.is_hosts());
    assert_ne!(first, second, "an id is for one at a time");

    let oat = body(&versions[1], first, "oat milk\n");
    let salt = body(&versions[1], second, "milk\nsalt\n");
    for (client, update) in [(first, oat), (second, salt)] {
        let verdict = note.finish_write(client, Some(&update)).unwrap();
        assert_eq!(verdict, Verdict::Accepted { update });
    }
    let now = note.text().body();
    assert!(now.starts_with("oat milk\n"), "{now}");
    assert!(now.contains("bread\n") && now.contains("salt\n"), "{now}");

    // Both have typed since that version; for the present one the first will do.
    let third = note.begin_write(&versions[1]);
    assert!(third != first && third != second);
    assert_eq!(note.finish_write(third, None), Ok(Verdict::Nothing));
    let present = Text::load(Some(&note.checkpoint().update), []).unwrap();
    assert_eq!(note.begin_write(&present), first);
}

#[test]
fn a_note_comes_back_from_checkpoint_and_log() {
    let mut note = Note::new(DoorLimits::default());
    let mut log = Vec::new();
    let mut checkpoints = vec![None];
    for (number, next) in ["a", "a🎈b", "🎈b", "a🎈bc"].iter().enumerate() {
        let member = MemberId::new(1 + number as u128 % 2);
        let client = ClientId::new(100_000 + number as u32 % 2);
        let update = body(note.text(), client, next);
        assert!(matches!(
            note.edit(member, &update),
            Ok(Verdict::Accepted { .. })
        ));
        log.push((member, update));
        checkpoints.push(Some(note.checkpoint()));
    }
    for (from, checkpoint) in checkpoints.iter().enumerate() {
        let rest = log[from..].iter();
        let rest = rest.map(|(member, update)| (*member, &update[..]));
        let again = Note::load(checkpoint.as_ref(), rest, DoorLimits::default()).unwrap();
        assert_eq!(again.text().body(), "a🎈bc");
        assert_eq!(again.checkpoint(), note.checkpoint());
    }
}

#[test]
fn what_is_no_log_is_damaged_and_does_not_panic() {
    let limits = DoorLimits::default();
    let (_, versions) = note(&["a", "ab"]);
    let later = body(&versions[2], ClientId::new(100_000), "abc");
    for update in [&b"no update"[..], &later] {
        assert!(Note::load(None, [(ANNA, update)], limits).is_err());
    }
    let checkpoint = |update: &[u8], owners: &[u8]| Checkpoint {
        update: update.to_vec(),
        owners: owners.to_vec(),
    };
    let whole = versions[2].checkpoint();
    for broken in [
        checkpoint(b"no update", b""),
        checkpoint(&whole, b"no owners"),
        checkpoint(&[0, 0], &[0, 1, 1, 0]),
    ] {
        assert!(Note::load(Some(&broken), [], limits).is_err(), "{broken:?}");
    }
}
