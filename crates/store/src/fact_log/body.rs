//! A fact's own fields, as its row holds them: a note's edit as bytes, anything else as JSON
//! without the name, which the row has as a number, unless this build has no number for it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearth_protocol::FactKind;
use hearth_protocol::id::NoteKey;
use sqlx::Sqlite;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::sqlite::{SqliteArgumentsBuffer, SqliteTypeInfo};

use super::NOTE_EDITED;
use super::packed::{pack, unpack};
use crate::error::StoreError;

/// The column `body`: text for JSON, so that SQLite can change a field of it; bytes for an edit.
pub(super) enum Body {
    Json(String),
    Bytes(Vec<u8>),
}

impl Body {
    /// What is stored of `kind`.
    pub(super) fn of(kind: &FactKind) -> Result<Self, StoreError> {
        if let FactKind::NoteEdited { update, .. } = kind {
            let bytes = STANDARD
                .decode(update)
                .map_err(|error| StoreError::Invalid(format!("an update is no base64: {error}")))?;
            return Ok(Self::Bytes(pack(bytes)));
        }
        let json = serde_json::to_string(kind)
            .map_err(|error| StoreError::Invalid(format!("a fact is no JSON: {error}")))?;
        if let FactKind::Unknown(_) = kind {
            return Ok(Self::Json(json));
        }
        // The name is the tag and so comes first.
        let fields = json
            .strip_prefix(&format!("{{\"name\":\"{}\",", kind.name()))
            .ok_or_else(|| StoreError::Invalid(format!("{} has no fields", kind.name())))?;
        Ok(Self::Json(format!("{{{fields}")))
    }
}

/// Makes `noteedited` again.
pub(super) fn edit(note: NoteKey, version: u64, stored: &[u8]) -> Result<FactKind, StoreError> {
    Ok(FactKind::NoteEdited {
        key: note,
        version,
        update: STANDARD.encode(unpack(stored)?),
    })
}

/// Makes any other fact again from its number and JSON.
pub(super) fn parse(code: i64, body: &[u8]) -> Result<FactKind, StoreError> {
    let damaged = |detail: String| StoreError::Damaged { detail };
    debug_assert_ne!(code, NOTE_EDITED);
    if code == FactKind::UNKNOWN_CODE {
        // As what it was taken for when it came: its row says the same. See `recognize`.
        let unknown = serde_json::from_slice(body);
        return unknown
            .map(FactKind::Unknown)
            .map_err(|error| damaged(format!("a fact cannot be read: {error}")));
    }
    let name =
        FactKind::name_of(code).ok_or_else(|| damaged(format!("no fact has the number {code}")))?;
    let fields = body
        .strip_prefix(b"{")
        .ok_or_else(|| damaged(format!("a {name} is no JSON object")))?;
    let json = [format!("{{\"name\":\"{name}\",").as_bytes(), fields].concat();
    match serde_json::from_slice(&json) {
        Ok(FactKind::Unknown(_)) => Err(damaged(format!("a {name} lacks what it must have"))),
        Ok(kind) => Ok(kind),
        Err(error) => Err(damaged(format!("a {name} cannot be read: {error}"))),
    }
}

impl sqlx::Type<Sqlite> for Body {
    fn type_info() -> SqliteTypeInfo {
        <Vec<u8> as sqlx::Type<Sqlite>>::type_info()
    }
}

impl sqlx::Encode<'_, Sqlite> for Body {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        match self {
            Self::Json(text) => sqlx::Encode::<Sqlite>::encode(text.clone(), buffer),
            Self::Bytes(bytes) => sqlx::Encode::<Sqlite>::encode(bytes.clone(), buffer),
        }
    }

    fn encode(self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        match self {
            Self::Json(text) => sqlx::Encode::<Sqlite>::encode(text, buffer),
            Self::Bytes(bytes) => sqlx::Encode::<Sqlite>::encode(bytes, buffer),
        }
    }
}
