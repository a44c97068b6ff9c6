//! How fast one member may go.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use hearth_protocol::MemberId;
use hearth_protocol::call::Call;
use hearth_protocol::error::CallError;
use hearth_protocol::limits::{LIFTED, Limits};

fn number(value: u64) -> NonZeroU32 {
    let value = u32::try_from(value.min(LIFTED)).unwrap_or(u32::MAX);
    NonZeroU32::new(value).unwrap_or(NonZeroU32::MIN)
}

fn per_second(rate: u64, burst: u64) -> Quota {
    Quota::per_second(number(rate)).allow_burst(number(burst.max(rate)))
}

/// The pace of every member, over all of that member's sockets.
pub(crate) struct Pace {
    calls: DefaultKeyedRateLimiter<MemberId>,
    messages: DefaultKeyedRateLimiter<MemberId>,
    edits: DefaultKeyedRateLimiter<MemberId>,
    uploads: DefaultKeyedRateLimiter<MemberId>,
    catch_up: Debts,
    catch_up_bytes_per_s: u64,
    merging: Debts,
    /// What a second of merging costs, in seconds; nothing where limits are lifted.
    merging_price: u32,
}

/// So much is had at once: what is paid for in this time.
const AHEAD: Duration = Duration::from_secs(4);
/// Edits of one note may keep the writer, and with it everybody else, for a tenth of the time. One
/// alone takes less than half a second, and who was away for long sends that once.
const MERGING_PRICE: u32 = 10;

/// What members were given and when each will have paid for it, in time. Not a bucket of tokens:
/// how much something comes to shows only when it is there, and then it is given whatever is left.
#[derive(Default)]
struct Debts {
    paid_at: Mutex<HashMap<MemberId, Instant>>,
}

impl Debts {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<MemberId, Instant>> {
        self.paid_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, member: MemberId, price: Duration, now: Instant) {
        let mut all = self.lock();
        let paid_at = all.entry(member).or_insert(now);
        *paid_at = (*paid_at).max(now) + price;
    }

    fn check(&self, member: MemberId, now: Instant) -> Result<(), CallError> {
        let wait = self.lock().get(&member).map_or(Duration::ZERO, |paid_at| {
            paid_at.saturating_duration_since(now + AHEAD)
        });
        if wait.is_zero() {
            return Ok(());
        }
        Err(CallError::rate_limited(wait.as_millis() as u64 + 1))
    }

    fn forget_the_quiet(&self, now: Instant) {
        self.lock().retain(|_, paid_at| *paid_at > now);
    }
}

impl Pace {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            calls: RateLimiter::keyed(per_second(limits.calls_per_s, limits.calls_burst)),
            edits: RateLimiter::keyed(per_second(limits.edits_per_s, limits.edits_per_s * 4)),
            uploads: RateLimiter::keyed(Quota::per_minute(number(limits.uploads_per_min))),
            messages: RateLimiter::keyed(per_second(limits.messages_per_s, limits.messages_burst)),
            catch_up: Debts::default(),
            catch_up_bytes_per_s: limits.catch_up_bytes_per_s.max(1),
            merging: Debts::default(),
            merging_price: match limits.edits_per_s >= LIFTED {
                true => 0,
                false => MERGING_PRICE,
            },
        }
    }

    /// Counts one call. A call that comes too soon is not carried out and says when to come back.
    pub(crate) fn check(&self, member: MemberId) -> Result<(), CallError> {
        wait_for(&self.calls, member)
    }

    /// Counts a call of a kind that has a limit of its own.
    pub(crate) fn check_kind(&self, member: MemberId, call: &Call) -> Result<(), CallError> {
        if matches!(call, Call::MessageSend(_)) {
            wait_for(&self.messages, member)?;
        }
        if matches!(call, Call::NoteEdit(_)) {
            wait_for(&self.edits, member)?;
        }
        if matches!(call, Call::NoteEdit(_) | Call::NoteUpdate(_)) {
            self.check_merging(member)?;
        }
        Ok(())
    }

    /// Counts a file that is brought.
    pub(crate) fn check_upload(&self, member: MemberId) -> Result<(), CallError> {
        wait_for(&self.uploads, member)
    }

    /// Counts a page of `bytes` that was sent for catching up; the next one may have to wait.
    pub(crate) fn caught_up(&self, member: MemberId, bytes: usize) {
        let price = bytes as f64 / self.catch_up_bytes_per_s as f64;
        let price = Duration::from_secs_f64(price);
        self.catch_up.count(member, price, Instant::now());
    }

    /// Whether the writer may be kept with an edit of this member now. Asked once more when it
    /// comes to it: many may have been let through before the first of them was counted.
    pub(crate) fn check_merging(&self, member: MemberId) -> Result<(), CallError> {
        self.merging.check(member, Instant::now())
    }

    /// Counts what the writer was kept with merging an edit, let in or not; the next one may have
    /// to wait.
    pub(crate) fn merged(&self, member: MemberId, took: Duration) {
        let price = took.saturating_mul(self.merging_price);
        self.merging.count(member, price, Instant::now());
    }

    /// Whether this member may have another page now.
    pub(crate) fn check_catch_up(&self, member: MemberId) -> Result<(), CallError> {
        self.catch_up.check(member, Instant::now())
    }

    /// Forgets members who have not come near a limit lately.
    pub(crate) fn forget_the_quiet(&self) {
        self.calls.retain_recent();
        self.messages.retain_recent();
        self.edits.retain_recent();
        self.uploads.retain_recent();
        self.catch_up.forget_the_quiet(Instant::now());
        self.merging.forget_the_quiet(Instant::now());
    }
}

