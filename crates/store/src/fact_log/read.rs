//! Reading the log.

use futures::TryStreamExt;
use hearth_protocol::{CallId, Fact, FactKind, MemberId, NoteKey, RoomId, Timestamp};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use uuid::Uuid;

use super::{FactMeta, FactPage, NOTE_EDITED, PastCall, body, column};
use crate::error::StoreError;
use crate::ids::Ids;

/// How many rows a page looks at. Bounds how long one page keeps a connection, also when nobody
/// wants what is in it.
const MAX_SCAN: i64 = 20_000;

/// An upper bound of what a listed fact has besides its own fields: number, time, two ids, name.
const FIXED_BYTES: usize = 220;

macro_rules! select_facts {
    ($table:literal, $rest:literal) => {
        concat!(
            "select
                facts.seq, facts.at, facts.kind, facts.call, facts.version, facts.body,
                made_by.id as made_by, room.id as room, note.id as note, subject.id as subject
            from ",
            $table,
            " left join ids as made_by on made_by.no = facts.made_by
            left join ids as room on room.no = facts.room
            left join ids as note on note.no = facts.note
            left join ids as subject on subject.no = facts.subject
            where ",
            $rest,
            " order by facts.seq"
        )
    };
}

/// Which rows a page looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scan {
    /// All.
    Everything,
    /// All but notes' edits, without even passing over them.
    ButEdits,
}

impl Scan {
    fn sql(self) -> &'static str {
        match self {
            Self::Everything => {
                concat!(
                    select_facts!("facts", "facts.seq > ?1 and facts.seq <= ?2"),
                    " limit ?3"
                )
            }
            // The index is named, because the planner does not know that most facts are edits.
            Self::ButEdits => concat!(
                select_facts!(
                    "facts indexed by facts_but_edits",
                    "facts.seq > ?1 and facts.seq <= ?2 and facts.kind <> 32"
                ),
                " limit ?3"
            ),
        }
    }
}

/// Facts after `since` up to `until` that are `wanted`, until they have `max_bytes` or enough rows
/// have been looked at. At least one, if one is wanted in those rows.
pub(crate) async fn page(
    connection: &mut SqliteConnection,
    scan: Scan,
    since: u64,
    until: u64,
    max_bytes: usize,
    wanted: impl Fn(&FactMeta) -> bool + Send,
) -> Result<FactPage, StoreError> {
    let mut page = FactPage {
        facts: Vec::new(),
        next: since,
    };
    let (mut bytes, mut looked_at) = (0, 0);
    let mut rows = sqlx::query(scan.sql())
        .bind(column(since))
        .bind(column(until))
        .bind(MAX_SCAN)
        .fetch(connection);
    while let Some(row) = rows.try_next().await? {
        looked_at += 1;
        let meta = meta(&row)?;
        if wanted(&meta) {
            let body: &[u8] = row.try_get_unchecked("body")?;
            bytes += encoded_bytes(meta.code, body.len());
            if bytes > max_bytes && !page.facts.is_empty() {
                return Ok(page);
            }
            page.facts.push(fact(&row, &meta, body)?);
        }
        page.next = meta.seq;
    }
    if looked_at < MAX_SCAN {
        page.next = page.next.max(until);
    }
    Ok(page)
}

/// Every fact, page by page, for `rebuild`.
pub(crate) async fn every_page(
    connection: &mut SqliteConnection,
    since: u64,
    until: u64,
) -> Result<FactPage, StoreError> {
    const PAGE_BYTES: usize = 1 << 20;
    page(
        connection,
        Scan::Everything,
        since,
        until,
        PAGE_BYTES,
        |_| true,
    )
    .await
}

/// How many facts [`about`] and [`unknown`] give at once.
const FEW: i64 = 2_000;

/// Facts after `since` of a room or of any of these notes, in order; none: there are no more.
pub(crate) async fn about(
    connection: &mut SqliteConnection,
    since: u64,
    room: Option<i64>,
    notes: &[i64],
) -> Result<Vec<Fact>, StoreError> {
    let notes: Vec<String> = notes.iter().map(i64::to_string).collect();
    let sql = concat!(
        select_facts!(
            "facts",
            "facts.seq > ?1 and facts.seq <= 9223372036854775807
                and (facts.room = ?3 or facts.note in (select value from json_each(?4)))"
        ),
        " limit ?2"
    );
    let rows = sqlx::query(sql)
        .bind(column(since))
        .bind(FEW)
        .bind(room)
        .bind(format!("[{}]", notes.join(",")))
        .fetch_all(connection)
        .await?;
    rows.iter().map(whole).collect()
}

