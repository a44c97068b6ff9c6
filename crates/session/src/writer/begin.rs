//! The beginning of a run.

use hearth_protocol::{FactKind, Member, Name, Role, Room, RoomId, RunId, Topic};
use hearth_store::{Batch, Write, Writer as StoreWriter};
use uuid::Uuid;

use super::round::Round;
use crate::failure::SessionError;
use crate::handle::Changes;
use crate::state::State;

/// Begins a run: from here on facts belong to this opening. A new session gets its first room.
pub(crate) async fn begin_run(
    store: &mut StoreWriter,
    changes: &Changes,
) -> Result<(), SessionError> {
    let mut round = Round::new(State::new(store.load().await?));
    let at = crate::handle::now();
    let is_new = round.state.head() == 0;
    round.append(
        FactKind::SessionHosted {
            run: RunId(Uuid::new_v4()),
        },
        at,
        None,
        None,
    );
    if is_new {
        round.append(FactKind::RoomCreated { room: first_room() }, at, None, None);
    }
    // Whose file it is hosts it, also when it was a copy until now.
    let owner = round
        .state
        .owner
        .and_then(|owner| round.state.member(owner));
    let is_host = |owner: &Member| owner.role == Role::Host && owner.removed.is_none();
    if let Some(owner) = owner.filter(|owner| !is_host(owner)) {
        let member = Member {
            role: Role::Host,
            removed: None,
            ..owner.as_ref().clone()
        };
        round.append(FactKind::RoleChanged { member }, at, None, None);
    }
    let old = round.state.session().clone();
    let mut session = old.clone();
    session.name = changes.name.clone().unwrap_or(session.name);
    session.admission = changes.admission.unwrap_or(session.admission);
    session.guests = changes.guests.unwrap_or(session.guests);
    session.browsers = changes.browsers.unwrap_or(session.browsers);
    let new_pin = changes
        .pin
        .clone()
        .filter(|pin| round.state.pin.as_ref() != Some(pin));
    if session != old {
        round.append(FactKind::SessionUpdated { session }, at, None, None);
    }
    let other = new_pin
        .map(|pin| Write::Pin(Some(pin)))
        .into_iter()
        .collect();
    store
        .commit(&Batch {
            facts: round.facts,
            other,
        })
        .await?;
    Ok(())
}

fn first_room() -> Room {
    Room {
        id: RoomId::new(),
        name: Name::new("General").expect("it is a name"),
        topic: Topic::new("").expect("a topic may be empty"),
        private: false,
        direct: None,
        destroyed_at: None,
    }
}
