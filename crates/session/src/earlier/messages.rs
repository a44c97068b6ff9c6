//! Messages that are here no more, or read otherwise.

use hearth_protocol::answer::{EarlierCall, EarlierKind, EarlierWay};
use hearth_protocol::{CallId, Message, MessageId};
use hearth_store::Reader;
use serde_json::json;

use super::compared::{Compared, Offer, call};
use crate::failure::SessionError;
use crate::state::State;

impl Compared<'_> {
    pub(super) async fn message(&self, id: MessageId) -> Result<Option<Offer>, SessionError> {
        let before = self.before;
        let Some(old) = shown(&before.state, &before.reader, id).await? else {
            return Ok(None);
        };
        let was_seen = before.state.visible_room(before.me, old.room).is_some();
        // An empty one was taken back.
        if old.body.is_empty() || !was_seen {
            return Ok(None);
        }
        let now = shown(&self.now, self.reader, id).await?;
        let again = match &now {
            Some(now) if now.body == old.body || now.body.is_empty() => return Ok(None),
            Some(now) => self.edit_again(&old, now),
            None => self.send_again(&old),
        };
        let is_own = old.by == before.me;
        let mut item = self.item_in(old.room, EarlierKind::Message, old.by);
        item.at = Some(old.edited_at.or(old.made_at).unwrap_or(old.at));
        item.differs = now.is_some();
        item.unsent = before.state.pending_message(id).is_some();
        // What others said their own copies offer to them; here it could only come back under
        // somebody else's name.
        item.best = match is_own && !again.is_empty() {
            true => EarlierWay::Again,
            false => EarlierWay::Ask,
        };
        Ok(Some(Offer {
            item,
            text: old.body,
            again,
            beside: None,
        }))
    }

    fn edit_again(&self, old: &Message, now: &Message) -> Vec<EarlierCall> {
        let is_newer = now.edited_at <= old.edited_at;
        // Where it is, it is of who its author was.
        if old.by != self.me || !is_newer {
            return Vec::new();
        }
        let edit = json!({ "id": CallId::new(), "message": old.id, "body": old.body });
        vec![call("message:edit", edit)]
    }

    fn send_again(&self, old: &Message) -> Vec<EarlierCall> {
        let Some((room, mut calls)) = self.place(old.room) else {
            return Vec::new();
        };
        let body = match old.by == self.before.me {
            true => old.body.clone(),
            false => self.quoted(old),
        };
        if body.chars().count() as u64 > self.message_chars {
            return Vec::new();
        }
        let id = if self.anew { MessageId::new() } else { old.id };
        let mut send = json!({ "id": id, "room": room, "body": body });
        if old.by == self.before.me {
            send["made_at"] = json!(old.made_at.unwrap_or(old.at));
        }
        let about = old.note;
        if let Some(note) = about.filter(|key| self.now.visible_note(self.me, *key).is_some()) {
            send["note"] = json!(note);
        }
        calls.push(call("message:send", send));
        calls
    }

    /// What somebody else said, by this person: never under the other's name.
    fn quoted(&self, old: &Message) -> String {
        let name = self.item(EarlierKind::Message, old.by).name;
        let lines: Vec<String> = old.body.lines().map(|line| format!("> {line}")).collect();
        format!("> **{name}**\n>\n{}", lines.join("\n"))
    }
}

/// A message as it is shown.
async fn shown(
    state: &State,
    reader: &Reader,
    id: MessageId,
) -> Result<Option<Message>, SessionError> {
    match state.pending_message(id) {
        Some(message) => Ok(Some(message.clone())),
        None => Ok(reader.message(id).await?),
    }
}
