//! `hearth://HOST:PORT/#SECRET.FINGERPRINT`: an invitation that opens the app.
//!
//! It is the browser's form of the invitation with another scheme, and comes from anywhere: from a
//! page, a chat, a code on a wall. So it is read strictly, and says only where to go and with what.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use crate::fingerprint::Fingerprint;
use crate::fragment::Fragment;
use crate::window::AppInvitation;

/// The scheme that the system hands to Hearth.
pub const SCHEME: &str = "hearth";

/// More than any invitation has; what is longer is none.
const LONGEST: usize = 512;
/// The longest name of a computer.
const LONGEST_NAME: usize = 253;

/// Where an invitation leads and what opens the door there.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    host: String,
    port: u16,
    secret: String,
    fingerprint: Fingerprint,
}

/// A text is not such an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoAddress;

impl fmt::Display for NoAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an invitation reads hearth://HOST:PORT/#SECRET.FINGERPRINT")
    }
}

impl std::error::Error for NoAddress {}

impl Address {
    /// The host's name or address with its port, an IPv6 address in brackets.
    pub fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// Whose door it is.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The same for a browser.
    pub fn for_browsers(&self) -> String {
        format!("https://{}/#{}", self.authority(), self.fragment())
    }

    /// What the app's page is shown of it.
    pub fn shown(&self) -> AppInvitation {
        AppInvitation {
            address: self.authority(),
            fingerprint: self.fingerprint,
            url: self.to_string(),
            browser_url: self.for_browsers(),
        }
    }

    fn fragment(&self) -> Fragment<'_> {
        Fragment {
            secret: &self.secret,
            fingerprint: Some(self.fingerprint),
        }
    }
}

impl FromStr for Address {
    type Err = NoAddress;

    fn from_str(text: &str) -> Result<Self, NoAddress> {
        if text.len() > LONGEST {
            return Err(NoAddress);
        }
        let (scheme, rest) = text.split_once("://").ok_or(NoAddress)?;
        if !scheme.eq_ignore_ascii_case(SCHEME) {
            return Err(NoAddress);
        }
        let (place, fragment) = rest.split_once('#').ok_or(NoAddress)?;
        let (host, port) = read_place(place.strip_suffix('/').unwrap_or(place))?;
        let (secret, fingerprint) = fragment.split_once('.').ok_or(NoAddress)?;
        if secret.is_empty() || !secret.bytes().all(is_of_a_secret) {
            return Err(NoAddress);
        }
        Ok(Self {
            host,
            port,
            secret: secret.to_owned(),
            fingerprint: fingerprint.parse().map_err(|_| NoAddress)?,
        })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}://{}/#{}", self.authority(), self.fragment())
    }
}

/// Without what opens the door: it may end in a log.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}://{}/#…", self.authority())
    }
}

/// `HOST:PORT`, with nothing before, between or behind.
fn read_place(text: &str) -> Result<(String, u16), NoAddress> {
    let (host, port) = text.rsplit_once(':').ok_or(NoAddress)?;
    if !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NoAddress);
    }
    let port: u16 = port.parse().map_err(|_| NoAddress)?;
    if port == 0 {
        return Err(NoAddress);
    }
    Ok((read_host(host)?, port))
}

fn read_host(text: &str) -> Result<String, NoAddress> {
    if let Some(inner) = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
    {
        let address: Ipv6Addr = inner.parse().map_err(|_| NoAddress)?;
        return Ok(format!("[{address}]"));
    }
    // Browsers read `2130706433` and `127.1` as addresses; here they are neither that nor a name.
    let is_number = text.rsplit('.').next().is_some_and(|last| {
        last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x")
    });
    if is_number {
        return text
            .parse()
            .map(|address: Ipv4Addr| address.to_string())
            .map_err(|_| NoAddress);
    }
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if text.len() > LONGEST_NAME || !text.split('.').all(is_label) {
        return Err(NoAddress);
    }
    Ok(text.to_ascii_lowercase())
}

