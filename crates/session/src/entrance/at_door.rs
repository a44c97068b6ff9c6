//! Asking the host: knocking, showing six digits, waiting, giving up.

use std::time::Duration;

use hearth_protocol::KnockId;
use hearth_protocol::digits::Nonce;
use hearth_protocol::error::{CallError, Code};
use hearth_protocol::http::{SignIn, SignedIn};

use crate::door::{Admitted, Asking, Caller, Knocks, Outcome, Reveal, declined, mixed_up};
use crate::failure::closing;
use crate::handle::Handle;

impl Handle {
    pub(super) fn knock(&self, request: SignIn, caller: &Caller) -> Result<Admitted, CallError> {
        let (door, limits) = (&self.0.door, &self.0.limits);
        if request.commit.is_some() {
            let (of_address, in_all) =
                (limits.knocks_with_digits, limits.knocks_with_digits_in_all);
            let taken = door.numbers.take(caller.address, of_address, in_all);
            taken.map_err(too_many_numbers)?;
        }
        let who = Asking {
            name: request.name,
            color: request.color,
            address: caller.address,
            link: caller.link,
        };
        let begun = door.knocks.begin(who, request.commit, limits.not_signed_in);
        let (knock, nonce) = begun?;
        self.0.tell_hosts(&knock);
        Ok(Admitted::Knocking {
            knock: knock.knock,
            nonce,
        })
    }

    /// The joiner shows the nonce they had committed to: from now on both screens show the digits.
    /// Once more is as good; another one is refused, and ends the knock.
    pub fn reveal(&self, knock: KnockId, nonce: Nonce) -> Result<(), CallError> {
        match self.0.door.knocks.reveal(knock, nonce)? {
            Reveal::Shown(knock) => self.0.tell_hosts(&knock),
            Reveal::Again => {}
            Reveal::Wrong(gone) => {
                if let Some(gone) = gone {
                    self.0.tell_hosts(&gone);
                }
                return Err(mixed_up());
            }
        }
        Ok(())
    }

    /// Waits until the host has answered, at most `wait`; nothing when there is no answer yet.
    pub async fn wait_at_door(
        &self,
        knock: KnockId,
        wait: Duration,
    ) -> Result<Option<SignedIn>, CallError> {
        let knocks = &self.0.door.knocks;
        let mut outcome = knocks.listen(knock)?;
        let _listening = Listening { knocks, knock };
        let answered = tokio::select! {
            answered = tokio::time::timeout(wait, outcome.wait_for(Option::is_some)) => {
                match answered {
                    Ok(Ok(answered)) => answered.clone(),
                    // Nobody answered within the time.
                    Err(_) => None,
                    Ok(Err(_)) => {
                        return Err(CallError::new(Code::Gone, "Nobody answered in time. Ask again."));
                    }
                }
            }
            () = self.0.stopping.cancelled() => return Err(closing()),
        };
        match answered {
            None => Ok(None),
            Some(Outcome::In(signed_in)) => Ok(Some(*signed_in)),
            Some(Outcome::Declined) => Err(declined()),
            Some(Outcome::MixedUp) => Err(mixed_up()),
        }
    }

    /// Somebody no longer waits.
    pub fn leave_door(&self, knock: KnockId) {
        if let Some(gone) = self.0.door.knocks.give_up(knock) {
            self.0.tell_hosts(&gone);
        }
    }
}

fn too_many_numbers(wait: Duration) -> CallError {
    CallError {
        message: format!(
            "Too many have asked to come in. Wait {} s, or ask the host for an invitation.",
            wait.as_secs() + 1
        ),
        ..CallError::rate_limited(wait.as_millis() as u64 + 1)
    }
}

/// Somebody is listening for an answer; a client that hangs up stops listening too.
struct Listening<'a> {
    knocks: &'a Knocks,
    knock: KnockId,
}

impl Drop for Listening<'_> {
    fn drop(&mut self) {
        self.knocks.stopped_listening(self.knock);
    }
}
