//! Calls of those who host: the session, who comes in, and what they may.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::is_absent;
use crate::id::{CallId, DeviceId, InviteId, KnockId, MemberId};
use crate::name::{Name, Pin};
use crate::object::{Admission, Browsers, Role};

payloads! {
    /// Changes the session.
    SessionUpdate {
        /// The change's id.
        id: Option<CallId>,
        /// The new name.
        name: Option<Name>,
        /// Who may come in.
        admission: Option<Admission>,
        /// The new PIN.
        pin: Option<Pin>,
        /// The role of those who come in by PIN or as anyone: `editor` or `viewer`.
        guests: Option<Role>,
        /// How browsers may reach the session.
        browsers: Option<Browsers>,
    }
    /// Makes an invitation.
    SessionInvite {
        /// The invitation's id, made by the client.
        id: Option<CallId>,
        /// What whoever comes with it may do: `editor` unless said.
        role: Option<Role>,
        /// How many may come with it: 1 unless said, at most 10,000.
        uses: Option<u32>,
        /// How long it is good: 86,400 s unless said, at most a year.
        expires_in_s: Option<u64>,
    }
    /// Invitations that are still good, the newest first. Their secrets are kept nowhere.
    SessionInvites {}
    /// Revokes an invitation.
    SessionUninvite {
        /// The call's id.
        id: Option<CallId>,
        /// Which.
        invite: InviteId,
    }
    /// The open invitation: good for as many as come, until hosting stops or it is renewed. There
    /// is one at a time; it is made when it is first asked for, and kept nowhere.
    SessionInvitation {
        /// The call's id.
        id: Option<CallId>,
        /// Whether to make a new one: the old one is void at once.
        renew: Option<bool>,
    }
    /// Remembered sign-ins, those used last first, at most 1,000.
    SessionDevices {}
    /// Ends a remembered sign-in, and its connections with it.
    DeviceRevoke {
        /// The change's id.
        id: Option<CallId>,
        /// Which.
        device: DeviceId,
    }
    /// Who waits at the door.
    SessionKnocks {}
    /// Lets somebody in who waits at the door, or not.
    KnockAnswer {
        /// The call's id.
        id: Option<CallId>,
        /// Who waits.
        knock: KnockId,
        /// Whether they come in.
        admit: bool,
        /// As what: the session's `guests` unless said.
        role: Option<Role>,
    }
    /// Changes what a member may do.
    MemberRole {
        /// The change's id.
        id: Option<CallId>,
        /// Who.
        member: MemberId,
        /// The new role.
        role: Role,
    }
    /// Takes a member out of the session. Their sign-ins are over at once; what they wrote stays.
    MemberRemove {
        /// The change's id.
        id: Option<CallId>,
        /// Who.
        member: MemberId,
        /// Whether the same browser or app stays out even with an invitation.
        ban: Option<bool>,
    }
    /// Lets somebody who was removed or banned come in again, as somebody new.
    MemberUnban {
        /// The change's id.
        id: Option<CallId>,
        /// Who.
        member: MemberId,
    }
}
