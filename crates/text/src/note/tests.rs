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
    assert!(first.client().is_hosts() && second.client().is_hosts());
    assert_ne!(
        first.client(),
        second.client(),
        "an id is for one at a time"
    );

    let oat = body(&versions[1], first.client(), "oat milk\n");
    let salt = body(&versions[1], second.client(), "milk\nsalt\n");
    for (pen, update) in [(&first, oat), (&second, salt)] {
        let verdict = note.finish_write(pen, Some(&update)).unwrap();
        assert_eq!(verdict, Verdict::Accepted { update });
    }
    let now = note.text().body();
    assert!(now.starts_with("oat milk\n"), "{now}");
    assert!(now.contains("bread\n") && now.contains("salt\n"), "{now}");

    // Both have typed since that version; for the present one the first will do.
    let third = note.begin_write(&versions[1]);
    assert!(third.client() != first.client() && third.client() != second.client());
    assert_eq!(note.finish_write(&third, None), Ok(Verdict::Nothing));
    let present = Text::load(Some(&note.checkpoint().update), []).unwrap();
    assert_eq!(note.begin_write(&present).client(), first.client());
}

#[test]
fn what_was_begun_before_a_note_was_loaded_again_takes_no_words_from_others() {
    let (mut note, versions) = note(&["milk\n"]);
    let early = note.begin_write(&versions[1]);
    let mut note = Note::load(Some(&note.checkpoint()), [], DoorLimits::default()).unwrap();
    // The same id: nobody has typed under it.
    let late = note.begin_write(&versions[1]);
    assert_eq!(late.client(), early.client());
    let salt = body(&versions[1], late.client(), "milk\nsalt\n");
    let verdict = note.finish_write(&late, Some(&salt)).unwrap();
    assert_eq!(verdict, Verdict::Accepted { update: salt });

    // A third one has it by then; what the first one wrote would pass as already known.
    let present = Text::load(Some(&note.checkpoint().update), []).unwrap();
    let third = note.begin_write(&present);
    assert_eq!(third.client(), early.client());
    let oat = body(&versions[1], early.client(), "oat milk\n");
    let refused = Verdict::Refused(Refused::PutDown);
    assert_eq!(note.finish_write(&early, Some(&oat)), Ok(refused));
    assert!(Refused::PutDown.is_temporary());
    assert_eq!(note.finish_write(&early, None), Ok(Verdict::Nothing));

    // That did not take the third one's turn away.
    let tea = body(&present, third.client(), "milk\nsalt\ntea\n");
    let verdict = note.finish_write(&third, Some(&tea)).unwrap();
    assert_eq!(verdict, Verdict::Accepted { update: tea });
    assert_eq!(note.text().body(), "milk\nsalt\ntea\n");
}

#[test]
fn an_edit_on_which_the_door_panics_ends_the_note_and_not_the_host() {
    let (mut note, versions) = note(&["a"]);
    let more = body(&versions[1], ClientId::new(100_001), "ab");
    note.door.break_for_test();
    assert_eq!(note.edit(ANNA, &more), Err(Damaged));
    assert_eq!(
        note.edit(ANNA, &more),
        Err(Damaged),
        "it stays of no use, whatever comes"
    );
}

#[test]
fn an_edit_after_which_door_and_text_disagree_ends_the_note() {
    let (mut note, versions) = note(&["a", "ab"]);
    let more = body(&versions[2], ClientId::new(100_001), "ab!");
    note.text = Text::load(Some(&versions[1].checkpoint()), []).unwrap();
    assert_eq!(note.edit(ANNA, &more), Err(Damaged));
    let again = Note::load(
        Some(&Checkpoint {
            update: versions[2].checkpoint(),
            owners: Vec::new(),
        }),
        [(ANNA, &more[..])],
        DoorLimits::default(),
    );
    assert_eq!(again.unwrap().text().body(), "ab!", "the log has it all");
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
