//! Announces a session being hosted, as it is now, for as long as that is wanted.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hearth_protocol::PROTOCOL;
use hearth_protocol::fingerprint::{Fingerprint, KeyHint};
use hearth_session::Handle;
use mdns_sd::{IfKind, ServiceInfo};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::SERVICE;
use super::announcement::{Announcement, AnnouncementId};
use super::daemon::Daemon;

/// How soon others learn that the name or the number of people has changed. Each change is a packet
/// to everybody on the network, so not sooner.
const REFRESHED_EVERY: Duration = Duration::from_secs(3);

/// What is announced.
pub(crate) struct Announced {
    /// Its name, people and admission are followed.
    pub(crate) session: Handle,
    /// Whose key is behind it.
    pub(crate) fingerprint: Fingerprint,
    /// Where it is listened on: all addresses or one.
    pub(crate) listening: SocketAddr,
}

/// Announces until it is stopped; dropped, it ends as well.
pub(crate) struct Announcer {
    id: AnnouncementId,
    stopping: CancellationToken,
    task: JoinHandle<()>,
}

impl Announcer {
    /// Begins while `wanted` says so. Nothing is sent while it does not. A network that cannot be
    /// announced on is tried again and again, and is never a reason not to host.
    pub(crate) fn start(announced: Announced, wanted: watch::Receiver<bool>) -> Self {
        let (id, stopping) = (AnnouncementId::new(), CancellationToken::new());
        let voice = Voice {
            id,
            announced,
            stopping: stopping.clone(),
        };
        let task = tokio::spawn(voice.speak(wanted));
        Self { id, stopping, task }
    }

    /// What tells this announcement from others.
    pub(crate) fn id(&self) -> AnnouncementId {
        self.id
    }

    /// Says that the session is over, to whoever listens.
    pub(crate) async fn stop(mut self) {
        self.stopping.cancel();
        if let Err(error) = (&mut self.task).await {
            tracing::warn!(%error, "Announcing the session did not end well");
        }
    }
}

impl Drop for Announcer {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}

struct Voice {
    id: AnnouncementId,
    announced: Announced,
    stopping: CancellationToken,
}

impl Voice {
    async fn speak(self, mut wanted: watch::Receiver<bool>) {
        while self.is_wanted(&mut wanted).await {
            self.announce_while(&mut wanted).await;
        }
    }

    /// Waits until it is; `false` when that will not be any more.
    async fn is_wanted(&self, wanted: &mut watch::Receiver<bool>) -> bool {
        let wanted = wanted.wait_for(|wanted| *wanted);
        matches!(self.stopping.run_until_cancelled(wanted).await, Some(Ok(_)))
    }

    async fn announce_while(&self, wanted: &mut watch::Receiver<bool>) {
        let mut spoken = Spoken::default();
        let mut tick = interval(REFRESHED_EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = tick.tick() => {}
                Ok(_) = wanted.wait_for(|wanted| !*wanted) => break,
                () = self.stopping.cancelled() => break,
            }
            spoken
                .say(self.announcement(), self.announced.listening)
                .await;
        }
        if let Some(daemon) = spoken.daemon {
            let name = format!("{}.{SERVICE}", self.id.name());
            daemon.say_goodbye(&name).await;
        }
    }

    fn announcement(&self) -> Announcement {
        let state = self.announced.session.state();
        let session = state.session();
        let people = self.announced.session.people();
        Announcement {
            id: self.id,
            session: session.id,
            name: session.name.clone(),
            people: u32::try_from(people).unwrap_or(u32::MAX),
            admission: session.admission,
            protocol: PROTOCOL,
            key: KeyHint::of(self.announced.fingerprint),
        }
    }
}

/// What was said last, and by whom.
#[derive(Default)]
struct Spoken {
    daemon: Option<Daemon>,
    last: Option<Announcement>,
    /// A network that does not want to hear is mentioned once.
    complained: bool,
}

impl Spoken {
    async fn say(&mut self, now: Announcement, listening: SocketAddr) {
        if let Some(daemon) = &self.daemon
            && !daemon.is_alive().await
        {
            (self.daemon, self.last) = (None, None);
        }
        if self.last.as_ref() == Some(&now) {
            return;
        }
        match self.try_to_say(&now, listening) {
            Ok(()) => self.last = Some(now),
            Err(error) if self.complained => tracing::debug!(%error, "Still not announced"),
            Err(error) => {
                self.complained = true;
                tracing::warn!(%error, "The session cannot be announced on this network");
            }
        }
    }

    fn try_to_say(&mut self, now: &Announcement, listening: SocketAddr) -> mdns_sd::Result<()> {
        let daemon = match &mut self.daemon {
            Some(daemon) => daemon,
            none => none.insert(Daemon::start()?),
        };
        daemon.announce(service(now, &now.id.name(), listening)?)
    }
}

/// As DNS-SD has it. Its name there says nothing: what the session is called would be a second
/// truth beside the TXT record, and two may be called the same.
fn service(of: &Announcement, name: &str, listening: SocketAddr) -> mdns_sd::Result<ServiceInfo> {
    let (host, properties) = (of.id.host(), of.write());
    let make = |addresses: &[IpAddr]| {
        let port = listening.port();
        ServiceInfo::new(SERVICE, name, &host, addresses, port, &properties[..])
    };
    let everywhere = |adapters| {
        make(&[]).map(|service| {
            let mut service = service.enable_addr_auto();
            service.set_interfaces(vec![adapters]);
            service
        })
    };
    match listening.ip() {
        IpAddr::V4(address) if address.is_unspecified() => everywhere(IfKind::IPv4),
        // Whoever listens on all of IPv6 hears IPv4 too.
        IpAddr::V6(address) if address.is_unspecified() => everywhere(IfKind::All),
        address => make(&[address]).map(|mut service| {
            service.set_interfaces(vec![IfKind::Addr(address)]);
            service
        }),
    }
}

#[cfg(test)]
mod tests;
