//! Whether others can find and reach this computer, as far as it can be told from here: what
//! stands between two computers, only the other one can find out.

mod firewall;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use hearth_protocol::id::SessionId;
use hearth_protocol::window::{AnnouncementCheck, CheckedAddress, HostedCheck, NetworkCheck};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::discovery::{AnnouncementId, Listener};
use crate::invitation::{Adapter, usable_adapters};
use crate::probe::{Answer, ask};

/// An announcement is heard within a second or two; after this somebody keeps it back.
const HEARD_WITHIN: Duration = Duration::from_secs(6);

/// Somebody with more adapters looks at these.
const MOST_ADDRESSES: usize = 32;

/// A session being hosted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hosted {
    pub(crate) session: SessionId,
    /// The port that others reach.
    pub(crate) port: u16,
    /// Its announcement; none where that is switched off.
    pub(crate) announcement: Option<AnnouncementId>,
}

/// Looks at everything, which takes some seconds.
pub(crate) async fn check(hosted: Option<Hosted>) -> NetworkCheck {
    let adapters: Vec<Adapter> = usable_adapters().into_iter().take(MOST_ADDRESSES).collect();
    let (addresses, hosted) = tokio::join!(check_addresses(adapters, hosted), async {
        match hosted {
            Some(hosted) => Some(check_hosted(hosted).await),
            None => None,
        }
    });
    NetworkCheck {
        addresses,
        firewall: firewall::notice(Path::new("/")),
        hosted,
    }
}

async fn check_addresses(adapters: Vec<Adapter>, hosted: Option<Hosted>) -> Vec<CheckedAddress> {
    let Some(hosted) = hosted else {
        let unasked = |adapter: Adapter| describe(&adapter, adapter.address.to_string(), None);
        return adapters.into_iter().map(unasked).collect();
    };
    let mut asked = JoinSet::new();
    for (place, adapter) in adapters.into_iter().enumerate() {
        asked.spawn(async move {
            let answers = answers(adapter.address, hosted).await;
            let address = SocketAddr::new(adapter.address, hosted.port).to_string();
            (place, describe(&adapter, address, Some(answers)))
        });
    }
    let mut addresses = asked.join_all().await;
    addresses.sort_by_key(|(place, _)| *place);
    addresses.into_iter().map(|(_, address)| address).collect()
}

fn describe(adapter: &Adapter, address: String, answers: Option<bool>) -> CheckedAddress {
    CheckedAddress {
        address,
        interface: adapter.name.clone(),
        r#virtual: adapter.is_virtual,
        answers,
    }
}

async fn check_hosted(hosted: Hosted) -> HostedCheck {
    let (answers, announcement) = tokio::join!(
        answers(Ipv4Addr::LOCALHOST.into(), hosted),
        hear(hosted.announcement)
    );
    HostedCheck {
        port: hosted.port,
        answers,
        announcement,
    }
}

/// Whether the session itself answers there, and not whatever else has the address.
async fn answers(address: IpAddr, hosted: Hosted) -> bool {
    let answer = ask(&address.to_string(), hosted.port).await;
    matches!(answer, Answer::Hearth { health, .. } if health.session == hosted.session)
}

/// Listens for one's own announcement as anybody else would.
async fn hear(announcement: Option<AnnouncementId>) -> AnnouncementCheck {
    let Some(id) = announcement.map(|id| id.to_string()) else {
        return AnnouncementCheck::Off;
    };
    let mut listener = Listener::start();
    let heard = async {
        while !listener
            .changed()
            .await
            .sessions
            .iter()
            .any(|one| one.id == id)
        {}
    };
    match timeout(HEARD_WITHIN, heard).await {
        Ok(()) => AnnouncementCheck::Seen,
        Err(_) => AnnouncementCheck::Unseen,
    }
}
