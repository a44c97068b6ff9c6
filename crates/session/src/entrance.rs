//! Coming in and going out: sign-in, the door, sign-out.

use std::time::Duration;

use hearth_protocol::error::{CallError, Code};
use hearth_protocol::fragment::Fragment;
use hearth_protocol::http::{SignIn, SignedIn};
use hearth_protocol::name::{Color, Name};
use hearth_protocol::object::{Admission, Browsers, Removed};
use hearth_protocol::{KnockId, Role};
use hearth_store::{SignInRow, Write};

use crate::door::{
    Admitted, Caller, Credential, Knocks, Newcomer, Outcome, SIGN_IN_LASTS_MS, check_invite, hash,
    is_pin, repeat_key,
};
use crate::failure::{closing, removed, told};
use crate::handle::{Handle, now};
use crate::state::State;
use crate::writer::Who;

/// The use of a sign-in is written down at most this often.
const USED_EVERY_MS: i64 = 60 * 60 * 1_000;

impl Handle {
    /// Signs the person in whose file this is: the host at the window.
    pub async fn sign_in_owner(&self, name: Name, color: Color) -> Result<SignedIn, CallError> {
        let owner = Newcomer {
            name,
            color: Some(color),
            role: Role::Host,
            guest: false,
            address: None,
        };
        Ok(self.0.admit(Who::Owner(owner), None).await?.0)
    }

    /// Somebody wants to come in.
    pub async fn sign_in(&self, request: SignIn, caller: Caller) -> Result<Admitted, CallError> {
        if let Some(known) = self.known(&request, &caller).await? {
            return Ok(Admitted::In(known));
        }
        let Some(key) = repeat_key(&request) else {
            return self.come_in(request, &caller).await;
        };
        let _turn = self.0.one_by_one.lock().await;
        if let Some(answer) = self.0.door.repeated(&key) {
            return Ok(answer);
        }
        let admitted = self.come_in(request, &caller).await?;
        self.0.door.remember(key, admitted.clone());
        Ok(admitted)
    }

    /// Whoever has a sign-in already stays who they are, also somebody who was removed: only an
    /// invitation lets them in again, as somebody new, and a ban not even that.
    async fn known(
        &self,
        request: &SignIn,
        caller: &Caller,
    ) -> Result<Option<SignedIn>, CallError> {
        let Some(token) = &caller.token else {
            return Ok(None);
        };
        let Some(row) = self.find_sign_in(token).await? else {
            return Ok(None);
        };
        let state = self.state();
        match state.member(row.member).and_then(|member| member.removed) {
            None => {}
            Some(Removed::Removed) if request.invite.is_some() => return Ok(None),
            Some(_) => return Err(removed()),
        }
        let Ok(credential) = self.authenticate(token).await else {
            return Ok(None);
        };
        let state = self.state();
        Ok(state.present(credential.member).map(|member| SignedIn {
            token: token.clone(),
            member: member.as_ref().clone(),
            session: state.session().clone(),
        }))
    }

    async fn find_sign_in(&self, token: &str) -> Result<Option<SignInRow>, CallError> {
        let row = self.0.reader.sign_in(&hash(token)).await;
        row.map_err(|error| told(&error.into()))
    }

    async fn come_in(&self, request: SignIn, caller: &Caller) -> Result<Admitted, CallError> {
        let door = &self.0.door;
        let limit = self.0.limits.failed_sign_ins;
        door.tries.left(caller.address, limit)?;
        let state = self.state();
        if let Some(invite) = &request.invite {
            return self.come_in_invited(&request, invite, caller).await;
        }
        let role = state.session().guests;
        not_off(&state, role, caller)?;
        match state.admission() {
            Admission::Anyone => self.admit_newcomer(&request, role, caller).await,
            // Somebody may be guessing from many addresses, and may have guessed it by now.
            Admission::Pin if door.tries.too_many(self.0.limits.failed_sign_ins_in_all) => {
                self.knock(request, caller)
            }
            Admission::Pin => {
                self.check_pin(&request, &state, caller)?;
                self.admit_newcomer(&request, role, caller).await
            }
            Admission::Ask => self.knock(request, caller),
        }
    }

    async fn come_in_invited(
        &self,
        request: &SignIn,
        invite: &str,
        caller: &Caller,
    ) -> Result<Admitted, CallError> {
        let secret = hash(Fragment::read(invite).secret);
        let invites = &self.0.door.invites;
        let Some(role) = invites.use_of_run(&secret) else {
            return self.come_in_by_stored(request, secret, caller).await;
        };
        let role = role?;
        let admitted = match not_off(&self.state(), role, caller) {
            Ok(()) => self.admit_newcomer(request, role, caller).await,
            Err(error) => Err(error),
        };
        if admitted.is_err() {
            invites.give_back(&secret);
        }
        admitted
    }

