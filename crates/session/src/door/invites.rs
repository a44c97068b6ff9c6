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
    /// The secret of the open invitation, once somebody has asked for it.
    open: Mutex<Option<String>>,
    show: OnceLock<Box<Show>>,
}

struct OfRun {
    lets_in_as: LetsInAs,
    /// Nothing where as many may come as want to.
    uses_left: Option<u32>,
}

/// What those who come with an invitation of the run become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LetsInAs {
    /// This.
    Role(Role),
    /// What guests are when they come.
    Guest,
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
        self.add(OfRun {
            lets_in_as: LetsInAs::Role(role),
            uses_left: Some(uses),
        })
    }

    /// The open invitation's secret; the invitation is made if there is none yet.
    pub(crate) fn open(&self) -> String {
        let mut open = lock(&self.open);
        open.get_or_insert_with(|| self.add_open()).clone()
    }

    /// Makes the open invitation void and another one, whose secret it answers.
    pub(crate) fn renew_open(&self) -> String {
        let mut open = lock(&self.open);
        if let Some(old) = open.take() {
            lock(&self.of_run).remove(&hash(&old));
        }
        open.insert(self.add_open()).clone()
    }

    fn add_open(&self) -> String {
        self.add(OfRun {
            lets_in_as: LetsInAs::Guest,
            uses_left: None,
        })
    }

    fn add(&self, invite: OfRun) -> String {
        let secret = new_secret();
        lock(&self.of_run).insert(hash(&secret), invite);
        secret
    }

    /// Uses one of this run's once; nothing when it is none of them. The use is given back when
    /// coming in fails.
    pub(crate) fn use_of_run(&self, hash: &[u8; 32]) -> Option<Result<LetsInAs, CallError>> {
        let mut invites = lock(&self.of_run);
        let invite = invites.get_mut(hash)?;
        match &mut invite.uses_left {
            Some(0) => return Some(Err(used_up())),
            Some(left) => *left -= 1,
            None => {}
        }
        Some(Ok(invite.lets_in_as))
    }

    pub(crate) fn give_back(&self, hash: &[u8; 32]) {
        let mut invites = lock(&self.of_run);
        if let Some(left) = invites
            .get_mut(hash)
            .and_then(|invite| invite.uses_left.as_mut())
        {
            *left += 1;
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
