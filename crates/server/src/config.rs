//! What a listener is for.

use crate::tls::Tls;

/// How one listener serves the session.
#[derive(Debug, Clone)]
pub struct Config {
    /// Who is expected on it.
    pub kind: Listener,
    /// Whether `/socket.io/socket.io.js` and its like are served.
    pub serve_client: bool,
    /// What encrypted connections are accepted with; without it there are only plain ones.
    pub tls: Option<Tls>,
}

/// Who is expected on a listener.
#[derive(Debug, Clone)]
pub enum Listener {
    /// Anybody who can reach it. Whether browsers are let in is the session's own choice and may
    /// change while it is served.
    Public {
        /// Names, besides IP addresses and `localhost`, by which it may be addressed.
        names: Vec<String>,
    },
    /// The app's own window, on loopback: no page, no sign-in, no cookie.
    Window {
        /// The sign-in that the app made for its owner at this launch. No other is accepted.
        token: String,
        /// Origins of the window's page. No other may be sent; none at all is allowed.
        origins: Vec<String>,
    },
}

impl Listener {
    /// Whether it is the window's.
    pub(crate) fn is_window(&self) -> bool {
        matches!(self, Self::Window { .. })
    }
}
