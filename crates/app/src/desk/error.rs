//! Why the desk could not be opened.

use std::{io, path::PathBuf};

/// Why the desk could not be opened. The exit codes are those of `hearthd`.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process works with these files.
    #[error("Hearth is already open with the data in {}. Use that window, or choose another folder with --data.", .0.display())]
    InUse(PathBuf),
    /// The folder cannot be written to.
    #[error("Hearth cannot keep its data in {}: {}. Free some space or choose another folder with --data.", .0.display(), .1)]
    Unwritable(PathBuf, io::Error),
}

impl OpenError {
    /// What the process ends with.
    pub fn exit_code(&self) -> i32 {
        match self {
            Self::InUse(_) => 3,
            Self::Unwritable(..) => 7,
        }
    }
}
