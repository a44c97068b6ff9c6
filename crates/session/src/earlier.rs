//! What a copy from before has and this one lacks. The host's history became another one
//! (`diverged`): the copy was set aside, a new one was begun, and the difference is offered.
//!
//! Nothing is brought back by itself. What is offered comes back as calls that its person makes like
//! any others, so the host decides on them. What is there by then is offered no more: the difference
//! is worked out anew each time, in [`compared`], from the file that was set aside ([`before`]).

mod again;
mod before;
mod candidates;
mod changes;
mod compared;
mod files;
mod messages;
mod notes;
mod opened;
mod rooms;

use std::sync::Arc;
use std::time::Duration;

use hearth_protocol::CallId;
use hearth_protocol::answer::{Done, EarlierAnswer, EarlierItem, EarlierWhole};
use hearth_protocol::call::{EarlierFile, EarlierRead};
use hearth_protocol::error::{CallError, Code};
use hearth_store::{EarlierCopy, Write};
use tokio::time::Instant;

use crate::authority::NewFile;
use crate::failure::{SessionError, told};
use crate::handle::{Handle, Shared};
use crate::joined::Joined;
use before::Before;
use candidates::Of;
use compared::{Compared, Offer};

pub(crate) use opened::Opened;

/// How many things are told at once.
const MOST_ITEMS: usize = 200;
/// How long the host's pace is waited for with one file.
const FILE_WITHIN: Duration = Duration::from_secs(60);
/// How much of a text stands in the list.
const TEXT_CHARS: usize = 2_000;

/// What is offered.
pub(crate) async fn list(shared: &Arc<Shared>) -> Result<EarlierAnswer, CallError> {
    let mut answer = EarlierAnswer {
        items: Vec::new(),
        more: false,
        waits: false,
    };
    let Some(joined) = following(shared) else {
        return Ok(answer);
    };
    let mut opened = joined.earlier.lock().await;
    for copy in copies(shared).await? {
        if !is_ready(shared, joined, &copy).await? {
            answer.waits = true;
            continue;
        }
        let Some(before) = opened.get(shared, &copy).await? else {
            continue;
        };
        let room_for = MOST_ITEMS - answer.items.len();
        let (items, more) = match before.is_of(&shared.state()) {
            true => (Vec::new(), false),
            false => {
                let found = offers(shared, joined, before, &copy, room_for).await;
                found.map_err(|error| told(&error))?
            }
        };
        if items.is_empty() && !more {
            opened.close().await;
            shared.write(Write::EarlierDone { file: copy.file }).await?;
        }
        answer.items.extend(items);
        answer.more |= more;
    }
    Ok(answer)
}

/// One thing whole, and what brings it back.
pub(crate) async fn read(
    shared: &Arc<Shared>,
    call: &EarlierRead,
) -> Result<EarlierWhole, CallError> {
    let joined = following(shared).ok_or_else(not_found)?;
    let mut opened = joined.earlier.lock().await;
    let (copy, of) = find(shared, &call.item).await?;
    let before = opened.get(shared, &copy).await?.ok_or_else(not_found)?;
    let compared = Compared::new(shared, joined, before, call.anew.unwrap_or(false));
    let whole = whole(&compared, of, &copy.file).await;
    whole.map_err(|error| told(&error))?.ok_or_else(not_found)
}

async fn whole(
    compared: &Compared<'_>,
    of: Of,
    copy: &str,
) -> Result<Option<EarlierWhole>, SessionError> {
    let Some(mut offer) = compared.offer(of).await? else {
        return Ok(None);
    };
    let files = match of {
        Of::Note(_) | Of::Message(_) => compared.with_files(&mut offer, copy).await?,
        Of::Room(_) | Of::Change(_) => Vec::new(),
    };
    Ok(Some(EarlierWhole {
        text: offer.text,
        again: offer.again,
        files,
        beside: offer.beside,
    }))
}

