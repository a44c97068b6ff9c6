//! Notes that are here no more, or read otherwise.

use hearth_protocol::answer::{EarlierCall, EarlierKind, EarlierWay};
use hearth_protocol::{FactKind, Note, NoteKey};
use hearth_text::{Part, Text};
use serde_json::json;

use super::again::{Again, written};
use super::compared::{Compared, Offer, call};
use crate::failure::SessionError;
use crate::texts::{shown_text, text_at};

impl Compared<'_> {
    pub(super) async fn note(&self, key: NoteKey) -> Result<Option<Offer>, SessionError> {
        let old = self.before.state.visible_note(self.before.me, key);
        let Some(old) = old.filter(|note| note.trashed_at.is_none()) else {
            return Ok(None);
        };
        match self.now.notes.get(&key).cloned() {
            None => self.missing(old).await,
            Some(now) if self.is_same(old, &now) => Ok(None),
            Some(now) => self.differing(old, &now).await,
        }
    }

    /// Whether nothing happened to its text in either history since they parted. The times are the
    /// host's, and each version has one.
    fn is_same(&self, old: &Note, now: &Note) -> bool {
        let edit = |note: &Note| (note.version, note.updated_at, note.updated_by);
        let is_unsent = self.before.state.pending_edits(old.key).next().is_some();
        !is_unsent && edit(old) == edit(now)
    }

    async fn missing(&self, old: &Note) -> Result<Option<Offer>, SessionError> {
        let text = self.old_text(old.key).await?;
        let ids = Again::of(old.key, 0, &text);
        if self.is_beside(ids) {
            return Ok(None);
        }
        let again = match self.place(old.room) {
            Some((room, mut calls)) => {
                // Under its old key messages about it find it, and of several people who bring it
                // back only the first does.
                let id = if self.anew { NoteKey::new() } else { old.key };
                let (title, body) = (&old.title, &text);
                let mut create = json!({ "id": id, "room": room, "title": title });
                if !text.is_empty() {
                    create["body"] = json!(body);
                }
                calls.push(call("note:create", create));
                calls
            }
            None => Vec::new(),
        };
        let best = match again.is_empty() {
            true => EarlierWay::Ask,
            false => EarlierWay::Again,
        };
        Ok(Some(self.offered(old, text, again, best, ids)))
    }

    async fn differing(&self, old: &Note, now: &Note) -> Result<Option<Offer>, SessionError> {
        let text = self.old_text(old.key).await?;
        let shown = shown_text(self.reader, &self.now, old.key).await?;
        let present = shown.body();
        if text == present {
            return Ok(None);
        }
        let base = self.common_version(old, now).await?;
        let ids = Again::of(old.key, base, &text);
        // Whatever has become of it since, somebody has brought it back.
        if shown.knows(ids.client) || self.is_beside(ids) {
            return Ok(None);
        }
        let is_untouched = now.version == base && self.now.pending_edits(old.key).next().is_none();
        // Where others have gone on, all of it may be in there by now: written anew by somebody else.
        if !is_untouched && is_within(text.clone(), present.clone()).await? {
            return Ok(None);
        }
        // Against nothing in common everything would be there twice.
        let merges = base > 0 || present.is_empty();
        let is_open =
            now.trashed_at.is_none() && self.now.visible_room(self.me, now.room).is_some();
        let again = match merges && is_open {
            true => {
                let common = self.text_at(old.key, base).await?;
                if common.body() == text {
                    return Ok(None);
                }
                written(old.key, ids, common, &text, self.note_bytes).await?
            }
            false => Vec::new(),
        };
        let best = match (again.is_empty(), is_untouched) {
            (false, true) => EarlierWay::Again,
            _ if is_open => EarlierWay::Beside,
            _ => EarlierWay::Ask,
        };
        let mut offer = self.offered(old, text, again, best, ids);
        offer.item.differs = true;
        offer.item.room = Some(now.room);
        Ok(Some(offer))
    }

    /// Whether somebody has made a note of it beside.
    fn is_beside(&self, ids: Again) -> bool {
        self.now.notes.contains_key(&ids.beside)
    }

    fn offered(
        &self,
        old: &Note,
        text: String,
        again: Vec<EarlierCall>,
        best: EarlierWay,
        ids: Again,
    ) -> Offer {
        let mut item = self.item_in(old.room, EarlierKind::Note, old.updated_by);
        item.at = Some(old.updated_at);
        item.title = Some(old.title.to_string());
        let writes = |kind: &FactKind| match kind {
            FactKind::NoteCreated { note } => note.key == old.key,
            FactKind::NoteEdited { key, .. } => *key == old.key,
            _ => false,
        };
        let mut pending = self.before.state.pending.iter();
        item.unsent = pending.any(|fact| writes(&fact.kind));
        item.best = best;
        let beside = match self.anew {
            true => NoteKey::new(),
            false => ids.beside,
        };
        Offer {
            item,
            text,
            again,
            beside: Some(beside),
        }
    }

    async fn old_text(&self, key: NoteKey) -> Result<String, SessionError> {
        let before = self.before;
        let text = shown_text(&before.reader, &before.state, key).await?;
        Ok(text.body())
    }

    async fn text_at(&self, key: NoteKey, version: u64) -> Result<Text, SessionError> {
        match version {
            0 => Ok(Text::new()),
            version => text_at(self.reader, key, version).await,
        }
    }

    /// The last version that is the same in both histories. All before it are, so it is searched for
    /// by halves.
    async fn common_version(&self, old: &Note, now: &Note) -> Result<u64, SessionError> {
        let (mut same, mut other) = (0, old.version.min(now.version) + 1);
        while other - same > 1 {
            let middle = same + (other - same) / 2;
            let (before, after) = (middle - 1, middle);
            let theirs = self.before.reader.note_edits(old.key, before, after);
            let ours = self.reader.note_edits(old.key, before, after).await?;
            if !ours.is_empty() && ours == theirs.await? {
                same = middle;
            } else {
                other = middle;
            }
        }
        Ok(same)
    }
}

/// Whether everything that is in `text` is in `present`, which has more.
async fn is_within(text: String, present: String) -> Result<bool, SessionError> {
    let work = tokio::task::spawn_blocking(move || {
        let parts = hearth_text::difference(&present, &text);
        !parts.iter().any(|part| matches!(part, Part::Insert { .. }))
    });
    work.await.map_err(|_| SessionError::Closed)
}
