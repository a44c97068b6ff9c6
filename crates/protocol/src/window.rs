//! What the window's page and the shell say to each other, beside the event API: before a session
//! is open there is no server to ask.

mod joining;
mod network;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::fingerprint::Fingerprint;
use crate::id::SessionId;
use crate::name::{Color, Name, Pin};
use crate::object::{Admission, Browsers, Role};
use crate::timestamp::Timestamp;

pub use joining::{BackedUp, JoinError, JoinFailure, JoinRequest, JoinStep, Joined, OpenSession};
pub use network::{
    AnnouncementCheck, CheckedAddress, Firewall, FoundHost, HostedCheck, Nearby, NearbySession,
    NetworkCheck, ProbeRequest, Probed,
};

/// Who the person at this computer is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Profile {
    /// The name others see.
    pub name: Name,
    /// The colour others see.
    pub color: Color,
}

/// How the window looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system does.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// What closing the window does while hosting.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnClose {
    /// Ask each time.
    #[default]
    Ask,
    /// Keep hosting in the tray.
    Tray,
    /// End for everybody.
    End,
}

/// Choices of the person at this computer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Settings {
    /// How the window looks.
    pub theme: Theme,
    /// What closing the window does while hosting.
    pub on_close: OnClose,
    /// Whether a session hosted here is announced on the network, so that others see it nearby.
    #[serde(default = "announced")]
    pub announce: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::default(),
            on_close: OnClose::default(),
            announce: announced(),
        }
    }
}

/// Unless somebody chose otherwise.
fn announced() -> bool {
    true
}

/// Whose a session on this computer is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It is hosted here.
    #[default]
    Hosted,
    /// A copy of one that somebody else hosts.
    Joined,
    /// A copy that is looked at and not gone on with: a backup that was opened.
    ReadOnly,
}

/// A session that is on this computer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct RecentSession {
    /// Whether it is hosted here or a copy.
    #[serde(default)]
    pub kind: Kind,
    /// The session; a copy that is only looked at has an id of its own.
    pub id: SessionId,
    /// Its name when it was open last.
    pub name: Name,
    /// When it was open last.
    pub opened_at: Timestamp,
    /// The size of its file.
    pub data_bytes: u64,
}

/// What the start screen shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct StartInfo {
    /// Who the person at this computer is.
    pub profile: Profile,
    /// This person's choices.
    pub settings: Settings,
    /// Sessions of this computer, the newest first.
    pub recent: Vec<RecentSession>,
    /// Whether this desktop has a tray to keep hosting in.
    pub tray: bool,
    /// Hearth's version.
    pub version: String,
}

/// What this computer is known by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct KnownBy {
    /// The SHA-256 of its public key, 64 lower-case hex digits.
    #[ts(type = "string")]
    #[schemars(with = "String")]
    pub fingerprint: Fingerprint,
    /// Where its private key is kept.
    pub key: KeyPlace,
}

/// Where a private key is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyPlace {
    /// In the system's keyring.
    Keyring,
    /// In a file, because no keyring takes it.
    File,
    /// In a file, in the folder that was chosen for everything.
    Folder,
}

/// An invitation that the system handed to the app. Nothing was done with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct AskedToJoin {
    /// What it says; absent where it cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invitation: Option<AppInvitation>,
}

/// What an invitation for the app says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct AppInvitation {
    /// `HOST:PORT`.
    pub address: String,
    /// The host that is to be found there: 64 lower-case hex digits.
    #[ts(type = "string")]
    #[schemars(with = "String")]
    pub fingerprint: Fingerprint,
    /// The whole invitation: `hearth://HOST:PORT/#SECRET.FINGERPRINT`.
    pub url: String,
    /// The same for a browser.
    pub browser_url: String,
}

/// What to host and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct HostRequest {
    /// A session hosted before; absent: a new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// The session's name.
    pub name: Name,
    /// Who may come in.
    pub admission: Admission,
    /// The PIN, where one is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pin: Option<Pin>,
    /// The role of those who come in by PIN or as anyone.
    pub guests: Role,
    /// How browsers may reach the session.
    pub browsers: Browsers,
}

/// How the window reaches its own server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct WindowAccess {
    /// The loopback listener's address.
    pub url: String,
    /// For `auth.token`.
    pub token: String,
}

/// A session being hosted here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct Hosting {
    /// How the window reaches its own server.
    pub window: WindowAccess,
    /// The session's id.
    pub session: SessionId,
    /// The session's name.
    pub name: Name,
    /// The PIN, where one is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pin: Option<Pin>,
    /// How others come in.
    pub invitation: Invitation,
}

/// How others come in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Invitation {
    /// Every usable address, the likeliest first, virtual adapters last.
    pub urls: Vec<InvitationUrl>,
    /// The first address as a QR code, SVG.
    pub qr_svg: String,
    /// The port that others reach.
    pub port: u16,
    /// What was checked when hosting began.
    pub self_test: Vec<SelfTest>,
}

/// One address that others can type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct InvitationUrl {
    /// `http://ADDRESS:PORT/`.
    pub url: String,
    /// The network adapter it belongs to.
    pub interface: String,
    /// Whether that adapter is a virtual one.
    pub r#virtual: bool,
}

/// What is checked when hosting begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// The port is open.
    Port,
    /// The server answers at an address that others can reach.
    Reachable,
}

/// One check in plain words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct SelfTest {
    /// What was checked.
    pub check: Check,
    /// Whether it is well.
    pub ok: bool,
    /// What was found, and what to do when it is not well.
    pub message: String,
}
