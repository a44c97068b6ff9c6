//! How a client behaves: how much of what it sent is still waiting, and how often it was refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hearth_protocol::Code;
use serde_json::Value;

/// A client that goes on after this many refusals in a row for being too fast does not listen.
const MAX_REFUSALS: u32 = 300;

/// Bytes of what came in and has not been worked on.
#[derive(Debug, Clone, Default)]
pub(super) struct Load(Arc<AtomicUsize>);

impl Load {
    /// Adds `bytes`; false when that is more than `limit`. One call alone always fits.
    pub(super) fn take(&self, bytes: usize, limit: usize) -> bool {
        let before = self.0.fetch_add(bytes, Ordering::AcqRel);
        before == 0 || before + bytes <= limit
    }

    pub(super) fn give_back(&self, bytes: usize) {
        self.0.fetch_sub(bytes, Ordering::AcqRel);
    }
}

/// About how much memory a payload takes.
pub(crate) fn weight(value: &Value) -> usize {
    const EACH: usize = 32;
    match value {
        Value::String(text) => EACH + text.len(),
        Value::Array(list) => list.iter().map(weight).sum::<usize>() + EACH,
        Value::Object(fields) => {
            fields
                .iter()
                .map(|(key, value)| EACH + key.len() + weight(value))
                .sum::<usize>()
                + EACH
        }
        _ => EACH,
    }
}

/// How often in a row a client was refused for being too fast.
#[derive(Debug, Default)]
pub(super) struct Conduct {
    refusals: u32,
}

impl Conduct {
    pub(super) fn behaved(&mut self) {
        self.refusals = 0;
    }

    /// Whether that was once too often.
    pub(super) fn misbehaved(&mut self, code: Code) -> bool {
        if code == Code::RateLimited {
            self.refusals += 1;
        }
        self.refusals > MAX_REFUSALS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn one_large_call_fits_and_a_heap_of_them_does_not() {
        let load = Load::default();
        assert!(load.take(5_000, 1_000));
        assert!(!load.take(1, 1_000));
        load.give_back(5_001);
        assert!(load.take(900, 1_000));
    }

    #[test]
    fn many_small_things_weigh_as_much_as_they_take() {
        assert!(weight(&json!(vec![0; 1_000])) > 30_000);
        assert!(weight(&json!({ "body": "x".repeat(1_000) })) > 1_000);
    }

    #[test]
    fn whoever_does_not_listen_is_cut() {
        let mut conduct = Conduct::default();
        let refused = (0..=MAX_REFUSALS)
            .filter(|_| conduct.misbehaved(Code::RateLimited))
            .count();
        assert_eq!(refused, 1);
        conduct.behaved();
        assert!(!conduct.misbehaved(Code::RateLimited));
    }
}
