//! The session itself, and the sign-ins to it.

use hearth_protocol::call::{DeviceRevoke, SessionUpdate};
use hearth_protocol::error::CallError;
use hearth_protocol::object::Admission;
use hearth_protocol::{FactKind, Role};
use hearth_store::{SignInRow, Write};

use super::{Context, Decision};
use crate::state::State;

pub(super) fn update(call: &SessionUpdate, context: &Context<'_>) -> Result<Decision, CallError> {
    if call.guests == Some(Role::Host) {
        return Err(CallError::bad_request(
            "Those who come in by PIN can be editors or viewers, not hosts.",
        ));
    }
    let old = context.state.session();
    let mut session = old.clone();
    session.name = call.name.clone().unwrap_or(session.name);
    session.admission = call.admission.unwrap_or(session.admission);
    session.guests = call.guests.unwrap_or(session.guests);
    session.browsers = call.browsers.unwrap_or(session.browsers);
    let pin = call.pin.as_ref().or(context.state.pin.as_ref());
    if session.admission == Admission::Pin && pin.is_none() {
        return Err(CallError::bad_request(
            "Send a `pin` too: there is none yet.",
        ));
    }
    let mut decision = Decision::nothing();
    // A new PIN is worth a fact even when nothing else changed: the others' screens show that
    // there was a change, never the PIN itself.
    if session != *old || call.pin.is_some() {
        decision.facts.push(FactKind::SessionUpdated { session });
    }
    decision
        .writes
        .extend(call.pin.clone().map(|pin| Write::Pin(Some(pin))));
    Ok(decision)
}

/// Ends a sign-in. The window's own, on the computer that hosts, is none that anybody sees.
pub(super) fn revoke(call: &DeviceRevoke, context: &Context<'_>) -> Result<Decision, CallError> {
    let device = call.device;
    let known = context.device.as_ref();
    if known.is_none_or(|known| is_window(known, context.state)) {
        return Err(CallError::not_found("device"));
    }
    let mut decision = Decision::facts([FactKind::DeviceRevoked { device }]);
    decision.writes.push(Write::DeviceGone { device });
    Ok(decision)
}

/// Whether this is how the window of the computer that hosts is signed in.
pub(crate) fn is_window(sign_in: &SignInRow, state: &State) -> bool {
    sign_in.app && state.owner == Some(sign_in.member)
}
