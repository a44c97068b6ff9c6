//! Sessions that are found nearby, what is found at an address, and whether others can reach this
//! computer. What is announced on a network is a hint and never proof: anybody there can say it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::fingerprint::KeyHint;
use crate::id::SessionId;
use crate::name::Name;
use crate::object::{Admission, Browsers};

/// A session that somebody announces on this network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct NearbySession {
    /// What tells one announcement from another; new each time hosting begins.
    pub id: String,
    /// The session.
    pub session: SessionId,
    /// What its host calls it.
    pub name: Name,
    /// How many people are in it.
    pub people: u32,
    /// Who may come in.
    pub admission: Admission,
    /// The oldest and the newest version of the event API that it speaks.
    pub protocol: [u32; 2],
    /// Whether this build speaks one of them.
    pub fits: bool,
    /// The beginning of the fingerprint its host should have.
    pub key: KeyHint,
    /// Where it is, `ADDRESS:PORT`, the likeliest first.
    pub addresses: Vec<String>,
}

/// What is nearby just now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Nearby {
    /// Whether the network can be listened to at all.
    pub listening: bool,
    /// The sessions, by name.
    pub sessions: Vec<NearbySession>,
}

/// Where to look, and for whom.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct ProbeRequest {
    /// Addresses of one host, as they were announced, or the one that a person typed or pasted:
    /// an address, a link, an invitation. At most 8 are looked at.
    pub places: Vec<String>,
    /// The key that host should have, as far as it is known; what stands in an invitation counts
    /// as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<KeyHint>,
}

/// What is found at an address.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(tag = "found", rename_all = "snake_case")]
pub enum Probed {
    /// What was typed is no address.
    NoAddress,
    /// Nothing answers.
    Nothing {
        /// Where.
        address: String,
    },
    /// Something answers that is not Hearth.
    NotHearth {
        /// Where.
        address: String,
    },
    /// A session that can be joined.
    Hearth {
        /// What it says of itself.
        host: FoundHost,
    },
    /// A session whose host has another key than it should have.
    OtherKey {
        /// What it says of itself, which may be a lie.
        host: FoundHost,
    },
    /// A session that speaks no version of the event API that this build speaks.
    OtherVersion {
        /// What it says of itself.
        host: FoundHost,
    },
}

/// A host that answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct FoundHost {
    /// Where it answered, `HOST:PORT`.
    pub address: String,
    /// The session's own page there, for a browser, with what an invitation has after `#`.
    pub page: String,
    /// The session.
    pub session: SessionId,
    /// What it is called.
    pub name: Name,
    /// The host's version of Hearth, `1.2.3` or the like.
    pub version: String,
    /// The oldest and the newest version of the event API that it speaks.
    pub protocol: [u32; 2],
    /// Whether browsers may come in, and how.
    pub browsers: Browsers,
    /// The key that it has proven to hold, 64 hex digits; absent where it was asked without TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
}

/// Whether others can find and reach this computer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct NetworkCheck {
    /// The addresses others could reach it by, the likeliest first, virtual adapters last.
    pub addresses: Vec<CheckedAddress>,
    /// The firewall that was noticed.
    pub firewall: Firewall,
    /// How the session being hosted is reached; absent while none is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hosted: Option<HostedCheck>,
}

/// One address of this computer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct CheckedAddress {
    /// As others would type it, with the port while something is hosted.
    pub address: String,
    /// The network adapter it belongs to.
    pub interface: String,
    /// Whether that adapter is a virtual one.
    pub r#virtual: bool,
    /// Whether the session answers there, asked from this computer; absent while none is hosted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answers: Option<bool>,
}

/// The session being hosted, as it was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct HostedCheck {
    /// The port that others reach.
    pub port: u16,
    /// Whether the session answers on it.
    pub answers: bool,
    /// What has become of its announcement.
    pub announcement: AnnouncementCheck,
}

/// What has become of one's own announcement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnnouncementCheck {
    /// It was heard.
    Seen,
    /// It was not heard in time.
    Unseen,
    /// The person switched it off.
    Off,
}

/// A firewall that was noticed on this computer. Whether it lets Hearth through is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Firewall {
    /// None that Hearth knows to look for.
    None,
    /// Ubuntu's `ufw`, switched on.
    Ufw,
    /// `firewalld`, running.
    Firewalld,
    /// The one Windows brings.
    Windows,
    /// The one macOS brings.
    Macos,
}
