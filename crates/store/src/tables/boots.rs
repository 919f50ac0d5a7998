//! Starts of the machine. Start times of processes count from one of these.

use crate::tick::Boot;
use rusqlite::{Connection, OptionalExtension, Result};

pub(crate) const CREATE: &str = "
CREATE TABLE boots (
    id INTEGER PRIMARY KEY,
    boot_id TEXT NOT NULL UNIQUE,
    boot_ms INTEGER NOT NULL
) STRICT;";

/// The row of a boot, made when it is new. Its time stays as it was first seen, so that keys of
/// processes do not move when the clock is set.
pub(crate) fn ensure(connection: &Connection, boot: &Boot) -> Result<(i64, i64)> {
    connection.execute(
        "INSERT INTO boots (boot_id, boot_ms) VALUES (?1, ?2) ON CONFLICT (boot_id) DO NOTHING",
        (&boot.boot_id, boot.boot_ms),
    )?;
    connection.query_row(
        "SELECT id, boot_ms FROM boots WHERE boot_id = ?1",
        [&boot.boot_id],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// When a boot was.
pub(crate) fn boot_ms(connection: &Connection, id: i64) -> Result<Option<i64>> {
    connection
        .query_row("SELECT boot_ms FROM boots WHERE id = ?1", [id], |row| row.get(0))
        .optional()
}
