//! How others come in: the addresses of this computer, the QR code of the
//! likeliest, and whether anything answers there.

mod adapters;

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use hearth_protocol::fingerprint::Fingerprint;
use hearth_protocol::fragment::Fragment;
use hearth_protocol::object::Browsers;
use hearth_protocol::window::{Check, Invitation, InvitationUrl, SelfTest};
use hearth_session::ShownInvite;
use qrcode::{EcLevel, QrCode, render::svg};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

pub(crate) use self::adapters::{Adapter, is_virtual, usable as usable_adapters};

/// On this computer an answer takes milliseconds; longer means that it is blocked.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// The invitation to what listens on this port, as the network is now.
pub(crate) async fn invitation(port: u16, browsers: Browsers) -> Invitation {
    let adapters = adapters::usable();
    let urls: Vec<InvitationUrl> = adapters
        .iter()
        .map(|adapter| url(adapter, port, browsers))
        .collect();
    let qr_svg = urls
        .first()
        .map(|first| qr_svg(&first.url))
        .unwrap_or_default();
    Invitation {
        qr_svg,
        port,
        self_test: self_test(adapters.first().map(|adapter| adapter.address), port).await,
        urls,
    }
}

/// The address by which others most likely reach this computer.
pub(crate) fn likeliest_address() -> Option<IpAddr> {
    adapters::usable().first().map(|adapter| adapter.address)
}

/// The address with what opens the door, and whose door it is, after `#`, which browsers send to
/// nobody. `url` ends without a slash.
pub(crate) fn inviting(url: &str, secret: &str, fingerprint: Fingerprint) -> String {
    let fragment = Fragment {
        secret,
        fingerprint: Some(fingerprint),
    };
    format!("{url}/#{fragment}")
}

/// An invitation that a host made, as people are shown it.
pub(crate) fn shown(url: &str, secret: &str, fingerprint: Fingerprint) -> ShownInvite {
    let url = inviting(url, secret, fingerprint);
    ShownInvite {
        qr_svg: qr_svg(&url),
        url,
    }
}

/// Where others most likely reach this port.
pub(crate) fn likeliest_url(port: u16, browsers: Browsers) -> String {
    let address = likeliest_address().unwrap_or(Ipv4Addr::LOCALHOST.into());
    base(SocketAddr::new(address, port), browsers)
}

/// The text as a QR code.
fn qr_svg(text: &str) -> String {
    // Medium correction: it is shown on screens, where nothing gets dirty.
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else {
        // Only a text of thousands of characters has no code.
        return String::new();
    };
    let svg = code
        .render::<svg::Color<'_>>()
        .min_dimensions(256, 256)
        .build();
    // Part of a page, where a document's head has no place.
    match svg.find("<svg") {
        Some(start) => svg[start..].to_owned(),
        None => svg,
    }
}

fn url(adapter: &Adapter, port: u16, browsers: Browsers) -> InvitationUrl {
    let address = SocketAddr::new(adapter.address, port);
    InvitationUrl {
        url: format!("{}/", base(address, browsers)),
        interface: adapter.name.clone(),
        r#virtual: adapter.is_virtual,
    }
}

fn base(address: SocketAddr, browsers: Browsers) -> String {
    let scheme = match browsers {
        Browsers::Plain => "http",
        Browsers::Encrypted | Browsers::Off => "https",
    };
    format!("{scheme}://{address}")
}

async fn self_test(address: Option<IpAddr>, port: u16) -> Vec<SelfTest> {
    let here = answers(SocketAddr::from(([127, 0, 0, 1], port))).await;
    let port_test = SelfTest {
        check: Check::Port,
        ok: here,
        message: if here {
            format!("Port {port} is open.")
        } else {
            format!("Nothing answers on port {port}. Stop hosting and start again.")
        },
    };
    vec![port_test, reachable(address, port).await]
}

async fn reachable(address: Option<IpAddr>, port: u16) -> SelfTest {
    let (ok, message) = match address {
        None => (
            false,
            "This computer is not connected to a network. Connect it, and the address appears here."
                .to_owned(),
        ),
        Some(address) if answers(SocketAddr::new(address, port)).await => (
            true,
            format!(
                "Hearth answers at {address}. If others cannot open it, look at this computer's \
                 firewall, or whether the network keeps its devices apart."
            ),
        ),
        Some(address) => (
            false,
            format!(
                "Hearth does not answer at {address}. Allow Hearth in this computer's firewall, \
                 for port {port}."
            ),
        ),
    };
    SelfTest {
        check: Check::Reachable,
        ok,
        message,
    }
}

/// Whether Hearth answers there.
async fn answers(address: SocketAddr) -> bool {
    let asked = async {
        let mut stream = TcpStream::connect(address).await?;
        let request =
            format!("GET /health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut status = [0; "HTTP/1.1 200".len()];
        stream.read_exact(&mut status).await?;
        std::io::Result::Ok(status)
    };
    // Where others would be shown the way to TLS, so is this computer.
    let good = [b"HTTP/1.1 200", b"HTTP/1.1 307"];
    matches!(timeout(ANSWER_WITHIN, asked).await, Ok(Ok(status)) if good.contains(&&status))
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn a_qr_code_can_stand_in_a_page() {
        let svg = qr_svg("http://192.0.2.7:4747/");
        assert!(
            svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"),
            "{svg}"
        );
    }

    #[test]
    fn an_ipv6_address_is_written_so_that_browsers_take_it() {
        let adapter = Adapter {
            name: "eth0".to_owned(),
            address: "2001:db8::7".parse().unwrap(),
            is_virtual: false,
        };
        let url = |browsers| url(&adapter, 4747, browsers).url;
        assert_eq!(url(Browsers::Plain), "http://[2001:db8::7]:4747/");
        assert_eq!(url(Browsers::Encrypted), "https://[2001:db8::7]:4747/");
    }

    #[tokio::test]
    async fn a_port_where_nothing_answers_is_said_so() {
        let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = taken.local_addr().unwrap().port();
        drop(taken);
        let invitation = invitation(port, Browsers::Encrypted).await;
        assert!(invitation.self_test.iter().all(|test| !test.ok));
        assert!(invitation.self_test[0].message.contains(&port.to_string()));
    }
}
