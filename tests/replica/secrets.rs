//! What opens a door is in no log, however much is logged.

use std::io;
use std::sync::{Arc, Mutex};

use anyhow::Result;
use hearth_replica::{ComingIn, Door, Invitation, Link};
use hearth_tests::alone::is_alone;
use hearth_tests::hearthd::Hearthd;
use serde_json::json;
use tracing_subscriber::EnvFilter;

use crate::people::{admitted, called, identity, pinned};

const PIN: &str = "p1n-that-is-known";
const BODY: &str = "a body that is known";

/// Everything that is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("not poisoned").extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn tokens_pins_invitations_and_messages_are_in_no_log_at_any_level() -> Result<()> {
    if !is_alone("secrets::tokens_pins_invitations_and_messages_are_in_no_log_at_any_level")? {
        return Ok(());
    }
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new("trace"))
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();

    let host = Hearthd::start(&["--pin", PIN])?;
    let invitation: Invitation = host.sign_in_url()?.parse()?;
    let secret = invitation.secret.clone().unwrap_or_default();
    let by_pin = ComingIn {
        pin: Some(PIN.to_owned()),
        ..called("Ann")?
    };
    let by_invitation = ComingIn {
        invite: invitation.secret.clone(),
        ..called("Mina")?
    };
    let mut secrets = vec![PIN.to_owned(), secret, BODY.to_owned()];
    for coming in [by_pin, by_invitation] {
        let identity = identity()?;
        tracing::trace!(?coming, ?invitation, "coming in");
        let admitted = admitted(&Door::new(pinned(&host)?, identity.clone()), coming).await?;
        let token = admitted.signed_in.token;
        let (link, _events) = Link::open(&admitted.target, &identity, &token).await?;
        link.call("thanks", json!({})).await?;
        let rooms = link.call("room:list", json!({})).await?;
        let message = json!({ "room": rooms["rooms"][0]["id"], "body": BODY });
        link.call("message:send", message).await?;
        link.close().await;
        secrets.push(token);
    }

    let log = String::from_utf8_lossy(&log.0.lock().expect("not poisoned")).into_owned();
    assert!(log.contains("coming in"), "nothing was logged");
    for secret in secrets {
        assert!(!secret.is_empty());
        let told = log.lines().find(|line| line.contains(&secret));
        assert!(told.is_none(), "{told:?}");
    }
    Ok(())
}
