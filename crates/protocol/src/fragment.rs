//! What stands after `#` in an invitation's address, which browsers send to nobody.

use std::fmt;

use crate::fingerprint::Fingerprint;

/// `SECRET.FINGERPRINT`: what opens the door, and whose door it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fragment<'a> {
    /// What is sent as `invite`.
    pub secret: &'a str,
    /// The host that is to be found there.
    pub fingerprint: Option<Fingerprint>,
}

impl<'a> Fragment<'a> {
    /// Reads one, with or without a fingerprint. What stands in the place of one and is none counts
    /// as none: whoever wants to compare has nothing to compare with.
    pub fn read(text: &'a str) -> Self {
        match text.split_once('.') {
            Some((secret, fingerprint)) => Self {
                secret,
                fingerprint: fingerprint.parse().ok(),
            },
            None => Self {
                secret: text,
                fingerprint: None,
            },
        }
    }
}

impl fmt::Display for Fragment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.secret)?;
        match self.fingerprint {
            Some(fingerprint) => write!(f, ".{fingerprint}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fragment_is_read_as_it_is_written() {
        let whole = Fragment {
            secret: "s3cret-_",
            fingerprint: Some(Fingerprint([7; 32])),
        };
        assert_eq!(Fragment::read(&whole.to_string()), whole);
        let bare = Fragment {
            fingerprint: None,
            ..whole
        };
        assert_eq!(Fragment::read("s3cret-_"), bare);
        assert_eq!(Fragment::read("s3cret-_.what"), bare);
    }
}
