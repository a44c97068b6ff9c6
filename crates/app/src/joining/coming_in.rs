//! Through the host's door.

use std::time::Duration;

use hearth_protocol::CallId;
use hearth_protocol::window::JoinStep;
use hearth_replica::{Admitted, ComingIn, Door, DoorError, Identity, Outcome};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::finding::Found;
use super::{Refusal, Request, Steps, unless};

/// A connection that breaks before the answer has come is tried again so often. It is the same
/// request each time, so nobody comes in twice.
const TRIES: u32 = 4;

const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Comes in, waiting for the host where it has to be asked.
pub(super) async fn come_in(
    request: &Request,
    found: &Found,
    token: Option<String>,
    identity: &Identity,
    steps: &Steps,
    cancel: &CancellationToken,
) -> Result<Admitted, Refusal> {
    let coming = ComingIn {
        name: request.name.clone(),
        color: request.color.clone(),
        pin: request.pin.clone(),
        invite: request.invitation.secret.clone(),
        token,
    };
    let refused = |error| Refusal::of_door(error, request, found);
    let door = Door::new(found.target.clone(), identity.clone());
    let signing_in = async { sign_in(&door, coming).await.map_err(refused) };
    match unless(cancel, signing_in).await? {
        Outcome::In(admitted) => Ok(admitted),
        Outcome::Waiting(mut waiting) => {
            steps.send_replace(JoinStep::Waiting {
                session: found.name.clone(),
                digits: waiting.digits().unwrap_or_default().to_owned(),
            });
            match cancel.run_until_cancelled(waiting.wait()).await {
                Some(decided) => decided.map_err(refused),
                None => {
                    // Whoever hosts is not to let somebody in who has gone.
                    waiting.cancel().await;
                    Err(Refusal::Cancelled)
                }
            }
        }
    }
}

async fn sign_in(door: &Door, coming: ComingIn) -> Result<Outcome, DoorError> {
    let id = CallId::new();
    let mut tries = 1;
    loop {
        match door.sign_in_again(id, coming.clone()).await {
            Err(DoorError::Lost(_)) if tries < TRIES => {
                tries += 1;
                sleep(AGAIN_AFTER).await;
            }
            outcome => return outcome,
        }
    }
}
