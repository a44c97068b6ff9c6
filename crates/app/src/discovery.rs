//! Finding sessions on this network, and being found: DNS-SD over multicast DNS.
//!
//! What is announced is a hint: anybody on the network can announce anything. So an announcement
//! is read strictly and counted ([`announcement`]), the list of what is nearby is bounded
//! ([`nearby`]), and nothing is believed that a handshake does not prove.
//!
//! An announcement is known by the id in it and never by its name in DNS, because a name that is
//! taken is changed, and for a while the old one points to somebody else.

mod addresses;
mod announcement;
mod announcer;
mod daemon;
mod listener;
mod nearby;

pub(crate) use announcement::{AnnouncementId, fits};
pub(crate) use announcer::{Announced, Announcer};
pub(crate) use listener::Listener;

/// What Hearth is called among the services of a network.
const SERVICE: &str = "_hearth._tcp.local.";
