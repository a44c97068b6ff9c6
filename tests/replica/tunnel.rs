//! The tunnel on loopback is ours alone.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Result;
use hearth_tests::alone::is_alone;
use hearth_tests::hearthd::Hearthd;

use crate::people::{Member, OPEN, pinned};

/// Ports that this computer listens on.
fn listening() -> Result<BTreeSet<u16>> {
    let table = std::fs::read_to_string("/proc/net/tcp")?;
    let ports = table.lines().skip(1).filter_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let (local, state) = (fields.next()?, fields.nth(1)?);
        let (_, port) = local.split_once(':')?;
        (state == "0A").then(|| u16::from_str_radix(port, 16).ok())?
    });
    Ok(ports.collect())
}

#[tokio::test]
async fn nobody_can_connect_to_the_tunnel_of_a_link() -> Result<()> {
    if !is_alone("tunnel::nobody_can_connect_to_the_tunnel_of_a_link")? {
        return Ok(());
    }
    let host = Hearthd::start(OPEN)?;
    let before = listening()?;
    let ann = Member::join(pinned(&host)?, "Ann").await?;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let new: BTreeSet<u16> = listening()?.difference(&before).copied().collect();
    assert!(new.is_empty(), "{new:?}");
    ann.link.close().await;
    Ok(())
}
