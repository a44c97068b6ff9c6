//! Ids. All are UUIDs; each kind has a type of its own, so that a room cannot be passed as a member.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS,
            JsonSchema,
        )]
        #[serde(transparent)]
        #[ts(type = "string")]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id, version 7: ids made later sort later.
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )*};
}

ids! {
    /// A session: one shared space, one file.
    SessionId,
    /// One opening of a session for hosting; every fact belongs to the run before it.
    RunId,
    /// A person in a session.
    MemberId,
    /// A room.
    RoomId,
    /// A note; the API calls it `key`.
    NoteKey,
    /// A message.
    MessageId,
    /// A changing call, made by its client; a repeat carries the same one.
    CallId,
    /// Somebody waiting at the door.
    KnockId,
    /// An invitation.
    InviteId,
    /// A remembered sign-in.
    DeviceId,
    /// A question from one member to another.
    AskId,
}

impl SessionId {
    /// The last eight hex digits, which end the name of the session's cookie.
    pub fn short(&self) -> String {
        let hex = self.0.simple().to_string();
        hex[hex.len() - 8..].to_owned()
    }
}