/// URL-safe base64, as secrets are written.
fn is_of_a_secret(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINT: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn read(text: &str) -> Result<String, NoAddress> {
        text.replace("PRINT", PRINT)
            .parse()
            .map(|address: Address| address.to_string())
    }

    #[test]
    fn an_address_is_read_as_it_is_written() {
        for place in [
            "192.0.2.7:4747",
            "[2001:db8::7]:4747",
            "minas-laptop.local:80",
            "mina:65535",
        ] {
            let whole = format!("hearth://{place}/#s3cret-_.{PRINT}");
            assert_eq!(read(&whole), Ok(whole.clone()));
        }
        let expected = format!("hearth://mina.local:4747/#a.{PRINT}");
        assert_eq!(read("HEARTH://Mina.Local:4747#a.PRINT"), Ok(expected));
    }

    #[test]
    fn a_browser_gets_the_same_by_https() {
        let text = format!("hearth://192.0.2.7:4747/#s3cret.{PRINT}");
        let address: Address = text.parse().unwrap();
        assert_eq!(
            address.for_browsers(),
            format!("https://192.0.2.7:4747/#s3cret.{PRINT}")
        );
        assert_eq!(address.fingerprint().to_string(), PRINT);
    }

    #[test]
    fn nothing_else_is_an_address() {
        for text in [
            "",
            "hearth:",
            "hearth://",
            "hearth:192.0.2.7:4747/#a.PRINT",
            "https://192.0.2.7:4747/#a.PRINT",
            "hearth://192.0.2.7/#a.PRINT",
            "hearth://192.0.2.7:0/#a.PRINT",
            "hearth://192.0.2.7:65536/#a.PRINT",
            "hearth://192.0.2.7:+80/#a.PRINT",
            "hearth://192.0.2.7:/#a.PRINT",
            "hearth://192.0.2.7:4747/",
            "hearth://192.0.2.7:4747/#",
            "hearth://192.0.2.7:4747/#a",
            "hearth://192.0.2.7:4747/#.PRINT",
            "hearth://192.0.2.7:4747/#a.0123",
            "hearth://192.0.2.7:4747/#a.PRINT.",
            "hearth://192.0.2.7:4747/#a b.PRINT",
            "hearth://192.0.2.7:4747/#a#b.PRINT",
            "hearth://192.0.2.7:4747//#a.PRINT",
            "hearth://192.0.2.7:4747/path#a.PRINT",
            "hearth://192.0.2.7:4747/?query#a.PRINT",
            "hearth://user@192.0.2.7:4747/#a.PRINT",
            "hearth://user:word@192.0.2.7:4747/#a.PRINT",
            "hearth://192.0.2.7:4747@elsewhere:1/#a.PRINT",
            "hearth://2130706433:4747/#a.PRINT",
            "hearth://127.1:4747/#a.PRINT",
            "hearth://0x7f.0x1:4747/#a.PRINT",
            "hearth://[::1:4747/#a.PRINT",
            "hearth://2001:db8::7:4747/#a.PRINT",
            "hearth://[fe80::1%25eth0]:4747/#a.PRINT",
            "hearth://mina..local:4747/#a.PRINT",
            "hearth://-mina:4747/#a.PRINT",
            "hearth://mïna:4747/#a.PRINT",
            "hearth://mi na:4747/#a.PRINT",
            "hearth://mina\u{0}:4747/#a.PRINT",
            " hearth://mina:4747/#a.PRINT",
            "hearth://mina:4747/#a.PRINT\n",
        ] {
            assert_eq!(read(text), Err(NoAddress), "{text:?}");
        }
        let long = format!("hearth://mina:4747/#{}.{PRINT}", "a".repeat(LONGEST));
        assert_eq!(read(&long), Err(NoAddress));
    }

    #[test]
    fn what_opens_the_door_is_not_in_what_is_logged() {
        let address: Address = format!("hearth://mina:1/#s3cret.{PRINT}").parse().unwrap();
        assert!(!format!("{address:?}").contains("s3cret"));
    }
}