/// Puts a file of the copy from before into its room again, as if its person sent it.
pub(crate) async fn file(shared: &Arc<Shared>, call: &EarlierFile) -> Result<Done, CallError> {
    let joined = following(shared).ok_or_else(not_found)?;
    // Kept until it is sent, so that one file at a time is in memory.
    let mut opened = joined.earlier.lock().await;
    let (room, hash) = (call.room, call.hash);
    let state = shared.state();
    let me = crate::authorize::caller(&state, joined.me)?;
    crate::authorize::may_add_file(&state, &me, room)?;
    let copy = named(shared, &call.copy).await?;
    let before = opened.get(shared, &copy).await?.ok_or_else(not_found)?;
    let found = files::whole(&before.reader, room, hash).await;
    let found = found.map_err(|error| told(&error))?;
    let (file, bytes) = found.ok_or_else(|| CallError::not_found("file"))?;
    let new = NewFile {
        room,
        name: file.name.clone(),
        id: CallId::new(),
        bytes,
    };
    let until = Instant::now() + FILE_WITHIN;
    loop {
        let (file, new) = (file.clone(), new.clone());
        match crate::joined::upload(shared, joined, joined.me, file, new).await {
            // Many pictures come faster than the host takes them from one person.
            Err(error) if error.code == Code::RateLimited && Instant::now() < until => {
                let pause = error.retry_after_ms.unwrap_or(1_000);
                tokio::time::sleep(Duration::from_millis(pause)).await;
            }
            brought => return brought.map(|_| Done {}),
        }
    }
}

/// Offers something no more. It stays in the copy from before.
pub(crate) async fn discard(shared: &Arc<Shared>, item: &str) -> Result<Done, CallError> {
    if following(shared).is_none() {
        return Err(match shared.joined {
            Some(_) => crate::look::read_only(),
            None => not_found(),
        });
    }
    let (copy, of) = find(shared, item).await?;
    let file = copy.file;
    let item = of.to_string();
    shared.write(Write::EarlierDiscarded { file, item }).await?;
    Ok(Done {})
}

/// The session, if it is a copy that is kept in step.
fn following(shared: &Shared) -> Option<&Joined> {
    shared
        .joined
        .as_deref()
        .filter(|joined| !joined.is_read_only)
}

fn not_found() -> CallError {
    CallError::not_found("thing in the copy from before")
}

async fn copies(shared: &Shared) -> Result<Vec<EarlierCopy>, CallError> {
    let copies = shared.reader.earlier().await;
    copies.map_err(|error| told(&error.into()))
}

async fn find(shared: &Shared, item: &str) -> Result<(EarlierCopy, Of), CallError> {
    let (of, file) = item.split_once('@').ok_or_else(not_found)?;
    let of = Of::read(of).ok_or_else(not_found)?;
    Ok((named(shared, file).await?, of))
}

async fn named(shared: &Shared, file: &str) -> Result<EarlierCopy, CallError> {
    let mut copies = copies(shared).await?.into_iter();
    let copy = copies.find(|copy| copy.file == file);
    copy.ok_or_else(not_found)
}

/// Whether this copy is whole, or has been since the other one was set aside: until then everything
/// would seem to be missing from it.
async fn is_ready(
    shared: &Arc<Shared>,
    joined: &Joined,
    copy: &EarlierCopy,
) -> Result<bool, CallError> {
    if copy.is_ready {
        return Ok(true);
    }
    let is_whole = joined.is_live() && {
        let state = Handle(shared.clone()).copy_state().await?;
        state.pasts.is_empty()
    };
    if is_whole {
        let file = copy.file.clone();
        shared.write(Write::EarlierReady { file }).await?;
    }
    Ok(is_whole)
}

/// Up to `most` things that are offered, and whether there are more.
async fn offers(
    shared: &Shared,
    joined: &Joined,
    before: &Before,
    copy: &EarlierCopy,
    most: usize,
) -> Result<(Vec<EarlierItem>, bool), SessionError> {
    let compared = Compared::new(shared, joined, before, false);
    let mut items = Vec::new();
    for of in compared.candidates().await? {
        if copy.discarded.contains(&of.to_string()) {
            continue;
        }
        let Some(offer) = compared.offer(of).await? else {
            continue;
        };
        if items.len() == most {
            return Ok((items, true));
        }
        items.push(listed(offer, of, &copy.file));
    }
    Ok((items, false))
}

fn listed(offer: Offer, of: Of, file: &str) -> EarlierItem {
    let Offer {
        item, text, again, ..
    } = offer;
    let end = text.char_indices().nth(TEXT_CHARS).map(|(at, _)| at);
    EarlierItem {
        item: format!("{of}@{file}"),
        text: end.map_or(text.as_str(), |end| &text[..end]).to_owned(),
        cut: end.is_some(),
        again: !again.is_empty(),
        ..item
    }
}
