//! Invitations, as hosts make, list and revoke them.

use hearth_protocol::answer::{
    Done, Invite, InviteAnswer, InviteLine, InvitesAnswer, OpenInvite, OpenInviteAnswer,
};
use hearth_protocol::call::{Call, SessionInvitation, SessionInvite, SessionUninvite};
use hearth_protocol::error::{CallError, Code};
use hearth_protocol::id::InviteId;
use hearth_protocol::{Role, Timestamp};
use hearth_store::{InviteRow, Write};
use serde_json::Value;

use super::task::Task;
use crate::door::{check_invite, hash, new_secret};
use crate::failure::told;
use crate::feed::Ticket;
use crate::handle::now;
use crate::read::value;

const DAY_S: u64 = 24 * 60 * 60;
const MAX_S: u64 = 366 * DAY_S;
const MAX_USES: u32 = 10_000;
/// So many are kept, used up and ended ones too; these go after a while.
const MAX_KEPT: usize = 1_000;

impl Task {
    /// Makes or revokes one, or shows the open one; a repeat is answered like the first time.
    pub(super) async fn change_invites(&self, call: Call, ticket: Option<Ticket>) {
        let answer = match self.earlier(&call) {
            Some(earlier) => earlier,
            None => self.make_or_revoke(&call).await.map(|mut ok| {
                ok["seq"] = self.shared.state().head().into();
                self.keep(&call, ok)
            }),
        };
        self.answer_with(ticket, answer);
    }

    async fn make_or_revoke(&self, call: &Call) -> Result<Value, CallError> {
        match call {
            Call::SessionInvite(call) => self.invite(call).await,
            Call::SessionUninvite(call) => self.uninvite(call).await,
            Call::SessionInvitation(call) => self.open_invite(call),
            _ => Err(CallError::bad_request(
                "This call is not about invitations.",
            )),
        }
    }

    async fn invite(&self, call: &SessionInvite) -> Result<Value, CallError> {
        let (uses, seconds) = (call.uses.unwrap_or(1), call.expires_in_s.unwrap_or(DAY_S));
        check(uses, seconds)?;
        let id = InviteId(call.id.unwrap_or_default().0);
        let kept = self.invites().await?;
        if kept.iter().any(|invite| invite.id == id) {
            return Err(CallError::new(
                Code::Conflict,
                "This invitation was made before, and its secret is kept nowhere. Make a new one.",
            ));
        }
        if kept.len() >= MAX_KEPT {
            return Err(CallError::new(
                Code::TooLarge,
                "There are too many invitations. Revoke some first.",
            ));
        }
        let (secret, made_at) = (new_secret(), now());
        let invite = InviteRow {
            hash: hash(&secret),
            id,
            role: call.role.unwrap_or(Role::Editor),
            uses,
            uses_left: uses,
            expires_at: Timestamp(made_at.0.saturating_add(seconds as i64 * 1_000)),
            made_at,
        };
        let browsers = self.shared.state().browsers();
        let shown = self.shared.door.invites.show(&secret, browsers)?;
        self.shared.write(Write::Invite(invite)).await?;
        Ok(value(InviteAnswer {
            invite: Invite {
                id,
                url: shown.url,
                qr_svg: shown.qr_svg,
                role: invite.role,
                uses,
                expires_at: invite.expires_at,
            },
        }))
    }

    async fn uninvite(&self, call: &SessionUninvite) -> Result<Value, CallError> {
        let kept = self.invites().await?;
        let invite = kept.iter().find(|invite| invite.id == call.invite);
        let hash = invite
            .ok_or_else(|| CallError::not_found("invitation"))?
            .hash;
        self.shared.write(Write::InviteGone { hash }).await?;
        Ok(value(Done {}))
    }

    fn open_invite(&self, call: &SessionInvitation) -> Result<Value, CallError> {
        let invites = &self.shared.door.invites;
        let secret = match call.renew {
            Some(true) => invites.renew_open(),
            _ => invites.open(),
        };
        let state = self.shared.state();
        let shown = invites.show(&secret, state.browsers())?;
        Ok(value(OpenInviteAnswer {
            invite: OpenInvite {
                url: shown.url,
                qr_svg: shown.qr_svg,
                role: state.session().guests,
            },
        }))
    }

    pub(super) async fn list_invites(&self) -> Result<Value, CallError> {
        let now = now();
        let kept = self.invites().await?.into_iter();
        let good = kept.filter_map(|invite| check_invite(Some(invite), now).ok());
        let invites = good
            .map(|invite| InviteLine {
                id: invite.id,
                role: invite.role,
                uses: invite.uses,
                uses_left: invite.uses_left,
                expires_at: invite.expires_at,
            })
            .collect();
        Ok(value(InvitesAnswer { invites }))
    }

    async fn invites(&self) -> Result<Vec<InviteRow>, CallError> {
        let invites = self.shared.reader.invites().await;
        invites.map_err(|error| told(&error.into()))
    }
}

fn check(uses: u32, seconds: u64) -> Result<(), CallError> {
    if !(1..=MAX_USES).contains(&uses) {
        return Err(CallError::bad_request(format!(
            "An invitation is good for 1 to {MAX_USES} people."
        )));
    }
    if !(1..=MAX_S).contains(&seconds) {
        return Err(CallError::bad_request(
            "An invitation is good for between a second and a year.",
        ));
    }
    Ok(())
}
