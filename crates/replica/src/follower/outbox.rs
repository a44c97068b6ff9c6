//! Sends what has waited for the host: in order, one after the other, at the host's pace.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearth_protocol::CallId;
use hearth_protocol::error::{CallError, Code};
use hearth_protocol::signal::LinkTrouble;
use hearth_session::{Authority as _, NewFile, Settled, Waiting};
use serde_json::Value;
use tokio::time::{sleep, timeout};

use super::{Following, Stopped};
use crate::link::{CallFailure, Link};

/// Looked through at once for edits of one note that go together.
const LOOKED_AT: usize = 500;

/// The most bytes of edits that go together.
const MOST_BYTES: usize = 1 << 20;

/// What the host takes and makes no fact of leaves the outbox after this long: its facts would
/// have come right behind the answer.
const NOTHING_COMES_AFTER: Duration = Duration::from_millis(100);

/// The fact of a file that was brought comes by the feed, behind everything else that happened.
const FILE_COMES_WITHIN: Duration = Duration::from_secs(5);

/// How long to wait where the host cannot do it now and does not say for how long.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(2);

/// What an earlier link carried may arrive at the host only after catching up, and be in conflict
/// with more edits under the same id. Its fact is on its way then, and takes it out of the outbox.
const CONFLICT_PASSES_AFTER: Duration = Duration::from_millis(500);

/// One that stays after so many tries is one.
const MOST_CONFLICTS: u32 = 4;

/// What is sent as one call.
struct Parcel {
    ids: Vec<CallId>,
    name: String,
    payload: Value,
}

/// Empties the outbox, and again whenever something comes into it, until the link is gone.
pub(super) async fn empty(following: &Following, link: &Link) -> Stopped {
    let mut waiting = following.session.waiting();
    loop {
        waiting.mark_unchanged();
        match send_all(following, link).await {
            Ok(()) => {}
            Err(stopped) => return stopped,
        }
        if waiting.changed().await.is_err() {
            return Stopped::Lost;
        }
    }
}

async fn send_all(following: &Following, link: &Link) -> Result<(), Stopped> {
    let session = &following.session;
    let mut taken = Vec::new();
    let mut conflicts = 0;
    loop {
        let first = session.first_waiting(LOOKED_AT).await?;
        let file = match first.first() {
            Some(first) => session.waiting_file(first).await?,
            None => None,
        };
        let Some(parcel) = Parcel::pack(first) else {
            break;
        };
        let answer = match file {
            Some(file) => bring(following, file).await,
            None => link.call(&parcel.name, parcel.payload).await,
        };
        match answer {
            Ok(ok) => {
                session.set_link_trouble(None);
                conflicts = 0;
                let seq = ok.get("seq").and_then(Value::as_u64).unwrap_or_default();
                let outcome = Settled::Taken(seq);
                if !session.settle(parcel.ids.clone(), outcome).await? {
                    taken.extend(parcel.ids);
                }
            }
            Err(CallFailure::Refused(error))
                if error.code == Code::Conflict
                    && parcel.name == "note:edit"
                    && conflicts < MOST_CONFLICTS =>
            {
                conflicts += 1;
                sleep(CONFLICT_PASSES_AFTER).await;
            }
            Err(CallFailure::Refused(error)) if is_final(&error) => {
                conflicts = 0;
                session.settle(parcel.ids, Settled::Refused(error)).await?;
            }
            Err(CallFailure::Refused(error)) => {
                if error.code == Code::StorageFull {
                    session.set_link_trouble(Some(LinkTrouble::HostDiskFull));
                }
                sleep(
                    error
                        .retry_after_ms
                        .map_or(TRY_AGAIN_AFTER, Duration::from_millis),
                )
                .await;
            }
            Err(CallFailure::NotSent | CallFailure::Unanswered) => return Err(Stopped::Lost),
        }
    }
    if !taken.is_empty() {
        sleep(NOTHING_COMES_AFTER).await;
        session.settle(taken, Settled::Done).await?;
    }
    Ok(())
}

/// Brings a file to the host. Its answer has no number, so what it became is waited for here: until
/// then it is shown as what waits.
async fn bring(following: &Following, file: NewFile) -> Result<Value, CallFailure> {
    let room = file.room;
    let brought = following.authority.upload(file).await;
    let stored = brought.map_err(CallFailure::Refused)?;
    let here = async {
        while !following.session.has_file(room, stored.hash).await {
            sleep(NOTHING_COMES_AFTER).await;
        }
    };
    // The host has it in any case.
    let _ = timeout(FILE_COMES_WITHIN, here).await;
    Ok(Value::Null)
}

/// Whether sending it again would come to the same.
fn is_final(error: &CallError) -> bool {
    match error.code {
        Code::Forbidden
        | Code::NotFound
        | Code::Gone
        | Code::Conflict
        | Code::BadRequest
        | Code::TooLarge => true,
        // Of what all files of a session may take: waiting makes no room.
        Code::StorageFull => !error.is_disk_full(),
        _ => false,
    }
}

impl Parcel {
    /// The first call that waits; where that is an edit, with the edits of the same note right
    /// behind it. They go under the first one's id. What a lost answer leaves in doubt is settled
    /// before anything is sent again: catching up comes first, and takes out what the host has.
    fn pack(waiting: Vec<Waiting>) -> Option<Self> {
        let mut waiting = waiting.into_iter();
        let first = waiting.next()?;
        let mut ids = vec![first.id];
        let mut payload = first.payload;
        if let Some(update) = edit_of(&first.name, &payload) {
            let mut bytes = update.len();
            let mut updates = vec![update];
            let key = payload.get("key").cloned();
            for next in waiting.take_while(|next| next.payload.get("key") == key.as_ref()) {
                let Some(update) = edit_of(&next.name, &next.payload) else {
                    break;
                };
                bytes += update.len();
                if bytes > MOST_BYTES {
                    break;
                }
                updates.push(update);
                ids.push(next.id);
            }
            match merged(&updates) {
                Some(merged) if ids.len() > 1 => payload["update"] = merged.into(),
                _ => ids.truncate(1),
            }
        }
        Some(Self {
            ids,
            name: first.name,
            payload,
        })
    }
}

fn edit_of(name: &str, payload: &Value) -> Option<Vec<u8>> {
    (name == "note:edit").then_some(())?;
    STANDARD.decode(payload.get("update")?.as_str()?).ok()
}

fn merged(updates: &[Vec<u8>]) -> Option<String> {
    let merged = hearth_text::merge(updates.iter().map(Vec::as_slice)).ok()?;
    Some(STANDARD.encode(merged))
}
