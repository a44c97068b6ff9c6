//! A session hosted at one desk is found from another one, for as long as the person wants that.
//! Each desk is a process of its own otherwise; here they share one, and the network between them.

use std::time::Duration;

use hearth_protocol::id::SessionId;
use hearth_protocol::name::Name;
use hearth_protocol::object::{Admission, Browsers, Role};
use hearth_protocol::window::{
    AnnouncementCheck, Firewall, HostRequest, NearbySession, ProbeRequest, Probed, Settings,
};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use super::super::Desk;
use crate::probe::probe;

/// A session is found within a second or two; this computer may have much else to do.
const NOTICED_WITHIN: Duration = Duration::from_secs(60);

fn desk() -> (Desk, TempDir) {
    let dir = tempfile::tempdir().unwrap();
    (Desk::open(dir.path(), dir.path()).unwrap(), dir)
}

async fn host(desk: &Desk, name: &str) -> SessionId {
    let request = HostRequest {
        session: None,
        name: Name::new(name).unwrap(),
        admission: Admission::Ask,
        pin: None,
        guests: Role::Editor,
        browsers: Browsers::Encrypted,
    };
    desk.host(request).await.unwrap().session
}

fn announce(desk: &Desk, announce: bool) {
    let settings = desk.settings();
    desk.save_settings(Settings {
        announce,
        ..settings
    })
    .unwrap();
}

/// Looks, as the start screen does, until the session is there or is not.
async fn until(desk: &Desk, session: SessionId, there: bool) -> Option<NearbySession> {
    let noticed = async {
        loop {
            let sessions = desk.nearby().sessions;
            let found = sessions.into_iter().find(|one| one.session == session);
            if found.is_some() == there {
                return found;
            }
            sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(NOTICED_WITHIN, noticed)
        .await
        .expect("it is noticed")
}

#[tokio::test]
async fn a_session_is_found_while_it_is_announced_and_can_be_looked_at() {
    let ((mina, _minas), (jo, _jos)) = (desk(), desk());
    let session = host(&mina, "Design").await;
    let found = until(&jo, session, true).await.unwrap();
    assert_eq!(found.name.as_str(), "Design");
    let key = Some(found.key);
    let places = found.addresses;
    match probe(ProbeRequest { places, key }).await {
        Probed::Hearth { host } => assert_eq!(host.session, session),
        other => panic!("{other:?}"),
    }
    announce(&mina, false);
    until(&jo, session, false).await;
    announce(&mina, true);
    until(&jo, session, true).await;
    mina.stop().await;
    until(&jo, session, false).await;
}

#[tokio::test]
async fn ones_own_session_is_not_nearby() {
    let ((mina, _minas), (jo, _jos)) = (desk(), desk());
    let (own, other) = (host(&mina, "Own").await, host(&jo, "Other").await);
    until(&mina, other, true).await;
    until(&jo, own, true).await;
    let nearby = mina.nearby();
    assert!(nearby.listening);
    assert!(nearby.sessions.iter().all(|one| one.session != own));
    // What it said last is still heard for a moment.
    mina.stop().await;
    let nearby = mina.nearby();
    assert!(nearby.sessions.iter().all(|one| one.session != own));
    jo.stop().await;
}

#[tokio::test]
async fn the_check_finds_the_session_on_its_port_and_hears_its_announcement() {
    let (mina, _minas) = desk();
    let before = mina.network_check().await;
    assert_eq!(before.hosted, None);
    assert!(before.addresses.iter().all(|one| one.answers.is_none()));

    host(&mina, "Design").await;
    let port = mina.hosting().await.unwrap().invitation.port;
    let check = mina.network_check().await;
    let hosted = check.hosted.unwrap();
    assert_eq!((hosted.port, hosted.answers), (port, true));
    assert_eq!(hosted.announcement, AnnouncementCheck::Seen);
    assert!(check.addresses.iter().all(|one| one.answers == Some(true)));
    assert_eq!(check.addresses.len(), before.addresses.len());
    assert_eq!(check.firewall, before.firewall);
    assert!(
        cfg!(target_os = "linux") != matches!(check.firewall, Firewall::Windows | Firewall::Macos)
    );

    announce(&mina, false);
    let hosted = mina.network_check().await.hosted.unwrap();
    assert_eq!(hosted.announcement, AnnouncementCheck::Off);
    mina.stop().await;
}
