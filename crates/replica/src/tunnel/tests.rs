//! Other programs of this computer see the port, and get nothing from it.

use std::net::SocketAddr;

use tokio::net::TcpStream;
use tokio_util::either::Either;

use super::*;

/// A tunnel, the host's end of it, and where it is entered.
async fn tunnel() -> (Tunnel, TcpStream, SocketAddr) {
    let host = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let address = host.local_addr().expect("an address");
    let stream = TcpStream::connect(address).await.expect("a connection");
    let carrier = Carrier {
        stream: Either::Left(stream),
        host_key: None,
        address,
    };
    let (host, _) = host.accept().await.expect("a connection");
    let tunnel = Tunnel::open(carrier).await.expect("a tunnel");
    let entry = tunnel.url().trim_start_matches("http://");
    let entry = entry.split('/').next().and_then(|entry| entry.parse().ok());
    (tunnel, host, entry.expect("an address"))
}

#[tokio::test]
async fn strangers_get_nothing_and_do_not_keep_our_client_out() {
    let (tunnel, mut host, entry) = tunnel().await;
    let mut strangers = Vec::new();
    for said in ["", "GET /", "GET /socket.io/", &"GET /0000".repeat(100)] {
        let mut stranger = TcpStream::connect(entry).await.expect("a connection");
        stranger.write_all(said.as_bytes()).await.expect("sent");
        strangers.push(stranger);
    }
    let path = tunnel.url().splitn(4, '/').nth(3).expect("a path");
    let request = format!("GET /{path}?EIO=4 HTTP/1.1\r\nhost: here\r\n\r\n");
    let mut ours = TcpStream::connect(entry).await.expect("a connection");
    ours.write_all(request.as_bytes()).await.expect("sent");

    let expected = "GET /socket.io/?EIO=4 HTTP/1.1\r\nhost: here\r\n\r\n";
    let mut heard = vec![0; expected.len()];
    host.read_exact(&mut heard).await.expect("a request");
    assert_eq!(String::from_utf8_lossy(&heard), expected);
    for mut stranger in strangers {
        // Closed, with or without ceremony.
        let read = stranger.read(&mut [0; 16]).await;
        assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
    }
    TcpStream::connect(entry)
        .await
        .expect_err("it takes one client");
}

#[tokio::test]
async fn nothing_reaches_the_host_before_our_client_is_there() {
    let (mut tunnel, mut host, entry) = tunnel().await;
    let mut stranger = TcpStream::connect(entry).await.expect("a connection");
    let wrong = "GET /00000000000000000000000000000000/socket.io/ HTTP/1.1\r\n\r\n";
    stranger.write_all(wrong.as_bytes()).await.expect("sent");
    assert_eq!(stranger.read(&mut [0; 16]).await.unwrap_or(0), 0);
    tunnel.close();
    assert_eq!(tunnel.closed().await, Closed::Ended);
    assert_eq!(host.read(&mut [0; 16]).await.expect("an end"), 0);
}