    /// By an invitation in the session file. The writer looks at it again when it uses it.
    async fn come_in_by_stored(
        &self,
        request: &SignIn,
        secret: [u8; 32],
        caller: &Caller,
    ) -> Result<Admitted, CallError> {
        let found = self.0.reader.invite(&secret).await;
        let found = found.map_err(|error| told(&error.into()))?;
        if found.is_none() {
            self.0.door.tries.count(caller.address);
        }
        let role = check_invite(found, now())?.role;
        not_off(&self.state(), role, caller)?;
        let who = Who::Invited(newcomer(request, role, caller), secret);
        Ok(Admitted::In(self.0.admit(who, None).await?.0))
    }

    async fn admit_newcomer(
        &self,
        request: &SignIn,
        role: Role,
        caller: &Caller,
    ) -> Result<Admitted, CallError> {
        let who = Who::New(newcomer(request, role, caller));
        Ok(Admitted::In(self.0.admit(who, None).await?.0))
    }

    fn check_pin(&self, request: &SignIn, state: &State, caller: &Caller) -> Result<(), CallError> {
        let limit = self.0.limits.failed_sign_ins;
        let tries = &self.0.door.tries;
        let refused = |message: String, left: u64| CallError {
            tries_left: Some(u32::try_from(left).unwrap_or(u32::MAX)),
            ..CallError::new(Code::Unauthorized, message)
        };
        let Some(given) = &request.pin else {
            let left = tries.left(caller.address, limit)?;
            return Err(refused(
                "This session asks for a PIN. The host has it.".to_owned(),
                left,
            ));
        };
        if state.pin.as_ref().is_some_and(|pin| is_pin(given, pin)) {
            return Ok(());
        }
        tries.count(caller.address);
        let left = tries.left(caller.address, limit).unwrap_or(0);
        let message = match left {
            0 => "Wrong PIN. No tries left; wait ten minutes, or ask the host.".to_owned(),
            1 => "Wrong PIN. 1 try left.".to_owned(),
            left => format!("Wrong PIN. {left} tries left."),
        };
        Err(refused(message, left))
    }

    fn knock(&self, request: SignIn, caller: &Caller) -> Result<Admitted, CallError> {
        let knock = self.0.door.knocks.begin(
            request.name,
            request.color,
            caller.address,
            caller.guest,
            self.0.limits.not_signed_in,
        )?;
        self.0.tell_hosts(&knock);
        Ok(Admitted::Knocking(knock.knock))
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
            Some(Outcome::Declined) => Err(CallError::forbidden("The host declined.")),
        }
    }

    /// Somebody no longer waits.
    pub fn leave_door(&self, knock: KnockId) {
        if let Some(gone) = self.0.door.knocks.give_up(knock) {
            self.0.tell_hosts(&gone);
        }
    }

    /// Ends a sign-in; its sockets are cut.
    pub async fn sign_out(&self, token: &str) -> Result<(), CallError> {
        let Some(row) = self.find_sign_in(token).await? else {
            return Ok(());
        };
        if self.state().present(row.member).is_none() {
            // Whoever was removed is to be recognised, and does not shake that off.
            return Ok(());
        }
        self.0.write(Write::SignOut { hash: hash(token) }).await?;
        self.0.hub.end_device(row.device);
        Ok(())
    }

    /// Who a token stands for.
    pub async fn authenticate(&self, token: &str) -> Result<Credential, CallError> {
        let sign_in = hash(token);
        let row = self.find_sign_in(token).await?.ok_or_else(|| {
            CallError::new(
                Code::Unauthorized,
                "You are not signed in here. Sign in first.",
            )
        })?;
        if self.state().present(row.member).is_none() {
            return Err(removed());
        }
        let now = now();
        if now.0 - row.used_at.0 > SIGN_IN_LASTS_MS {
            return Err(CallError::new(
                Code::Expired,
                "You have not been here for 30 days. Sign in again.",
            ));
        }
        if now.0 - row.used_at.0 > USED_EVERY_MS {
            let used = Write::SignInUsed {
                hash: sign_in,
                used_at: now,
            };
            // On a full disk people still come in and read; the sign-in only ends the earlier.
            if let Err(error) = self.0.write(used).await {
                tracing::warn!(%error, "the use of a sign-in was not written down");
            }
        }
        Ok(Credential {
            member: row.member,
            device: row.device,
        })
    }
}

fn newcomer(request: &SignIn, role: Role, caller: &Caller) -> Newcomer {
    Newcomer {
        name: request.name.clone(),
        color: request.color.clone(),
        role,
        guest: caller.guest,
        address: Some(caller.address),
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

/// Whether browsers may come in at all. The host's own invitation opens the door in any case.
fn not_off(state: &State, role: Role, caller: &Caller) -> Result<(), CallError> {
    if state.browsers() == Browsers::Off && caller.guest && role != Role::Host {
        return Err(CallError::forbidden(
            "The host has switched browsers off for this session.",
        ));
    }
    Ok(())
}
