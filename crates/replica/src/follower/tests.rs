use hearth_protocol::fingerprint::Fingerprint;

use super::*;

const CODES: [Code; 17] = [
    Code::BadRequest,
    Code::Unauthorized,
    Code::Forbidden,
    Code::NotFound,
    Code::Conflict,
    Code::Gone,
    Code::Diverged,
    Code::TooLarge,
    Code::RateLimited,
    Code::Offline,
    Code::Absent,
    Code::StorageFull,
    Code::Internal,
    Code::Expired,
    Code::Removed,
    Code::Version,
    Code::Full,
];

/// What a person hears of it. A new code has to be decided on here.
fn said_of(code: Code) -> Option<LinkTrouble> {
    match code {
        Code::Unauthorized | Code::Expired => Some(LinkTrouble::SignedOut),
        Code::Removed => Some(LinkTrouble::Removed),
        Code::Version => Some(LinkTrouble::Version),
        // They pass by themselves, or say nothing of a link.
        Code::BadRequest
        | Code::Forbidden
        | Code::NotFound
        | Code::Conflict
        | Code::Gone
        | Code::Diverged
        | Code::TooLarge
        | Code::RateLimited
        | Code::Offline
        | Code::Absent
        | Code::StorageFull
        | Code::Internal
        | Code::Full => None,
    }
}

#[test]
fn a_host_that_refuses_the_link_is_told_of_where_it_does_not_pass() {
    for code in CODES {
        assert_eq!(
            trouble(&LinkError::Refused(code)),
            said_of(code),
            "{code:?}"
        );
    }
}

#[test]
fn another_key_is_told_of_and_a_host_that_is_not_there_is_only_away() {
    let (address, why) = ("192.0.2.1:4747".to_owned(), "why".to_owned());
    let reached = |error| trouble(&LinkError::Reach(error));
    let wrong = ReachError::WrongKey {
        address: address.clone(),
        seen: Fingerprint([7; 32]),
    };
    assert_eq!(reached(wrong), Some(LinkTrouble::OtherKey));
    let silent = ReachError::NoAnswer {
        address: address.clone(),
        why: why.clone(),
    };
    let other = ReachError::NotHearth {
        address: address.clone(),
        why: why.clone(),
    };
    let plain = ReachError::NotLoopback { address };
    for away in [silent, other, plain] {
        assert_eq!(reached(away), None);
    }
    assert_eq!(trouble(&LinkError::Lost(why)), None);
}
