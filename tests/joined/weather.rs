//! Whatever the network between a copy and its host does, both come to the same when it is over,
//! with each thing once.

use std::collections::HashSet;
use std::env;
use std::time::Duration;

use anyhow::{Context as _, Result};
use futures::future::join_all;
use hearth_protocol::Code;
use hearth_protocol::signal::LinkState;
use hearth_replica::CallFailure;
use hearth_tests::hearthd::Hearthd;
use hearth_tests::proxy::{Proxy, Weather};
use serde_json::{Value, json};
use tokio::time::{Instant, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::copy::{Copy, DEADLINE, OPEN, Person, id, target};

/// A host on the other side of a network, and a copy.
struct Scene {
    _host: Hearthd,
    proxy: Proxy,
    ben: Copy,
    ann: Person,
    window: Person,
    room: Value,
    key: Value,
}

impl Scene {
    async fn begin() -> Result<Self> {
        let host = Hearthd::start(OPEN)?;
        let proxy = Proxy::open(host.address()).await?;
        let ann = Person::at(&host, "Ann").await?;
        let room = ann.general().await?;
        let note = json!({ "room": room, "title": "Plan", "body": "start " });
        let key = ann.call("note:create", note).await?["note"]["key"].clone();
        let ben = Copy::join_at(target(&host, proxy.address())?, "Ben").await?;
        let window = ben.window().await?;
        Ok(Self {
            _host: host,
            proxy,
            ben,
            ann,
            window,
            room,
            key,
        })
    }

    /// Writes as `who` until told to stop: messages and edits in turn. Answers how many of each.
    async fn write(&self, person: &Person, who: &str, stop: &CancellationToken) -> Result<usize> {
        let mut written = 0;
        let mut ticks = interval(Duration::from_millis(20));
        while !stop.is_cancelled() {
            ticks.tick().await;
            let body = format!("{who} says {written}");
            let message = json!({ "id": id(), "room": self.room, "body": body });
            person.call("message:send", message).await?;
            let mark = format!("<{who}{written}>");
            while !self.inserts(person, &mark).await? {}
            written += 1;
        }
        Ok(written)
    }

    /// Inserts at the note's beginning; false where the note is to be read again first.
    async fn inserts(&self, person: &Person, mark: &str) -> Result<bool> {
        let read = person.call("note:read", json!({ "key": self.key })).await?;
        let change = json!({
            "id": id(), "key": self.key, "version": read["note"]["version"],
            "changes": [{ "from": 0, "insert": mark }],
        });
        match person.call("note:update", change).await {
            Ok(_) => Ok(true),
            Err(error) => match error.downcast_ref() {
                Some(CallFailure::Refused(refused)) if refused.code == Code::Conflict => Ok(false),
                _ => Err(error),
            },
        }
    }

    /// Does something to the network while people at both ends write, and waits until all is
    /// settled: then both have the same, with all that was written in it once.
    async fn lives_through(self, weather: impl AsyncFnOnce(&Self) -> Result<()>) -> Result<()> {
        let stop = CancellationToken::new();
        let changing = async {
            let changed = weather(&self).await;
            stop.cancel();
            changed
        };
        let (changed, by_ann, by_ben) = tokio::join!(
            changing,
            self.write(&self.ann, "Ann", &stop),
            self.write(&self.window, "Ben", &stop)
        );
        changed?;
        let (by_ann, by_ben) = (by_ann.context("at the host")?, by_ben.context("here")?);
        self.proxy.set(Weather::default());
        self.ben.retry()?;
        self.ben.until_live().await?;
        self.ben.until_sent().await?;
        self.is_whole(&[("Ann", by_ann), ("Ben", by_ben)]).await
    }

    async fn is_whole(&self, written: &[(&str, usize)]) -> Result<()> {
        let facts = self.ann.log().await?;
        let last = facts.last().context("a fact")?["seq"].as_u64();
        self.ben.until_copied(last.context("a number")?).await?;
        assert_eq!(self.window.log().await?, facts);
        let text = self.ann.text(&self.key).await?;
        assert_eq!(self.window.text(&self.key).await?, text);
        let said: Vec<_> = facts
            .iter()
            .filter(|fact| fact["name"] == "messageposted")
            .map(|fact| fact["message"]["body"].as_str().unwrap_or_default())
            .collect();
        for (who, count) in written {
            let own = said.iter().filter(|said| said.starts_with(who));
            let own: Vec<_> = own.map(|said| (*said).to_owned()).collect();
            let expected: Vec<_> = (0..*count).map(|at| format!("{who} says {at}")).collect();
            assert_eq!(own, expected);
            for at in 0..*count {
                let mark = format!("<{who}{at}>");
                assert_eq!(text.matches(&mark).count(), 1, "{mark}");
            }
        }
        let different: HashSet<_> = said.iter().collect();
        assert_eq!(different.len(), said.len(), "each thing once");
        let outbox = self.window.call("outbox:list", json!({})).await?;
        assert_eq!(outbox["refused"], json!([]));
        Ok(())
    }
}

/// Numbers that follow from a seed (SplitMix64).
struct Random(u64);

impl Random {
    /// From `HEARTH_SEED`, or another one each time. It is said, and shown where a test fails.
    #[expect(clippy::print_stdout, reason = "a test that fails shows it")]
    fn new() -> Self {
        let given = env::var("HEARTH_SEED")
            .ok()
            .and_then(|seed| seed.parse().ok());
        let seed = given.unwrap_or_else(|| {
            let bytes = hearth_protocol::CallId::new().0.into_bytes();
            u64::from(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
        });
        println!("again with HEARTH_SEED={seed}");
        Self(seed)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

#[tokio::test]
async fn two_hundred_milliseconds_each_way_are_waited_for_once_and_not_for_each_call() -> Result<()>
{
    let scene = Scene::begin().await?;
    scene.proxy.set(Weather {
        delay: Duration::from_millis(200),
        ..Weather::default()
    });
    let began = Instant::now();
    let calls = (0..50).map(|number| {
        let body = format!("at once {number}");
        let message = json!({ "id": id(), "room": scene.room, "body": body });
        scene.window.call("message:send", message)
    });
    for answer in join_all(calls).await {
        assert!(answer?.get("pending").is_none());
    }
    let took = began.elapsed();
    assert!(took > Duration::from_millis(400), "{took:?}");
    assert!(took < Duration::from_secs(5), "{took:?}");
    scene
        .lives_through(async |_| {
            sleep(Duration::from_secs(2)).await;
            Ok(())
        })
        .await
}

/// A lost packet holds back all that comes behind it until it was sent once more.
#[tokio::test]
async fn packets_that_are_lost_again_and_again_delay_and_harm_nothing() -> Result<()> {
    let mut random = Random::new();
    let scene = Scene::begin().await?;
    let losing = async |scene: &Scene| {
        for _ in 0..100 {
            let lost = random.below(5) == 0;
            let delay = Duration::from_millis(if lost { 200 + random.below(400) } else { 5 });
            scene.proxy.set(Weather {
                delay,
                ..Weather::default()
            });
            sleep(Duration::from_millis(30)).await;
        }
        // It was never taken for a host that is away.
        assert_eq!(scene.proxy.connections(), CONNECTIONS);
        Ok(())
    };
    scene.lives_through(losing).await
}

/// Coming in, and the link.
const CONNECTIONS: usize = 2;

/// The longest that passes before a cut: handshake and greeting take a few of them.
const MOST_BYTES: u64 = 12_000;

#[tokio::test]
async fn a_link_that_is_cut_anywhere_again_and_again_loses_and_doubles_nothing() -> Result<()> {
    let mut random = Random::new();
    let scene = Scene::begin().await?;
    let cutting = async |scene: &Scene| {
        for _ in 0..40 {
            let cuts = scene.proxy.cuts();
            let after = random.below(MOST_BYTES) as usize;
            scene.proxy.set(Weather {
                cut_after: Some(after),
                ..Weather::default()
            });
            scene.ben.retry()?;
            let cut = async {
                while scene.proxy.cuts() == cuts {
                    sleep(Duration::from_millis(5)).await;
                }
            };
            let cut = timeout(DEADLINE, cut).await;
            cut.with_context(|| format!("no cut after {after} bytes"))?;
        }
        Ok(())
    };
    scene.lives_through(cutting).await
}

#[tokio::test]
async fn half_a_connection_and_one_that_leads_nowhere_are_noticed_and_got_over() -> Result<()> {
    let scene = Scene::begin().await?;
    let halving = async |scene: &Scene| {
        // What is said to the host arrives there, and its answers do not.
        scene.proxy.set(Weather {
            mute: true,
            ..Weather::default()
        });
        scene.ben.until_away().await?;
        scene.proxy.set(Weather {
            swallow: true,
            ..Weather::default()
        });
        scene.ben.retry()?;
        let tried = scene.proxy.connections();
        let trying = async {
            while scene.proxy.connections() == tried {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(DEADLINE, trying).await?;
        assert_ne!(scene.ben.link()?, LinkState::Live);
        // It comes back by itself.
        scene.proxy.set(Weather::default());
        scene.ben.until_live().await
    };
    scene.lives_through(halving).await
}
