//! What happens, as it happens.

use std::collections::VecDeque;

use hearth_protocol::signal::event;
use hearth_protocol::{Fact, FactKind};
use serde_json::Value;

use super::catching_up::fetch_pasts;
use super::{Following, Stopped};
use crate::link::{Event, Events, Link};

/// The most facts that are copied in one transaction, about. What has come meanwhile shares it.
const MOST_AT_ONCE: usize = 512;

/// Whether an event tells facts rather than what is true now.
pub(super) fn is_of_facts(event: &Event) -> bool {
    event.name == event::FACTS || FactKind::NAMES.contains(&event.name.as_str())
}

/// Copies what the host tells until the link is gone.
pub(super) async fn follow(
    following: &Following,
    link: &Link,
    mut events: Events,
    mut early: VecDeque<Event>,
) -> Stopped {
    loop {
        let first = match early.pop_front() {
            Some(event) => Some(event),
            None => events.recv().await,
        };
        let Some(first) = first else {
            return Stopped::Lost;
        };
        let mut facts = Vec::new();
        let mut next = Some(first);
        while let Some(event) = next.take() {
            if !is_of_facts(&event) {
                following.session.hear(&event.name, event.payload);
            } else if let Err(stopped) = read(event, &mut facts) {
                return stopped;
            }
            if facts.len() < MOST_AT_ONCE {
                next = early.pop_front().or_else(|| events.try_recv());
            }
        }
        if let Err(stopped) = copy(following, link, facts).await {
            return stopped;
        }
    }
}

async fn copy(following: &Following, link: &Link, facts: Vec<Fact>) -> Result<(), Stopped> {
    let Some(last) = facts.last().and_then(|fact| fact.seq) else {
        return Ok(());
    };
    let run = facts.iter().rev().find_map(|fact| match fact.kind {
        FactKind::SessionHosted { run } => Some(run),
        _ => None,
    });
    let pasts = following.session.copy(facts, last, run).await?;
    following.tell_copied(last, last);
    fetch_pasts(following, link, pasts).await
}

/// The facts of one event: a list, or one under its own name.
fn read(event: Event, facts: &mut Vec<Fact>) -> Result<(), Stopped> {
    let unreadable = |error| {
        tracing::warn!(%error, "a fact of the host's cannot be read");
        Stopped::Lost
    };
    if event.name == event::FACTS {
        let list = event.payload.get("facts").cloned().unwrap_or_default();
        facts.extend(serde_json::from_value::<Vec<Fact>>(list).map_err(unreadable)?);
        return Ok(());
    }
    let mut fact = event.payload;
    if let Some(fields) = fact.as_object_mut() {
        fields.insert("name".to_owned(), Value::String(event.name));
    }
    facts.push(serde_json::from_value(fact).map_err(unreadable)?);
    Ok(())
}
