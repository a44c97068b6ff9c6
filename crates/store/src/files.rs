//! Files of rooms: which there are, and their bytes.
//!
//! Bytes come in part by part before the fact that speaks of them, and go part by part after the
//! last room that had them: neither ever keeps the writer for long.

use hearth_protocol::http::StoredFile;
use hearth_protocol::{FileHash, FileType, RoomId};
use sqlx::SqliteConnection;
use uuid::Uuid;

use crate::error::StoreError;
use crate::fact_log::column;
use crate::outbox::WAITING_FILE;
use crate::text;

/// How many bytes each part of a file has but the last, which has the rest.
pub const FILE_PART_BYTES: usize = 256 * 1_024;

/// A file whose bytes are not all here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MissingFile {
    /// A room that has it.
    pub room: RoomId,
    /// What it is known by.
    pub hash: FileHash,
    /// How many bytes it is said to have.
    pub size: u64,
}

/// How many parts one sweep throws away.
const SWEPT_PARTS: i64 = 8;

/// How many contents that are kept for now one sweep passes over.
const SWEPT_OVER: i64 = 1_024;

fn parts(size: u64) -> u64 {
    size.div_ceil(FILE_PART_BYTES as u64)
}

/// A room has this file from fact `seq` on. One it has already stays as it is, and so does a room
/// that is not here.
pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    room: i64,
    file: &StoredFile,
    seq: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into files (room, hash, name, type, size, seq)
            select no, ?2, ?3, ?4, ?5, ?6 from rooms where no = ?1
            on conflict do nothing",
    )
    .bind(room)
    .bind(&file.hash.0[..])
    .bind(file.name.as_str())
    .bind(file.r#type.as_str())
    .bind(column(file.size))
    .bind(seq)
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets which files a room had. Their bytes are left to [`sweep`].
pub(crate) async fn delete_of_room(
    connection: &mut SqliteConnection,
    room: i64,
) -> Result<(), StoreError> {
    sqlx::query("delete from files where room = ?")
        .bind(room)
        .execute(connection)
        .await?;
    Ok(())
}

/// A file of a room.
pub(crate) async fn find(
    connection: &mut SqliteConnection,
    room: RoomId,
    hash: FileHash,
) -> Result<Option<StoredFile>, StoreError> {
    let row: Option<(String, String, i64)> = sqlx::query_as(
        "select files.name, files.type, files.size
            from ids
            join files on files.room = ids.no
            where ids.id = ? and files.hash = ?",
    )
    .bind(room.0)
    .bind(&hash.0[..])
    .fetch_optional(connection)
    .await?;
    row.map(|(name, file_type, size)| {
        Ok(StoredFile {
            hash,
            name: text::parse(name)?,
            r#type: FileType::from(file_type),
            size: size as u64,
        })
    })
    .transpose()
}

/// Keeps one part of a file's bytes. One that is there already is the same.
pub(crate) async fn put_part(
    connection: &mut SqliteConnection,
    hash: FileHash,
    size: u64,
    part: u64,
    bytes: &[u8],
) -> Result<(), StoreError> {
    sqlx::query("insert into file_contents (hash, size) values (?, ?) on conflict do nothing")
        .bind(&hash.0[..])
        .bind(column(size))
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "insert into file_parts (content, part, bytes)
            select no, ?, ? from file_contents where hash = ?
            on conflict do nothing",
    )
    .bind(column(part))
    .bind(bytes)
    .bind(&hash.0[..])
    .execute(connection)
    .await?;
    Ok(())
}

/// One part of a file's bytes.
pub(crate) async fn part(
    connection: &mut SqliteConnection,
    hash: FileHash,
    part: u64,
) -> Result<Option<Vec<u8>>, StoreError> {
    let bytes = sqlx::query_scalar(
        "select file_parts.bytes
            from file_contents
            join file_parts on file_parts.content = file_contents.no
            where file_contents.hash = ? and file_parts.part = ?",
    )
    .bind(&hash.0[..])
    .bind(column(part))
    .fetch_optional(connection)
    .await?;
    Ok(bytes)
}

