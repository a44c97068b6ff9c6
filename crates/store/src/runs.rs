//! Openings for hosting.

use hearth_protocol::RunId;
use sqlx::SqliteConnection;
use uuid::Uuid;

use crate::error::StoreError;
use crate::loaded::RunRow;

pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    first_seq: i64,
    run: RunId,
) -> Result<(), StoreError> {
    sqlx::query("insert into runs (first_seq, run) values (?, ?)")
        .bind(first_seq)
        .bind(run.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// All of them, in order.
pub(crate) async fn load(connection: &mut SqliteConnection) -> Result<Vec<RunRow>, StoreError> {
    let rows: Vec<(i64, Uuid)> =
        sqlx::query_as("select first_seq, run from runs order by first_seq")
            .fetch_all(connection)
            .await?;
    Ok(rows
        .into_iter()
        .map(|(first_seq, run)| RunRow {
            run: RunId(run),
            first_seq: first_seq as u64,
        })
        .collect())
}
