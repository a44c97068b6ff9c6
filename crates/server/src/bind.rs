//! Listening at an address.

use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpSocket};

/// How many connections may wait to be accepted. A page opens six, and a room full of people comes
/// at once; with the usual 128 the system drops some, and whoever opened them waits for seconds.
const WAITING: u32 = 1_024;

/// Listens at `address`, port 0 for a free one.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    // Whoever starts again at once finds the port free. Elsewhere it would let two share it.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(WAITING)
}
