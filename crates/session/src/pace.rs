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
    catch_up: CatchUp,
}

/// So much catching up is had at once: what is paid for in this time.
const CATCH_UP_AHEAD: Duration = Duration::from_secs(4);

/// What was sent for catching up and when it will have been paid for. Not a bucket of tokens: how
/// large a page is shows only when it is there, and then it goes out whatever is left.
struct CatchUp {
    bytes_per_s: u64,
    paid_at: Mutex<HashMap<MemberId, Instant>>,
}

impl CatchUp {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<MemberId, Instant>> {
        self.paid_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, member: MemberId, bytes: usize, now: Instant) {
        let price = Duration::from_secs_f64(bytes as f64 / self.bytes_per_s.max(1) as f64);
        let mut all = self.lock();
        let paid_at = all.entry(member).or_insert(now);
        *paid_at = (*paid_at).max(now) + price;
    }

    fn check(&self, member: MemberId, now: Instant) -> Result<(), CallError> {
        let wait = self.lock().get(&member).map_or(Duration::ZERO, |paid_at| {
            paid_at.saturating_duration_since(now + CATCH_UP_AHEAD)
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
            catch_up: CatchUp {
                bytes_per_s: limits.catch_up_bytes_per_s,
                paid_at: Mutex::default(),
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
        Ok(())
    }

    /// Counts a file that is brought.
    pub(crate) fn check_upload(&self, member: MemberId) -> Result<(), CallError> {
        wait_for(&self.uploads, member)
    }

    /// Counts a page of `bytes` that was sent for catching up; the next one may have to wait.
    pub(crate) fn caught_up(&self, member: MemberId, bytes: usize) {
        self.catch_up.count(member, bytes, Instant::now());
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
    use super::*;

    #[test]
    fn every_page_is_paid_for_however_large() {
        let catch_up = CatchUp {
            bytes_per_s: 1_000,
            paid_at: Mutex::default(),
        };
        let (member, now) = (MemberId::new(), Instant::now());
        catch_up.count(member, 3_000, now);
        assert!(
            catch_up.check(member, now).is_ok(),
            "less than is had at once"
        );
        catch_up.count(member, 5_000, now);
        let refusal = catch_up.check(member, now).unwrap_err();
        assert_eq!(refusal.retry_after_ms, Some(4_001));
        assert!(catch_up.check(MemberId::new(), now).is_ok());
        let later = now + Duration::from_millis(4_001);
        assert!(catch_up.check(member, later).is_ok());
        catch_up.forget_the_quiet(now + Duration::from_secs(9));
        assert!(catch_up.lock().is_empty());
    }
}
