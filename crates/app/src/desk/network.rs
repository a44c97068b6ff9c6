//! The network around this desk: who else is there, and whether others can reach it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hearth_protocol::window::{self, NetworkCheck};
use tokio::time::{Instant, sleep_until};

use super::Desk;
use crate::discovery::{AnnouncementId, Listener};
use crate::network::{self, Hosted};

/// Nobody who looks at the list asks less often. Afterwards listening ends: it asks everybody on
/// the network again and again.
const LISTENED_FOR: Duration = Duration::from_secs(10);

/// Listens for others while somebody wants to know.
#[derive(Clone, Default)]
pub(super) struct Nearby(Arc<Mutex<Around>>);

#[derive(Default)]
struct Around {
    listening: Option<Listening>,
    /// Announcements of this desk. One that has ended is still heard for a moment.
    own: BTreeSet<String>,
}

struct Listening {
    listener: Listener,
    until: Instant,
}

impl Desk {
    /// The sessions announced on this network, one's own left out. The first call begins to
    /// listen, and some seconds after the last one that ends.
    pub fn nearby(&self) -> window::Nearby {
        self.nearby.ask()
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
    /// Leaves this announcement out from now on.
    pub(super) fn leave_out(&self, own: AnnouncementId) {
        self.around().own.insert(own.to_string());
    }

    fn ask(&self) -> window::Nearby {
        let until = Instant::now() + LISTENED_FOR;
        let mut around = self.around();
        let listening = around.listening.get_or_insert_with(|| {
            tokio::spawn(self.clone().end());
            let listener = Listener::start();
            Listening { listener, until }
        });
        listening.until = until;
        let mut nearby = listening.listener.nearby();
        nearby
            .sessions
            .retain(|session| !around.own.contains(&session.id));
        nearby
    }

    fn around(&self) -> MutexGuard<'_, Around> {
        // Each change is one assignment: a panic leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends listening once nobody has asked for a while.
    async fn end(self) {
        let mut until = Instant::now() + LISTENED_FOR;
        loop {
            sleep_until(until).await;
            let mut around = self.around();
            match around.listening.as_ref().map(|listening| listening.until) {
                Some(later) if later > Instant::now() => until = later,
                _ => {
                    around.listening = None;
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
