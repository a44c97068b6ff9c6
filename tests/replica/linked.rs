//! What is called is answered, each call with its own answer, and what is told comes in order,
//! however much of it there is at once.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use futures::future::join_all;
use hearth_protocol::Code;
use hearth_replica::{CallFailure, Ended, Link, LinkError, Target, Trust};
use hearth_tests::hearthd::Hearthd;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::people::{DEADLINE, Member, OPEN, admitted, identity, owner, pinned};

#[tokio::test]
async fn a_link_is_greeted_and_carries_calls_and_what_happens() -> Result<()> {
    let host = Hearthd::start(OPEN)?;
    let mut ann = Member::join(pinned(&host)?, "Ann").await?;
    assert_eq!(ann.link.welcome().you.name.as_str(), "Ann");
    assert_eq!(ann.link.address(), host.address());

    let room = ann.general().await?;
    let note = json!({ "room": room, "title": "Wörter 🦔", "body": "x" });
    let made = ann.link.call("note:create", note).await?;
    let heard = ann.hears("notecreated").await?;
    assert_eq!(heard["note"]["title"], "Wörter 🦔");
    assert_eq!(heard["note"]["id"], made["note"]["id"]);
    ann.link.close().await;
    assert_eq!(ann.link.ended().await, Ended::Closed);
    Ok(())
}

#[tokio::test]
async fn three_hundred_calls_at_once_get_each_its_own_answer() -> Result<()> {
    let host = Hearthd::start(OPEN)?;
    let ann = Member::join(pinned(&host)?, "Ann").await?;
    let room = ann.general().await?;
    let calls = (0..300).map(|number| {
        let title = format!("Note {number}");
        let call = json!({ "room": room, "title": title });
        let answer = ann.link.call("note:create", call);
        async move { (title, answer.await) }
    });
    let calls: Vec<_> = calls.collect();
    let mut keys = Vec::new();
    for (title, answer) in timeout(DEADLINE, join_all(calls)).await? {
        let note = answer?["note"].clone();
        assert_eq!(note["title"], title.as_str());
        keys.push(note["id"].clone());
    }
    // And so do calls that only look, with others between them.
    let reads = keys.iter().map(|key| {
        let answer = ann.link.call("note:read", json!({ "key": key }));
        async move { (key, answer.await) }
    });
    let reads: Vec<_> = reads.collect();
    for (key, answer) in timeout(DEADLINE, join_all(reads)).await? {
        assert_eq!(&answer?["note"]["id"], key);
    }
    Ok(())
}

#[tokio::test]
async fn calls_take_effect_in_the_order_they_were_made() -> Result<()> {
    let host = Hearthd::start(OPEN)?;
    let mut ann = Member::join(pinned(&host)?, "Ann").await?;
    let room = ann.general().await?;
    let mut answers = Vec::new();
    for number in 0..500 {
        let message = json!({ "room": room, "body": number.to_string() });
        answers.push(ann.link.call("message:send", message));
        ann.link.signal("presence", json!({ "room": room }));
    }
    // They were sent when they were made, whichever is waited for first.
    answers.reverse();
    for answer in join_all(answers).await {
        answer?;
    }
    for number in 0..500 {
        let heard = ann.hears("messageposted").await?;
        assert_eq!(heard["message"]["body"], number.to_string());
    }
    Ok(())
}

#[tokio::test]
async fn twenty_thousand_events_come_in_order_and_none_is_missing() -> Result<()> {
    const EVENTS: usize = 20_000;
    const AT_ONCE: usize = 500;
    let host = Hearthd::start(OPEN)?;
    let mut ann = Member::join(pinned(&host)?, "Ann").await?;
    let bob = Member::join(pinned(&host)?, "Bob").await?.deaf();
    let room = ann.general().await?;
    let sending = async {
        for first in (0..EVENTS).step_by(AT_ONCE) {
            let messages = (first..first + AT_ONCE).map(|number| {
                let message = json!({ "room": room, "body": number.to_string() });
                bob.call("message:send", message)
            });
            for sent in join_all(messages.collect::<Vec<_>>()).await {
                sent?;
            }
        }
        Ok::<_, anyhow::Error>(())
    };
    let hearing = async {
        let mut last = 0;
        for number in 0..EVENTS {
            let heard = ann.hears("messageposted").await?;
            assert_eq!(heard["message"]["body"], number.to_string());
            let seq = heard["seq"].as_u64().context("a number")?;
            assert!(seq > last, "{seq} after {last}");
            last = seq;
        }
        Ok::<_, anyhow::Error>(())
    };
    let (sent, heard) = tokio::join!(sending, hearing);
    sent?;
    heard?;
    Ok(())
}

