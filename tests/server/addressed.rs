//! Host × Origin × credential at the window's listener, by HTTP, polling and WebSocket. What is
//! right stands beside each entry; the table is all of their combinations. (The same for everybody
//! else's listener is in `tests/node/hosts-and-origins.test.mjs`.)

use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::house::{House, PAGE, POLLING};

/// Whether `Host` names this computer's loopback; `PORT` is the listener's.
const HOSTS: [(&str, bool); 19] = [
    ("127.0.0.1:PORT", true),
    ("127.0.0.1", true),
    ("127.0.0.1:80", true),
    ("localhost:PORT", true),
    ("localhost", true),
    ("LOCALHOST:PORT", true),
    ("localhost.:PORT", false),
    ("[::1]:PORT", false),
    ("127.0.0.2:PORT", false),
    ("0.0.0.0:PORT", false),
    ("192.168.1.20:PORT", false),
    ("[::ffff:127.0.0.1]:PORT", false),
    ("evil.example:PORT", false),
    ("evil.example", false),
    ("127.0.0.1.evil.example:PORT", false),
    ("localhost.evil.example:PORT", false),
    ("2130706433:PORT", false),
    ("127.1:PORT", false),
    ("tauri.localhost", false),
];

/// Whether `Origin` is the window's page, or no page at all.
const ORIGINS: [(Option<&str>, bool); 12] = [
    (None, true),
    (Some(PAGE), true),
    (Some("tauri://localhost:PORT"), false),
    (Some("tauri://localhost/"), false),
    (Some("tauri://localhost.evil.example"), false),
    (Some("TAURI://localhost"), false),
    (Some("http://127.0.0.1:PORT"), false),
    (Some("http://localhost:PORT"), false),
    (Some("https://127.0.0.1:PORT"), false),
    (Some("http://evil.example"), false),
    (Some("null"), false),
    (Some(""), false),
];

/// Who says to ask, as a header, and whether that is the window.
fn credentials(house: &House, guest: &str) -> Vec<(String, bool)> {
    let session = house.hosted.session().state().session().id;
    let cookie = |token: &str| format!("Cookie: hearth.sid.{}={token}\r\n", session.short());
    let bearer = |token: &str| format!("Authorization: Bearer {token}\r\n");
    vec![
        (String::new(), false),
        (bearer(&house.token), true),
        (bearer(guest), false),
        (bearer("made-up"), false),
        (cookie(&house.token), false),
        (cookie(guest), false),
    ]
}

/// All combinations as a request's headers, and what has to become of them.
fn table(house: &House, guest: &str) -> Vec<(String, bool, bool)> {
    let port = house.window.rsplit(':').next().expect("a port");
    let mut rows = Vec::new();
    for (host, is_own) in HOSTS {
        for (origin, may_ask) in ORIGINS {
            for (credential, is_window) in credentials(house, guest) {
                let mut headers = format!("Host: {host}\r\n{credential}");
                if let Some(origin) = origin {
                    write!(headers, "Origin: {origin}\r\n").expect("memory");
                }
                let headers = headers.replace("PORT", port);
                rows.push((headers, is_own && may_ask, is_window));
            }
        }
    }
    rows
}

/// The status of the answer to one request.
async fn ask(house: &House, path: &str, headers: &str) -> Result<u16> {
    let address = house.window.strip_prefix("http://").context("an address")?;
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await?;
    Ok(std::str::from_utf8(&answer)?["HTTP/1.1 ".len()..].parse()?)
}

#[tokio::test]
async fn nobody_but_the_windows_page_and_no_other_name_reaches_the_windows_listener() -> Result<()>
{
    let house = House::open().await?;
    let guest = house.sign_in_guest().await?.token;
    let file = format!("/files/{}/{}", house.general().await?, "0".repeat(64));
    let websocket = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let upgrade = POLLING.replace("polling", "websocket");
    let rows = table(&house, &guest);
    assert!(rows.len() >= 200);
    for (headers, may_ask, is_window) in rows {
        let close = format!("{headers}Connection: close\r\n");
        // The window may look for a file, and this one is not there.
        let expected = match (may_ask, is_window) {
            (false, _) => 403,
            (true, false) => 401,
            (true, true) => 404,
        };
        assert_eq!(ask(&house, &file, &close).await?, expected, "{headers}");
        // Who it is, a socket says after it is open.
        let expected = if may_ask { 200 } else { 403 };
        assert_eq!(ask(&house, POLLING, &close).await?, expected, "{headers}");
        let expected = if may_ask { 101 } else { 403 };
        let headers = format!("{headers}{websocket}");
        assert_eq!(
            ask(&house, &upgrade, &headers).await?,
            expected,
            "{headers}"
        );
    }
    house.hosted.stop().await;
    Ok(())
}
