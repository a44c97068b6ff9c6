//! Asking to join: the host's screen and the joiner's show the same digits.

use anyhow::{Context as _, Result};
use hearth_protocol::Role;
use hearth_replica::{Door, DoorError, Outcome, Trust, Waiting};
use hearth_tests::hearthd::Hearthd;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::people::{DEADLINE, Member, called, identity, pinned};

async fn ask(host: &Hearthd, trust: Trust) -> Result<Waiting> {
    let mut target = pinned(host)?;
    target.trust = trust;
    let door = Door::new(target, identity()?);
    match door.sign_in(called("Ann")?).await? {
        Outcome::Waiting(waiting) => Ok(waiting),
        Outcome::In(_) => anyhow::bail!("nobody was asked"),
    }
}

/// What the host's screen shows once the digits are there.
async fn shown(mina: &mut Member) -> Result<Value> {
    loop {
        let knock = mina.hears("knock").await?;
        if knock["state"] != "waiting" || knock["code"].is_string() {
            return Ok(knock);
        }
    }
}

#[tokio::test]
async fn both_screens_show_the_same_digits_and_the_host_lets_in() -> Result<()> {
    let host = Hearthd::start(&[])?;
    let mut mina = Member::owner(&host).await?;
    for trust in [Trust::AnyKey, Trust::Plain] {
        let mut waiting = ask(&host, trust).await?;
        let knock = shown(&mut mina).await?;
        let digits = waiting.digits().context("digits")?;
        assert_eq!(digits.len(), 6);
        assert_eq!(knock["code"], digits);
        let answer = json!({ "knock": knock["knock"], "admit": true, "role": "viewer" });
        let waited = tokio::spawn(async move { waiting.wait().await });
        mina.link.call("knock:answer", answer).await?;
        let admitted = timeout(DEADLINE, waited).await???;
        assert_eq!(admitted.signed_in.member.role, Role::Viewer);
        if trust == Trust::AnyKey {
            assert_eq!(admitted.target, pinned(&host)?);
        }
        while mina.hears("knock").await?["state"] != "gone" {}
    }
    Ok(())
}

#[tokio::test]
async fn one_who_is_declined_is_told_so() -> Result<()> {
    let host = Hearthd::start(&[])?;
    let mut mina = Member::owner(&host).await?;
    let mut waiting = ask(&host, Trust::AnyKey).await?;
    let knock = shown(&mut mina).await?;
    let waited = tokio::spawn(async move { waiting.wait().await });
    let answer = json!({ "knock": knock["knock"], "admit": false });
    mina.link.call("knock:answer", answer).await?;
    let waited = timeout(DEADLINE, waited).await??;
    assert!(matches!(waited, Err(DoorError::Refused(_))), "{waited:?}");
    Ok(())
}

#[tokio::test]
async fn one_who_gives_up_or_goes_away_is_no_longer_shown() -> Result<()> {
    let host = Hearthd::start(&[])?;
    let mut mina = Member::owner(&host).await?;
    for gives_up in [true, false] {
        let waiting = ask(&host, Trust::AnyKey).await?;
        let knock = shown(&mut mina).await?;
        if gives_up {
            waiting.cancel().await;
        } else {
            drop(waiting);
        }
        let gone = shown(&mut mina).await?;
        assert_eq!(gone["state"], "gone");
        assert_eq!(gone["knock"], knock["knock"]);
    }
    Ok(())
}
