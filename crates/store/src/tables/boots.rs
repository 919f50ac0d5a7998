//! Starts of the machine. Every other table is dated by the time since one of these, so a clock
//! that is set moves one number here and nothing else; the past keeps its order.

use crate::tick::Boot;
use rusqlite::{Connection, OptionalExtension, Result};

pub(crate) const CREATE: &str = "
CREATE TABLE boots (
    id INTEGER PRIMARY KEY,
    boot_id TEXT NOT NULL UNIQUE,
    boot_ms INTEGER NOT NULL
) STRICT;";

/// One row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StoredBoot {
    pub(crate) id: i64,
    pub(crate) boot_ms: i64,
}

/// The row of a boot, made when it is new, and the earliest it may have been: after the end of all
/// that is kept of others, since a clock that says otherwise is wrong.
pub(crate) fn ensure(connection: &Connection, boot: &Boot) -> Result<(StoredBoot, i64)> {
    let floor_ms = connection
        .query_row(
            "SELECT max(boot_ms + (SELECT max(end_ms) FROM frames WHERE frames.boot = boots.id))
             FROM boots WHERE boot_id <> ?1",
            [&boot.boot_id],
            |row| row.get::<_, Option<i64>>(0),
        )?
        .map_or(i64::MIN, |end| end.saturating_add(1));
    connection.execute(
        "INSERT INTO boots (boot_id, boot_ms) VALUES (?1, ?2) ON CONFLICT (boot_id) DO NOTHING",
        (&boot.boot_id, boot.boot_ms.max(floor_ms)),
    )?;
    let stored = connection.query_row(
        "SELECT id, boot_ms FROM boots WHERE boot_id = ?1",
        [&boot.boot_id],
        |row| Ok(StoredBoot { id: row.get(0)?, boot_ms: row.get(1)? }),
    )?;
    Ok((stored, floor_ms))
}

/// Corrects when a boot was.
pub(crate) fn correct(connection: &Connection, boot: StoredBoot) -> Result<()> {
    connection.execute("UPDATE boots SET boot_ms = ?2 WHERE id = ?1", (boot.id, boot.boot_ms))?;
    Ok(())
}

/// One boot.
pub(crate) fn get(connection: &Connection, id: i64) -> Result<Option<StoredBoot>> {
    connection
        .query_row("SELECT boot_ms FROM boots WHERE id = ?1", [id], |row| {
            Ok(StoredBoot { id, boot_ms: row.get(0)? })
        })
        .optional()
}

/// Every boot, the latest first.
pub(crate) fn latest_first(connection: &Connection) -> Result<Vec<StoredBoot>> {
    connection
        .prepare_cached("SELECT id, boot_ms FROM boots ORDER BY boot_ms DESC, id DESC")?
        .query_map([], |row| Ok(StoredBoot { id: row.get(0)?, boot_ms: row.get(1)? }))?
        .collect()
}
