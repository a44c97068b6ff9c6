//! Six digits that two screens show, so that two people can see that nobody stands between them.
//!
//! Who asks to join commits to a nonce before the host shows its own, and reveals it afterwards.
//! So whoever relays between the two has to choose both of its nonces before it knows what they
//! will be mixed with: it cannot make the two numbers equal but by chance, one in a million. The
//! keys of both ends are in the number too, so that one that was seen before says nothing about
//! another connection.
//!
//! 1. The joiner picks a [`Nonce`] and sends its [`Commitment`] (`POST /sign-in {commit}`).
//! 2. The host picks one and answers with it (202 `{knock, nonce}`).
//! 3. The joiner sends its own (`POST /sign-in/:knock {reveal}`), and the host checks it against
//!    the commitment.
//! 4. Both show [`digits`].
//!
//! A page in a browser cannot know whose key it speaks to, so for it, and where there is no TLS,
//! both keys count as [`Keys::UNKNOWN`]. There the digits tell the host which of several people
//! who wait is which, and say nothing about who could read along.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use ts_rs::TS;

use crate::fingerprint::Fingerprint;
use crate::hex;

/// What separates these hashes from all others; part of the contract between versions of Hearth.
const COMMIT: &[u8] = b"hearth commit v1";
const DIGITS: &[u8] = b"hearth digits v1";

/// How many numbers there are.
const NUMBERS: u64 = 1_000_000;

/// 32 random bytes of one side, used once; in JSON 64 lower-case hex digits. Nothing that is not
/// random may be used, and nothing twice: a nonce that can be guessed can be worked against.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
#[ts(type = "string")]
pub struct Nonce(pub [u8; 32]);

/// What the joiner says of its nonce before it shows it: SHA-256 of `hearth commit v1` and the
/// nonce; in JSON 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
#[ts(type = "string")]
pub struct Commitment(pub [u8; 32]);

/// Between which keys a connection runs: fingerprints of an app's link (ALPN `hearth/1`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keys {
    /// The key that the host showed.
    pub host: Fingerprint,
    /// The key that the joiner showed.
    pub joiner: Fingerprint,
}

impl Keys {
    /// Where nobody can say whose keys they are: a browser's connection, or one without TLS.
    pub const UNKNOWN: Self = Self {
        host: Fingerprint([0; 32]),
        joiner: Fingerprint([0; 32]),
    };
}

impl Nonce {
    /// What is said of it before it is shown.
    pub fn commitment(&self) -> Commitment {
        let hash = Sha256::new().chain_update(COMMIT).chain_update(self.0);
        Commitment(hash.finalize().into())
    }
}

impl Commitment {
    /// Whether `nonce` is the one that was committed to.
    pub fn is_of(&self, nonce: &Nonce) -> bool {
        self.0.ct_eq(&nonce.commitment().0).into()
    }
}

/// The six digits, such as `042917`, of a connection between `keys` with one nonce of each side.
pub fn digits(keys: &Keys, host: &Nonce, joiner: &Nonce) -> String {
    let hash = Sha256::new()
        .chain_update(DIGITS)
        .chain_update(keys.host.0)
        .chain_update(keys.joiner.0)
        .chain_update(host.0)
        .chain_update(joiner.0)
        .finalize();
    let (first, _) = hash.split_first_chunk::<8>().expect("SHA-256 has 32 bytes");
    format!("{:06}", u64::from_be_bytes(*first) % NUMBERS)
}

macro_rules! as_hex {
    ($($name:ident $what:literal;)*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                hex::write(&self.0, f)
            }
        }

        impl TryFrom<String> for $name {
            type Error = &'static str;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                hex::read(&text).map(Self).ok_or($what)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.to_string()
            }
        }
    )*};
}

as_hex! {
    Nonce "a nonce has 64 lower-case hex digits";
    Commitment "a commitment has 64 lower-case hex digits";
}

/// Without its value: until it is revealed it is a secret, and logs are no place for one.
impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nonce")
    }
}

impl fmt::Debug for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: Nonce = Nonce([0x11; 32]);
    const JOINER: Nonce = Nonce([0x22; 32]);
    const KEYS: Keys = Keys {
        host: Fingerprint([0x33; 32]),
        joiner: Fingerprint([0x44; 32]),
    };

    /// Worked out with another implementation: both sides and every version have to agree.
    #[test]
    fn the_digits_are_those_that_every_version_shows() {
        assert_eq!(
            JOINER.commitment().to_string(),
            "7e382a6b518a9732c4ab95b299159ef4b7499b88276197e0f7c8aafbd15c8dfa"
        );
        assert_eq!(digits(&KEYS, &HOST, &JOINER), "806355");
        assert_eq!(digits(&Keys::UNKNOWN, &HOST, &JOINER), "755310");
        assert_eq!(digits(&KEYS, &Nonce([0x15; 32]), &JOINER), "072637");
    }

    #[test]
    fn each_of_the_four_parts_makes_another_number() {
        let all = [
            digits(&KEYS, &HOST, &JOINER),
            digits(&KEYS, &JOINER, &HOST),
            digits(&KEYS, &HOST, &HOST),
            digits(&KEYS, &JOINER, &JOINER),
            digits(
                &Keys {
                    host: KEYS.joiner,
                    ..KEYS
                },
                &HOST,
                &JOINER,
            ),
            digits(
                &Keys {
                    joiner: KEYS.host,
                    ..KEYS
                },
                &HOST,
                &JOINER,
            ),
        ];
        for (number, one) in all.iter().enumerate() {
            assert!(!all[..number].contains(one), "{one}");
        }
    }

    #[test]
    fn a_commitment_is_of_one_nonce_alone() {
        assert!(JOINER.commitment().is_of(&JOINER));
        assert!(!JOINER.commitment().is_of(&HOST));
    }

    #[test]
    fn a_nonce_is_read_as_it_is_written_and_nothing_else_is() {
        let text = String::from(HOST);
        assert_eq!(Nonce::try_from(text.clone()), Ok(HOST));
        for other in [&text[1..], &format!("{text}0"), &"AA".repeat(32), "", "é"] {
            assert!(Nonce::try_from(other.to_owned()).is_err(), "{other}");
        }
        assert!(!format!("{HOST:?}").contains("11"), "a secret in a log");
    }
}
