//! People who are let in.

use hearth_protocol::fingerprint::Fingerprint;
use hearth_protocol::id::DeviceId;
use hearth_protocol::{CallError, CallId, FactKind, Member, MemberId, Timestamp};
use hearth_store::{InviteRow, SignInRow, Write};

use super::Writer;
use super::inbox::{Admission, Admitted, Who};
use super::round::{Answer, Round};
use crate::door::{Newcomer, check_not_banned};
use crate::failure::told as told_error;

impl Writer {
    pub(super) async fn take_admission(&mut self, admission: Admission, round: &mut Round) {
        let result = match self.may_admit(&admission, round).await {
            Ok(()) => Ok(self.admit(&admission, round)),
            Err(error) => Err(error),
        };
        round.answers.push(Answer::Admitted {
            done: admission.done,
            result,
        });
    }

    async fn may_admit(
        &mut self,
        admission: &Admission,
        round: &mut Round,
    ) -> Result<(), CallError> {
        self.shared.check_room_on_disk()?;
        if let Some(key) = admission.who.newcomer().key {
            let by_key = self.store.members_by_key(&key.0).await;
            let by_key = by_key.map_err(|error| told_error(&error.into()))?;
            check_not_banned(&by_key, &round.state)?;
        }
        match &admission.who {
            Who::Invited(_, hash) => self.use_invite(*hash, round).await,
            Who::New(_) | Who::Owner(_) => Ok(()),
        }
    }

    /// Uses an invitation once: here, where one comes after the other.
    async fn use_invite(&mut self, hash: [u8; 32], round: &mut Round) -> Result<(), CallError> {
        let found = match round.invites.get(&hash) {
            Some(found) => *found,
            None => {
                let found = self.store.invite(&hash).await;
                found.map_err(|error| told_error(&error.into()))?
            }
        };
        let invite = crate::door::check_invite(found, self.now())?;
        let used = InviteRow {
            uses_left: invite.uses_left - 1,
            ..invite
        };
        round.invites.insert(hash, Some(used));
        round.writes.push(Write::InviteUsed { hash });
        Ok(())
    }

    fn admit(&mut self, admission: &Admission, round: &mut Round) -> Admitted {
        let at = self.now();
        let id = match &admission.who {
            Who::New(newcomer) | Who::Invited(newcomer, _) => {
                join(newcomer, at, admission.made_by, round)
            }
            Who::Owner(newcomer) => match round.state.owner {
                Some(owner) => rename(owner, newcomer, at, round),
                None => {
                    let id = join(newcomer, at, None, round);
                    round.state.owner = Some(id);
                    round.writes.push(Write::Owner(id));
                    id
                }
            },
        };
        round.writes.push(sign_in(admission, id, at));
        if let Some(Fingerprint(key)) = admission.who.newcomer().key {
            round.writes.push(Write::LinkKey { key, member: id });
        }
        let member = round
            .state
            .member(id)
            .expect("it has just joined, or is the owner")
            .clone();
        Admitted {
            member,
            seq: round.state.head(),
        }
    }
}

/// The sign-in that somebody gets who is let in.
pub(super) fn sign_in(admission: &Admission, member: MemberId, at: Timestamp) -> Write {
    let newcomer = admission.who.newcomer();
    Write::SignIn {
        hash: admission.sign_in,
        sign_in: SignInRow {
            device: DeviceId::new(),
            member,
            app: !newcomer.guest,
            address: newcomer.address.map(|address| address.to_string()),
            created_at: at,
            used_at: at,
        },
    }
}

/// A new member comes in, and into the room that newcomers join.
fn join(
    newcomer: &Newcomer,
    at: Timestamp,
    by: Option<(MemberId, CallId)>,
    round: &mut Round,
) -> MemberId {
    let id = MemberId::new();
    let color = newcomer.color.clone();
    let member = Member {
        id,
        name: newcomer.name.clone(),
        color: color.unwrap_or_else(|| {
            hearth_protocol::name::Color::from_palette(round.state.member_count() as u128)
        }),
        role: newcomer.role,
        guest: newcomer.guest,
        removed: None,
    };
    round.append(FactKind::MemberJoined { member }, at, by, None);
    if let Some(general) = round.state.general().map(|room| room.room.id) {
        round.append(
            FactKind::RoomJoined {
                room: general,
                member: id,
            },
            at,
            by,
            None,
        );
    }
    id
}

/// The owner is here again, perhaps under another name.
fn rename(owner: MemberId, newcomer: &Newcomer, at: Timestamp, round: &mut Round) -> MemberId {
    if let Some(old) = round.state.member(owner).cloned() {
        let color = newcomer.color.clone().unwrap_or_else(|| old.color.clone());
        let member = Member {
            name: newcomer.name.clone(),
            color,
            ..Member::clone(&old)
        };
        if member != *old {
            round.append(FactKind::MemberUpdated { member }, at, None, None);
        }
    }
    owner
}
