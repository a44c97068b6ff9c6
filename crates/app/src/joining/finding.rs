//! Which session is at an address, and whether it is the one that is meant.

use hearth_protocol::SessionId;
use hearth_protocol::http::Health;
use hearth_protocol::name::Name;
use hearth_replica::{Ask, HttpFailure, Identity, ReachError, Target, Trust, ask};
use http::Method;

use super::refusal::other_version;
use super::{Refusal, Request};
use crate::discovery::fits;

/// A host that answered.
pub(super) struct Found {
    /// The host, known by the key that it showed.
    pub(super) target: Target,
    /// Its session.
    pub(super) session: SessionId,
    /// What that is called.
    pub(super) name: Name,
    /// Whether the key was known before, because an invitation says it.
    pub(super) is_vouched_for: bool,
}

/// Asks who is there.
pub(super) async fn find(request: &Request, identity: &Identity) -> Result<Found, Refusal> {
    let target = &request.invitation.target;
    let told = ask(target, identity, Ask::new(Method::GET, "/health")).await?;
    let health: Health = told.read()?;
    if !fits(health.protocol) {
        return Err(other_version(&health));
    }
    let trust = match told.host_key {
        Some(key) => Trust::Pinned(key),
        None => target.trust,
    };
    if let (Some(hint), Some(seen)) = (&request.key, told.host_key)
        && !seen.to_string().starts_with(hint.as_str())
    {
        let address = request.address();
        return Err(HttpFailure::Reach(ReachError::WrongKey { address, seen }).into());
    }
    Ok(Found {
        target: Target {
            addresses: target.addresses.clone(),
            trust,
        },
        session: health.session,
        name: health.name,
        is_vouched_for: matches!(target.trust, Trust::Pinned(_)),
    })
}
