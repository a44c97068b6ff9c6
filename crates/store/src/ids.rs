//! Small numbers for the members, rooms and notes of the log.

use std::collections::HashMap;

use sqlx::{QueryBuilder, SqliteConnection};
use uuid::Uuid;

use crate::error::StoreError;

/// The numbers given so far, as the writer knows them. They are dense and start at 1, so an id's
/// number is its place.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    by_id: HashMap<Uuid, i64>,
    by_no: Vec<Uuid>,
}

/// How many ids one statement inserts.
const CHUNK: usize = 64;

impl Ids {
    /// Reads them from the file.
    pub(crate) async fn load(connection: &mut SqliteConnection) -> Result<Self, StoreError> {
        let rows: Vec<(i64, Uuid)> = sqlx::query_as("select no, id from ids order by no")
            .fetch_all(connection)
            .await?;
        let mut ids = Self::default();
        for (no, id) in rows {
            if ids.add(id) != no {
                return Err(StoreError::Damaged {
                    detail: format!("id number {no} is out of place"),
                });
            }
        }
        Ok(ids)
    }

    /// The number of `id`, given now if it has none. [`Self::save`] must follow in the same
    /// transaction, and these ids be forgotten if that fails.
    pub(crate) fn give(&mut self, id: Uuid) -> i64 {
        self.get(id).unwrap_or_else(|| self.add(id))
    }

    /// The number of `id`, if it has one.
    pub(crate) fn get(&self, id: Uuid) -> Option<i64> {
        self.by_id.get(&id).copied()
    }

    /// The id that has this number.
    pub(crate) fn id(&self, no: i64) -> Result<Uuid, StoreError> {
        usize::try_from(no - 1)
            .ok()
            .and_then(|place| self.by_no.get(place))
            .copied()
            .ok_or_else(|| StoreError::Damaged {
                detail: format!("no id has the number {no}"),
            })
    }

    /// The number of `id`, which must have one.
    pub(crate) fn known(&self, id: Uuid) -> Result<i64, StoreError> {
        self.get(id)
            .ok_or_else(|| StoreError::Invalid(format!("{id} was never written down")))
    }

    /// How many have been given.
    pub(crate) fn count(&self) -> usize {
        self.by_no.len()
    }

    /// Writes those given since there were `saved`.
    pub(crate) async fn save(
        &self,
        connection: &mut SqliteConnection,
        saved: usize,
    ) -> Result<(), StoreError> {
        let mut no = saved as i64;
        for chunk in self.by_no[saved..].chunks(CHUNK) {
            let mut query = QueryBuilder::new("insert into ids (no, id) ");
            query.push_values(chunk, |mut row, id| {
                no += 1;
                row.push_bind(no).push_bind(*id);
            });
            query.build().execute(&mut *connection).await?;
        }
        Ok(())
    }

    fn add(&mut self, id: Uuid) -> i64 {
        self.by_no.push(id);
        let no = self.by_no.len() as i64;
        self.by_id.insert(id, no);
        no
    }
}
