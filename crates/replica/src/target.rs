//! Which host is meant: where it may be, and by which key it is known.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use hearth_protocol::fingerprint::Fingerprint;
use hearth_protocol::fragment::Fragment;

/// The port that a host listens on unless told otherwise.
const USUAL_PORT: u16 = 4747;

/// Where something listens: an IP address or a name, and a port.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address {
    host: String,
    port: u16,
}

/// A text says no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("An address looks like 192.168.1.20:4747. Copy it as the host's screen shows it.")]
pub struct NoAddress;

impl Address {
    /// An IP address without brackets, or a name.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether it is this computer by any reading: only then nobody can listen in.
    pub fn is_loopback(&self) -> bool {
        match self.host.parse::<IpAddr>() {
            Ok(ip) => ip.to_canonical().is_loopback(),
            Err(_) => false,
        }
    }
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Self {
        let host = match address {
            // An address that holds on one link alone says nothing without the adapter.
            SocketAddr::V6(v6) if v6.scope_id() != 0 => format!("{}%{}", v6.ip(), v6.scope_id()),
            _ => address.ip().to_string(),
        };
        Self {
            host,
            port: address.port(),
        }
    }
}

impl FromStr for Address {
    type Err = NoAddress;

    /// Reads `HOST:PORT`, `[IPV6]:PORT` and either without the port.
    fn from_str(text: &str) -> Result<Self, NoAddress> {
        if let Ok(ip) = text.trim_matches(['[', ']']).parse::<IpAddr>() {
            return Ok(SocketAddr::new(ip, USUAL_PORT).into());
        }
        if let Ok(address) = text.parse::<SocketAddr>() {
            return match address.port() {
                0 => Err(NoAddress),
                _ => Ok(address.into()),
            };
        }
        let (host, port) = match text.split_once(':') {
            Some((host, port)) => (host, port.parse().map_err(|_| NoAddress)?),
            None => (text, USUAL_PORT),
        };
        let is_name_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        if host.is_empty() || host.len() > 253 || port == 0 || !host.chars().all(is_name_part) {
            return Err(NoAddress);
        }
        Ok(Self {
            host: host.to_owned(),
            port,
        })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// How a host is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// By this key, checked inside the handshake: nothing is said to any other.
    Pinned(Fingerprint),
    /// By none yet. Whatever key it shows is reported and proves nothing by itself: it is pinned
    /// from then on, and the six digits, or an invitation, say whose it is.
    AnyKey,
    /// Not at all, and without encryption. For hosts on this computer alone.
    Plain,
}

/// A host that is to be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Where it may be; each is tried, the first one first.
    pub addresses: Vec<Address>,
    /// How it is known.
    pub trust: Trust,
}

impl Target {
    /// The host at one address.
    pub fn new(address: Address, trust: Trust) -> Self {
        Self {
            addresses: vec![address],
            trust,
        }
    }

    /// The same host, known by the key that it showed.
    pub(crate) fn pinned(&self, key: Option<Fingerprint>) -> Self {
        let trust = key.map_or(self.trust, Trust::Pinned);
        Self {
            trust,
            ..self.clone()
        }
    }
}

/// What somebody was given to join by: an address, with what an invitation adds to it.
#[derive(Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Where, and whose key is to be found there.
    pub target: Target,
    /// What opens the door; nothing where only an address was typed.
    pub secret: Option<String>,
}

impl FromStr for Invitation {
    type Err = NoAddress;

    /// Reads `https://HOST:PORT/#SECRET.FINGERPRINT`, the same with `http` or `hearth`, or any
    /// beginning of it down to a bare address.
    ///
    /// Where a fingerprint is given it is spoken to by TLS, whatever the scheme says: that says how
    /// browsers come in. Only `http` on loopback without one goes without.
    fn from_str(text: &str) -> Result<Self, NoAddress> {
        let text = text.trim();
        let (place, fragment) = match text.split_once('#') {
            Some((place, fragment)) => (place, Fragment::read(fragment)),
            None => (text, Fragment::read("")),
        };
        let (scheme, rest) = place.split_once("://").unwrap_or(("hearth", place));
        if !["hearth", "https", "http"].contains(&scheme) {
            return Err(NoAddress);
        }
        let address: Address = rest.split('/').next().unwrap_or_default().parse()?;
        let trust = match fragment.fingerprint {
            Some(key) => Trust::Pinned(key),
            None if scheme == "http" && address.is_loopback() => Trust::Plain,
            None => Trust::AnyKey,
        };
        let secret = Some(fragment.secret).filter(|secret| !secret.is_empty());
        Ok(Self {
            target: Target::new(address, trust),
            secret: secret.map(str::to_owned),
        })
    }
}

/// Without the secret.
impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invitation")
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(text: &str, address: &str, trust: Trust, secret: Option<&str>) {
        let read: Invitation = text.parse().expect(text);
        assert_eq!(read.target.addresses[0].to_string(), address, "{text}");
        assert_eq!(read.target.trust, trust, "{text}");
        assert_eq!(read.secret.as_deref(), secret, "{text}");
    }

    #[test]
    fn an_invitation_is_read_however_it_was_copied() {
        let key = Fingerprint([0xab; 32]);
        let pinned = Trust::Pinned(key);
        let any = Trust::AnyKey;
        for scheme in ["https", "http", "hearth"] {
            let text = format!(" {scheme}://10.0.0.7:4747/#s3cret.{key}\n");
            reads(&text, "10.0.0.7:4747", pinned, Some("s3cret"));
        }
        reads("10.0.0.7", "10.0.0.7:4747", any, None);
        reads("mina.local:81", "mina.local:81", any, None);
        reads("https://[fe80::1]:81/", "[fe80::1]:81", any, None);
        reads("::1", "[::1]:4747", any, None);
        reads("http://10.0.0.7:81/#s", "10.0.0.7:81", any, Some("s"));
        let local = format!("http://127.0.0.1:81/#s.{key}");
        reads(&local, "127.0.0.1:81", pinned, Some("s"));
    }

    #[test]
    fn only_this_computer_is_spoken_to_without_encryption() {
        let plain = Trust::Plain;
        reads("http://127.0.0.1:81/#s", "127.0.0.1:81", plain, Some("s"));
        reads("http://[::1]:81", "[::1]:81", plain, None);
        // A name may mean any computer by the time it is looked up.
        for other in ["http://localhost:81", "http://127.0.0.1.example:81"] {
            let read: Invitation = other.parse().expect(other);
            assert_eq!(read.target.trust, Trust::AnyKey, "{other}");
        }
    }

    #[test]
    fn an_address_of_one_link_keeps_its_adapter() {
        let local: SocketAddr = "[fe80::1%3]:4747".parse().expect("an address");
        assert_eq!(Address::from(local).to_string(), "[fe80::1%3]:4747");
    }

    #[test]
    fn what_is_no_address_is_said_to_be_none() {
        for other in ["", "ftp://a:1", "a:b", "a b", "10.0.0.7:0", "a@b:1", ":80"] {
            assert_eq!(other.parse::<Invitation>(), Err(NoAddress), "{other}");
        }
    }

    #[test]
    fn what_an_invitation_opens_with_is_in_no_log() {
        let read: Invitation = "10.0.0.7/#s3cret".parse().expect("an invitation");
        assert!(!format!("{read:?}").contains("s3cret"));
    }
}
