//! A copy from before stays open for a moment. What it has is brought back one by one, and each
//! opening checks the file and loads all that the copy knows.

use std::sync::Arc;
use std::time::Duration;

use hearth_protocol::CallId;
use hearth_protocol::error::CallError;
use hearth_store::{EarlierCopy, Write};
use tokio::time::Instant;

use super::before::Before;
use crate::handle::Shared;

/// How long after its last use. Nobody else can open it meanwhile.
const KEPT: Duration = Duration::from_secs(10);

/// The one that is open, if any is.
#[derive(Default)]
pub(crate) struct Opened(Option<Kept>);

struct Kept {
    /// Of this opening.
    id: CallId,
    file: String,
    before: Before,
    used: Instant,
}

impl Opened {
    /// The copy from before; nothing where it cannot be had.
    pub(super) async fn get(
        &mut self,
        shared: &Arc<Shared>,
        copy: &EarlierCopy,
    ) -> Result<Option<&Before>, CallError> {
        if self.0.as_ref().is_none_or(|kept| kept.file != copy.file) {
            self.close().await;
            let Some(before) = open(shared, copy).await? else {
                return Ok(None);
            };
            let (id, file) = (CallId::new(), copy.file.clone());
            let used = Instant::now();
            self.0 = Some(Kept {
                id,
                file,
                before,
                used,
            });
            shared.tasks.spawn(close_unused(shared.clone(), id));
        }
        let kept = self.0.as_mut();
        Ok(kept.map(|kept| {
            kept.used = Instant::now();
            &kept.before
        }))
    }

    pub(super) async fn close(&mut self) {
        if let Some(kept) = self.0.take() {
            kept.before.close().await;
        }
    }
}

/// Closes it when it was not used for a while, or when the session stops.
async fn close_unused(shared: Arc<Shared>, id: CallId) {
    let Some(joined) = shared.joined.clone() else {
        return;
    };
    let mut until = Instant::now() + KEPT;
    loop {
        let pause = tokio::time::sleep_until(until);
        let goes_on = shared.stopping.run_until_cancelled(pause).await.is_some();
        let mut opened = joined.earlier.lock().await;
        match &opened.0 {
            Some(kept) if kept.id == id => until = kept.used + KEPT,
            _ => return,
        }
        if !goes_on || until <= Instant::now() {
            return opened.close().await;
        }
    }
}

async fn open(shared: &Shared, copy: &EarlierCopy) -> Result<Option<Before>, CallError> {
    let file = &copy.file;
    match Before::open(&shared.reader.beside(file)).await {
        Ok(Some(before)) => Ok(Some(before)),
        Ok(None) => {
            tracing::info!(
                file,
                "a copy from before is gone, and nothing of it is offered"
            );
            let file = file.clone();
            shared.write(Write::EarlierDone { file }).await?;
            Ok(None)
        }
        Err(error) => {
            tracing::warn!(%error, file, "a copy from before cannot be opened now");
            Ok(None)
        }
    }
}
