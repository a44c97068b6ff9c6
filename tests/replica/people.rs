//! Somebody who joins, as an app does.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use hearth_protocol::Name;
use hearth_replica::{
    Admitted, ComingIn, Door, Events, Identity, Invitation, Link, Outcome, Target, Trust,
};
use hearth_tests::hearthd::Hearthd;
use rcgen::{CertificateParams, KeyPair};
use serde_json::{Value, json};
use tokio::time::timeout;

/// Far longer than anything takes, so that a test that hangs ends.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// What `hearthd` is started with where nothing else matters.
pub(crate) const OPEN: &[&str] = &["--admit", "anyone", "--limits", "off"];

/// A computer that no host knows.
pub(crate) fn identity() -> Result<Identity> {
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(vec!["here".to_owned()])?.self_signed(&key)?;
    Ok(Identity::new(
        certificate.der().to_vec(),
        key.serialize_der(),
    )?)
}

/// The host, by its key.
pub(crate) fn pinned(host: &Hearthd) -> Result<Target> {
    at(host, host.address())
}

/// The same at another address.
pub(crate) fn at(host: &Hearthd, address: SocketAddr) -> Result<Target> {
    let key = host.fingerprint()?.parse()?;
    Ok(Target::new(address.into(), Trust::Pinned(key)))
}

/// Without PIN or invitation.
pub(crate) fn called(name: &str) -> Result<ComingIn> {
    Ok(ComingIn {
        name: Name::new(name).map_err(anyhow::Error::msg)?,
        color: None,
        pin: None,
        invite: None,
        token: None,
    })
}

/// The host's own person, by the invitation on the first line.
pub(crate) fn owner(host: &Hearthd) -> Result<(Door, ComingIn)> {
    let invitation: Invitation = host.sign_in_url()?.parse()?;
    let coming = ComingIn {
        invite: invitation.secret,
        ..called("Mina")?
    };
    Ok((Door::new(invitation.target, identity()?), coming))
}

/// Comes in where nobody is asked.
pub(crate) async fn admitted(door: &Door, coming: ComingIn) -> Result<Admitted> {
    match door.sign_in(coming).await? {
        Outcome::In(admitted) => Ok(admitted),
        Outcome::Waiting(_) => bail!("the host is asked"),
    }
}

/// A linked member, and how it got there.
pub(crate) struct Member {
    pub(crate) link: Link,
    pub(crate) events: Events,
    pub(crate) admitted: Admitted,
    pub(crate) identity: Identity,
}

impl Member {
    /// Comes in at `target` and hears what happens.
    pub(crate) async fn join(target: Target, name: &str) -> Result<Self> {
        let identity = identity()?;
        let door = Door::new(target, identity.clone());
        let admitted = admitted(&door, called(name)?).await?;
        Self::connect(admitted, identity).await
    }

    /// The host's own person.
    pub(crate) async fn owner(host: &Hearthd) -> Result<Self> {
        let (door, coming) = owner(host)?;
        let admitted = admitted(&door, coming).await?;
        Self::connect(admitted, identity()?).await
    }

    async fn connect(admitted: Admitted, identity: Identity) -> Result<Self> {
        let token = &admitted.signed_in.token;
        let (link, events) = Link::open(&admitted.target, &identity, token).await?;
        link.call("thanks", json!({})).await?;
        Ok(Self {
            link,
            events,
            admitted,
            identity,
        })
    }

    /// The link alone, of somebody who does not hear what happens.
    pub(crate) fn deaf(self) -> Link {
        self.link
    }

    /// The room that everybody is in.
    pub(crate) async fn general(&self) -> Result<Value> {
        let rooms = self.link.call("room:list", Value::Null).await?;
        let room = rooms["rooms"].get(0).context("a room")?;
        Ok(room["id"].clone())
    }

    /// The next event of this name; others are passed over.
    pub(crate) async fn hears(&mut self, name: &str) -> Result<Value> {
        let hearing = async {
            while let Some(event) = self.events.recv().await {
                if event.name == name {
                    return Ok(event.payload);
                }
            }
            bail!("the link ended before {name}")
        };
        timeout(DEADLINE, hearing).await?
    }
}