fn wait_for(
    limiter: &DefaultKeyedRateLimiter<MemberId>,
    member: MemberId,
) -> Result<(), CallError> {
    limiter.check_key(&member).map_err(|not_until| {
        let wait = not_until.wait_time_from(DefaultClock::default().now());
        CallError::rate_limited(wait.as_millis() as u64 + 1)
    })
}

/// The pace of one socket's presence: what is too fast is dropped.
pub(crate) fn presence_pace(limits: &Limits) -> DefaultDirectRateLimiter {
    RateLimiter::direct(per_second(limits.presence_per_s, limits.presence_per_s))
}

#[cfg(test)]
mod tests {
    use hearth_protocol::call::NoteEdit;
    use hearth_protocol::{Code, NoteKey};

    use super::*;

    #[test]
    fn everything_is_paid_for_however_much_it_is() {
        let debts = Debts::default();
        let (member, now) = (MemberId::new(), Instant::now());
        debts.count(member, Duration::from_secs(3), now);
        assert!(debts.check(member, now).is_ok(), "less than is had at once");
        debts.count(member, Duration::from_secs(5), now);
        let refusal = debts.check(member, now).unwrap_err();
        assert_eq!(refusal.retry_after_ms, Some(4_001));
        assert!(debts.check(MemberId::new(), now).is_ok());
        let later = now + Duration::from_millis(4_001);
        assert!(debts.check(member, later).is_ok());
        debts.forget_the_quiet(now + Duration::from_secs(9));
        assert!(debts.lock().is_empty());
    }

    #[test]
    fn whoever_keeps_the_writer_with_edits_waits_and_nobody_else_does() {
        let edit = || {
            Call::NoteEdit(NoteEdit {
                id: None,
                key: NoteKey::from(uuid::Uuid::nil()),
                update: String::new(),
            })
        };
        let pace = Pace::new(&Limits::default());
        let (one, other) = (MemberId::new(), MemberId::new());
        // Hours of typing, brought in once.
        pace.merged(one, Duration::from_millis(390));
        assert!(pace.check_kind(one, &edit()).is_ok());
        pace.merged(one, Duration::from_millis(390));
        let refusal = pace.check_kind(one, &edit()).unwrap_err();
        assert_eq!(refusal.code, Code::RateLimited);
        assert!(refusal.retry_after_ms.is_some_and(|ms| ms > 3_000));
        assert!(pace.check_kind(other, &edit()).is_ok());
        let lifted = Pace::new(&Limits {
            edits_per_s: LIFTED,
            ..Limits::default()
        });
        lifted.merged(one, Duration::from_secs(60));
        assert!(lifted.check_kind(one, &edit()).is_ok());
    }
}
