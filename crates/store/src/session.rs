//! The session itself: what it was when it was made, and its settings now.

use hearth_protocol::name::Pin;
use hearth_protocol::{MemberId, RunId, Session, SessionId};
use sqlx::SqliteConnection;
use uuid::Uuid;

use crate::error::StoreError;
use crate::ids::Ids;
use crate::open::NewSession;
use crate::text;

/// Which way of projecting this build has. Changed whenever it changes what a fact becomes: files
/// with another number are projected again on opening. Also whenever it learns a fact's name or
/// something new in one: copies may have kept such facts unread.
pub(crate) const PROJECTIONS: i64 = 1;

/// Whether the file holds a session.
pub(crate) async fn exists(connection: &mut SqliteConnection) -> Result<bool, StoreError> {
    let exists = sqlx::query_scalar("select exists (select 1 from session)")
        .fetch_one(connection)
        .await?;
    Ok(exists)
}

/// Makes the session.
pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    new: &NewSession,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into session (one, id, name, admission, guests, browsers, projections)
            values (1, ?, ?, ?, ?, ?, ?)",
    )
    .bind(new.id.0)
    .bind(new.name.as_str())
    .bind(text::admission(new.admission))
    .bind(text::role(new.guests))
    .bind(text::browsers(new.browsers))
    .bind(PROJECTIONS)
    .execute(&mut *connection)
    .await?;
    reset_settings(connection).await
}

/// Sets the settings back to what they were when the session was made.
pub(crate) async fn reset_settings(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    sqlx::query(
        "insert or replace into settings (one, name, admission, guests, browsers)
            select one, name, admission, guests, browsers from session",
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Changes the settings.
pub(crate) async fn update_settings(
    connection: &mut SqliteConnection,
    session: &Session,
) -> Result<(), StoreError> {
    sqlx::query("update settings set name = ?, admission = ?, guests = ?, browsers = ?")
        .bind(session.name.as_str())
        .bind(text::admission(session.admission))
        .bind(text::role(session.guests))
        .bind(text::browsers(session.browsers))
        .execute(connection)
        .await?;
    Ok(())
}

/// The session as it is now, its PIN and its owner. `run` is the last one.
pub(crate) async fn load(
    connection: &mut SqliteConnection,
    ids: &Ids,
    run: Option<RunId>,
) -> Result<(Session, Option<Pin>, Option<MemberId>), StoreError> {
    #[derive(sqlx::FromRow)]
    struct Row {
        id: Uuid,
        name: String,
        admission: String,
        guests: String,
        browsers: String,
        pin: Option<String>,
        owner: Option<i64>,
    }
    let row: Row = sqlx::query_as(
        "select session.id, settings.name, settings.admission, settings.guests,
                settings.browsers, session.pin, session.owner
            from session
            join settings using (one)",
    )
    .fetch_one(connection)
    .await?;
    let session = Session {
        id: SessionId(row.id),
        name: text::parse(row.name)?,
        run: run.unwrap_or(RunId(Uuid::nil())),
        admission: text::parse_admission(&row.admission)?,
        guests: text::parse_role(&row.guests)?,
        browsers: text::parse_browsers(&row.browsers)?,
    };
    let pin = row.pin.map(text::parse).transpose()?;
    let owner = row.owner.map(|no| ids.id(no).map(MemberId)).transpose()?;
    Ok((session, pin, owner))
}

/// Says whose file this is.
pub(crate) async fn set_owner(
    connection: &mut SqliteConnection,
    member: i64,
) -> Result<(), StoreError> {
    sqlx::query("update session set owner = ?")
        .bind(member)
        .execute(connection)
        .await?;
    Ok(())
}

/// Sets or takes away the PIN.
pub(crate) async fn set_pin(
    connection: &mut SqliteConnection,
    pin: Option<&Pin>,
) -> Result<(), StoreError> {
    sqlx::query("update session set pin = ?")
        .bind(pin.map(Pin::as_str))
        .execute(connection)
        .await?;
    Ok(())
}

/// Which way of projecting made the projections.
pub(crate) async fn projections(connection: &mut SqliteConnection) -> Result<i64, StoreError> {
    let projections = sqlx::query_scalar("select projections from session")
        .fetch_one(connection)
        .await?;
    Ok(projections)
}

/// Says that this build's way made the projections.
pub(crate) async fn set_projections(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    sqlx::query("update session set projections = ?")
        .bind(PROJECTIONS)
        .execute(connection)
        .await?;
    Ok(())
}
