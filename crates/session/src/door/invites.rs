//! Invitations: those in the session file, and those of this run.
//!
//! The ones that a host makes are kept by the hash of their secret, and used by the writer, where
//! one use comes after the other. The ones of the run belong to whoever started it and to the
//! invitation screen; they end with it.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock};

use hearth_protocol::error::{CallError, Code};
use hearth_protocol::object::Browsers;
use hearth_protocol::{Role, Timestamp};
use hearth_store::InviteRow;

use super::{hash, lock, new_secret};

/// An invitation as people are shown it.
#[derive(Debug, Clone)]
pub struct ShownInvite {
    /// Where it leads, with what stands after `#`.
    pub url: String,
    /// The same as a QR code, SVG.
    pub qr_svg: String,
}

type Show = dyn Fn(&str, Browsers) -> ShownInvite + Send + Sync;

/// What is known of invitations during one run.
#[derive(Default)]
pub(crate) struct Invites {
    of_run: Mutex<HashMap<[u8; 32], OfRun>>,
    show: OnceLock<Box<Show>>,
}

struct OfRun {
    role: Role,
    uses_left: u32,
}

/// Nobody made such an invitation, or it was revoked.
fn unknown_invite() -> CallError {
    CallError::forbidden("This invitation is not known here. Ask for a new one.")
}

fn used_up() -> CallError {
    CallError::new(
        Code::Gone,
        "This invitation has been used already. Ask for a new one.",
    )
}

/// Whether an invitation still lets somebody in.
pub(crate) fn check_invite(
    invite: Option<InviteRow>,
    now: Timestamp,
) -> Result<InviteRow, CallError> {
    let invite = invite.ok_or_else(unknown_invite)?;
    if invite.uses_left == 0 {
        return Err(used_up());
    }
    if invite.expires_at < now {
        return Err(CallError::new(
            Code::Gone,
            "This invitation is over. Ask for a new one.",
        ));
    }
    Ok(invite)
}

impl Invites {
    /// Makes an invitation that is good for `uses`, until the run ends. Answers its secret.
    pub(crate) fn make_for_run(&self, role: Role, uses: u32) -> String {
        let secret = new_secret();
        let made = OfRun {
            role,
            uses_left: uses,
        };
        lock(&self.of_run).insert(hash(&secret), made);
        secret
    }

    /// Uses one of this run's once; nothing when it is none of them. The use is given back when
    /// coming in fails.
    pub(crate) fn use_of_run(&self, hash: &[u8; 32]) -> Option<Result<Role, CallError>> {
        let mut invites = lock(&self.of_run);
        let invite = invites.get_mut(hash)?;
        if invite.uses_left == 0 {
            return Some(Err(used_up()));
        }
        invite.uses_left -= 1;
        Some(Ok(invite.role))
    }

    pub(crate) fn give_back(&self, hash: &[u8; 32]) {
        if let Some(invite) = lock(&self.of_run).get_mut(hash) {
            invite.uses_left += 1;
        }
    }

    /// Says how invitations are shown; the first one who says it counts.
    pub(crate) fn show_by(&self, show: Box<Show>) {
        // Whoever serves the session says it once, before anybody could ask.
        let _ = self.show.set(show);
    }

    /// An invitation as people are shown it.
    pub(crate) fn show(&self, secret: &str, browsers: Browsers) -> Result<ShownInvite, CallError> {
        let show = self.show.get().ok_or_else(|| {
            tracing::error!("nobody has said how invitations are shown");
            CallError::internal()
        })?;
        Ok(show(secret, browsers))
    }
}
