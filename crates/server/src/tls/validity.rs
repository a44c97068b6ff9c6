//! From when until when the host's own certificate is valid, by this computer's clock.
//!
//! Clocks of computers without internet are wrong too often to refuse anybody for it: what counts
//! is the key. But browsers do look at the dates, so whoever reads the log is told.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustls::pki_types::CertificateDer;
use tokio::time::sleep;
use x509_parser::parse_x509_certificate;

/// A host that runs for months comes to the end of its certificate without being started anew.
const LOOKED_AT_EVERY: Duration = Duration::from_secs(60 * 60);

/// The dates of a certificate, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Validity {
    begins: i64,
    ends: i64,
}

/// What a clock says about a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dates {
    Good,
    NotYet,
    NotAnyMore,
}

impl Validity {
    /// Of a certificate; nothing if it cannot be read, which TLS will say.
    pub(super) fn of(certificate: &CertificateDer<'_>) -> Option<Self> {
        let (_, parsed) = parse_x509_certificate(certificate).ok()?;
        Some(Self {
            begins: parsed.validity().not_before.timestamp(),
            ends: parsed.validity().not_after.timestamp(),
        })
    }

    fn at(self, now: SystemTime) -> Dates {
        let since = now.duration_since(UNIX_EPOCH);
        let now = since.map_or(0, |since| {
            i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
        });
        if now < self.begins {
            Dates::NotYet
        } else if now > self.ends {
            Dates::NotAnyMore
        } else {
            Dates::Good
        }
    }

    /// Says in the log when it is not valid, now and whenever that changes.
    pub(super) async fn watch(self) {
        let mut said = Dates::Good;
        loop {
            let now = self.at(SystemTime::now());
            if now != said {
                say(now);
                said = now;
            }
            sleep(LOOKED_AT_EVERY).await;
        }
    }
}

fn say(dates: Dates) {
    match dates {
        Dates::Good => tracing::info!("by this computer's clock its certificate is valid again"),
        Dates::NotYet => tracing::warn!(
            "by this computer's clock its certificate is not valid yet, so the clock seems to be \
             wrong: set it right. Serving goes on, apps go by the key; browsers may warn again"
        ),
        Dates::NotAnyMore => tracing::warn!(
            "by this computer's clock its certificate is over: start Hearth again to renew it, \
             the key stays. Serving goes on, apps go by the key; browsers may warn again"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_good_from_its_first_second_to_its_last() {
        let validity = Validity {
            begins: 100,
            ends: 200,
        };
        for (now, expected) in [
            (0, Dates::NotYet),
            (99, Dates::NotYet),
            (100, Dates::Good),
            (200, Dates::Good),
            (201, Dates::NotAnyMore),
        ] {
            let at = UNIX_EPOCH + Duration::from_secs(now);
            assert_eq!(validity.at(at), expected, "{now}");
        }
        let before = UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(validity.at(before), Dates::NotYet);
    }
}
