//! Files that a text of the copy from before speaks of. A picture that came in after the histories
//! parted is not at the host any more, and the text would come back without it; but its bytes are in
//! the copy.

use hearth_protocol::answer::EarlierCall;
use hearth_protocol::http::StoredFile;
use hearth_protocol::{FileHash, Role, RoomId};
use hearth_store::Reader;
use serde_json::{Value, json};
use uuid::Uuid;

use super::compared::{Compared, Offer, call};
use crate::failure::SessionError;
use crate::files::WaitingFile;

/// What stands before a room and a hash in a link to a file.
const LINK: &str = "/files/";
/// How a hash is written.
const HASH_DIGITS: usize = 64;

impl Compared<'_> {
    /// What brings the files that the offered text speaks of and that are not here. They are put
    /// among what brings the text back, and answered for whoever puts it elsewhere. `copy` is the
    /// name of the copy from before.
    pub(super) async fn with_files(
        &self,
        offer: &mut Offer,
        copy: &str,
    ) -> Result<Vec<EarlierCall>, SessionError> {
        let me = self.now.member(self.me);
        // Who may only read may say things all the same, and gets them back without.
        if me.is_none_or(|me| me.role < Role::Editor) {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        for (room, hash) in linked(&offer.text) {
            if !found.contains(&(room, hash)) && self.lacks(room, hash).await? {
                found.push((room, hash));
            }
        }
        let made: Vec<Value> = offer
            .again
            .iter()
            .map(|call| call.payload["id"].clone())
            .collect();
        let mut files = Vec::new();
        for (room, hash) in found {
            let is_here = self.now.visible_room(self.me, room).is_some();
            let bring = call(
                "earlier:file",
                json!({ "copy": copy, "room": room, "hash": hash }),
            );
            // The last one brings the text; those before it make the room.
            let last = offer.again.len().checked_sub(1);
            if let Some(last) = last.filter(|_| is_here || made.contains(&json!(room))) {
                offer.again.insert(last, bring.clone());
            }
            if is_here {
                files.push(bring);
            }
        }
        Ok(files)
    }

    /// Whether the copy from before has this file, and this one does not.
    async fn lacks(&self, room: RoomId, hash: FileHash) -> Result<bool, SessionError> {
        let was_seen = self.before.state.visible_room(self.before.me, room);
        if was_seen.is_none() || self.reader.file(room, hash).await?.is_some() {
            return Ok(false);
        }
        let Some(file) = known(&self.before.reader, room, hash).await? else {
            return Ok(false);
        };
        Ok(self.before.reader.has_bytes(file.hash).await?)
    }
}

/// A file of a copy with all its bytes; nothing where it has not all of them.
pub(super) async fn whole(
    reader: &Reader,
    room: RoomId,
    hash: FileHash,
) -> Result<Option<(StoredFile, Vec<u8>)>, SessionError> {
    let Some(file) = known(reader, room, hash).await? else {
        return Ok(None);
    };
    let bytes = crate::files::bytes(reader, &file).await?;
    Ok(bytes.map(|bytes| (file, bytes)))
}

/// What a copy says of a file: one that a room has, or that had waited for the host or was refused.
async fn known(
    reader: &Reader,
    room: RoomId,
    hash: FileHash,
) -> Result<Option<StoredFile>, SessionError> {
    match reader.file(room, hash).await? {
        Some(file) => Ok(Some(file)),
        None => Ok(WaitingFile::find(reader, room, hash).await?),
    }
}

/// The files that a text links to: `/files/ROOM/HASH`.
fn linked(text: &str) -> impl Iterator<Item = (RoomId, FileHash)> {
    text.split(LINK).skip(1).filter_map(|rest| {
        let (room, rest) = rest.split_once('/')?;
        let room: Uuid = room.parse().ok()?;
        let hash = rest.get(..HASH_DIGITS)?.parse().ok()?;
        Some((room.into(), hash))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_files_are_found_wherever_they_stand() {
        let (room, hash) = (RoomId::new(), FileHash([7; 32]));
        let (other, picture) = (RoomId::new(), FileHash([9; 32]));
        let text = format!(
            "![a](/files/{room}/{hash}) /files/ /files/{room} /files/{room}/12 /files/x/{hash}\n\
             [b](http://host/files/{other}/{picture}"
        );
        let found: Vec<_> = linked(&text).collect();
        assert_eq!(found, [(room, hash), (other, picture)]);
        assert_eq!(linked("/files/é/ü").count(), 0);
    }
}
