//! Messages: posted, changed, taken back.

use hearth_protocol::call::{MessageEdit, MessageSend};
use hearth_protocol::error::{CallError, Code};
use hearth_protocol::{FactKind, Message, MessageId, Timestamp};

use super::{Context, Decision, room::taken};

/// What took no longer than this on its way was written when the host wrote it down.
const LONG_MS: i64 = 60_000;

/// The text as it is kept: line breaks are `\n`; neither empty nor too long.
fn body(text: &str, context: &Context<'_>) -> Result<String, CallError> {
    let text = hearth_text::normalize(text).into_owned();
    let count = text.chars().count() as u64;
    if text.trim().is_empty() {
        return Err(CallError::bad_request("A message cannot be empty."));
    }
    if count > context.message_chars {
        return Err(CallError::new(
            Code::TooLarge,
            format!(
                "A message may have at most {} characters; this one has {count}. A note takes more.",
                context.message_chars
            ),
        ));
    }
    Ok(text)
}

/// Whether it matters to readers that it was written at that time; what has not been yet never was.
fn was_long_ago(at: Timestamp, now: Timestamp) -> bool {
    now.0.saturating_sub(at.0) >= LONG_MS
}

fn about<'a>(context: &'a Context<'_>) -> Result<&'a Message, CallError> {
    context
        .message
        .as_ref()
        .ok_or_else(|| CallError::not_found("message"))
}

fn not_destroyed(message: &Message) -> Result<(), CallError> {
    // A message is never posted empty, so an empty one was taken back.
    if message.body.is_empty() {
        return Err(CallError::new(Code::Gone, "This message was taken back."));
    }
    Ok(())
}

pub(super) fn send(call: &MessageSend, context: &Context<'_>) -> Result<Decision, CallError> {
    // An id is unique for its maker; the message that somebody else made under it stays theirs.
    if context.message.is_some() {
        return Err(taken());
    }
    let message = Message {
        id: MessageId::from(context.id.0),
        seq: context.next_seq,
        room: call.room,
        body: body(&call.body, context)?,
        at: context.now,
        by: context.me.id,
        edited_at: None,
        note: call.note,
        made_at: call.made_at.filter(|at| was_long_ago(*at, context.now)),
    };
    Ok(Decision::facts([FactKind::MessagePosted { message }]))
}

pub(super) fn edit(call: &MessageEdit, context: &Context<'_>) -> Result<Decision, CallError> {
    let old = about(context)?;
    not_destroyed(old)?;
    let message = Message {
        body: body(&call.body, context)?,
        edited_at: Some(context.now),
        ..old.clone()
    };
    Ok(Decision::facts([FactKind::MessageEdited { message }]))
}

pub(super) fn destroy(context: &Context<'_>) -> Result<Decision, CallError> {
    let old = about(context)?;
    not_destroyed(old)?;
    let message = Message {
        body: String::new(),
        ..old.clone()
    };
    Ok(Decision::facts([FactKind::MessageDestroyed { message }]))
}
