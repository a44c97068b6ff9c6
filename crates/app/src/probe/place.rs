//! Where somebody says a session is: an address, a link, an invitation.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use hearth_protocol::fingerprint::KeyHint;
use hearth_protocol::fragment::Fragment;
use hearth_protocol::object::Browsers;

/// Where hosts listen unless that port is taken.
const USUAL_PORT: u16 = 4747;

/// An invitation has some 150 characters.
const MOST_BYTES: usize = 1024;

/// What may stand in front of an address.
const SCHEMES: [&str; 3] = ["https://", "http://", "hearth://"];

/// A place that can be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    host: String,
    port: u16,
    /// What stands after `#`: for the host's own page alone.
    fragment: Option<String>,
    key: Option<KeyHint>,
}

impl Place {
    /// Reads what a person typed or pasted; `None` where that is no address.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > MOST_BYTES || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return None;
        }
        let (text, fragment) = match text.split_once('#') {
            Some((text, fragment)) => (text, Some(fragment).filter(|text| is_fragment(text))),
            None => (text, None),
        };
        let text = without_scheme(text)?;
        let authority = text.split(['/', '?']).next()?;
        let (host, port) = host_and_port(authority)?;
        let key = fragment.and_then(|text| Fragment::read(text).fingerprint);
        Some(Self {
            host,
            port,
            fragment: fragment.map(str::to_owned),
            key: key.map(KeyHint::whole),
        })
    }

    /// An address or a name, IPv6 without brackets.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// The key that an invitation says is to be found here.
    pub(super) fn key(&self) -> Option<&KeyHint> {
        self.key.as_ref()
    }

    /// As people write it.
    pub(super) fn address(&self) -> String {
        match self.host.parse::<IpAddr>() {
            Ok(address) => SocketAddr::new(address, self.port).to_string(),
            Err(_) => format!("{}:{}", self.host, self.port),
        }
    }

    /// The session's own page, for a browser; with what opens the door, where there is that.
    pub(super) fn page(&self, browsers: Browsers) -> String {
        let scheme = match browsers {
            Browsers::Plain => "http",
            Browsers::Encrypted | Browsers::Off => "https",
        };
        let fragment = self.fragment.as_ref().map(|text| format!("#{text}"));
        format!(
            "{scheme}://{}/{}",
            self.address(),
            fragment.unwrap_or_default()
        )
    }
}

/// What stands after `#` in an invitation; anything else there is no invitation of ours.
fn is_fragment(text: &str) -> bool {
    let of_ours = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !text.is_empty() && text.bytes().all(of_ours)
}

/// Without the scheme, if it is one of those a session is reached by.
fn without_scheme(text: &str) -> Option<&str> {
    for scheme in SCHEMES {
        match text.get(..scheme.len()) {
            Some(start) if start.eq_ignore_ascii_case(scheme) => return text.get(scheme.len()..),
            _ => {}
        }
    }
    (!text.contains("://")).then_some(text)
}

fn host_and_port(authority: &str) -> Option<(String, u16)> {
    if let Ok(IpAddr::V6(address)) = authority.parse() {
        return Some((address.to_string(), USUAL_PORT));
    }
    if let Some(rest) = authority.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        let IpAddr::V6(address) = address.parse().ok()? else {
            return None;
        };
        let port = match port {
            "" => USUAL_PORT,
            _ => self::port(port.strip_prefix(':')?)?,
        };
        return Some((address.to_string(), port));
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, self::port(port)?),
        None => (authority, USUAL_PORT),
    };
    is_host(host).then(|| (host.to_ascii_lowercase(), port))
}

fn port(text: &str) -> Option<u16> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok())?.filter(|port| *port != 0)
}

/// An IPv4 address, or a name such as networks have.
fn is_host(host: &str) -> bool {
    let labels = |label: &str| {
        let of_names = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        (1..=63).contains(&label.len()) && label.bytes().all(of_names)
    };
    let name = host.len() <= 253 && host.split('.').all(labels);
    // What looks like an address has to be one: the system reads `10.1` as 10.0.0.1.
    let digits = host
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    name && (!digits || host.parse::<Ipv4Addr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, address: &str) {
        let place = Place::read(text).unwrap_or_else(|| panic!("{text} is a place"));
        assert_eq!(place.address(), address, "{text}");
    }

    #[test]
    fn an_address_is_read_however_it_is_written() {
        check("192.168.1.20", "192.168.1.20:4747");
        check(" 192.168.1.20:5000 ", "192.168.1.20:5000");
        check("https://192.168.1.20:4747/", "192.168.1.20:4747");
        check("HTTP://192.168.1.20:4747", "192.168.1.20:4747");
        check("hearth://192.168.1.20:4747/#abc", "192.168.1.20:4747");
        check("https://192.168.1.20:4747/?a=b#abc", "192.168.1.20:4747");
        check("Mina-Laptop.local", "mina-laptop.local:4747");
        check("2001:db8::7", "[2001:db8::7]:4747");
        check("[2001:db8::7]", "[2001:db8::7]:4747");
        check("https://[2001:db8::7]:5000/", "[2001:db8::7]:5000");
    }

    #[test]
    fn what_is_no_address_is_not_looked_at() {
        let long = "a".repeat(MOST_BYTES + 1);
        for text in [
            "",
            "#secret",
            "ftp://192.168.1.20",
            "192.168.1.20:0",
            "192.168.1.20:99999",
            "192.168.1.20:+80",
            "192.168.1",
            "10.1",
            "user@192.168.1.20",
            "a b",
            "a\u{0}b",
            "[192.168.1.20]",
            "[::1",
            "[::1]x",
            "-..-",
            "über.local",
            &long,
        ] {
            assert_eq!(Place::read(text), None, "{text}");
        }
    }

    #[test]
    fn an_invitation_says_which_key_to_expect_and_opens_only_the_page() {
        let fingerprint = "07".repeat(32);
        let place =
            Place::read(&format!("https://192.168.1.20:4747/#s3cret.{fingerprint}")).unwrap();
        assert_eq!(
            place.key().map(ToString::to_string),
            Some(fingerprint.clone())
        );
        assert_eq!(
            place.page(Browsers::Encrypted),
            format!("https://192.168.1.20:4747/#s3cret.{fingerprint}")
        );
        assert!(!place.address().contains("s3cret") && !place.host().contains("s3cret"));
        let bare = Place::read("192.168.1.20").unwrap();
        assert_eq!(bare.page(Browsers::Plain), "http://192.168.1.20:4747/");
        assert_eq!(bare.key(), None);
    }
}
