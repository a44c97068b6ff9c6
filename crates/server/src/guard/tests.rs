//! A foreign `Host` or `Origin` never gets past the guard, an own one always does.

use hearth_protocol::Code;

use super::*;

fn public() -> Listener {
    Listener::Public {
        names: vec!["mina.example".to_owned()],
    }
}

fn window() -> Listener {
    Listener::Window {
        token: String::new(),
        origins: vec!["tauri://localhost".to_owned()],
    }
}

fn headers(host: &str, origin: Option<&str>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::HOST, host.parse().expect("a header"));
    if let Some(origin) = origin {
        headers.insert(header::ORIGIN, origin.parse().expect("a header"));
    }
    headers
}

#[track_caller]
fn expect(listener: &Listener, host: &str, origin: Option<&str>, expected: Option<Code>) {
    let found = check(
        listener,
        &Uri::from_static("/"),
        &headers(host, origin),
        false,
    );
    assert_eq!(
        found.err().map(|error| error.code),
        expected,
        "{host} {origin:?}"
    );
}

#[test]
fn a_public_listener_answers_to_addresses_and_to_its_own_names() {
    for host in [
        "192.168.1.20:4747",
        "127.0.0.1",
        "[::1]:4747",
        "[2001:db8::1]",
        "localhost:4747",
        "LOCALHOST",
        "localhost.",
        "mina.example:80",
        "Mina.Example.",
    ] {
        expect(&public(), host, None, None);
    }
}

#[test]
fn a_foreign_name_is_refused() {
    for host in [
        "evil.example",
        "evil.example:4747",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "evilmina.example",
        "0x7f.1",
        "2130706433",
    ] {
        expect(&public(), host, None, Some(Code::Forbidden));
    }
}

#[test]
fn a_request_needs_exactly_one_readable_host() {
    for host in [
        "",
        "a b",
        "user@127.0.0.1",
        "127.0.0.1/x",
        "http://127.0.0.1",
        "127.0.0.1:99999",
        "127.0.0.1:",
    ] {
        expect(&public(), host, None, Some(Code::BadRequest));
    }
    let mut twice = headers("127.0.0.1", None);
    twice.append(header::HOST, "evil.example".parse().expect("a header"));
    for (uri, headers) in [
        ("/", HeaderMap::new()),
        ("/", twice),
        ("http://evil.example/", headers("127.0.0.1", None)),
    ] {
        let uri: Uri = uri.parse().expect("a uri");
        let error = check(&public(), &uri, &headers, false).expect_err("refused");
        assert_eq!(error.code, Code::BadRequest);
    }
}

#[test]
fn an_origin_has_to_be_the_host_itself() {
    let own = [
        ("192.168.1.20:4747", "http://192.168.1.20:4747"),
        ("192.168.1.20", "http://192.168.1.20:80"),
        ("192.168.1.20:80", "http://192.168.1.20"),
        ("[::1]:4747", "http://[::1]:4747"),
        ("Localhost:1", "http://localhost:1"),
    ];
    for (host, origin) in own {
        expect(&public(), host, Some(origin), None);
    }
    let foreign = [
        ("192.168.1.20:4747", "http://evil.example"),
        ("192.168.1.20:4747", "http://192.168.1.20"),
        ("192.168.1.20:4747", "http://192.168.1.20:4748"),
        ("192.168.1.20:4747", "https://192.168.1.20:4747"),
        ("192.168.1.20:4747", "http://x@192.168.1.20:4747"),
        ("192.168.1.20:4747", "http://192.168.1.20:4747/"),
        ("192.168.1.20", "http://192.168.1.20:99999"),
        ("192.168.1.20:4747", "null"),
        ("192.168.1.20:4747", ""),
        ("192.168.1.20:4747", "tauri://localhost"),
    ];
    for (host, origin) in foreign {
        expect(&public(), host, Some(origin), Some(Code::Forbidden));
    }
}

#[test]
fn the_windows_listener_answers_to_loopback_and_to_the_windows_page_only() {
    expect(&window(), "127.0.0.1:5000", None, None);
    expect(&window(), "localhost:5000", Some("tauri://localhost"), None);
    for (host, origin) in [
        ("192.168.1.20:5000", None),
        ("mina.example:5000", None),
        ("127.0.0.1:5000", Some("http://127.0.0.1:5000")),
        ("127.0.0.1:5000", Some("null")),
        ("127.0.0.1:5000", Some("tauri://localhost.evil")),
    ] {
        expect(&window(), host, origin, Some(Code::Forbidden));
    }
}
