//! Finding words in notes and messages.
//!
//! The index is a file of its own beside the session's, with the ending `.search`. Everything in it
//! comes from the session file: one that is missing, damaged, of another format or of another
//! history is thrown away and filled again. [`SearchMark`] tells how far it is complete, so filling
//! goes on where it was, however it ended.
//!
//! [`words`] cuts texts into words, [`terms`] what is searched for; [`SearchIndex`] is the one that
//! writes, [`SearchReader`] answers meanwhile.

mod excerpt;
mod index;
mod reader;
mod terms;
mod words;

pub use excerpt::Excerpt;
pub use index::{SearchChanges, SearchIndex, SearchMark};
pub use reader::SearchReader;
pub use terms::Terms;
