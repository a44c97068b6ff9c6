//! How often one address may ask by HTTP. Socket.IO and static files are not counted: the first has
//! limits of its own, and a page is a burst of files.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::extract::{Extension, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use hearth_protocol::CallError;
use hearth_protocol::limits::{LIFTED, Limits};
use hearth_session::counted;
use std::sync::Arc;

use crate::failure::Failure;
use crate::server::Server;
use crate::wire::Wire;

/// How many requests are counted between two sweeps for addresses that were not seen lately.
const SWEEP_EVERY: u32 = 1_024;

/// A bucket for each address.
pub(crate) struct Rates {
    limiter: DefaultKeyedRateLimiter<IpAddr>,
    clock: DefaultClock,
    counted: AtomicU32,
}

impl Rates {
    /// For requests in general.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self::of(limits.http_per_s, limits.http_burst)
    }

    /// For fetching files: opening a note full of pictures is a burst of requests.
    pub(crate) fn of_downloads(limits: &Limits) -> Self {
        Self::of(limits.downloads_per_s, limits.downloads_burst)
    }

    fn of(per_s: u64, burst: u64) -> Self {
        let quota = Quota::per_second(at_least_one(per_s)).allow_burst(at_least_one(burst));
        Self {
            limiter: RateLimiter::keyed(quota),
            clock: DefaultClock::default(),
            counted: AtomicU32::new(0),
        }
    }

    /// Counts one request of `address`.
    pub(crate) fn count(&self, address: IpAddr) -> Result<(), CallError> {
        if self.counted.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(&counted(address)).map_err(|until| {
            let wait = until.wait_time_from(self.clock.now());
            CallError::rate_limited(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1))
        })
    }
}

/// Lets a request through unless its address asks too often.
pub(crate) async fn limit(
    State(server): State<Server>,
    Extension(wire): Extension<Arc<Wire>>,
    request: Request,
    next: Next,
) -> Result<Response, Failure> {
    server.rates().count(wire.address())?;
    Ok(next.run(request).await)
}

/// As [`limit`], for fetching files.
pub(crate) async fn limit_downloads(
    State(server): State<Server>,
    Extension(wire): Extension<Arc<Wire>>,
    request: Request,
    next: Next,
) -> Result<Response, Failure> {
    server.downloads().count(wire.address())?;
    Ok(next.run(request).await)
}

fn at_least_one(limit: u64) -> NonZeroU32 {
    // More than this is no limit; beyond, a request's share of a second would be nothing.
    let limit = limit.clamp(1, LIFTED);
    u32::try_from(limit)
        .ok()
        .and_then(NonZeroU32::new)
        .unwrap_or(NonZeroU32::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_allowed_and_one_address_does_not_slow_another() {
        let rates = Rates::new(&Limits {
            http_per_s: 1,
            http_burst: 3,
            ..Limits::default()
        });
        let (first, second) = ([10, 0, 0, 1].into(), [10, 0, 0, 2].into());
        for _ in 0..3 {
            rates.count(first).expect("within the burst");
        }
        let refusal = rates.count(first).expect_err("beyond the burst");
        assert!(
            refusal
                .retry_after_ms
                .is_some_and(|ms| (1..=1_000).contains(&ms))
        );
        rates.count(second).expect("not the same address");
    }

    #[test]
    fn a_lifted_limit_limits_nobody() {
        let huge = Limits {
            http_per_s: 5_000_000_000,
            http_burst: 5_000_000_000,
            ..Limits::default()
        };
        for limits in [Limits::off(), huge] {
            let rates = Rates::new(&limits);
            for _ in 0..10_000 {
                rates.count([10, 0, 0, 1].into()).expect("lifted");
            }
        }
    }
}
