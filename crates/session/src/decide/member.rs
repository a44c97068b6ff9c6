//! Members: what they are called, what they may do, and who is taken out.

use std::sync::Arc;

use hearth_protocol::call::{MemberRemove, MemberRole, MemberUnban, MemberUpdate};
use hearth_protocol::error::CallError;
use hearth_protocol::object::Removed;
use hearth_protocol::{FactKind, Member, MemberId, Role};
use hearth_store::Write;

use super::{Context, Decision};

pub(super) fn update(call: &MemberUpdate, context: &Context<'_>) -> Result<Decision, CallError> {
    let old = context.me.as_ref();
    let mut member = old.clone();
    member.name = call.name.clone().unwrap_or(member.name);
    member.color = call.color.clone().unwrap_or(member.color);
    if member == *old {
        return Ok(Decision::nothing());
    }
    Ok(Decision::facts([FactKind::MemberUpdated { member }]))
}

pub(super) fn role(call: &MemberRole, context: &Context<'_>) -> Result<Decision, CallError> {
    let old = find(context, call.member)?;
    if old.role == call.role {
        return Ok(Decision::nothing());
    }
    if old.role == Role::Host && context.state.hosts() == 1 {
        return Err(CallError::forbidden(
            "This is the only host. Make somebody else a host first.",
        ));
    }
    not_the_owner(context, call.member)?;
    let member = Member {
        role: call.role,
        ..Member::clone(old)
    };
    Ok(Decision::facts([FactKind::RoleChanged { member }]))
}

/// Takes somebody out, of the session and of every room. There is always a host left: nobody takes
/// themselves out.
pub(super) fn remove(call: &MemberRemove, context: &Context<'_>) -> Result<Decision, CallError> {
    let old = find(context, call.member)?;
    if call.member == context.me.id {
        return Err(CallError::forbidden(
            "Nobody can remove themselves. Another host can, or you sign out.",
        ));
    }
    not_the_owner(context, call.member)?;
    let removed = match old.removed {
        Some(Removed::Banned) => Removed::Banned,
        _ if call.ban == Some(true) => Removed::Banned,
        _ => Removed::Removed,
    };
    if old.removed == Some(removed) {
        return Ok(Decision::nothing());
    }
    let member = Member {
        removed: Some(removed),
        ..Member::clone(old)
    };
    let mut facts = vec![FactKind::MemberRemoved { member }];
    let left = |room| FactKind::RoomLeft {
        room,
        member: call.member,
    };
    facts.extend(context.state.rooms_of(call.member).map(left));
    Ok(Decision::facts(facts))
}

/// What kept somebody out is forgotten; they come in again like anybody else.
pub(super) fn unban(call: &MemberUnban, context: &Context<'_>) -> Result<Decision, CallError> {
    let old = find(context, call.member)?;
    let mut decision = match old.removed {
        None => {
            return Err(CallError::bad_request(
                "This person is in the session; there is nothing to lift.",
            ));
        }
        Some(Removed::Removed) => Decision::nothing(),
        Some(Removed::Banned) => Decision::facts([FactKind::MemberUnbanned {
            member: Member {
                removed: Some(Removed::Removed),
                ..Member::clone(old)
            },
        }]),
    };
    decision.writes.push(Write::ForgetSignIns {
        member: call.member,
    });
    Ok(decision)
}

fn find<'a>(context: &'a Context<'_>, id: MemberId) -> Result<&'a Arc<Member>, CallError> {
    let member = context.state.member(id);
    member.ok_or_else(|| CallError::not_found("member"))
}

/// The session is on somebody's computer, who stays a host of it.
fn not_the_owner(context: &Context<'_>, id: MemberId) -> Result<(), CallError> {
    if context.state.owner == Some(id) {
        return Err(CallError::forbidden(
            "The session is on this person's computer, who stays its host.",
        ));
    }
    Ok(())
}
