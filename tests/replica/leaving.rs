//! Nothing is left behind: no task, no thread, no socket; and what stays costs next to nothing.

use std::time::{Duration, Instant};

use anyhow::Result;
use hearth_replica::{Config, Ended, Keeper, Link};
use hearth_tests::alone::{is_alone, settled, used};
use hearth_tests::hearthd::Hearthd;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::people::{Member, OPEN, pinned};

/// Nothing of a link is left after this.
const SETTLED: Duration = Duration::from_secs(5);

#[tokio::test]
async fn fifty_links_leave_no_task_no_thread_and_no_file() -> Result<()> {
    if !is_alone("leaving::fifty_links_leave_no_task_no_thread_and_no_file")? {
        return Ok(());
    }
    let host = Hearthd::start(OPEN)?;
    let ann = Member::join(pinned(&host)?, "Ann").await?;
    ann.link.close().await;
    let (target, token) = (&ann.admitted.target, &ann.admitted.signed_in.token);
    let before = settled(None, SETTLED).await;
    for round in 0..50 {
        let (link, events) = Link::open(target, &ann.identity, token).await?;
        link.call("thanks", json!({})).await?;
        match round % 4 {
            0 => link.close().await,
            // Whoever holds nothing of it any more has ended it.
            1 => drop((link, events)),
            // A call is on its way.
            2 => {
                let call = link.call("note:count", Value::Null);
                link.close().await;
                drop(call);
            }
            // It is still being opened.
            _ => {
                drop((link, events));
                let opening = Link::open(target, &ann.identity, token);
                let _ = tokio::time::timeout(Duration::from_millis(round), opening).await;
            }
        }
    }
    assert_eq!(settled(Some(before), SETTLED).await, before);
    Ok(())
}

#[tokio::test]
async fn links_that_a_host_let_hang_leave_nothing_either() -> Result<()> {
    if !is_alone("leaving::links_that_a_host_let_hang_leave_nothing_either")? {
        return Ok(());
    }
    let host = Hearthd::start(OPEN)?;
    let ann = Member::join(pinned(&host)?, "Ann").await?;
    let (target, token) = (&ann.admitted.target, &ann.admitted.signed_in.token);
    ann.link.close().await;
    let before = settled(None, SETTLED).await;
    let mut links = Vec::new();
    for _ in 0..3 {
        links.push(Link::open(target, &ann.identity, token).await?);
    }
    host.freeze()?;
    // More than the system takes, so that the client hangs in the middle of sending.
    for (link, _) in &links {
        for _ in 0..500 {
            link.signal("presence", json!({ "room": "x".repeat(50_000) }));
        }
    }
    sleep(Duration::from_millis(500)).await;
    let began = Instant::now();
    for (link, _) in &links[..1] {
        link.close().await;
    }
    assert!(
        began.elapsed() < Duration::from_secs(4),
        "{:?}",
        began.elapsed()
    );
    for (link, _) in &links[1..] {
        assert_eq!(link.ended().await, Ended::Silent);
    }
    drop(links);
    assert_eq!(settled(Some(before), SETTLED).await, before);
    Ok(())
}

#[tokio::test]
#[expect(clippy::print_stderr, reason = "what is left out is said")]
async fn an_idle_link_does_not_keep_the_processor_busy() -> Result<()> {
    if !is_alone("leaving::an_idle_link_does_not_keep_the_processor_busy")? {
        return Ok(());
    }
    let host = Hearthd::start(OPEN)?;
    let ann = Member::join(pinned(&host)?, "Ann").await?;
    let config = Config {
        target: ann.admitted.target.clone(),
        identity: ann.identity.clone(),
        token: ann.admitted.signed_in.token.clone(),
        hints: watch::channel(Vec::new()).1,
    };
    let (keeper, mut links) = Keeper::start(config);
    let _link = links.next().await;
    ann.link.close().await;
    sleep(Duration::from_secs(1)).await;
    // A hundredth of an hour.
    let before = used();
    sleep(Duration::from_secs(36)).await;
    let (Some(before), Some(after)) = (before, used()) else {
        eprintln!("this system does not tell what a process uses");
        return Ok(());
    };
    let used = (after - before) * 100;
    // Built for tests, and beside others, it takes ten times as long as in the app; what spins, or
    // looks too often, takes far more.
    assert!(used < Duration::from_secs(10), "{used:?}");
    keeper.stop().await;
    Ok(())
}
