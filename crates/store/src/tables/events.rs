//! What happened, a year long.

use rusqlite::{Connection, Result};

pub(crate) const CREATE: &str = "
CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    application TEXT,
    name TEXT
) STRICT;
CREATE INDEX events_by_time ON events (at_ms);
CREATE INDEX events_by_application ON events (application, at_ms);";

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
}

impl StoredEventKind {
    fn from_number(number: u8) -> Option<Self> {
        [Self::Started, Self::Stopped, Self::RecordingStarted]
            .into_iter()
            .find(|kind| *kind as u8 == number)
    }
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// When, milliseconds since 1970.
    pub at_ms: i64,
    /// What.
    pub kind: StoredEventKind,
    /// The application concerned.
    pub application: Option<String>,
    /// Its name then.
    pub name: Option<String>,
}

pub(crate) fn insert(connection: &Connection, event: &StoredEvent) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO events (at_ms, kind, application, name) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute((event.at_ms, event.kind as u8, &event.application, &event.name))?;
    Ok(())
}

/// The newest events of a span, ascending.
pub(crate) fn within(
    connection: &Connection,
    from_ms: i64,
    to_ms: i64,
    application: Option<&str>,
    limit: u32,
) -> Result<Vec<StoredEvent>> {
    let mut events: Vec<StoredEvent> = connection
        .prepare_cached(
            "SELECT at_ms, kind, application, name FROM events
             WHERE at_ms BETWEEN ?1 AND ?2 AND (?3 IS NULL OR application = ?3)
             ORDER BY at_ms DESC, id DESC LIMIT ?4",
        )?
        .query_map((from_ms, to_ms, application, limit), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?
        .filter_map(|row: Result<(i64, u8, _, _)>| match row {
            Ok((at_ms, kind, application, name)) => StoredEventKind::from_number(kind)
                .map(|kind| Ok(StoredEvent { at_ms, kind, application, name })),
            Err(error) => Some(Err(error)),
        })
        .collect::<Result<_>>()?;
    events.reverse();
    Ok(events)
}

pub(crate) fn remove_before(
    connection: &Connection,
    before_ms: i64,
    at_most: u32,
) -> Result<usize> {
    connection.execute(
        "DELETE FROM events WHERE id IN
            (SELECT id FROM events WHERE at_ms < ?1 ORDER BY at_ms LIMIT ?2)",
        (before_ms, at_most),
    )
}
