//! What waits for the host: calls made in a joined session while it was away, in order, each with
//! the facts it is shown as.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use hearth_protocol::answer::{Done, OutboxAnswer, RefusedBundle, RefusedDependent};
use hearth_protocol::error::CallError;
use hearth_protocol::{CallId, Fact, Timestamp};
use hearth_store::{OutboxCall, OutboxRow, Reader, StoreError, Write};
use serde_json::Value;
use uuid::Uuid;

use crate::failure::told;
use crate::handle::Shared;

/// One call that waits.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// The call's id.
    pub id: CallId,
    /// The call's name.
    pub name: String,
    /// What it says, its `id` included.
    pub payload: Value,
    /// What it is shown as until the host's own facts are here.
    pub facts: Vec<Arc<Fact>>,
    /// Calls before it that it builds on: when one of them is refused, so is this one.
    pub needs: Vec<CallId>,
    /// When it was made.
    pub made_at: Timestamp,
    /// The host has it; what became of it comes with the fact of this number at the latest.
    pub(crate) taken: Option<u64>,
}

impl Waiting {
    /// As it is kept in the session file.
    pub(crate) fn to_kept(&self) -> OutboxCall {
        OutboxCall {
            id: self.id,
            call: self.name.clone(),
            payload: self.payload.to_string(),
            facts: self.facts.iter().map(|fact| Fact::clone(fact)).collect(),
            needs: self.needs.clone(),
            made_at: self.made_at,
        }
    }

    fn of_kept(kept: OutboxCall) -> Self {
        Self {
            id: kept.id,
            name: kept.call,
            payload: serde_json::from_str(&kept.payload).unwrap_or_default(),
            facts: kept.facts.into_iter().map(Arc::new).collect(),
            needs: kept.needs,
            made_at: kept.made_at,
            taken: None,
        }
    }
}

/// How many rows of an outbox are read at once.
const READ_AT_ONCE: u32 = 1_000;

/// Everything that waits in a copy's file, in order.
pub(crate) async fn load(reader: &Reader) -> Result<Vec<Waiting>, StoreError> {
    let mut waiting = Vec::new();
    let mut after = 0;
    loop {
        let rows = reader.outbox(after, READ_AT_ONCE).await?;
        let Some(last) = rows.last() else {
            return Ok(waiting);
        };
        after = last.no;
        waiting.extend(rows.into_iter().map(|row| Waiting::of_kept(row.call)));
    }
}

/// What waits and what was refused, for the person whose copy it is.
pub(crate) async fn list(shared: &Shared) -> Result<OutboxAnswer, CallError> {
    let waiting = shared
        .joined
        .as_ref()
        .map_or(0, |joined| joined.link().pending);
    let rows = shared.reader.outbox_refused().await;
    let rows = rows.map_err(|error| told(&error.into()))?;
    let mut refused: Vec<RefusedBundle> = Vec::new();
    for row in rows {
        let payload = serde_json::from_str(&row.call.payload).unwrap_or_default();
        match (row.error, refused.last_mut()) {
            (Some(error), _) => refused.push(RefusedBundle {
                id: row.call.id,
                name: row.call.call,
                payload,
                error,
                made_at: row.call.made_at,
                with: Vec::new(),
            }),
            (None, Some(bundle)) => bundle.with.push(RefusedDependent {
                id: row.call.id,
                name: row.call.call,
                payload,
                made_at: row.call.made_at,
            }),
            (None, None) => {}
        }
    }
    Ok(OutboxAnswer { waiting, refused })
}

/// Throws a refused call away, and what built on it.
pub(crate) async fn discard(shared: &Shared, id: CallId) -> Result<Done, CallError> {
    let rows = shared.reader.outbox_refused().await;
    let rows = rows.map_err(|error| told(&error.into()))?;
    let refused = |row: &&OutboxRow| row.call.id == id && row.error.is_some();
    let bundle = rows.iter().find(refused).and_then(|row| row.bundle);
    let bundle = bundle.ok_or_else(|| CallError::not_found("refused call"))?;
    shared.write(Write::OutboxDiscarded { bundle }).await?;
    Ok(Done {})
}

/// Everything that waits, in order.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    waiting: VecDeque<Waiting>,
    /// How many there have been: what comes later has a higher number.
    made: u64,
}

