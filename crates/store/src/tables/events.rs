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

/// Kinds of events, by their stored number. The detail of all but [`Self::Ordered`] is an
/// [`ira_model::LifeNote`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum StoredEventKind {
    /// An application's first process appeared.
    Started = 0,
    /// An application's last process went, as it should, by an order, or nobody knows how.
    Stopped = 1,
    /// Recording began.
    RecordingStarted = 2,
    /// The user ordered something; the detail says what.
    Ordered = 3,
    /// It ended by a fault, or a part of it did.
    Crashed = 4,
    /// The kernel ended a process of it for want of memory.
    OutOfMemory = 5,
    /// It began again soon after it ended.
    Restarted = 6,
    /// It crashes again and again; the row counts the crashes of an hour.
    CrashLoop = 7,
    /// It did so no more.
    CrashLoopEnded = 8,
    /// It listens on more ports than before.
    PortsOpened = 9,
    /// It goes on without ports it listened on.
    PortsClosed = 10,
    /// It is of another version than before.
    VersionChanged = 11,
    /// More of an hour than are kept one by one.
    Many = 12,
    /// Ira, which ran it, starts it no more: it ended too soon too often.
    GivenUp = 13,
}

impl StoredEventKind {
    const ALL: [Self; 14] = [
        Self::Started,
        Self::Stopped,
        Self::RecordingStarted,
        Self::Ordered,
        Self::Crashed,
        Self::OutOfMemory,
        Self::Restarted,
        Self::CrashLoop,
        Self::CrashLoopEnded,
        Self::PortsOpened,
        Self::PortsClosed,
        Self::VersionChanged,
        Self::Many,
        Self::GivenUp,
    ];

    fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == number)
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

/// Keeps one; `block` is the block it follows from, which can be asked again.
pub(crate) fn insert(
    connection: &Connection,
    boot: i64,
    block: Option<i64>,
    event: &StoredEvent,
) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO events (boot, at_ms, kind, application, name, detail, block)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute((
            boot,
            event.at_ms,
            event.kind as u8,
            &event.application,
            &event.name,
            &event.detail,
            block,
        ))?;
    Ok(())
}

/// Removes all of an application.
pub(crate) fn drop_application(connection: &Connection, application: &str) -> Result<()> {
    connection.execute("DELETE FROM events WHERE application = ?1", [application])?;
    Ok(())
}

/// Removes what follows from a block.
pub(crate) fn remove_of_block(connection: &Connection, block: i64) -> Result<()> {
    connection.prepare_cached("DELETE FROM events WHERE block = ?1")?.execute([block])?;
    Ok(())
}

/// Says more of an event that is kept.
pub(crate) fn amend(connection: &Connection, id: i64, detail: Option<&str>) -> Result<()> {
    connection.execute("UPDATE events SET detail = ?2 WHERE id = ?1", (id, detail))?;
    Ok(())
}

/// With its number; those of a kind that a newer program keeps are passed over.
fn collect(rows: rusqlite::Rows<'_>) -> Result<Vec<(i64, StoredEvent)>> {
    let mut rows = rows;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        if let Some(kind) = StoredEventKind::from_number(row.get(2)?) {
            let (at_ms, application, name) = (row.get(1)?, row.get(3)?, row.get(4)?);
            let detail = row.get(5)?;
            found.push((row.get(0)?, StoredEvent { at_ms, kind, application, name, detail }));
        }
    }
    Ok(found)
}

/// The newest events of a span of a boot, the newest first, with their numbers.
pub(crate) fn within(
    connection: &Connection,
    boot: i64,
    span: (i64, i64),
    application: Option<&str>,
    before_block: i64,
    limit: u32,
) -> Result<Vec<(i64, StoredEvent)>> {
    // Two statements: one that fits both would use the index of neither.
    let of_one = if application.is_some() { "application = ?4" } else { "?4 IS NULL" };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT id, at_ms, kind, application, name, detail FROM events
         WHERE boot = ?1 AND at_ms BETWEEN ?2 AND ?3 AND {of_one}
             AND (block IS NULL OR block < ?6)
         ORDER BY at_ms DESC, id DESC LIMIT ?5"
    ))?;
    collect(statement.query((boot, span.0, span.1, application, limit, before_block))?)
}

/// Events of one kind since a moment of a boot, ascending.
pub(crate) fn of_kind(
    connection: &Connection,
    boot: i64,
    since_ms: i64,
    kind: StoredEventKind,
    before_block: i64,
) -> Result<Vec<(i64, StoredEvent)>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, at_ms, kind, application, name, detail FROM events
         WHERE boot = ?1 AND at_ms >= ?2 AND kind = ?3 AND (block IS NULL OR block < ?4)
         ORDER BY at_ms, id LIMIT 1000",
    )?;
    collect(statement.query((boot, since_ms, kind as u8, before_block))?)
}

/// The newest events of an application whenever they were, the newest first.
pub(crate) fn latest(
    connection: &Connection,
    application: &str,
    before_block: i64,
    limit: u32,
) -> Result<Vec<(i64, StoredEvent)>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, at_ms, kind, application, name, detail FROM events
         WHERE application = ?1 AND (block IS NULL OR block < ?3)
         ORDER BY boot DESC, at_ms DESC LIMIT ?2",
    )?;
    collect(statement.query((application, limit, before_block))?)
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
