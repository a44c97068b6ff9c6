use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use yrs::updates::decoder::Decode;
use yrs::{
    Doc, GetString, OffsetKind, Options, ReadTxn, StateVector, Text as _, TextRef, Transact,
    TransactionMut, Update,
};

use crate::ClientId;

/// The name of the one root a note has; interfaces call `doc.getText("body")`.
const ROOT: &str = "body";

/// A note's body in memory, with all that is needed to merge further edits.
///
/// It trusts what it is given: only updates that this crate made or checked
/// may come here. Whatever comes, it answers and does not panic.
pub struct Text {
    doc: Doc,
    body: TextRef,
    /// What was in here is lost; it has to be loaded again.
    damaged: bool,
}

/// Bytes that are no update, lack something they build upon, or broke the text.
///
/// The text that said so is of no use any more: load it again from the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("This note's edits cannot be read: its file is damaged.")]
pub struct Damaged;

impl Text {
    /// An empty body.
    pub fn new() -> Self {
        let doc = Doc::with_options(Options {
            // Never told to anybody: nothing is typed in here, see `write`.
            client_id: ClientId::new(0).into(),
            offset_kind: OffsetKind::Utf16,
            ..Options::default()
        });
        let body = doc.get_or_insert_text(ROOT);
        Self {
            doc,
            body,
            damaged: false,
        }
    }

    /// The body that a checkpoint and the updates after it make.
    pub fn load<'a>(
        checkpoint: Option<&'a [u8]>,
        updates: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Self, Damaged> {
        let mut text = Self::new();
        // Not all in one transaction: closing that would join all that was typed
        // letter by letter, which takes yrs memory by the square of its length.
        for update in checkpoint.into_iter().chain(updates) {
            text.apply(update)?;
        }
        Ok(text)
    }

    /// The text itself.
    pub fn body(&self) -> String {
        self.body.get_string(&self.doc.transact())
    }

    /// How long the body is in bytes of UTF-8, which is what limits count.
    pub fn utf8_len(&self) -> usize {
        self.body().len()
    }

    /// How long the body is in UTF-16 code units, which is what positions count.
    pub fn utf16_len(&self) -> u32 {
        self.body.len(&self.doc.transact())
    }

    /// The CRC-32 of the body's UTF-8, by which clients notice a text of theirs
    /// that has gone another way.
    pub fn crc32(&self) -> u32 {
        crc32fast::hash(self.body().as_bytes())
    }

    /// Everything as one Yjs update (version 1).
    pub fn checkpoint(&self) -> Vec<u8> {
        let everything = StateVector::default();
        self.doc.transact().encode_state_as_update_v1(&everything)
    }

    /// Merges an update that we made, checked or logged ourselves. One that is
    /// already in changes nothing.
    pub fn apply(&mut self, update: &[u8]) -> Result<(), Damaged> {
        self.transact(|txn| {
            let update = Update::decode_v1(update).map_err(|_| Damaged)?;
            txn.apply_update(update).map_err(|_| Damaged)?;
            if txn.has_missing_updates() {
                return Err(Damaged);
            }
            txn.commit();
            Ok(())
        })
    }

    /// Whether anything in here was ever typed under this id.
    pub fn knows(&self, client: ClientId) -> bool {
        self.doc
            .transact()
            .state_vector()
            .contains_client(&client.into())
    }

    /// How many units were typed under this id.
    pub(crate) fn clock(&self, client: ClientId) -> u32 {
        self.doc.transact().state_vector().get(&client.into())
    }

    fn transact(
        &mut self,
        work: impl FnOnce(&mut TransactionMut<'_>) -> Result<(), Damaged>,
    ) -> Result<(), Damaged> {
        if self.damaged {
            return Err(Damaged);
        }
        let doc = self.doc.clone();
        let mut txn = doc.transact_mut();
        if let Ok(Ok(())) = catch_unwind(AssertUnwindSafe(|| work(&mut txn))) {
            return Ok(());
        }
        // Closing a transaction that broke in the middle may break again, and
        // the document stays locked: leave both behind.
        std::mem::forget(txn);
        *self = Self::new();
        self.damaged = true;
        Err(Damaged)
    }
}

impl Default for Text {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Bodies belong to people and stay out of logs.
        f.debug_struct("Text")
            .field("utf16_len", &self.utf16_len())
            .field("damaged", &self.damaged)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Edit, Limits, write};

    fn assert_shared<T: Send + Sync>() {}

    #[test]
    fn a_text_may_be_read_from_any_thread() {
        assert_shared::<Text>();
    }

    #[test]
    fn bytes_that_are_no_update_are_refused_and_the_text_says_so_from_then_on() {
        for bytes in [&b""[..], b"\xff", b"\x01\x01\x01", b"hello there"] {
            let mut text = Text::new();
            assert_eq!(text.apply(bytes), Err(Damaged), "{bytes:?}");
            assert_eq!(text.apply(&Text::new().checkpoint()), Err(Damaged));
            assert_eq!(text.body(), "");
            assert!(Text::load(Some(bytes), []).is_err());
        }
    }

    #[test]
    fn an_update_that_builds_on_something_missing_is_refused() {
        let mut text = Text::new();
        typed(&mut text, 1, "a");
        let second = typed(&mut text, 1, "ab");
        assert_eq!(Text::new().apply(&second), Err(Damaged));
    }

    #[test]
    fn a_text_comes_back_from_its_checkpoint() {
        let mut text = Text::new();
        typed(&mut text, 7, "zwei 🎈🎈");
        let again = Text::load(Some(&text.checkpoint()), []).unwrap();
        assert_eq!(again.body(), "zwei 🎈🎈");
        assert_eq!((again.utf16_len(), again.utf8_len()), (9, 13));
        assert_eq!(again.crc32(), crc32fast::hash("zwei 🎈🎈".as_bytes()));
        assert!(again.knows(ClientId::new(7)));
        assert!(!again.knows(ClientId::new(8)));
    }

    fn typed(text: &mut Text, client: u32, body: &str) -> Vec<u8> {
        let edit = Edit::Body(body.to_owned());
        let limits = Limits {
            body_bytes: 100,
            changes: 100,
        };
        let update = write(text, ClientId::new(client), &edit, limits).unwrap();
        let update = update.expect("it is another body");
        text.apply(&update).unwrap();
        update
    }
}
