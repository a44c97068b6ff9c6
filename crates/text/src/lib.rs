//! A note's body: one Yjs text, and everything that may be done to it.
//!
//! This crate alone knows `yrs`. It takes bytes and gives bytes: no sockets, no
//! files, no SQL, no clock but the one that bounds a difference.
//!
//! Start at [`Note`], a note that several people edit: what their editors send
//! comes in by [`Note::edit`], through the door that checks it. [`Text`] is a body
//! alone, for reading one at any version. [`write()`] turns what a client without
//! Yjs sends (a whole body, or changes by position) into an update that merges;
//! [`difference()`] compares two bodies, for that and for showing.
//!
//! Positions are UTF-16 code units wherever they come from outside, as in Yjs
//! and JavaScript; inside this crate they are bytes of UTF-8 unless a name says
//! otherwise. Line breaks are `\n` only.

mod body;
mod client;
mod difference;
mod door;
mod edit;
mod layout;
mod lines;
mod log;
mod note;
mod write;

pub use body::{Damaged, Text};
pub use client::ClientId;
pub use difference::{Part, difference};
pub use door::{DoorLimits, MemberId, Refused, is_update};
pub use edit::{Change, Edit, EditError, Limits};
pub use lines::normalize;
pub use log::{Extent, merge};
pub use note::{Checkpoint, Note, Pen, Verdict};
pub use write::write;
