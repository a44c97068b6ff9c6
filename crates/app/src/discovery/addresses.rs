//! Which of a host's addresses is tried first.

use std::net::IpAddr;

/// An address that somebody announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Announced {
    pub(super) address: IpAddr,
    /// Whether it was heard by virtual adapters of this computer only.
    pub(super) is_virtual: bool,
}

/// The likeliest first, each once, `most` at most. This computer's own loopback counts only where
/// there is nothing else: to anybody else's it would lead astray.
pub(super) fn in_order(found: impl IntoIterator<Item = Announced>, most: usize) -> Vec<IpAddr> {
    let mut usable: Vec<Announced> = found
        .into_iter()
        .filter(|one| is_usable(one.address))
        .collect();
    usable.sort_by_key(|one| {
        (
            one.address.is_loopback(),
            one.is_virtual,
            rank(one.address),
            one.address,
        )
    });
    let mut addresses: Vec<IpAddr> = usable.iter().map(|one| one.address).collect();
    addresses.dedup();
    if addresses.iter().any(|address| !address.is_loopback()) {
        addresses.retain(|address| !address.is_loopback());
    }
    // The same address may have been heard by a real adapter and by a virtual one.
    let mut seen = std::collections::HashSet::new();
    addresses.retain(|address| seen.insert(*address));
    addresses.truncate(most);
    addresses
}

/// Private IPv4 is what people on one network have in common.
fn rank(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(address) if address.is_private() => 0,
        IpAddr::V4(address) if !address.is_link_local() => 1,
        IpAddr::V6(_) => 2,
        IpAddr::V4(_) => 3,
    }
}

/// Link-local IPv6 means nothing without naming an adapter, which no address in a link can do.
fn is_usable(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            !(address.is_unspecified() || address.is_multicast() || address.is_broadcast())
        }
        IpAddr::V6(address) => {
            !(address.is_unspecified()
                || address.is_multicast()
                || address.is_unicast_link_local()
                || address.to_ipv4_mapped().is_some())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(found: &[&str], expected: &[&str]) {
        let found = found.iter().map(|text| {
            let (is_virtual, address) = match text.strip_prefix("virtual ") {
                Some(address) => (true, address),
                None => (false, *text),
            };
            Announced {
                address: address.parse().unwrap(),
                is_virtual,
            }
        });
        let expected: Vec<IpAddr> = expected.iter().map(|text| text.parse().unwrap()).collect();
        assert_eq!(in_order(found, 4), expected);
    }

    #[test]
    fn private_ipv4_comes_first_and_virtual_adapters_last() {
        check(
            &[
                "2001:db8::7",
                "203.0.113.5",
                "virtual 172.17.0.1",
                "192.168.1.20",
            ],
            &["192.168.1.20", "203.0.113.5", "2001:db8::7", "172.17.0.1"],
        );
    }

    #[test]
    fn loopback_counts_only_where_there_is_nothing_else() {
        check(&["127.0.0.1", "virtual 10.0.0.5"], &["10.0.0.5"]);
        check(&["127.0.0.1", "::1"], &["127.0.0.1", "::1"]);
        check(&["127.0.0.1", "0.0.0.0", "fe80::1"], &["127.0.0.1"]);
    }

    #[test]
    fn an_address_counts_once_and_no_more_than_some_are_kept() {
        check(&["virtual 10.0.0.5", "10.0.0.5", "10.0.0.5"], &["10.0.0.5"]);
        check(
            &["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5"],
            &["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"],
        );
    }

    #[test]
    fn what_nobody_can_connect_to_is_left_out() {
        check(
            &[
                "0.0.0.0",
                "224.0.0.251",
                "255.255.255.255",
                "::",
                "ff02::fb",
                "fe80::1",
                "::ffff:10.0.0.1",
            ],
            &[],
        );
    }
}
