//! Where else the host may be: what is announced on the network under its session's id. Anybody can
//! announce anything, so that only says where to try; the key decides.

use hearth_protocol::SessionId;
use hearth_replica::Address;
use tokio::sync::watch;
use tokio::time::{Duration, sleep};

use crate::discovery::Listener;

/// A link that is lost for a moment comes back by itself, at the place where it was.
const AWAY_FOR: Duration = Duration::from_secs(3);

/// Addresses that are tried beside those that are known.
const MOST_HEARD: usize = 8;

/// Tells the keeper what is heard. Never ends by itself.
pub(super) async fn listen(session: SessionId, give: &watch::Sender<Vec<Address>>) {
    sleep(AWAY_FOR).await;
    let mut listener = Listener::start();
    loop {
        let heard = listener.changed().await.sessions;
        let ours = heard.into_iter().filter(|found| found.session == session);
        let addresses: Vec<Address> = ours
            .flat_map(|found| found.addresses)
            .filter_map(|address| address.parse().ok())
            .take(MOST_HEARD)
            .collect();
        give.send_if_modified(|known| {
            let is_new = !addresses.is_empty() && *known != addresses;
            if is_new {
                *known = addresses;
            }
            is_new
        });
    }
}
