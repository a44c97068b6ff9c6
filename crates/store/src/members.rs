//! Members as they are now.

use hearth_protocol::object::Removed;
use hearth_protocol::{Member, MemberId};
use sqlx::SqliteConnection;

use crate::error::StoreError;
use crate::ids::Ids;
use crate::text;

/// Writes a member who is new or has changed.
pub(crate) async fn put(
    connection: &mut SqliteConnection,
    no: i64,
    member: &Member,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into members (no, name, color, role, guest, removed)
            values (?, ?, ?, ?, ?, ?)
            on conflict (no) do update
            set name = excluded.name, color = excluded.color, role = excluded.role,
                guest = excluded.guest, removed = excluded.removed",
    )
    .bind(no)
    .bind(member.name.as_str())
    .bind(member.color.as_str())
    .bind(text::role(member.role))
    .bind(member.guest)
    .bind(removed_no(member.removed))
    .execute(connection)
    .await?;
    Ok(())
}

fn removed_no(removed: Option<Removed>) -> i64 {
    match removed {
        None => 0,
        Some(Removed::Removed) => 1,
        Some(Removed::Banned) => 2,
    }
}

fn removed(no: i64) -> Option<Removed> {
    match no {
        0 => None,
        2 => Some(Removed::Banned),
        _ => Some(Removed::Removed),
    }
}

/// All of them, in the order of their coming.
pub(crate) async fn load(
    connection: &mut SqliteConnection,
    ids: &Ids,
) -> Result<Vec<Member>, StoreError> {
    let rows: Vec<(i64, String, String, String, bool, i64)> =
        sqlx::query_as("select no, name, color, role, guest, removed from members order by no")
            .fetch_all(connection)
            .await?;
    rows.into_iter()
        .map(|(no, name, color, role, guest, out)| {
            Ok(Member {
                id: MemberId(ids.id(no)?),
                name: text::parse(name)?,
                color: text::parse(color)?,
                role: text::parse_role(&role)?,
                guest,
                removed: removed(out),
            })
        })
        .collect()
}
