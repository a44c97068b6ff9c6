//! Making the projections again from the log: the proof that nothing is only in them.

use sqlx::{Connection, SqliteConnection};

use crate::error::StoreError;
use crate::ids::Ids;
use crate::project::Projector;
use crate::{copy, fact_log, session};

/// In an order that no reference forbids.
const EMPTY_PROJECTIONS: &str = "
    delete from files;
    delete from messages;
    delete from notes;
    delete from room_members;
    delete from rooms;
    delete from members;
    delete from runs;
";

/// Throws the projections away and makes them again from the log, in one transaction.
pub(crate) async fn rebuild(
    connection: &mut SqliteConnection,
    ids: &mut Ids,
    head: u64,
) -> Result<(), StoreError> {
    let mut transaction = connection.begin_with("begin immediate").await?;
    sqlx::raw_sql(EMPTY_PROJECTIONS)
        .execute(&mut *transaction)
        .await?;
    session::reset_settings(&mut transaction).await?;
    fact_log::recognize(&mut transaction, ids).await?;
    let hidden = copy::hidden(&mut transaction).await?;
    let mut projector = Projector::new(ids, hidden);
    let mut since = 0;
    while since < head {
        let page = fact_log::every_page(&mut transaction, since, head).await?;
        for fact in &page.facts {
            projector.take(&mut transaction, fact).await?;
        }
        since = page.next;
    }
    projector.finish(&mut transaction).await?;
    session::set_projections(&mut transaction).await?;
    transaction.commit().await.map_err(StoreError::of_commit)
}
