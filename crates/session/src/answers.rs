//! Recent answers, kept so that a repeated call gets the very answer its first time got.
//!
//! Older ones are made again from the log; this memory spares that for the common case, a client
//! that repeats right after a lost connection, and serves calls that made no fact.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use hearth_protocol::{CallId, MemberId};
use serde_json::value::RawValue;

/// The most answers kept.
const MAX_ANSWERS: usize = 2_048;
/// The most bytes kept.
const MAX_BYTES: usize = 2 * 1_024 * 1_024;
/// A larger answer is made again when it is wanted.
const MAX_ANSWER_BYTES: usize = 64 * 1_024;

type Key = (MemberId, CallId);

/// A call's digest and its answer.
pub(crate) type Remembered = ([u8; 8], Arc<RawValue>);

#[derive(Default)]
pub(crate) struct Answers {
    by_call: HashMap<Key, Remembered>,
    order: VecDeque<Key>,
    bytes: usize,
}

impl Answers {
    pub(crate) fn get(&self, member: MemberId, id: CallId) -> Option<&Remembered> {
        self.by_call.get(&(member, id))
    }

    pub(crate) fn put(
        &mut self,
        member: MemberId,
        id: CallId,
        digest: [u8; 8],
        answer: Arc<RawValue>,
    ) {
        let size = answer.get().len();
        if size > MAX_ANSWER_BYTES || self.by_call.contains_key(&(member, id)) {
            return;
        }
        self.bytes += size;
        self.by_call.insert((member, id), (digest, answer));
        self.order.push_back((member, id));
        while self.order.len() > MAX_ANSWERS || self.bytes > MAX_BYTES {
            let Some(oldest) = self.order.pop_front() else {
                break;
            };
            if let Some((_, answer)) = self.by_call.remove(&oldest) {
                self.bytes -= answer.get().len();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_of_answers_stays_bounded() {
        let mut answers = Answers::default();
        let member = MemberId::new();
        for _ in 0..MAX_ANSWERS + 10 {
            let answer = Arc::from(crate::feed::raw("{\"ok\":{}}".to_owned()));
            answers.put(member, CallId::new(), [0; 8], answer);
        }
        assert_eq!(answers.order.len(), MAX_ANSWERS);
        assert_eq!(answers.by_call.len(), MAX_ANSWERS);
        let large = Arc::from(crate::feed::raw(format!(
            "\"{}\"",
            "x".repeat(MAX_ANSWER_BYTES)
        )));
        let id = CallId::new();
        answers.put(member, id, [0; 8], large);
        assert!(answers.get(member, id).is_none());
    }
}
