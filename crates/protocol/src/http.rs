//! Bodies of the few HTTP routes beside the event API.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::digits::{Commitment, Nonce};
use crate::error::CallError;
use crate::file::{FileHash, FileType};
use crate::id::{CallId, KnockId, SessionId};
use crate::name::{Color, FileName, Name};
use crate::object::{Browsers, Member, Session};

/// `POST /sign-in`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct SignIn {
    /// Who is coming in.
    pub name: Name,
    /// The session's PIN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pin: Option<String>,
    /// What stands after `#` in an invitation's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invite: Option<String>,
    /// `#rrggbb`; one is chosen when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<Color>,
    /// The same id and secret within two minutes get the same answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<CallId>,
    /// Commits to a nonce, for the six digits that both screens show while the host is asked; see
    /// [`crate::digits`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<Commitment>,
}

/// 201: in.
#[derive(Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct SignedIn {
    /// For `auth.token` and `Authorization: Bearer`.
    pub token: String,
    /// Who the token stands for.
    pub member: Member,
    /// The session.
    pub session: Session,
}

/// Without the token.
impl std::fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedIn")
            .field("member", &self.member)
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}

/// 202: the host is being asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct Knocking {
    /// For `GET /sign-in/:knock`.
    pub knock: KnockId,
    /// The host's nonce, where the request had a `commit`. To be answered with [`Reveal`]; the host
    /// can let nobody in before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<Nonce>,
}

/// `POST /sign-in/:knock`: 204, and both sides show the digits. A nonce that is not the one that
/// was committed to ends the knock, 403.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Reveal {
    /// The nonce that `commit` spoke of.
    pub reveal: Nonce,
}

/// `GET /health`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct Health {
    /// `ok`.
    pub status: String,
    /// The session's id.
    pub session: SessionId,
    /// The session's name.
    pub name: Name,
    /// Who hosts, where that is known: whoever asks to come in is told who they wait for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<Name>,
    /// That this is somebody's own copy of the session, which lets in nobody else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copy: Option<OwnCopy>,
    /// Hearth's version.
    pub version: String,
    /// The oldest and the newest version of the event API that is spoken.
    pub protocol: [u32; 2],
    /// How browsers may reach the session.
    pub browsers: Browsers,
}

/// Whose copy of a session is served.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[ts(optional_fields)]
pub struct OwnCopy {
    /// Who joined the session here, once the copy has come so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<Name>,
}

/// 201: a file is in a room. `POST /files?room=ID&name=NAME&id=ID`, the body being the file's bytes
/// or a form with one file; `GET /files/ROOM/HASH` answers the bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct StoredFile {
    /// The SHA-256 of its bytes.
    pub hash: FileHash,
    /// What it is called: the name it was given, cleaned, when it first came into the room.
    pub name: FileName,
    /// Its media type as its first bytes say: that of a picture, or `application/octet-stream`.
    pub r#type: FileType,
    /// How many bytes it has.
    pub size: u64,
}

/// Any refusal by HTTP.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct HttpError {
    /// What and why.
    pub error: CallError,
}