/// Facts after `since` that could not be read when they came; none: there are no more.
pub(super) async fn unknown(
    connection: &mut SqliteConnection,
    since: u64,
) -> Result<Vec<Fact>, StoreError> {
    let sql = concat!(
        select_facts!(
            "facts indexed by facts_but_edits",
            "facts.seq > ?1 and facts.kind = 0 and facts.kind <> 32"
        ),
        " limit ?2"
    );
    let rows = sqlx::query(sql)
        .bind(column(since))
        .bind(FEW)
        .fetch_all(connection)
        .await?;
    rows.iter().map(whole).collect()
}

fn whole(row: &SqliteRow) -> Result<Fact, StoreError> {
    fact(row, &meta(row)?, row.try_get_unchecked("body")?)
}

/// The calls among `calls` whose first fact has a digest, each with its facts.
pub(crate) async fn past_calls(
    connection: &mut SqliteConnection,
    ids: &Ids,
    calls: &[(MemberId, CallId)],
) -> Result<Vec<PastCall>, StoreError> {
    let asked: Vec<String> = calls
        .iter()
        .filter_map(|(member, call)| Some((ids.get(member.0)?, call)))
        .map(|(member, call)| format!("[{member},\"{}\"]", call.0.simple()))
        .collect();
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let hits: Vec<(i64, i64, Uuid, Vec<u8>)> = sqlx::query_as(
        "select facts.seq, facts.made_by, facts.call, facts.digest
            from json_each(?) as asked
            join facts on facts.call = unhex(asked.value ->> 1)
                and facts.made_by = asked.value ->> 0
                and facts.digest is not null",
    )
    .bind(format!("[{}]", asked.join(",")))
    .fetch_all(&mut *connection)
    .await?;
    let mut past = Vec::with_capacity(hits.len());
    for (seq, made_by, call, digest) in hits {
        let (member, id) = (MemberId(ids.id(made_by)?), CallId(call));
        let digest = digest.try_into().map_err(|_| StoreError::Damaged {
            detail: format!("the digest of fact {seq} is not 8 bytes long"),
        })?;
        let facts = call_facts(connection, seq, member, id).await?;
        past.push(PastCall {
            member,
            id,
            digest,
            facts,
        });
    }
    Ok(past)
}

/// The facts of the call whose first fact is `first`.
async fn call_facts(
    connection: &mut SqliteConnection,
    first: i64,
    member: MemberId,
    call: CallId,
) -> Result<Vec<Fact>, StoreError> {
    let mut facts = Vec::new();
    let mut rows = sqlx::query(select_facts!("facts", "facts.seq >= ?1"))
        .bind(first)
        .fetch(connection);
    while let Some(row) = rows.try_next().await? {
        let made_by: Option<Uuid> = row.try_get("made_by")?;
        if made_by != Some(member.0) || row.try_get::<Option<Uuid>, _>("call")? != Some(call.0) {
            break;
        }
        facts.push(fact(&row, &meta(&row)?, row.try_get_unchecked("body")?)?);
    }
    Ok(facts)
}

fn meta(row: &SqliteRow) -> Result<FactMeta, StoreError> {
    Ok(FactMeta {
        seq: row.try_get::<i64, _>("seq")? as u64,
        code: row.try_get("kind")?,
        room: row.try_get::<Option<Uuid>, _>("room")?.map(RoomId),
        subject: row.try_get::<Option<Uuid>, _>("subject")?.map(MemberId),
        note: row.try_get::<Option<Uuid>, _>("note")?.map(NoteKey),
    })
}

fn fact(row: &SqliteRow, meta: &FactMeta, body: &[u8]) -> Result<Fact, StoreError> {
    Ok(Fact {
        seq: Some(meta.seq),
        at: Timestamp(row.try_get("at")?),
        by: row.try_get::<Option<Uuid>, _>("made_by")?.map(MemberId),
        id: row.try_get::<Option<Uuid>, _>("call")?.map(CallId),
        pending: None,
        kind: kind(row, meta, body)?,
    })
}

fn kind(row: &SqliteRow, meta: &FactMeta, body: &[u8]) -> Result<FactKind, StoreError> {
    if meta.code != NOTE_EDITED {
        return body::parse(meta.code, body);
    }
    let note = meta.note.ok_or_else(|| StoreError::Damaged {
        detail: format!("the edit {} has no note", meta.seq),
    })?;
    body::edit(note, row.try_get::<i64, _>("version")? as u64, body)
}

fn encoded_bytes(code: i64, body: usize) -> usize {
    match code {
        // Base64 of what was packed, and the note's key and version, which are columns.
        NOTE_EDITED => FIXED_BYTES + 100 + body.div_ceil(3) * 4,
        _ => FIXED_BYTES + body,
    }
}
