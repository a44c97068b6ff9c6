//! Two hosts that want the same name in DNS are told apart by who they are. Both have to answer
//! for that, and to notice each other, so they are real ones.

use std::time::Duration;

use hearth_protocol::window::NearbySession;
use tokio::time::timeout;

use super::super::announcement::tests::sample;
use super::super::listener::Listener;
use super::*;

/// A clash is noticed within seconds; this computer may have much else to do.
const SETTLED_WITHIN: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_name_that_two_hosts_want_never_leads_from_one_to_the_other() {
    let hosts = [(sample("Tea"), 4701), (sample("Coffee"), 4702)];
    let mut listener = Listener::start();
    let mut daemons = Vec::new();
    for (announcement, port) in &hosts {
        let listening = SocketAddr::from(([127, 0, 0, 1], *port));
        let daemon = Daemon::start().unwrap();
        daemon
            .announce(service(announcement, "wanted-by-two", listening).unwrap())
            .unwrap();
        daemons.push(daemon);
    }
    let of = |sessions: &[NearbySession], announcement: &Announcement| {
        let id = announcement.id.to_string();
        sessions.iter().find(|one| one.id == id).cloned()
    };
    let settled = async {
        loop {
            let sessions = listener.changed().await.sessions;
            let mut found = 0;
            for (announcement, port) in &hosts {
                let Some(session) = of(&sessions, announcement) else {
                    continue;
                };
                assert_eq!(session.addresses, [format!("127.0.0.1:{port}")]);
                assert_eq!(session.name, announcement.name);
                found += 1;
            }
            if found == hosts.len() {
                return;
            }
        }
    };
    timeout(SETTLED_WITHIN, settled)
        .await
        .expect("both are found");
}
