mod broken;

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use super::*;

static BREAKING: Mutex<Option<HashSet<MemberId>>> = Mutex::new(None);

/// This member's next edit breaks the note that it is for, as one does on which yrs panics.
fn break_next(member: MemberId) {
    let mut members = BREAKING.lock().unwrap_or_else(PoisonError::into_inner);
    members.get_or_insert_default().insert(member);
}

pub(super) fn broken(
    member: MemberId,
    verdict: Result<Verdict, Damaged>,
) -> Result<Verdict, Damaged> {
    let mut members = BREAKING.lock().unwrap_or_else(PoisonError::into_inner);
    let breaks = members.get_or_insert_default().remove(&member);
    if breaks { Err(Damaged) } else { verdict }
}

fn notes() -> OpenNotes {
    OpenNotes::new(&Limits::default(), Held::default())
}

fn keep(notes: &mut OpenNotes) -> NoteKey {
    let key = NoteKey::from(uuid::Uuid::new_v4());
    notes.keep(key, Open::new(Note::new(notes.limits), 0));
    key
}

#[tokio::test(start_paused = true)]
async fn a_note_that_nobody_writes_to_is_let_go_of_and_the_others_stay() {
    let mut notes = notes();
    let quiet = keep(&mut notes);
    tokio::time::advance(IDLE / 2).await;
    let lively = keep(&mut notes);
    tokio::time::advance(IDLE / 2).await;
    notes.evict();
    assert!(!notes.held.has(quiet) && !notes.is_open_at(quiet, 0));
    assert!(notes.held.has(lively) && notes.is_open_at(lively, 0));
}

#[tokio::test(start_paused = true)]
async fn of_too_many_notes_those_stay_that_were_written_last() {
    let mut notes = notes();
    let mut keys = Vec::new();
    for _ in 0..=MAX_OPEN {
        keys.push(keep(&mut notes));
        tokio::time::advance(Duration::from_millis(1)).await;
    }
    notes.evict();
    assert!(!notes.is_open_at(keys[0], 0));
    assert!(keys[1..].iter().all(|key| notes.is_open_at(*key, 0)));
}
