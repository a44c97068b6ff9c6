//! Making a copy.

use std::path::Path;

use crate::error::OpenError;
use crate::open::{self, NewSession};
use crate::reader::Reader;
use crate::writer::Writer;

use super::NewCopy;

/// Makes the session file `path`, in a folder that exists, as an empty copy of a session that is
/// hosted elsewhere, and opens it. Nothing is in its log: its first fact comes from the host. A
/// making that was interrupted is gone on with.
pub async fn create_copy(path: &Path, new: &NewCopy) -> Result<(Writer, Reader), OpenError> {
    let session = NewSession::from(&new.session);
    open::make(path, &session, Some(new)).await
}
