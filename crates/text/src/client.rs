use std::fmt;

/// Who typed, as Yjs counts: one number per open editor, not per person.
///
/// Each id has a clock of its own that counts the UTF-16 units typed under it;
/// two editors that share one lose each other's text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(u32);

/// How many ids are the host's.
const HOSTS: u32 = 1 << 16;

impl ClientId {
    /// The client with this number.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// A number nobody else has, as far as chance allows, and that is none of the host's: whoever
    /// types under one of these has no way to draw again once the edit is on its way.
    ///
    /// # Panics
    ///
    /// If the operating system has no randomness to give.
    pub fn random() -> Self {
        // Without randomness there are no keys and no sign-ins either, so
        // nothing of Hearth can run: not an error to pass around.
        Self::drawn(|| getrandom::u32().expect("the system gives random numbers"))
    }

    fn drawn(mut draw: impl FnMut() -> u32) -> Self {
        loop {
            let drawn = Self(draw());
            if !drawn.is_hosts() {
                return drawn;
            }
        }
    }

    /// Whether it is one of those that only the host types under, in the name
    /// of clients without Yjs. Yjs draws its ids from all 32 bits, so hardly
    /// anybody ever meets one by chance, and whoever does draws again.
    pub const fn is_hosts(self) -> bool {
        self.0 < HOSTS
    }

    /// All ids of the host's, lowest first.
    pub fn hosts() -> impl Iterator<Item = Self> {
        // Nobody types under 0: it is what an empty document in memory has.
        (1..HOSTS).map(Self)
    }

    /// The number itself.
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl From<ClientId> for yrs::block::ClientID {
    fn from(client: ClientId) -> Self {
        Self::new(client.0.into())
    }
}

impl fmt::Debug for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientId({})", self.0)
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_draws_one_of_the_hosts_draws_again() {
        let mut numbers = [0, 61_289, HOSTS - 1, HOSTS].into_iter();
        let drawn = ClientId::drawn(|| numbers.next().expect("enough"));
        assert_eq!(drawn, ClientId::new(HOSTS));
    }
}
