//! What `rust_socketio` 0.6 does wrong is not seen from outside. Most of it has its test elsewhere:
//!
//! | trap | where |
//! |---|---|
//! | acknowledgements are lost, mixed up, or panic its task | `linked`: three hundred calls at once |
//! | it cannot acknowledge what the host asks | here |
//! | its reconnection ignores its limits | here; ours: `keeping` |
//! | it has no handshake timeout | `silence`: never answered, never greeted |
//! | it spins the processor after a while | `leaving`: an idle link |
//! | emitting and disconnecting may hang | `leaving`: a host that lets links hang |
//! | a client that is dropped lives on | `leaving`: fifty links |
//! | what is emitted before it is let in ends the connection | here |
//! | events come faster than they are taken | `linked`: cut, and nothing skipped |
//! | a host that is gone is not noticed | `silence`: frozen, half a connection |
//! | it knows no key | `trust`; the tunnel is ours alone: `tunnel` |
//! | what it is sent is garbled unless it is text | `linked`: twenty thousand events; the tunnel passes nothing else |

use std::time::Duration;

use anyhow::{Context as _, Result};
use hearth_replica::{Ended, Link};
use hearth_tests::hearthd::Hearthd;
use hearth_tests::proxy::{Proxy, Weather};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::people::{DEADLINE, Member, OPEN, at, pinned};

/// Longer than the library waits before it connects again, where it is let.
const WOULD_BE_BACK: Duration = Duration::from_secs(4);

#[tokio::test]
async fn what_the_host_asks_is_answered_without_acknowledgements() -> Result<()> {
    let host = Hearthd::start(OPEN)?;
    let mut ann = Member::join(pinned(&host)?, "Ann").await?;
    let bob = Member::join(pinned(&host)?, "Bob").await?.deaf();
    let asked = ann.admitted.signed_in.member.id;
    for number in 0..10 {
        let asking = json!({ "member": asked, "message": format!("Coming? {number}") });
        let answer = bob.call("member:ask", asking);
        let answering = async {
            let request = ann.hears("request").await?;
            let answer = json!({ "ask": request["ask"], "answer": number });
            ann.link.call("member:answer", answer).await?;
            Ok::<_, anyhow::Error>(())
        };
        let (answer, answered) = tokio::join!(timeout(DEADLINE, answer), answering);
        answered?;
        assert_eq!(answer??["answer"], number);
    }
    // And the link is as good as before.
    ann.link.call("note:count", Value::Null).await?;
    Ok(())
}

#[tokio::test]
async fn a_link_that_has_ended_does_not_come_back_by_itself() -> Result<()> {
    let host = Hearthd::start(OPEN)?;
    let proxy = Proxy::open(host.address()).await?;
    let ann = Member::join(at(&host, proxy.address())?, "Ann").await?;
    proxy.set(Weather {
        cut_after: Some(0),
        ..Weather::default()
    });
    ann.link.signal("presence", json!({ "state": "active" }));
    // What the host answers to that is cut off.
    let _ = ann.link.call("note:count", Value::Null).await;
    assert_eq!(timeout(DEADLINE, ann.link.ended()).await?, Ended::Lost);
    proxy.set(Weather::default());
    let before = proxy.connections();
    sleep(WOULD_BE_BACK).await;
    assert_eq!(proxy.connections(), before);
    Ok(())
}

#[tokio::test]
async fn nothing_is_said_to_a_slow_host_before_it_has_let_the_link_in() -> Result<()> {
    let host = Hearthd::start(OPEN)?;
    let proxy = Proxy::open(host.address()).await?;
    let ann = Member::join(at(&host, proxy.address())?, "Ann").await?;
    ann.link.close().await;
    proxy.set(Weather {
        delay: Duration::from_millis(150),
        ..Weather::default()
    });
    let token = &ann.admitted.signed_in.token;
    for _ in 0..3 {
        let opening = Link::open(&ann.admitted.target, &ann.identity, token);
        let (link, _events) = timeout(DEADLINE, opening).await??;
        let answer = link.call("note:count", Value::Null).await;
        answer.context("the first call of a link")?;
        link.close().await;
    }
    Ok(())
}
