//! What a host is known by: the SHA-256 of its public key.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::hex;

/// The SHA-256 of a public key (its `SubjectPublicKeyInfo`); in JSON and in addresses, 64
/// lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fingerprint(pub [u8; 32]);

/// A text is not a fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoFingerprint;

impl fmt::Display for NoFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a fingerprint has 64 lower-case hex digits")
    }
}

impl std::error::Error for NoFingerprint {}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(&self.0, f)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Fingerprint {
    type Err = NoFingerprint;

    fn from_str(text: &str) -> Result<Self, NoFingerprint> {
        hex::read(text).map(Self).ok_or(NoFingerprint)
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = NoFingerprint;

    fn try_from(text: String) -> Result<Self, NoFingerprint> {
        text.parse()
    }
}

impl From<Fingerprint> for String {
    fn from(fingerprint: Fingerprint) -> Self {
        fingerprint.to_string()
    }
}

/// The beginning of a fingerprint, as far as somebody was told it: 16 to 64 lower-case hex digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
#[ts(type = "string")]
pub struct KeyHint(String);

impl KeyHint {
    /// How much of a fingerprint is announced. Enough that two installations do not share it by
    /// chance; whoever wants to be mistaken for another one could make such a key, which is why a
    /// hint warns and never vouches.
    const DIGITS: usize = 16;

    /// What is announced of this fingerprint.
    pub fn of(fingerprint: Fingerprint) -> Self {
        let mut digits = fingerprint.to_string();
        digits.truncate(Self::DIGITS);
        Self(digits)
    }

    /// All of it, where it is known.
    pub fn whole(fingerprint: Fingerprint) -> Self {
        Self(fingerprint.to_string())
    }

    /// Whether this is how that fingerprint begins.
    pub fn fits(&self, fingerprint: Fingerprint) -> bool {
        fingerprint.to_string().starts_with(&self.0)
    }
}

impl fmt::Display for KeyHint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for KeyHint {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let digits = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if digits && (Self::DIGITS..=64).contains(&text.len()) {
            Ok(Self(text))
        } else {
            Err("the beginning of a fingerprint has 16 to 64 lower-case hex digits")
        }
    }
}

impl From<KeyHint> for String {
    fn from(hint: KeyHint) -> Self {
        hint.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_fits_the_key_it_was_made_of_and_no_other() {
        let fingerprint = Fingerprint([7; 32]);
        let other = Fingerprint([8; 32]);
        for hint in [KeyHint::of(fingerprint), KeyHint::whole(fingerprint)] {
            assert!(hint.fits(fingerprint) && !hint.fits(other));
            assert_eq!(KeyHint::try_from(hint.to_string()), Ok(hint));
        }
        for bad in [
            "",
            "0707",
            "070707070707070g",
            "0707070707070707 ",
            &"07".repeat(33),
        ] {
            assert!(KeyHint::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_fingerprint_is_read_as_it_is_written_and_nothing_else_is() {
        let fingerprint = Fingerprint(std::array::from_fn(|n| n as u8 * 7));
        let text = fingerprint.to_string();
        assert_eq!(text.parse(), Ok(fingerprint));
        for other in [
            &text[1..],
            &format!("{text}0"),
            &text.to_uppercase(),
            "",
            "é",
        ] {
            assert_eq!(other.parse::<Fingerprint>(), Err(NoFingerprint), "{other}");
        }
    }
}
