//! Calls that wait for the host of a copy.
//!
//! They are kept in the order they were made. One goes when the facts it became have come back, in
//! the transaction that copies those. One that the host refuses for good stays, with those that make
//! no sense without it, as a bundle to be offered to its person, until that is thrown away.

use hearth_protocol::{CallError, CallId, Fact, Timestamp};
use sqlx::SqliteConnection;
use uuid::Uuid;

use crate::error::StoreError;

/// What a file that waits is called in the outbox. It is brought to the host by HTTP and is no call;
/// its payload says `room`, `hash`, `name`, `type` and `size`. Its bytes are kept while it is there.
pub const WAITING_FILE: &str = "file:add";

/// A call that is to be sent when the host is there.
#[derive(Debug, Clone, PartialEq)]
pub struct OutboxCall {
    /// Its id, under which it counts once however often it is sent.
    pub id: CallId,
    /// Its name, as `note:create`.
    pub call: String,
    /// What is sent with it: JSON.
    pub payload: String,
    /// What it is expected to become, for local clients: pending facts, without numbers.
    pub facts: Vec<Fact>,
    /// The calls it makes no sense without.
    pub needs: Vec<CallId>,
    /// When it was made.
    pub made_at: Timestamp,
}

/// A call in the outbox.
#[derive(Debug, Clone, PartialEq)]
pub struct OutboxRow {
    /// Its place in the order of making.
    pub no: u64,
    /// The call.
    pub call: OutboxCall,
    /// The bundle it is in, once refused: the `no` of the call that the host refused.
    pub bundle: Option<u64>,
    /// Why, on the very call that the host refused.
    pub error: Option<CallError>,
}

/// How many calls there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OutboxCount {
    /// That wait.
    pub waiting: u64,
    /// Bundles of refused ones.
    pub bundles: u64,
}

/// Puts a call at the end. One that is there already stays as it is; one that needs a refused one
/// goes into that bundle at once.
pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    call: &OutboxCall,
) -> Result<(), StoreError> {
    let needs = ids(&call.needs);
    sqlx::query(
        "insert into outbox (id, call, payload, facts, needs, made_at, bundle)
            values (?1, ?2, ?3, ?4, ?5, ?6, (
                select min(bundle)
                    from outbox
                    where bundle is not null
                        and id in (select unhex(value) from json_each(?5))
            ))
            on conflict (id) do nothing",
    )
    .bind(call.id.0)
    .bind(&call.call)
    .bind(&call.payload)
    .bind(json(&call.facts)?)
    .bind(needs)
    .bind(call.made_at.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes a call out: what it became is here.
pub(crate) async fn delete(
    connection: &mut SqliteConnection,
    id: CallId,
) -> Result<(), StoreError> {
    // Not one that was refused: a late answer takes nothing from anybody.
    sqlx::query("delete from outbox where id = ? and bundle is null")
        .bind(id.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// Makes a bundle of a call that the host refused and all that wait and need it, whether directly
/// or through others.
pub(crate) async fn refuse(
    connection: &mut SqliteConnection,
    id: CallId,
    error: &CallError,
) -> Result<(), StoreError> {
    sqlx::query(
        "with recursive broken (no, id) as (
                select no, id from outbox where id = ?1 and bundle is null
                union
                select later.no, later.id
                    from broken
                    join outbox as later on later.bundle is null
                        and exists (
                            select 1 from json_each(later.needs) where unhex(value) = broken.id
                        )
            )
            update outbox
                set bundle = (select no from outbox where id = ?1),
                    error = case id when ?1 then ?2 end
                where no in (select no from broken)",
    )
    .bind(id.0)
    .bind(json(error)?)
    .execute(connection)
    .await?;
    Ok(())
}

/// Throws a bundle away.
pub(crate) async fn discard(
    connection: &mut SqliteConnection,
    bundle: u64,
) -> Result<(), StoreError> {
    sqlx::query("delete from outbox where bundle = ?")
        .bind(bundle as i64)
        .execute(connection)
        .await?;
    Ok(())
}

/// Up to `limit` calls that wait, in order, after the one numbered `after`.
pub(crate) async fn waiting(
    connection: &mut SqliteConnection,
    after: u64,
    limit: u32,
) -> Result<Vec<OutboxRow>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(
        "select no, id, call, payload, facts, needs, made_at, bundle, error
            from outbox
            where bundle is null and no > ?
            order by no
            limit ?",
    )
    .bind(after as i64)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Row::read).collect()
}

/// Every refused call, bundle by bundle, each in order.
pub(crate) async fn refused(
    connection: &mut SqliteConnection,
) -> Result<Vec<OutboxRow>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(
        "select no, id, call, payload, facts, needs, made_at, bundle, error
            from outbox
            where bundle is not null
            order by bundle, no",
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Row::read).collect()
}

/// What is said of the files that wait or were refused: payloads.
pub(crate) async fn files(connection: &mut SqliteConnection) -> Result<Vec<String>, StoreError> {
    let payloads = sqlx::query_scalar("select payload from outbox where call = ? order by no")
        .bind(WAITING_FILE)
        .fetch_all(connection)
        .await?;
    Ok(payloads)
}

/// How many there are.
pub(crate) async fn count(connection: &mut SqliteConnection) -> Result<OutboxCount, StoreError> {
    let (waiting, bundles): (i64, i64) = sqlx::query_as(
        "select count(*) filter (where bundle is null), count(distinct bundle) from outbox",
    )
    .fetch_one(connection)
    .await?;
    Ok(OutboxCount {
        waiting: waiting as u64,
        bundles: bundles as u64,
    })
}

#[derive(sqlx::FromRow)]
struct Row {
    no: i64,
    id: Uuid,
    call: String,
    payload: String,
    facts: String,
    needs: String,
    made_at: i64,
    bundle: Option<i64>,
    error: Option<String>,
}

impl Row {
    fn read(self) -> Result<OutboxRow, StoreError> {
        Ok(OutboxRow {
            no: self.no as u64,
            call: OutboxCall {
                id: CallId(self.id),
                call: self.call,
                payload: self.payload,
                facts: parse(&self.facts)?,
                needs: parse(&self.needs)?,
                made_at: Timestamp(self.made_at),
            },
            bundle: self.bundle.map(|no| no as u64),
            error: self.error.map(|error| parse(&error)).transpose()?,
        })
    }
}

/// In hex without dashes, for `unhex`.
fn ids(calls: &[CallId]) -> String {
    let ids: Vec<String> = calls
        .iter()
        .map(|id| format!("\"{}\"", id.0.simple()))
        .collect();
    format!("[{}]", ids.join(","))
}

fn json(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|error| StoreError::Invalid(format!("a waiting call is no JSON: {error}")))
}

fn parse<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Damaged {
        detail: format!("a call that waits for the host cannot be read: {error}"),
    })
}
