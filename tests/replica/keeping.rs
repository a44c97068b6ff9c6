//! A link whenever there can be one, whatever the network and the host do.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use hearth_protocol::Code;
use hearth_replica::{
    Address, CallFailure, Config, Ended, Events, Keeper, Link, LinkError, Links, ReachError, State,
    Target, Why,
};
use hearth_tests::hearthd::Hearthd;
use hearth_tests::proxy::{Proxy, Weather};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::people::{DEADLINE, Member, OPEN, at, pinned};

/// A joined app.
struct Kept {
    keeper: Keeper,
    links: Links,
    state: watch::Receiver<State>,
    hints: watch::Sender<Vec<Address>>,
    ann: Member,
}

impl Kept {
    async fn start(target: Target) -> Result<Self> {
        let ann = Member::join(target.clone(), "Ann").await?;
        let hints = watch::Sender::new(Vec::new());
        let config = Config {
            target,
            identity: ann.identity.clone(),
            token: ann.admitted.signed_in.token.clone(),
            hints: hints.subscribe(),
        };
        let (keeper, links) = Keeper::start(config);
        Ok(Self {
            state: keeper.state(),
            keeper,
            links,
            hints,
            ann,
        })
    }

    async fn next(&mut self) -> Result<(Link, Events)> {
        let next = timeout(DEADLINE, self.links.next()).await?;
        next.context("the keeper stopped")
    }

    async fn becomes(&mut self, is: impl Fn(&State) -> bool) -> Result<State> {
        let became = timeout(DEADLINE, self.state.wait_for(is)).await;
        Ok(became
            .with_context(|| format!("{:?}", self.keeper.state().borrow()))??
            .clone())
    }

    async fn is_away(&mut self) -> Result<Why> {
        match self
            .becomes(|state| matches!(state, State::Away { .. }))
            .await?
        {
            State::Away { why, .. } => Ok(why),
            other => bail!("{other:?}"),
        }
    }

