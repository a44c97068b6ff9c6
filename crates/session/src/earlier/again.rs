//! What a note's text comes back under. When a host goes back, everybody's copy lacks the same, and
//! several people bring it back, perhaps before they hear of each other. So the ids follow from what
//! is brought back alone: the second time it is there already.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearth_protocol::answer::EarlierCall;
use hearth_protocol::{CallId, NoteKey};
use hearth_text::{ClientId, Edit, Limits, Text};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::compared::call;
use crate::failure::SessionError;

/// The same in every copy that has the same text to bring back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Again {
    /// Who typed it, as Yjs counts, where it comes back as an edit.
    pub(super) client: ClientId,
    /// The note beside the present one.
    pub(super) beside: NoteKey,
}

impl Again {
    /// Of this text, written on top of that version.
    pub(super) fn of(key: NoteKey, common: u64, text: &str) -> Self {
        let said = |what: &str| -> [u8; 32] {
            let mut hash = Sha256::new();
            hash.update(format!("{key} {common} {what} "));
            hash.update(text);
            hash.finalize().into()
        };
        let (client, beside) = (said("edit"), said("beside"));
        // The lowest numbers are the host's own.
        let number = u32::from_be_bytes(std::array::from_fn(|at| client[at])) | 1 << 31;
        let beside = uuid::Builder::from_random_bytes(std::array::from_fn(|at| beside[at]));
        Self {
            client: ClientId::new(number),
            beside: beside.into_uuid().into(),
        }
    }
}

/// The old text, as an edit of what both histories have in common: what was written since stays.
/// Whoever makes it makes the same one, and the host takes from each only what is new. Nothing where
/// it cannot be written.
pub(super) async fn written(
    key: NoteKey,
    ids: Again,
    common: Text,
    text: &str,
    note_bytes: usize,
) -> Result<Vec<EarlierCall>, SessionError> {
    let edit = Edit::Body(text.to_owned());
    let limits = Limits {
        body_bytes: note_bytes,
        changes: 0,
    };
    let work = move || hearth_text::write(&common, ids.client, &edit, limits);
    let update = tokio::task::spawn_blocking(work).await;
    let update = update.map_err(|_| SessionError::Closed)?.ok().flatten();
    let edit = |update| {
        let edit = json!({ "id": CallId::new(), "key": key, "update": STANDARD.encode(update) });
        call("note:edit", edit)
    };
    Ok(update.map(edit).into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_follow_from_what_is_brought_back_and_are_never_the_hosts() {
        let key = NoteKey::new();
        let ids = Again::of(key, 3, "old");
        assert_eq!(ids, Again::of(key, 3, "old"));
        for other in [
            Again::of(NoteKey::new(), 3, "old"),
            Again::of(key, 4, "old"),
            Again::of(key, 3, "older"),
        ] {
            assert!(other.client != ids.client && other.beside != ids.beside);
        }
        let hosts = |number: u64| Again::of(key, number, "").client.is_hosts();
        assert!(!(0..1_000).any(hosts));
    }
}
