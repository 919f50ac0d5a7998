//! What happened, a year long.

use rusqlite::{Connection, Result};

pub(crate) const CREATE: &str = "
CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    boot INTEGER NOT NULL REFERENCES boots (id),
    at_ms INTEGER NOT NULL,     -- since boot
    kind INTEGER NOT NULL,
    application TEXT,
    name TEXT
) STRICT;
CREATE INDEX events_by_time ON events (boot, at_ms);
CREATE INDEX events_by_application ON events (application, boot, at_ms);";

/// What more there is to say: what was ordered, how it ended.
pub(crate) const ADD_DETAIL: &str = "ALTER TABLE events ADD COLUMN detail TEXT;";

/// Kinds of events, by their stored number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum StoredEventKind {
    /// An application's first process appeared.
    Started = 0,
    /// An application's last process went.
    Stopped = 1,
    /// Recording began.
    RecordingStarted = 2,
    /// The user ordered something; the detail says what.
    Ordered = 3,
}

impl StoredEventKind {
    fn from_number(number: u8) -> Option<Self> {
        [Self::Started, Self::Stopped, Self::RecordingStarted, Self::Ordered]
            .into_iter()
            .find(|kind| *kind as u8 == number)
    }
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// When, milliseconds since 1970 for readers, since boot inside the store.
    pub at_ms: i64,
    /// What.
    pub kind: StoredEventKind,
    /// The application concerned.
    pub application: Option<String>,
    /// Its name then.
    pub name: Option<String>,
    /// What more there is to say.
    pub detail: Option<String>,
}

pub(crate) fn insert(connection: &Connection, boot: i64, event: &StoredEvent) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO events (boot, at_ms, kind, application, name, detail)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute((
            boot,
            event.at_ms,
            event.kind as u8,
            &event.application,
            &event.name,
            &event.detail,
        ))?;
    Ok(())
}

/// The newest events of a span of a boot, the newest first.
pub(crate) fn within(
    connection: &Connection,
    boot: i64,
    span: (i64, i64),
    application: Option<&str>,
    limit: u32,
) -> Result<Vec<StoredEvent>> {
    // Two statements: one that fits both would use the index of neither.
    let of_one = if application.is_some() { "application = ?4" } else { "?4 IS NULL" };
    connection
        .prepare_cached(&format!(
            "SELECT at_ms, kind, application, name, detail FROM events
             WHERE boot = ?1 AND at_ms BETWEEN ?2 AND ?3 AND {of_one}
             ORDER BY at_ms DESC, id DESC LIMIT ?5"
        ))?
        .query_map((boot, span.0, span.1, application, limit), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
        })?
        .filter_map(|row: Result<(i64, u8, _, _, _)>| match row {
            Ok((at_ms, kind, application, name, detail)) => StoredEventKind::from_number(kind)
                .map(|kind| Ok(StoredEvent { at_ms, kind, application, name, detail })),
            Err(error) => Some(Err(error)),
        })
        .collect()
}

/// Removes the oldest events that are older than a moment, so many at most.
pub(crate) fn remove_before(
    connection: &Connection,
    before_ms: i64,
    at_most: u32,
) -> Result<usize> {
    connection.execute(
        "DELETE FROM events WHERE id IN (
            SELECT events.id FROM (SELECT id, boot, at_ms FROM events ORDER BY id LIMIT ?2) AS events
            JOIN boots ON boots.id = events.boot WHERE boots.boot_ms + events.at_ms < ?1)",
        (before_ms, at_most),
    )
}
