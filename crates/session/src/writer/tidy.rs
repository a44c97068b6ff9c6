//! What has been in the trash, or over, for 30 days goes for good.

use hearth_protocol::{FactKind, Timestamp};
use hearth_store::Write;

use super::Writer;
use super::round::Round;
use crate::decide::TRASH_MS;
use crate::door::SIGN_IN_LASTS_MS;

/// So long an invitation that is over is told from one that never was.
const KEPT_MS: i64 = TRASH_MS;

impl Writer {
    pub(super) fn tidy(&mut self, round: &mut Round) {
        let now = self.now();
        // One that has lapsed is told so for as long again.
        round.writes.push(Write::SweepSignIns {
            before: Timestamp(now.0 - 2 * SIGN_IN_LASTS_MS),
        });
        round.writes.push(Write::SweepInvites {
            before: Timestamp(now.0 - KEPT_MS),
        });
        let long_ago = |at: Option<Timestamp>| at.is_some_and(|at| now.0 - at.0 > TRASH_MS);
        let rooms: Vec<_> = round
            .state
            .rooms
            .values()
            .filter(|room| long_ago(room.room.destroyed_at))
            .map(|room| room.room.id)
            .collect();
        for room in rooms {
            round.append(FactKind::RoomPurged { room }, now, None, None);
        }
        let notes: Vec<_> = round
            .state
            .notes
            .values()
            .filter(|note| long_ago(note.trashed_at))
            .map(|note| note.key)
            .collect();
        for key in notes {
            round.append(FactKind::NotePurged { key }, now, None, None);
        }
    }
}
