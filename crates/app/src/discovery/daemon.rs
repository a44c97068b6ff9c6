//! The library's daemon, which ends with its owner, and from which a panic comes back as an end.

use std::time::Duration;

use mdns_sd::{DaemonStatus, Receiver, ServiceDaemon, ServiceEvent, ServiceInfo};
use tokio::time::timeout;

use super::SERVICE;

/// Answers come from a thread on this computer; longer means that it is gone.
const ANSWERS_WITHIN: Duration = Duration::from_secs(2);

/// How often the network's adapters are looked at, in seconds: a change of address is announced,
/// and heard, this much later.
const LOOK_AT_ADAPTERS_EVERY: u32 = 3;

/// A thread that speaks multicast DNS.
pub(super) struct Daemon(ServiceDaemon);

impl Daemon {
    /// Starts one; several beside each other, and those of other programs, share the port.
    pub(super) fn start() -> mdns_sd::Result<Self> {
        let daemon = ServiceDaemon::new()?;
        daemon.set_ip_check_interval(LOOK_AT_ADAPTERS_EVERY)?;
        Ok(Self(daemon))
    }

    /// Announces this, or what has become of it.
    pub(super) fn announce(&self, service: ServiceInfo) -> mdns_sd::Result<()> {
        self.0.register(service)
    }

    /// Says that it is over. Whoever does not hear it forgets after two minutes.
    pub(super) async fn say_goodbye(&self, name: &str) {
        if let Ok(said) = self.0.unregister(name) {
            // Only the wait is bounded: it was said or it was not.
            let _ = timeout(ANSWERS_WITHIN, said.recv_async()).await;
        }
    }

    /// Asks who is there. Each call asks anew and takes the place of the one before it.
    pub(super) fn browse(&self) -> mdns_sd::Result<Receiver<ServiceEvent>> {
        self.0.browse(SERVICE)
    }

    /// Asks one of those that were found whether it is still there; it is forgotten when it does
    /// not answer within `patience`.
    pub(super) fn verify(&self, name: &str, patience: Duration) -> mdns_sd::Result<()> {
        self.0.verify(name.to_owned(), patience)
    }

    /// How many records it remembers; `None` when it does not answer.
    pub(super) async fn remembered(&self) -> Option<i64> {
        let metrics = self.0.get_metrics().ok()?;
        let metrics = timeout(ANSWERS_WITHIN, metrics.recv_async())
            .await
            .ok()?
            .ok()?;
        let counted = |name: &&String| name.starts_with("cached-") || name.as_str() == "timer";
        Some(
            metrics
                .iter()
                .filter(|(name, _)| counted(name))
                .map(|(_, count)| *count)
                .sum(),
        )
    }

    /// Whether its thread is still there.
    pub(super) async fn is_alive(&self) -> bool {
        let Ok(status) = self.0.status() else {
            return false;
        };
        let status = timeout(ANSWERS_WITHIN, status.recv_async()).await;
        matches!(status, Ok(Ok(DaemonStatus::Running)))
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Its thread would go on for ever. An error means that it is gone already.
        for _ in 0..3 {
            match self.0.shutdown() {
                Err(mdns_sd::Error::Again) => std::thread::yield_now(),
                _ => return,
            }
        }
    }
}
