//! `hearthd backup`: a copy of a session, also while it is in use.

use super::arguments::BackupOptions;
use super::exit::Exit;
use super::host::FILE;
use crate::hosting::HostError;

/// Writes the copy; done when it is on the disk.
pub(super) async fn run(options: BackupOptions) -> Result<(), Exit> {
    let file = options.data.join(FILE);
    hearth_store::backup(&file, &options.to)
        .await
        .map_err(HostError::Open)?;
    Ok(())
}