/// Whether every part of these bytes is there.
pub(crate) async fn is_whole(
    connection: &mut SqliteConnection,
    hash: FileHash,
) -> Result<bool, StoreError> {
    let found: Option<(i64, i64)> = sqlx::query_as(
        "select size,
                (select count(*) from file_parts where file_parts.content = file_contents.no)
            from file_contents
            where hash = ?",
    )
    .bind(&hash.0[..])
    .fetch_optional(connection)
    .await?;
    Ok(found.is_some_and(|(size, found)| parts(size as u64) == found as u64))
}

/// Files whose bytes are not all here.
pub(crate) async fn missing(
    connection: &mut SqliteConnection,
    limit: u32,
) -> Result<Vec<MissingFile>, StoreError> {
    let rows: Vec<(Uuid, Vec<u8>, i64, i64)> = sqlx::query_as(
        "select ids.id, files.hash, files.size, max(files.seq)
            from files
            join ids on ids.no = files.room
            left join file_contents using (hash)
            where file_contents.no is null
                or (select count(*) from file_parts where content = file_contents.no)
                    < (file_contents.size + ?1 - 1) / ?1
            group by files.hash
            order by max(files.seq) desc
            limit ?2",
    )
    .bind(FILE_PART_BYTES as i64)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(room, hash, size, _)| {
            let hash = hash.try_into().map_err(|_| StoreError::Damaged {
                detail: "the hash of a file is not 32 bytes long".to_owned(),
            })?;
            Ok(MissingFile {
                room: RoomId(room),
                hash: FileHash(hash),
                size: size as u64,
            })
        })
        .collect()
}

/// How many bytes the files of all rooms would have together with this one, each counted once.
pub(crate) async fn bytes_with(
    connection: &mut SqliteConnection,
    hash: FileHash,
    size: u64,
) -> Result<u64, StoreError> {
    let others: i64 = sqlx::query_scalar(
        "select coalesce(sum(size), 0)
            from file_contents
            where hash <> ?
                and exists (select 1 from files where files.hash = file_contents.hash)",
    )
    .bind(&hash.0[..])
    .fetch_one(connection)
    .await?;
    Ok(size.saturating_add(others as u64))
}

/// Whether a room has this file.
pub(crate) async fn is_in_a_room(
    connection: &mut SqliteConnection,
    hash: FileHash,
) -> Result<bool, StoreError> {
    let found = sqlx::query_scalar("select exists (select 1 from files where hash = ?)")
        .bind(&hash.0[..])
        .fetch_one(connection)
        .await?;
    Ok(found)
}

/// Throws away some of the bytes that no room has, those in `kept` aside. Answers whether there
/// may be more.
pub(crate) async fn sweep(
    connection: &mut SqliteConnection,
    kept: &[FileHash],
) -> Result<bool, StoreError> {
    let loose: Vec<(i64, Vec<u8>)> = sqlx::query_as(
        "select no, hash
            from file_contents
            where not exists (select 1 from files where files.hash = file_contents.hash)
                and not exists (
                    -- What waits for the host of a copy, or was refused and is offered.
                    select 1 from outbox
                        where call = ?
                            and json_extract(payload, '$.hash') = lower(hex(file_contents.hash))
                )
            limit ?",
    )
    .bind(WAITING_FILE)
    .bind(SWEPT_OVER)
    .fetch_all(&mut *connection)
    .await?;
    let is_kept = |hash: &[u8]| kept.iter().any(|kept| kept.0 == hash);
    let Some((content, _)) = loose.iter().find(|(_, hash)| !is_kept(hash)) else {
        return Ok(false);
    };
    let swept = sqlx::query(
        "delete from file_parts
            where rowid in (select rowid from file_parts where content = ? limit ?)",
    )
    .bind(content)
    .bind(SWEPT_PARTS)
    .execute(&mut *connection)
    .await?;
    if swept.rows_affected() < SWEPT_PARTS as u64 {
        sqlx::query("delete from file_contents where no = ?")
            .bind(content)
            .execute(connection)
            .await?;
    }
    Ok(true)
}
