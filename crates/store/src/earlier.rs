//! Copies from before: set aside when the host's history became another one, and kept beside this
//! file. What they have that this one lacks is offered.

use sqlx::SqliteConnection;

use crate::error::StoreError;

/// A copy from before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierCopy {
    /// The name of its file, in the folder of this one.
    pub file: String,
    /// This copy has been whole since.
    pub is_ready: bool,
    /// What of it is not to be offered any more.
    pub discarded: Vec<String>,
}

/// Notes that there is one. Knowing it already is well.
pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    earlier: &EarlierCopy,
) -> Result<(), StoreError> {
    let discarded = serde_json::json!(earlier.discarded).to_string();
    sqlx::query(
        "insert into earlier (file, is_ready, discarded) values (?, ?, ?) on conflict do nothing",
    )
    .bind(&earlier.file)
    .bind(earlier.is_ready)
    .bind(discarded)
    .execute(connection)
    .await?;
    Ok(())
}

/// This copy is whole.
pub(crate) async fn set_ready(
    connection: &mut SqliteConnection,
    file: &str,
) -> Result<(), StoreError> {
    sqlx::query("update earlier set is_ready = 1 where file = ?")
        .bind(file)
        .execute(connection)
        .await?;
    Ok(())
}

/// Offers something no more.
pub(crate) async fn discard(
    connection: &mut SqliteConnection,
    file: &str,
    item: &str,
) -> Result<(), StoreError> {
    sqlx::query(
        "update earlier
            set discarded = json_insert(discarded, '$[#]', ?2)
            where file = ?1
                and not exists (select 1 from json_each(discarded) where value = ?2)",
    )
    .bind(file)
    .bind(item)
    .execute(connection)
    .await?;
    Ok(())
}

/// Nothing of it is offered any more.
pub(crate) async fn delete(
    connection: &mut SqliteConnection,
    file: &str,
) -> Result<(), StoreError> {
    sqlx::query("delete from earlier where file = ?")
        .bind(file)
        .execute(connection)
        .await?;
    Ok(())
}

/// All of them, the oldest first.
pub(crate) async fn load(
    connection: &mut SqliteConnection,
) -> Result<Vec<EarlierCopy>, StoreError> {
    let rows: Vec<(String, bool, String)> =
        sqlx::query_as("select file, is_ready, discarded from earlier order by no")
            .fetch_all(connection)
            .await?;
    rows.into_iter()
        .map(|(file, is_ready, discarded)| {
            let discarded =
                serde_json::from_str(&discarded).map_err(|error| StoreError::Damaged {
                    detail: format!("what was offered of a copy from before: {error}"),
                })?;
            Ok(EarlierCopy {
                file,
                is_ready,
                discarded,
            })
        })
        .collect()
}
