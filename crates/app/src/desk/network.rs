//! The network around this desk: who else is there, and whether others can reach it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hearth_protocol::window::{self, NetworkCheck};
use tokio::time::{Instant, sleep_until};

use super::Desk;
use crate::discovery::Listener;
use crate::network::{self, Hosted};

/// Nobody who looks at the list asks less often. Afterwards listening ends: it asks everybody on
/// the network again and again.
const LISTENED_FOR: Duration = Duration::from_secs(10);

/// Listens for others while somebody wants to know.
#[derive(Clone, Default)]
pub(super) struct Nearby(Arc<Mutex<Option<Listening>>>);

struct Listening {
    listener: Listener,
    until: Instant,
}

impl Desk {
    /// The sessions announced on this network, one's own left out. The first call begins to
    /// listen, and some seconds after the last one that ends.
    pub async fn nearby(&self) -> window::Nearby {
        let own = self.running.lock().await.as_ref().map(|running| {
            let access = running.access();
            access.announcement().to_string()
        });
        let mut nearby = self.nearby.ask();
        nearby
            .sessions
            .retain(|session| Some(&session.id) != own.as_ref());
        nearby
    }

    /// Looks whether others can find and reach this computer, and the session being hosted. This
    /// takes some seconds.
    pub async fn network_check(&self) -> NetworkCheck {
        let access = self
            .running
            .lock()
            .await
            .as_ref()
            .map(super::Running::access);
        let announced = *self.announce.borrow();
        let hosted = access.map(|access| Hosted {
            session: access.session().id,
            port: access.port(),
            announcement: announced.then(|| access.announcement()),
        });
        network::check(hosted).await
    }
}

impl Nearby {
    fn ask(&self) -> window::Nearby {
        let until = Instant::now() + LISTENED_FOR;
        let mut listening = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(listening) = listening.as_mut() {
            listening.until = until;
            return listening.listener.nearby();
        }
        let listener = Listener::start();
        let nearby = listener.nearby();
        *listening = Some(Listening { listener, until });
        tokio::spawn(self.clone().end());
        nearby
    }

    /// Ends listening once nobody has asked for a while.
    async fn end(self) {
        let mut until = Instant::now() + LISTENED_FOR;
        loop {
            sleep_until(until).await;
            let mut listening = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match listening.as_ref().map(|listening| listening.until) {
                Some(later) if later > Instant::now() => until = later,
                _ => {
                    *listening = None;
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