#[tokio::test]
async fn one_who_does_not_take_what_is_told_is_cut_and_nothing_is_skipped() -> Result<()> {
    let host = Hearthd::start(OPEN)?;
    let mut ann = Member::join(pinned(&host)?, "Ann").await?;
    let bob = Member::join(pinned(&host)?, "Bob").await?.deaf();
    let room = ann.general().await?;
    let mut sent = 0_usize;
    while !ann.link.has_ended() {
        let messages = (sent..sent + 500).map(|number| {
            let message = json!({ "room": room, "body": number.to_string() });
            bob.call("message:send", message)
        });
        join_all(messages.collect::<Vec<_>>()).await;
        sent += 500;
        assert!(sent < 20_000, "it holds everything");
    }
    assert_eq!(timeout(DEADLINE, ann.link.ended()).await?, Ended::Overrun);
    let mut number = 0;
    while let Some(event) = ann.events.recv().await {
        if event.name == "messageposted" {
            assert_eq!(event.payload["message"]["body"], number.to_string());
            number += 1;
        }
    }
    assert!(number > 1_000, "{number}");
    assert!(number < sent, "{number} of {sent}");
    Ok(())
}

#[tokio::test]
async fn a_call_behind_a_signal_is_not_held_back() -> Result<()> {
    let host = Hearthd::start(OPEN)?;
    let ann = Member::join(pinned(&host)?, "Ann").await?;
    let mut took = Vec::new();
    for _ in 0..200 {
        let began = Instant::now();
        ann.link.signal("presence", json!({ "state": "active" }));
        ann.link.call("note:count", Value::Null).await?;
        took.push(began.elapsed());
    }
    took.sort();
    // Where the system waits to acknowledge a small packet it takes 40 ms.
    let median = took[took.len() / 2];
    assert!(median < Duration::from_millis(30), "{median:?}");
    Ok(())
}

#[tokio::test]
async fn a_refused_call_says_why_and_what_is_no_object_is_refused_here() -> Result<()> {
    let host = Hearthd::start(OPEN)?;
    let ann = Member::join(pinned(&host)?, "Ann").await?;
    for (name, payload, code) in [
        ("no:such", json!({}), Code::BadRequest),
        (
            "note:read",
            json!({ "key": ann.general().await? }),
            Code::NotFound,
        ),
        ("note:count", json!([1]), Code::BadRequest),
    ] {
        match ann.link.call(name, payload).await {
            Err(CallFailure::Refused(error)) => assert_eq!(error.code, code, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
    Ok(())
}

#[tokio::test]
async fn calls_that_a_host_takes_to_its_grave_are_said_to_be_unanswered() -> Result<()> {
    let mut host = Hearthd::start(OPEN)?;
    let ann = Member::join(pinned(&host)?, "Ann").await?;
    let room = ann.general().await?;
    host.freeze()?;
    let messages = (0..200).map(|number| {
        let message = json!({ "room": room, "body": number.to_string() });
        ann.link.call("message:send", message)
    });
    let messages: Vec<_> = messages.collect();
    host.kill()?;
    let answers = timeout(DEADLINE, join_all(messages)).await?;
    let sent = answers.partition_point(|it| *it == Err(CallFailure::Unanswered));
    assert!(sent <= 64, "{sent} were with the host at a time");
    let mut rest = answers[sent..].iter();
    assert!(
        rest.all(|it| *it == Err(CallFailure::NotSent)),
        "{answers:?}"
    );
    assert_eq!(
        ann.link.call("note:count", Value::Null).await,
        Err(CallFailure::NotSent)
    );
    Ok(())
}

#[tokio::test]
async fn who_may_not_have_a_link_is_told_why() -> Result<()> {
    let host = Hearthd::start(OPEN)?;
    let (door, coming) = owner(&host)?;
    let mina = admitted(&door, coming).await?;
    let mina = Link::open(&mina.target, &identity()?, &mina.signed_in.token).await?;
    let ann = Member::join(pinned(&host)?, "Ann").await?;
    let opened = |token: String| {
        let target = ann.admitted.target.clone();
        let identity = ann.identity.clone();
        async move {
            let opened = Link::open(&target, &identity, &token).await;
            opened.map(|_| ()).err()
        }
    };
    let unauthorized = Some(LinkError::Refused(Code::Unauthorized));
    assert_eq!(opened("nonsense".to_owned()).await, unauthorized);

    let member = ann.admitted.signed_in.member.id;
    let began = Instant::now();
    mina.0
        .call("member:remove", json!({ "member": member }))
        .await?;
    let ended = timeout(Duration::from_secs(1), ann.link.ended()).await;
    assert!(
        ended.is_ok(),
        "a removed member's link ends within a second"
    );
    assert!(began.elapsed() < DEADLINE);
    let removed = Some(LinkError::Refused(Code::Removed));
    assert_eq!(opened(ann.admitted.signed_in.token.clone()).await, removed);
    Ok(())
}

#[tokio::test]
async fn a_host_on_this_computer_is_joined_without_encryption_too() -> Result<()> {
    let host = Hearthd::start(OPEN)?;
    let target = Target::new(host.address().into(), Trust::Plain);
    let ann = Member::join(target.clone(), "Ann").await?;
    assert_eq!(ann.admitted.target, target);
    ann.link.call("note:count", Value::Null).await?;
    Ok(())
}
