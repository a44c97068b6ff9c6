//! How long to wait before the next attempt.

use std::time::Duration;

/// The longest pause is between half of this and all of it.
const MOST: Duration = Duration::from_secs(30);

/// The first is between half of this and all of it.
const FIRST: Duration = Duration::from_secs(1);

/// A link that lasted so long was no failure: the next attempt comes soon.
const LASTED: Duration = Duration::from_secs(10);

/// Doubles from one attempt to the next. Half of each pause is left to chance, so that all who lost
/// a host together do not come back together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    next: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { next: FIRST }
    }
}

impl Pace {
    /// How long to wait now.
    pub(super) fn next(&mut self) -> Duration {
        let most = self.next;
        self.next = (most * 2).min(MOST);
        most / 2 + (most / 2).mul_f64(chance())
    }

    /// A link ended after so long.
    pub(super) fn lasted(&mut self, how_long: Duration) {
        if how_long >= LASTED {
            *self = Self::default();
        }
    }
}

/// From 0 to 1.
fn chance() -> f64 {
    // Without random numbers all wait equally long, which is not worth failing for.
    getrandom::u32().map_or(0.5, |number| f64::from(number) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_from_half_a_second_to_half_a_minute_and_differ() {
        let mut paces = [Pace::default(); 2];
        let mut pauses = Vec::new();
        for _ in 0..20 {
            pauses.push(paces.each_mut().map(Pace::next));
        }
        for pause in pauses.iter().flatten() {
            assert!(
                (Duration::from_millis(500)..=MOST).contains(pause),
                "{pause:?}"
            );
        }
        assert!(pauses[0][0] <= FIRST);
        assert!(pauses[19][0] >= MOST / 2);
        assert!(pauses.iter().any(|[one, other]| one != other));
    }

    #[test]
    fn a_link_that_lasted_makes_the_next_attempt_come_soon() {
        let mut pace = Pace::default();
        for _ in 0..20 {
            pace.next();
        }
        pace.lasted(Duration::from_secs(1));
        assert!(pace.next() > FIRST);
        pace.lasted(Duration::from_secs(60));
        assert!(pace.next() <= FIRST);
    }
}
