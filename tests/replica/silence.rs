//! A host that does not answer is noticed, at every step, by us: the library waits for ever.

use std::time::{Duration, Instant};

use anyhow::Result;
use hearth_replica::{CallFailure, Ended, Link, LinkError, ReachError, Target, Trust};
use hearth_tests::hearthd::Hearthd;
use hearth_tests::proxy::{Proxy, Weather};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::people::{DEADLINE, Member, OPEN, at, identity, pinned};

/// A host that is frozen is away after this.
const NOTICED_WITHIN: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_frozen_host_is_noticed_within_ten_seconds() -> Result<()> {
    let host = Hearthd::start(OPEN)?;
    let ann = Member::join(pinned(&host)?, "Ann").await?;
    host.freeze()?;
    let began = Instant::now();
    // Signals go on being sent, and the system goes on taking them.
    let signalling = async {
        loop {
            ann.link.signal("presence", json!({ "state": "active" }));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let call = ann.link.call("note:count", Value::Null);
    let ended = tokio::select! {
        ended = timeout(DEADLINE, ann.link.ended()) => ended?,
        () = signalling => unreachable!(),
    };
    assert_eq!(ended, Ended::Silent);
    assert!(began.elapsed() < NOTICED_WITHIN, "{:?}", began.elapsed());
    assert_eq!(call.await, Err(CallFailure::Unanswered));
    Ok(())
}

#[tokio::test]
async fn half_a_connection_is_noticed_within_ten_seconds() -> Result<()> {
    let host = Hearthd::start(OPEN)?;
    let proxy = Proxy::open(host.address()).await?;
    let ann = Member::join(at(&host, proxy.address())?, "Ann").await?;
    proxy.set(Weather {
        mute: true,
        ..Weather::default()
    });
    let began = Instant::now();
    assert_eq!(timeout(DEADLINE, ann.link.ended()).await?, Ended::Silent);
    assert!(began.elapsed() < NOTICED_WITHIN, "{:?}", began.elapsed());
    Ok(())
}

#[tokio::test]
async fn a_host_that_has_nothing_to_say_is_not_taken_for_a_silent_one() -> Result<()> {
    let host = Hearthd::start(OPEN)?;
    let ann = Member::join(pinned(&host)?, "Ann").await?;
    let ended = timeout(Duration::from_secs(13), ann.link.ended()).await;
    assert!(ended.is_err(), "{ended:?}");
    ann.link.call("note:count", Value::Null).await?;
    Ok(())
}

#[tokio::test]
async fn a_handshake_that_is_never_answered_is_given_up() -> Result<()> {
    let silent = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = silent.local_addr()?;
    let key = hearth_protocol::fingerprint::Fingerprint([7; 32]);
    let identity = identity()?;
    for trust in [Trust::Pinned(key), Trust::AnyKey, Trust::Plain] {
        let target = Target::new(address.into(), trust);
        let opened = timeout(DEADLINE, Link::open(&target, &identity, "token")).await?;
        match opened.map(|_| ()) {
            Err(LinkError::Reach(ReachError::NotHearth { .. })) if trust != Trust::Plain => {}
            Err(LinkError::Lost(_)) if trust == Trust::Plain => {}
            other => panic!("{trust:?}: {other:?}"),
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_host_that_accepts_a_socket_and_never_greets_is_given_up() -> Result<()> {
    let host = Hearthd::start(OPEN)?;
    let proxy = Proxy::open(host.address()).await?;
    let ann = Member::join(at(&host, proxy.address())?, "Ann").await?;
    let token = &ann.admitted.signed_in.token;
    // Enough for every handshake, and for nothing that comes after.
    for cut in [0, 700, 1_200, 1_500, 1_800] {
        proxy.set(Weather {
            cut_after: Some(cut),
            ..Weather::default()
        });
        let opening = Link::open(&ann.admitted.target, &ann.identity, token);
        let opened = timeout(DEADLINE, opening).await?;
        assert!(opened.is_err(), "after {cut} bytes");
    }
    Ok(())
}
