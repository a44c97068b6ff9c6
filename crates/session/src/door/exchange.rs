//! The host's side of the six digits (`protocol::digits`), of one who asks to come in.

use hearth_protocol::digits::{Commitment, Keys, Nonce, digits};

/// What was said on both sides so far.
#[derive(Debug)]
pub(crate) struct Exchange {
    keys: Keys,
    commitment: Commitment,
    /// The host's own. Only ever picked after the joiner has committed to theirs.
    nonce: Nonce,
    shown: Option<Shown>,
}

#[derive(Debug)]
struct Shown {
    revealed: Nonce,
    code: String,
}

/// What a nonce that was revealed turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Revealed {
    /// The one that was committed to: the digits are known now.
    Now,
    /// The same once more.
    Again,
    /// Another one than was committed to, or than was revealed before.
    Wrong,
}

impl Exchange {
    /// Begins with a fresh nonce of the host's.
    pub(crate) fn begin(commitment: Commitment, keys: Keys) -> Self {
        let mut nonce = [0; 32];
        getrandom::fill(&mut nonce)
            .expect("the system has randomness once it has started a program");
        Self {
            keys,
            commitment,
            nonce: Nonce(nonce),
            shown: None,
        }
    }

    /// What the joiner is told.
    pub(crate) fn nonce(&self) -> Nonce {
        self.nonce
    }

    /// The digits, once both nonces are known.
    pub(crate) fn code(&self) -> Option<&str> {
        self.shown.as_ref().map(|shown| shown.code.as_str())
    }

    /// The joiner shows their nonce.
    pub(crate) fn reveal(&mut self, revealed: Nonce) -> Revealed {
        match &self.shown {
            Some(shown) if shown.revealed == revealed => Revealed::Again,
            Some(_) => Revealed::Wrong,
            None if !self.commitment.is_of(&revealed) => Revealed::Wrong,
            None => {
                let code = digits(&self.keys, &self.nonce, &revealed);
                self.shown = Some(Shown { revealed, code });
                Revealed::Now
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JOINER: Nonce = Nonce([7; 32]);

    fn begin() -> Exchange {
        Exchange::begin(JOINER.commitment(), Keys::UNKNOWN)
    }

    #[test]
    fn only_the_nonce_that_was_committed_to_makes_digits() {
        let mut exchange = begin();
        assert_eq!(exchange.reveal(Nonce([8; 32])), Revealed::Wrong);
        assert_eq!(exchange.code(), None);
        assert_eq!(exchange.reveal(JOINER), Revealed::Now);
        let code = digits(&Keys::UNKNOWN, &exchange.nonce(), &JOINER);
        assert_eq!(exchange.code(), Some(code.as_str()));
        assert_eq!(exchange.reveal(JOINER), Revealed::Again);
        assert_eq!(exchange.reveal(Nonce([8; 32])), Revealed::Wrong);
        assert_eq!(exchange.code(), Some(code.as_str()));
    }

    #[test]
    fn the_host_never_uses_a_nonce_twice() {
        assert!(begin().nonce() != begin().nonce());
    }
}
