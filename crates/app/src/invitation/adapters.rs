//! The network adapters others could reach this computer by, the likeliest first.

use std::net::{IpAddr, Ipv4Addr, UdpSocket};

/// An address that others can type, and where it belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Adapter {
    pub(crate) name: String,
    pub(crate) address: IpAddr,
    /// Belongs to machines within this one, or to a tunnel.
    pub(crate) is_virtual: bool,
}

/// How adapters are called that lead to containers, virtual machines and tunnels.
const VIRTUAL: [&str; 21] = [
    "br-",
    "cni",
    "docker",
    "flannel",
    "hyper-v",
    "lxc",
    "lxd",
    "podman",
    "tailscale",
    "tap",
    "tun",
    "utun",
    "vboxnet",
    "vethernet",
    "veth",
    "virbr",
    "virtualbox",
    "vmnet",
    "vmware",
    "wg",
    "zt",
];

/// What others could reach now.
pub(crate) fn usable() -> Vec<Adapter> {
    let found = if_addrs::get_if_addrs().unwrap_or_else(|error| {
        tracing::warn!(%error, "The network adapters cannot be listed");
        Vec::new()
    });
    let adapters = found
        .into_iter()
        .filter(|found| is_usable(found.ip()))
        .map(|found| Adapter {
            address: found.ip(),
            is_virtual: is_virtual(&found.name),
            name: found.name,
        })
        .collect();
    in_order(adapters, outward())
}

/// Real before virtual; among the real ones first the one that leads outward,
/// because that is the network this computer is on.
fn in_order(mut adapters: Vec<Adapter>, outward: Option<IpAddr>) -> Vec<Adapter> {
    adapters.sort_by_key(|adapter| (adapter.is_virtual, Some(adapter.address) != outward));
    adapters
}

/// IPv4 only, because the host listens on that. A link-local address means that
/// the adapter has got none yet.
fn is_usable(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !(address.is_loopback() || address.is_link_local()),
        IpAddr::V6(_) => false,
    }
}

/// Whether an adapter of this name leads to containers, virtual machines or a tunnel.
pub(crate) fn is_virtual(name: &str) -> bool {
    let name = name.to_lowercase();
    VIRTUAL.iter().any(|start| name.starts_with(start))
}

/// The address that packets to elsewhere would carry. Connecting a UDP socket
/// sends none; the target is one that nobody has (RFC 5737).
fn outward() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(203, 0, 113, 1), 9)).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adapter(name: &str, address: &str) -> Adapter {
        Adapter {
            name: name.to_owned(),
            address: address.parse().unwrap(),
            is_virtual: is_virtual(name),
        }
    }

    #[test]
    fn the_network_outward_comes_first_and_containers_last() {
        let docker = adapter("docker0", "172.17.0.1");
        let cable = adapter("enp3s0", "10.0.0.5");
        let wireless = adapter("wlan0", "192.0.2.20");
        let found = vec![docker.clone(), cable.clone(), wireless.clone()];
        let ordered = in_order(found, Some(wireless.address));
        assert_eq!(ordered, [wireless, cable, docker]);
    }

    #[test]
    fn a_virtual_adapter_that_leads_outward_is_still_last() {
        let tunnel = adapter("tun0", "10.8.0.2");
        let wireless = adapter("wlan0", "192.0.2.20");
        let ordered = in_order(vec![tunnel.clone(), wireless.clone()], Some(tunnel.address));
        assert_eq!(ordered, [wireless, tunnel]);
    }

    #[test]
    fn addresses_nobody_else_can_reach_are_left_out() {
        for address in ["127.0.0.1", "169.254.3.4", "::1", "fe80::1"] {
            assert!(!is_usable(address.parse().unwrap()), "{address}");
        }
        assert!(is_usable("192.0.2.20".parse().unwrap()));
    }
}
