//! What the host has decided about whoever holds an app's key, whatever else they bring.

use hearth_protocol::MemberId;
use hearth_protocol::error::CallError;
use hearth_protocol::object::Removed;

use crate::failure::removed;
use crate::state::State;

/// Refuses whoever was banned. `by_key`: everybody who came by the key, in the order of coming.
pub(crate) fn check_not_banned(by_key: &[MemberId], state: &State) -> Result<(), CallError> {
    let banned = |member: &MemberId| standing(*member, state) == Some(Removed::Banned);
    if by_key.iter().any(banned) {
        return Err(removed());
    }
    Ok(())
}

/// Refuses whoever was removed and has not been let in again since.
pub(crate) fn check_not_removed(by_key: &[MemberId], state: &State) -> Result<(), CallError> {
    match by_key.last().and_then(|newest| standing(*newest, state)) {
        Some(_) => Err(removed()),
        None => Ok(()),
    }
}

fn standing(member: MemberId, state: &State) -> Option<Removed> {
    state.member(member).and_then(|member| member.removed)
}
