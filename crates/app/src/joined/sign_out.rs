//! Ending a sign-in at the host of a copy that is deleted here: nobody could use it any more, and the
//! host's list of devices should not go on showing it.

use std::time::Duration;

use hearth_replica::{Ask, Identity, Target, ask};
use http::Method;
use tokio::time::timeout;

/// Whoever leaves does not wait longer than this for a host that has just gone away.
const WITHIN: Duration = Duration::from_secs(3);

/// What it takes.
pub(crate) struct SignOut {
    pub(super) target: Target,
    pub(super) token: String,
    pub(super) identity: Identity,
}

impl SignOut {
    /// Tries once. The host forgets by itself whoever does not come for 30 days.
    pub(crate) async fn run(self) {
        let post = Ask::new(Method::POST, "/sign-out").token(&self.token);
        let asked = timeout(WITHIN, ask(&self.target, &self.identity, post)).await;
        match asked {
            Ok(Ok(_)) => tracing::debug!("signed out at the host"),
            Ok(Err(error)) => tracing::info!(%error, "the sign-in at the host was not ended"),
            Err(_) => tracing::info!("the sign-in at the host was not ended in time"),
        }
    }
}
