//! What was missed, by pages: first the pasts that are not whole yet, then everything since.

use std::collections::VecDeque;
use std::time::Duration;

use hearth_protocol::answer::Thanked;
use hearth_protocol::error::Code;
use hearth_protocol::{CallError, Fact, RunId};
use hearth_store::{Past, PastCopied, PastOf};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{Following, Stopped};
use crate::link::{CallFailure, Event, Events, Link};

/// A page that is not there after this long is not coming.
const PAGE_WITHIN: Duration = Duration::from_secs(60);

/// How long to wait where the host asks for patience and does not say how long.
const PATIENCE: Duration = Duration::from_secs(1);

/// Copies until the host says that what happens is told as it happens. Answers what it has told of
/// that already.
pub(super) async fn catch_up(
    following: &Following,
    link: &Link,
    events: &mut Events,
) -> Result<VecDeque<Event>, Stopped> {
    let mut early = VecDeque::new();
    let copy = following.session.copy_state().await?;
    fetch_pasts(following, link, copy.pasts).await?;
    let (mut since, mut run) = (copy.next, copy.run);
    loop {
        let asked = thanks(link, since, run);
        let page = hearing(following, events, &mut early, asked).await?;
        let next = page.next.unwrap_or(since);
        let facts = page.facts.unwrap_or_default();
        if next < since || (next == since && !page.live) {
            return Err(Stopped::Lost);
        }
        let pasts = following.session.copy(facts, next, Some(page.run)).await?;
        following.tell_copied(next, page.head);
        fetch_pasts(following, link, pasts).await?;
        (since, run) = (next, Some(page.run));
        if page.live {
            return Ok(early);
        }
    }
}

/// Waits for a page and hears signals meanwhile. Facts told before the page is here come after it.
async fn hearing(
    following: &Following,
    events: &mut Events,
    early: &mut VecDeque<Event>,
    asked: impl Future<Output = Result<Thanked, Stopped>>,
) -> Result<Thanked, Stopped> {
    let mut asked = std::pin::pin!(asked);
    loop {
        tokio::select! {
            page = &mut asked => return page,
            event = events.recv() => match event {
                Some(event) if super::feed::is_of_facts(&event) => early.push_back(event),
                Some(event) => following.session.hear(&event.name, event.payload),
                None => return Err(Stopped::Lost),
            },
        }
    }
}

async fn thanks(link: &Link, since: u64, run: Option<RunId>) -> Result<Thanked, Stopped> {
    let mut payload = json!({ "follow": "everything", "since": since, "batch": true });
    if let Some(run) = run {
        payload["run"] = json!(run);
    }
    page(link, payload).await
}

/// A page, asked for until the host is not too busy for it.
async fn page(link: &Link, payload: Value) -> Result<Thanked, Stopped> {
    loop {
        match link
            .call_within(PAGE_WITHIN, "thanks", payload.clone())
            .await
        {
            Ok(page) => {
                return serde_json::from_value(page).map_err(|error| {
                    tracing::warn!(%error, "a page of the host's log cannot be read");
                    Stopped::Lost
                });
            }
            Err(CallFailure::Refused(error)) if error.code == Code::RateLimited => {
                sleep(error.retry_after_ms.map_or(PATIENCE, Duration::from_millis)).await;
            }
            Err(CallFailure::Refused(error)) => return Err(error.into()),
            Err(CallFailure::NotSent | CallFailure::Unanswered) => return Err(Stopped::Lost),
        }
    }
}

/// Fetches what was before of what came into sight.
pub(super) async fn fetch_pasts(
    following: &Following,
    link: &Link,
    pasts: Vec<Past>,
) -> Result<(), Stopped> {
    for past in pasts {
        fetch_past(following, link, past).await?;
    }
    Ok(())
}

async fn fetch_past(following: &Following, link: &Link, mut past: Past) -> Result<(), Stopped> {
    let session = &following.session;
    loop {
        let mut payload = json!({ "since": past.next, "until": past.until });
        match past.of {
            PastOf::Room(room) => payload["room"] = json!(room),
            PastOf::Note(key) => payload["note"] = json!(key),
        }
        let page = match page(link, payload).await {
            Ok(page) => page,
            Err(Stopped::For(super::FollowError::Copy(CallError {
                code: Code::NotFound,
                ..
            }))) => return Ok(session.give_up_past(past.of).await?),
            Err(stopped) => return Err(stopped),
        };
        let next = page.next.unwrap_or(past.until);
        if next <= past.next && next < past.until {
            return Err(Stopped::Lost);
        }
        let facts: Vec<Fact> = page.facts.unwrap_or_default();
        match session.copy_past(past, facts, next, page.head).await? {
            PastCopied::Going(on) => past = on,
            PastCopied::Whole | PastCopied::Gone => return Ok(()),
        }
    }
}
