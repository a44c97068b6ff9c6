//! What is nearby: what was heard, held together by the ids in it.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use hearth_protocol::window::NearbySession;
use mdns_sd::{ResolvedService, ScopedIp};

use super::addresses::{self, Announced};
use super::announcement::{Announcement, fits};
use crate::invitation::is_virtual;

/// More than stand on one network; the screen shows no more either. Whoever floods the network
/// with announcements keeps others from being found, but the address can always be typed.
const MOST_SESSIONS: usize = 256;

/// More than a computer has that others would try.
const MOST_ADDRESSES: usize = 8;

/// A name in DNS has 255 bytes at most.
const NAME_BYTES: usize = 255;

/// What was heard, by its name in DNS.
#[derive(Debug, Default)]
pub(super) struct Heard(BTreeMap<String, Entry>);

#[derive(Debug)]
struct Entry {
    announcement: Announcement,
    port: u16,
    addresses: Vec<Announced>,
}

impl Heard {
    /// Takes what a name stands for now. Where that is no announcement of Hearth, whatever the
    /// name stood for before is over.
    pub(super) fn take(&mut self, service: &ResolvedService) {
        let name = service.get_fullname();
        let read = Announcement::read(|key| service.get_property_val(key).flatten());
        // Where a name is just being taken over, one half is still of the one and the other already
        // of the other.
        let is_whole = |read: &Announcement| {
            service.get_port() != 0 && service.get_hostname().eq_ignore_ascii_case(&read.id.host())
        };
        match read.filter(is_whole) {
            Some(announcement) => self.put(
                name,
                Entry {
                    announcement,
                    port: service.get_port(),
                    addresses: service
                        .get_addresses()
                        .iter()
                        .take(4 * MOST_ADDRESSES)
                        .map(announced)
                        .collect(),
                },
            ),
            None => self.forget(name),
        }
    }

    /// The name stands for nothing any more.
    pub(super) fn forget(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// The names, in order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The sessions that can be reached somewhere, by name.
    pub(super) fn sessions(&self) -> Vec<NearbySession> {
        // Everything that has to be the same for two names to be one host that was renamed. Only
        // the id would let anybody who repeats it put an address beside somebody else's.
        let mut hosts: BTreeMap<_, Vec<&Entry>> = BTreeMap::new();
        for entry in self.0.values() {
            let of = &entry.announcement;
            let host = (of.id, of.session, of.key.to_string(), entry.port);
            hosts.entry(host).or_default().push(entry);
        }
        let mut sessions: Vec<NearbySession> = hosts.into_values().filter_map(describe).collect();
        sessions.sort_by_cached_key(|one| (one.name.as_str().to_lowercase(), one.id.clone()));
        sessions
    }

    fn put(&mut self, name: &str, entry: Entry) {
        let known = self.0.contains_key(name);
        if name.len() <= NAME_BYTES && (known || self.0.len() < MOST_SESSIONS) {
            self.0.insert(name.to_owned(), entry);
        }
    }
}

fn announced(address: &ScopedIp) -> Announced {
    let is_virtual = match address {
        ScopedIp::V4(address) => {
            let mut by = address.interface_ids().iter().peekable();
            by.peek().is_some() && by.all(|adapter| is_virtual(&adapter.name))
        }
        ScopedIp::V6(address) => is_virtual(&address.scope_id().name),
        _ => false,
    };
    Announced {
        address: address.to_ip_addr(),
        is_virtual,
    }
}

/// One host by all its names; `None` where it has no address yet.
fn describe(entries: Vec<&Entry>) -> Option<NearbySession> {
    let first = entries.first()?;
    let of = &first.announcement;
    let found = entries
        .iter()
        .flat_map(|entry| entry.addresses.iter().copied());
    let addresses: Vec<String> = addresses::in_order(found, MOST_ADDRESSES)
        .into_iter()
        .map(|address| SocketAddr::new(address, first.port).to_string())
        .collect();
    (!addresses.is_empty()).then(|| NearbySession {
        id: of.id.to_string(),
        session: of.session,
        name: of.name.clone(),
        people: of.people,
        admission: of.admission,
        protocol: of.protocol,
        fits: fits(of.protocol),
        key: of.key.clone(),
        addresses,
    })
}

#[cfg(test)]
mod tests {
    use super::super::announcement::tests::sample;
    use super::*;

    fn entry(announcement: Announcement, address: &str) -> Entry {
        Entry {
            announcement,
            port: 4747,
            addresses: vec![Announced {
                address: address.parse().unwrap(),
                is_virtual: false,
            }],
        }
    }

    #[test]
    fn a_host_that_was_renamed_is_one_entry_with_all_its_addresses() {
        let mut heard = Heard::default();
        let tea = sample("Tea");
        heard.put("a", entry(tea.clone(), "192.168.1.20"));
        heard.put("a (2)", entry(tea, "10.0.0.5"));
        let [one] = &heard.sessions()[..] else {
            panic!("one session")
        };
        assert_eq!(one.addresses, ["10.0.0.5:4747", "192.168.1.20:4747"]);
    }

    #[test]
    fn a_name_that_points_to_somebody_else_now_is_somebody_else() {
        let mut heard = Heard::default();
        let (tea, coffee) = (sample("Tea"), sample("Coffee"));
        heard.put("a", entry(tea.clone(), "192.168.1.20"));
        heard.put("a", entry(coffee, "192.168.1.21"));
        heard.put("a (2)", entry(tea, "192.168.1.20"));
        let found: Vec<_> = heard
            .sessions()
            .into_iter()
            .map(|one| (one.name.to_string(), one.addresses))
            .collect();
        let at = |name: &str, address: &str| (name.to_owned(), vec![address.to_owned()]);
        assert_eq!(
            found,
            [
                at("Coffee", "192.168.1.21:4747"),
                at("Tea", "192.168.1.20:4747")
            ]
        );
    }

    #[test]
    fn whoever_repeats_an_id_with_another_key_is_not_mixed_with_its_owner() {
        let mut heard = Heard::default();
        let tea = sample("Tea");
        let forged = Announcement {
            key: "1234567890abcdef".to_owned().try_into().unwrap(),
            ..tea.clone()
        };
        heard.put("a", entry(tea, "192.168.1.20"));
        heard.put("b", entry(forged, "192.168.1.66"));
        assert_eq!(heard.sessions().len(), 2);
    }

    #[test]
    fn a_flood_of_announcements_is_bounded_and_leaves_those_that_were_there() {
        let mut heard = Heard::default();
        heard.put("first", entry(sample("Tea"), "192.168.1.20"));
        for number in 0..2 * MOST_SESSIONS {
            heard.put(
                &format!("flood {number}"),
                entry(sample("Flood"), "192.168.1.66"),
            );
        }
        assert_eq!(heard.sessions().len(), MOST_SESSIONS);
        assert!(
            heard
                .sessions()
                .iter()
                .any(|one| one.name.as_str() == "Tea")
        );
        heard.put("first", entry(sample("Coffee"), "192.168.1.20"));
        assert!(
            heard
                .sessions()
                .iter()
                .any(|one| one.name.as_str() == "Coffee")
        );
    }

    #[test]
    fn a_host_without_an_address_is_not_shown_yet() {
        let mut heard = Heard::default();
        heard.put("a", entry(sample("Tea"), "fe80::1"));
        assert!(heard.sessions().is_empty());
    }
}
