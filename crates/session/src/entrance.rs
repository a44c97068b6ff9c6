//! Coming in and going out: sign-in, the door, sign-out.

mod at_door;

use hearth_protocol::error::{CallError, Code};
use hearth_protocol::fragment::Fragment;
use hearth_protocol::http::{SignIn, SignedIn};
use hearth_protocol::name::{Color, Name};
use hearth_protocol::object::{Admission, Browsers, Removed};
use hearth_protocol::{MemberId, Role};
use hearth_store::{SignInRow, Write};

use crate::door::{
    Admitted, Attempt, Caller, Credential, LetsInAs, Newcomer, SIGN_IN_LASTS_MS, check_invite,
    check_not_banned, check_not_removed, hash, is_pin, repeat_key,
};
use crate::failure::{removed, told};
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
            key: None,
            address: None,
        };
        Ok(self.0.admit(Who::Owner(owner), None).await?.0)
    }

    /// Somebody wants to come in.
    pub async fn sign_in(&self, request: SignIn, caller: Caller) -> Result<Admitted, CallError> {
        let by_key = self.by_key(&caller).await?;
        check_not_banned(&by_key, &self.state())?;
        if let Some(known) = self.known(&request, &caller).await? {
            self.remember_key(known.member.id, &by_key, &caller).await;
            return Ok(Admitted::In(known));
        }
        if request.invite.is_none() {
            check_not_removed(&by_key, &self.state())?;
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

    /// Everybody who came by the key of the caller's app, in the order of their coming.
    async fn by_key(&self, caller: &Caller) -> Result<Vec<MemberId>, CallError> {
        let Some(link) = caller.link else {
            return Ok(Vec::new());
        };
        let found = self.0.reader.members_by_key(&link.joiner.0).await;
        found.map_err(|error| told(&error.into()))
    }

    /// A sign-in that was made elsewhere is used by an app: should its member be banned one day,
    /// the app is too.
    async fn remember_key(&self, member: MemberId, by_key: &[MemberId], caller: &Caller) {
        let Some(link) = caller.link.filter(|_| !by_key.contains(&member)) else {
            return;
        };
        let key = link.joiner.0;
        // On a full disk people still come in.
        if let Err(error) = self.0.write(Write::LinkKey { key, member }).await {
            tracing::warn!(%error, "the key of an app was not written down");
        }
    }

    async fn find_sign_in(&self, token: &str) -> Result<Option<SignInRow>, CallError> {
        let row = self.0.reader.sign_in(&hash(token)).await;
        row.map_err(|error| told(&error.into()))
    }

    async fn come_in(&self, request: SignIn, caller: &Caller) -> Result<Admitted, CallError> {
        let door = &self.0.door;
        let limit = self.0.limits.failed_sign_ins;
        door.tries.left(caller.address, limit)?;
        if self.0.joined.is_some() && request.invite.is_none() {
            return Err(CallError::forbidden(
                "This is somebody's own copy of the session. Ask its host to let you in there.",
            ));
        }
        let state = self.state();
        if let Some(invite) = &request.invite {
            return self.come_in_invited(&request, invite, caller).await;
        }
        let role = state.session().guests;
        not_off(&state, role, caller)?;
        match state.admission() {
            Admission::Anyone => self.admit_newcomer(&request, role, caller).await,
            Admission::Pin => match self.check_pin(&request, &state, caller)? {
                Pin::Right => self.admit_newcomer(&request, role, caller).await,
                Pin::Moot => self.knock(request, caller),
            },
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
        let role = match role? {
            LetsInAs::Role(role) => role,
            LetsInAs::Guest => self.state().session().guests,
        };
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

    fn check_pin(
        &self,
        request: &SignIn,
        state: &State,
        caller: &Caller,
    ) -> Result<Pin, CallError> {
        let (limit, in_all) = (
            self.0.limits.failed_sign_ins,
            self.0.limits.failed_sign_ins_in_all,
        );
        let tries = &self.0.door.tries;
        let refused = |message: String, left: u64| CallError {
            tries_left: Some(u32::try_from(left).unwrap_or(u32::MAX)),
            ..CallError::new(Code::Unauthorized, message)
        };
        let Some(given) = &request.pin else {
            if tries.too_many(in_all) {
                return Ok(Pin::Moot);
            }
            let left = tries.left(caller.address, limit)?;
            return Err(refused(
                "This session asks for a PIN. The host has it.".to_owned(),
                left,
            ));
        };
        let is_right = || state.pin.as_ref().is_some_and(|pin| is_pin(given, pin));
        let left = match tries.attempt(caller.address, limit, in_all, is_right)? {
            Attempt::Right => return Ok(Pin::Right),
            Attempt::TooMany => return Ok(Pin::Moot),
            Attempt::Wrong { left } => left,
        };
        let message = match left {
            0 => "Wrong PIN. No tries left; wait ten minutes, or ask the host.".to_owned(),
            1 => "Wrong PIN. 1 try left.".to_owned(),
            left => format!("Wrong PIN. {left} tries left."),
        };
        Err(refused(message, left))
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

/// What a PIN opens.
enum Pin {
    /// The door.
    Right,
    /// Nothing for now: somebody may be guessing from many addresses, and may have guessed it by
    /// now. The host is asked instead.
    Moot,
}

fn newcomer(request: &SignIn, role: Role, caller: &Caller) -> Newcomer {
    Newcomer {
        name: request.name.clone(),
        color: request.color.clone(),
        role,
        guest: caller.is_guest(),
        key: caller.link.map(|link| link.joiner),
        address: Some(caller.address),
    }
}

/// Whether browsers may come in at all. The host's own invitation opens the door in any case.
fn not_off(state: &State, role: Role, caller: &Caller) -> Result<(), CallError> {
    if state.browsers() == Browsers::Off && caller.is_guest() && role != Role::Host {
        return Err(CallError::forbidden(
            "The host has switched browsers off for this session.",
        ));
    }
    Ok(())
}