impl Outbox {
    pub(crate) fn new(waiting: impl IntoIterator<Item = Waiting>) -> Self {
        let waiting: VecDeque<_> = waiting.into_iter().collect();
        Self {
            made: waiting.len() as u64,
            waiting,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(crate) fn len(&self) -> u64 {
        self.waiting.len() as u64
    }

    /// What waits longest and is not with the host yet, up to so many.
    pub(crate) fn first(&self, limit: usize) -> Vec<Waiting> {
        let not_taken = self.waiting.iter().filter(|one| one.taken.is_none());
        not_taken.take(limit).cloned().collect()
    }

    /// Notes that the host has it.
    pub(crate) fn set_taken(&mut self, id: CallId, seq: u64) {
        if let Some(one) = self.waiting.iter_mut().find(|one| one.id == id) {
            one.taken = Some(seq);
        }
    }

    /// Those that the host has, and whose facts would be here by now.
    pub(crate) fn taken_until(&self, seq: u64) -> Vec<CallId> {
        let here = |one: &&Waiting| one.taken.is_some_and(|taken| taken <= seq);
        self.waiting.iter().filter(here).map(|one| one.id).collect()
    }

    pub(crate) fn get(&self, id: CallId) -> Option<&Waiting> {
        self.waiting.iter().find(|waiting| waiting.id == id)
    }

    pub(crate) fn made(&self) -> u64 {
        self.made
    }

    pub(crate) fn push(&mut self, waiting: Waiting) {
        self.made += 1;
        self.waiting.push_back(waiting);
    }

    pub(crate) fn facts(&self) -> impl Iterator<Item = &Arc<Fact>> {
        self.waiting.iter().flat_map(|waiting| &waiting.facts)
    }

    /// The calls that `payload` builds on: those that make what it speaks of, and the last one
    /// that writes into the same note.
    pub(crate) fn needs(&self, payload: &Value) -> Vec<CallId> {
        let named: HashSet<Uuid> = ["room", "key", "note", "message"]
            .into_iter()
            .filter_map(|field| payload.get(field)?.as_str()?.parse().ok())
            .collect();
        let makes = |waiting: &&Waiting| named.contains(&waiting.id.0);
        let mut needs: Vec<_> = self
            .waiting
            .iter()
            .filter(makes)
            .map(|one| one.id)
            .collect();
        let same_note = |waiting: &&Waiting| {
            waiting.name == "note:edit"
                && payload.get("key").is_some()
                && waiting.payload.get("key") == payload.get("key")
        };
        needs.extend(self.waiting.iter().rev().find(same_note).map(|one| one.id));
        needs
    }

    /// Takes out the call with this id.
    pub(crate) fn take(&mut self, id: CallId) -> Option<Waiting> {
        let at = self.waiting.iter().position(|waiting| waiting.id == id)?;
        self.waiting.remove(at)
    }

    /// Takes out a call and all that build on it, in order.
    pub(crate) fn take_with_dependents(&mut self, id: CallId) -> Vec<Waiting> {
        let mut gone: HashSet<CallId> = HashSet::new();
        let mut taken = Vec::new();
        let mut kept = VecDeque::with_capacity(self.waiting.len());
        for waiting in std::mem::take(&mut self.waiting) {
            if waiting.id == id || waiting.needs.iter().any(|need| gone.contains(need)) {
                gone.insert(waiting.id);
                taken.push(waiting);
            } else {
                kept.push_back(waiting);
            }
        }
        self.waiting = kept;
        taken
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn push(outbox: &mut Outbox, name: &str, mut payload: Value) -> CallId {
        let id = CallId::new();
        payload["id"] = json!(id);
        let waiting = Waiting {
            id,
            name: name.to_owned(),
            needs: outbox.needs(&payload),
            payload,
            facts: Vec::new(),
            made_at: Timestamp(0),
            taken: None,
        };
        outbox.push(waiting);
        id
    }

    #[test]
    fn what_builds_on_a_refused_call_goes_with_it_and_the_rest_stays_in_order() {
        let mut outbox = Outbox::default();
        let other = json!(Uuid::new_v4());
        let room = push(&mut outbox, "room:create", json!({"name": "Attic"}));
        let before = push(
            &mut outbox,
            "message:send",
            json!({"room": other, "body": "a"}),
        );
        let note = push(
            &mut outbox,
            "note:create",
            json!({"room": room, "title": "t"}),
        );
        let edit = push(&mut outbox, "note:edit", json!({"key": note, "update": ""}));
        let about = push(
            &mut outbox,
            "message:send",
            json!({"room": other, "note": note, "body": "b"}),
        );
        let after = push(
            &mut outbox,
            "message:send",
            json!({"room": other, "body": "c"}),
        );
        let taken: Vec<_> = outbox
            .take_with_dependents(room)
            .into_iter()
            .map(|one| one.id)
            .collect();
        assert_eq!(taken, [room, note, edit, about]);
        let left: Vec<_> = outbox.waiting.iter().map(|one| one.id).collect();
        assert_eq!(left, [before, after]);
    }

    #[test]
    fn an_edit_builds_on_the_one_before_it_in_the_same_note() {
        let mut outbox = Outbox::default();
        let (one, two) = (json!(Uuid::new_v4()), json!(Uuid::new_v4()));
        let first = push(&mut outbox, "note:edit", json!({"key": one, "update": ""}));
        push(&mut outbox, "note:edit", json!({"key": two, "update": ""}));
        let later = push(&mut outbox, "note:edit", json!({"key": one, "update": ""}));
        assert_eq!(outbox.get(later).unwrap().needs, [first]);
    }
}