    async fn is_refused(&mut self) -> Result<LinkError> {
        match self
            .becomes(|state| matches!(state, State::Refused { .. }))
            .await?
        {
            State::Refused { why } => Ok(why),
            other => bail!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_host_that_was_killed_is_linked_again_when_it_is_back() -> Result<()> {
    let mut host = Hearthd::start(OPEN)?;
    let mut app = Kept::start(pinned(&host)?).await?;
    let (first, _events) = app.next().await?;
    app.becomes(|state| *state == State::Live).await?;
    app.keeper.call("note:count", Value::Null).await?;

    host.kill()?;
    assert_eq!(app.is_away().await?, Why::Ended(Ended::Lost));
    assert_eq!(first.ended().await, Ended::Lost);
    let call = app.keeper.call("note:count", Value::Null).await;
    assert_eq!(call, Err(CallFailure::NotSent));
    let told = hearth_protocol::CallError::from(CallFailure::NotSent);
    assert_eq!(told.code, Code::Offline);

    host.start_again()?;
    let (second, _events) = app.next().await?;
    assert_eq!(second.welcome().you.id, first.welcome().you.id);
    app.keeper.call("note:count", Value::Null).await?;
    app.keeper.stop().await;
    assert!(second.has_ended());
    assert!(app.links.next().await.is_none());
    Ok(())
}

#[tokio::test]
async fn a_host_that_was_frozen_is_linked_again_when_it_goes_on() -> Result<()> {
    let host = Hearthd::start(OPEN)?;
    let mut app = Kept::start(pinned(&host)?).await?;
    let _first = app.next().await?;
    host.freeze()?;
    assert_eq!(app.is_away().await?, Why::Ended(Ended::Silent));
    host.thaw()?;
    let _second = app.next().await?;
    app.keeper.call("note:count", Value::Null).await?;
    Ok(())
}

#[tokio::test]
async fn a_network_that_delays_loses_and_cuts_is_lived_with() -> Result<()> {
    let host = Hearthd::start(OPEN)?;
    let proxy = Proxy::open(host.address()).await?;
    let mut app = Kept::start(at(&host, proxy.address())?).await?;
    let room = app.ann.general().await?;

    // 200 ms there and 200 ms back; what is sent at once comes back at once.
    let (link, _events) = app.next().await?;
    proxy.set(Weather {
        delay: Duration::from_millis(200),
        ..Weather::default()
    });
    let began = tokio::time::Instant::now();
    let answers = (0..64).map(|_| link.call("note:count", Value::Null));
    for answer in answers.collect::<Vec<_>>() {
        answer.await?;
    }
    assert!(
        began.elapsed() < Duration::from_secs(2),
        "{:?}",
        began.elapsed()
    );

    // Cut in the middle of a frame, again and again.
    for cut in [1, 30, 300] {
        proxy.set(Weather {
            cut_after: Some(cut),
            ..Weather::default()
        });
        let message = json!({ "room": room, "body": "x".repeat(1_000) });
        app.ann
            .link
            .signal("presence", json!({ "state": "active" }));
        let _ = app.keeper.call("message:send", message).await;
        app.is_away().await?;
        proxy.set(Weather::default());
        app.keeper.retry();
        app.next().await?;
        app.keeper.call("note:count", Value::Null).await?;
    }

    // A network in which connections open and nothing comes back.
    proxy.set(Weather {
        swallow: true,
        cut_after: Some(0),
        ..Weather::default()
    });
    app.ann.link.signal("presence", json!({ "state": "idle" }));
    let _ = app.keeper.call("note:count", Value::Null).await;
    app.is_away().await?;
    proxy.set(Weather::default());
    app.next().await?;
    Ok(())
}

#[tokio::test]
async fn a_host_that_moved_is_found_by_a_hint_and_looked_for_there_first() -> Result<()> {
    let host = Hearthd::start(OPEN)?;
    let (old, new) = (
        Proxy::open(host.address()).await?,
        Proxy::open(host.address()).await?,
    );
    let mut app = Kept::start(at(&host, old.address())?).await?;
    app.next().await?;
    old.set(Weather {
        cut_after: Some(0),
        ..Weather::default()
    });
    app.keeper.signal("presence", json!({ "state": "active" }));
    let _ = app.keeper.call("note:count", Value::Null).await;
    app.is_away().await?;
    app.hints.send_replace(vec![new.address().into()]);
    let (link, _events) = app.next().await?;
    assert_eq!(link.address(), new.address());
    Ok(())
}

#[tokio::test]
async fn a_host_with_another_key_is_refused_until_a_hint_leads_elsewhere() -> Result<()> {
    let host = Hearthd::start(OPEN)?;
    let impostor = Hearthd::start(OPEN)?;
    let mut app = Kept::start(pinned(&host)?).await?;
    app.next().await?;
    app.keeper.stop().await;

    let config = Config {
        target: at(&host, impostor.address())?,
        identity: app.ann.identity.clone(),
        token: app.ann.admitted.signed_in.token.clone(),
        hints: app.hints.subscribe(),
    };
    let (keeper, links) = Keeper::start(config);
    app.state = keeper.state();
    app.keeper = keeper;
    app.links = links;
    let why = app.is_refused().await?;
    let is_wrong = matches!(why, LinkError::Reach(ReachError::WrongKey { .. }));
    assert!(is_wrong, "{why:?}");
    app.hints.send_replace(vec![host.address().into()]);
    let (link, _events) = app.next().await?;
    assert_eq!(link.address(), host.address());
    Ok(())
}

#[tokio::test]
async fn a_member_who_was_removed_does_not_ask_again() -> Result<()> {
    let host = Hearthd::start(OPEN)?;
    let mina = Member::owner(&host).await?;
    let proxy = Proxy::open(host.address()).await?;
    let mut app = Kept::start(at(&host, proxy.address())?).await?;
    app.next().await?;
    let member = app.ann.admitted.signed_in.member.id;
    mina.link
        .call("member:remove", json!({ "member": member }))
        .await?;
    assert_eq!(app.is_refused().await?, LinkError::Refused(Code::Removed));
    let asked = proxy.connections();
    // Longer than the first pauses together.
    let changed = timeout(Duration::from_secs(4), app.state.changed()).await;
    assert!(changed.is_err(), "{:?}", app.state.borrow());
    assert_eq!(proxy.connections(), asked);
    Ok(())
}

#[tokio::test]
async fn a_host_that_is_away_from_the_beginning_is_linked_when_it_comes() -> Result<()> {
    let mut host = Hearthd::start(OPEN)?;
    let mut app = Kept::start(pinned(&host)?).await?;
    app.keeper.stop().await;
    let config = Config {
        target: pinned(&host)?,
        identity: app.ann.identity.clone(),
        token: app.ann.admitted.signed_in.token.clone(),
        hints: app.hints.subscribe(),
    };
    host.kill()?;
    let (keeper, links) = Keeper::start(config);
    app.state = keeper.state();
    app.links = links;
    app.keeper = keeper;
    assert!(matches!(
        app.is_away().await?,
        Why::Failed(LinkError::Reach(_))
    ));
    host.start_again()?;
    app.next().await?;
    Ok(())
}
