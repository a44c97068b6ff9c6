//! `note:history`: who wrote what when.

use hearth_protocol::MemberId;
use hearth_protocol::answer::{Burst, HistoryAnswer};
use hearth_protocol::call::NoteHistory;
use hearth_store::{NoteEdit, Reader};

use crate::failure::SessionError;
use crate::state::State;

/// Bursts of a page, unless said, and at most.
const BURSTS: (u32, u32) = (50, 200);
/// Edits looked at for one page, however few bursts they make.
const MAX_EDITS: u64 = 20_000;
/// A pause this long ends a burst.
const PAUSE_MS: i64 = 60_000;
/// A burst lasts at most this long, so that hours of typing can be told apart.
const LONGEST_MS: i64 = 10 * 60_000;

/// One page of a note's history, the newest first.
pub(crate) async fn bursts(
    reader: &Reader,
    state: &State,
    me: MemberId,
    call: &NoteHistory,
) -> Result<HistoryAnswer, SessionError> {
    let newest = state
        .visible_note(me, call.key)
        .map_or(0, |note| note.version);
    let limit = call.limit.unwrap_or(BURSTS.0).clamp(1, BURSTS.1) as usize;
    let until = call
        .before
        .map_or(newest, |before| newest.min(before.saturating_sub(1)));
    let after = until.saturating_sub(MAX_EDITS);
    let edits = reader.note_edits(call.key, after, until).await?;
    let grouped = tokio::task::spawn_blocking(move || group(&edits, limit)).await;
    let (bursts, looked_at) = grouped.map_err(|_| SessionError::Closed)??;
    let lowest = looked_at.unwrap_or(after + 1);
    let next = Some(lowest).filter(|lowest| *lowest > 1);
    Ok(HistoryAnswer {
        bursts: bursts.into_iter().map(|grouped| grouped.burst).collect(),
        next,
    })
}

struct Grouped {
    burst: Burst,
    began_ms: i64,
}

impl Grouped {
    /// Whether an earlier edit belongs to this burst. Others may have typed in between: whoever
    /// writes together goes on with a burst of their own.
    fn takes(&self, edit: &NoteEdit) -> bool {
        self.burst.by == edit.by
            && self.began_ms - edit.at.0 <= PAUSE_MS
            && self.burst.at.0 - edit.at.0 <= LONGEST_MS
    }
}

/// Bursts of these edits, the newest first, and the lowest version that is in them; none when all
/// are. A burst that would be one too many is left for the next page.
fn group(edits: &[NoteEdit], limit: usize) -> Result<(Vec<Grouped>, Option<u64>), SessionError> {
    let mut bursts: Vec<Grouped> = Vec::new();
    for edit in edits.iter().rev() {
        let extent = hearth_text::Extent::of(&edit.update)?;
        let found = bursts.iter().rposition(|later| later.takes(edit));
        let at = match found {
            Some(at) => at,
            None if bursts.len() == limit => return Ok((bursts, Some(edit.version + 1))),
            None => {
                let (version, at, by) = (edit.version, edit.at, edit.by);
                let burst = Burst {
                    first: version,
                    version,
                    at,
                    by,
                    added: 0,
                    removed: 0,
                };
                bursts.push(Grouped {
                    burst,
                    began_ms: at.0,
                });
                bursts.len() - 1
            }
        };
        let grouped = &mut bursts[at];
        grouped.began_ms = edit.at.0;
        grouped.burst.first = edit.version;
        grouped.burst.added += extent.added;
        grouped.burst.removed += extent.removed;
    }
    Ok((bursts, None))
}
