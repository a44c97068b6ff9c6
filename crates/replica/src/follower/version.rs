//! Who has to update where a host and this app speak no version in common.

use hearth_protocol::PROTOCOL;
use hearth_protocol::http::Health;
use hearth_protocol::signal::LinkTrouble;
use http::Method;

use crate::http::{Ask, ask};
use crate::identity::Identity;
use crate::target::Target;

/// Asks the host, whose refusal of the link does not say it. Where it does not answer that it stays
/// unknown.
pub(super) async fn whose(target: &Target, identity: &Identity) -> LinkTrouble {
    let told = ask(target, identity, Ask::new(Method::GET, "/health")).await;
    match told.and_then(|told| told.read::<Health>()) {
        Ok(health) => older(health.protocol),
        Err(error) => {
            tracing::debug!(%error, "a host does not say which versions it speaks");
            LinkTrouble::Version
        }
    }
}

/// The older one, by the oldest and the newest version that the host speaks.
fn older([lowest, highest]: [u32; 2]) -> LinkTrouble {
    let [ours_lowest, ours_highest] = PROTOCOL;
    if highest < ours_lowest {
        LinkTrouble::HostVersion
    } else if lowest > ours_highest {
        LinkTrouble::OwnVersion
    } else {
        LinkTrouble::Version
    }
}

#[cfg(test)]
mod tests {
    use hearth_protocol::SessionId;
    use hearth_protocol::fingerprint::Fingerprint;
    use serde_json::json;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;
    use crate::target::Trust;

    /// What is said of a host that answers this when it is asked who it is.
    async fn said_of(body: String) -> LinkTrouble {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let host = async {
            let (mut connection, _) = listener.accept().await.unwrap();
            let mut head = [0; 1_024];
            let _ = connection.read(&mut head).await.unwrap();
            let length = body.len();
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}");
            connection.write_all(answer.as_bytes()).await.unwrap();
            let _ = connection.read(&mut head).await;
        };
        let target = Target::new(address.into(), Trust::Plain);
        let identity = Identity::of_nobody(Fingerprint([0; 32]));
        tokio::select! {
            why = whose(&target, &identity) => why,
            () = async { host.await; std::future::pending().await } => unreachable!("it waits"),
        }
    }

    fn health(protocol: [u32; 2]) -> String {
        let said = json!({ "status": "ok", "session": SessionId::new(), "name": "Tea",
            "version": "9.0.0", "protocol": protocol, "browsers": "plain" });
        said.to_string()
    }

    #[tokio::test]
    async fn the_older_of_the_two_is_told_to_update() {
        let newest = PROTOCOL[1];
        assert_eq!(
            said_of(health([newest + 1, newest + 3])).await,
            LinkTrouble::OwnVersion
        );
        assert_eq!(
            said_of(health([0, PROTOCOL[0] - 1])).await,
            LinkTrouble::HostVersion
        );
        assert_eq!(said_of("{}".to_owned()).await, LinkTrouble::Version);
    }
}
