//! What is found at an address: nothing, something else, or a session, and whose key is behind it.
//!
//! Asking costs a connection and says nothing about who asks: it shows a key made for this one
//! question, and never anything that was in an invitation but the address.

mod ask;
mod place;

use hearth_protocol::fingerprint::KeyHint;
use hearth_protocol::window::{FoundHost, ProbeRequest, Probed};
use tokio::task::JoinSet;

pub(crate) use self::ask::{Answer, ask};
use self::place::Place;
use crate::discovery::fits;

/// A host that is announced has no more addresses than that.
const MOST_PLACES: usize = 8;

/// Looks at all the places at once, and answers the best that is found at one of them: they are
/// meant to be of one host, and some lead nowhere from here.
pub async fn probe(request: ProbeRequest) -> Probed {
    let mut asked = JoinSet::new();
    for text in request.places.into_iter().take(MOST_PLACES) {
        if let Some(place) = Place::read(&text) {
            let key = request.key.clone();
            asked.spawn(async move { look(&place, key.as_ref()).await });
        }
    }
    let mut best = Probed::NoAddress;
    while let Some(found) = asked.join_next().await {
        let found = found.unwrap_or(Probed::NoAddress);
        if matches!(found, Probed::Hearth { .. }) {
            return found;
        }
        if rank(&found) > rank(&best) {
            best = found;
        }
    }
    best
}

/// What is found at one place, where a host with this key is expected.
async fn look(place: &Place, key: Option<&KeyHint>) -> Probed {
    let address = place.address();
    let (health, fingerprint) = match ask(place.host(), place.port()).await {
        Answer::Nothing => return Probed::Nothing { address },
        Answer::NotHearth => return Probed::NotHearth { address },
        Answer::Hearth {
            health,
            fingerprint,
        } => (health, fingerprint),
    };
    let is_expected = |hint: &KeyHint| fingerprint.is_some_and(|shown| hint.fits(shown));
    let expected = place.key().is_none_or(is_expected) && key.is_none_or(is_expected);
    let protocol = health.protocol;
    let host = FoundHost {
        page: place.page(health.browsers),
        address,
        session: health.session,
        name: health.name,
        version: health.version,
        protocol,
        browsers: health.browsers,
        fingerprint: fingerprint.map(|shown| shown.to_string()),
    };
    if !expected {
        Probed::OtherKey { host }
    } else if fits(protocol) {
        Probed::Hearth { host }
    } else {
        Probed::OtherVersion { host }
    }
}

/// How much is known by it. Another key matters more than another version: it may be a lie.
fn rank(found: &Probed) -> u8 {
    match found {
        Probed::NoAddress => 0,
        Probed::Nothing { .. } => 1,
        Probed::NotHearth { .. } => 2,
        Probed::OtherVersion { .. } => 3,
        Probed::OtherKey { .. } => 4,
        Probed::Hearth { .. } => 5,
    }
}

#[cfg(test)]
mod tests;
