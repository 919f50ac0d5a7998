//! Applications that the user keeps; what it takes to run one is JSON of the floor above.

use rusqlite::{Connection, OptionalExtension, Result};

pub(crate) const CREATE: &str = "
CREATE TABLE registrations (
    application TEXT PRIMARY KEY,
    definition TEXT NOT NULL,
    created_ms INTEGER NOT NULL,    -- since 1970: it may be older than every boot that is kept
    started_boot TEXT               -- the boot in which Ira last started it by itself
) STRICT, WITHOUT ROWID;";

/// A registration as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRegistration {
    /// Identifier of the application.
    pub application: String,
    /// JSON.
    pub definition: String,
    /// Since when it is kept, milliseconds since 1970.
    pub created_ms: i64,
    /// Identifier of the boot in which Ira last started it by itself.
    pub started_boot: Option<String>,
}

/// All of them, at most so many.
pub(crate) fn all(connection: &Connection, most: usize) -> Result<Vec<StoredRegistration>> {
    connection
        .prepare_cached(
            "SELECT application, definition, created_ms, started_boot FROM registrations
             ORDER BY application LIMIT ?1",
        )?
        .query_map([most as i64], |row| {
            Ok(StoredRegistration {
                application: row.get(0)?,
                definition: row.get(1)?,
                created_ms: row.get(2)?,
                started_boot: row.get(3)?,
            })
        })?
        .collect()
}

/// Keeps one, or what is new of one that is kept.
pub(crate) fn put(
    connection: &Connection,
    application: &str,
    definition: &str,
    now_ms: i64,
) -> Result<()> {
    connection.execute(
        "INSERT INTO registrations (application, definition, created_ms) VALUES (?1, ?2, ?3)
         ON CONFLICT (application) DO UPDATE SET definition = excluded.definition",
        (application, definition, now_ms),
    )?;
    Ok(())
}

/// Removes one; says whether it was there.
pub(crate) fn remove(connection: &Connection, application: &str) -> Result<bool> {
    let gone =
        connection.execute("DELETE FROM registrations WHERE application = ?1", [application])?;
    Ok(gone > 0)
}

/// Marks that Ira starts one by itself in this boot; says whether it had not.
pub(crate) fn claim_start(connection: &Connection, application: &str, boot: &str) -> Result<bool> {
    let due: Option<bool> = connection
        .query_row(
            "UPDATE registrations SET started_boot = ?2
             WHERE application = ?1 AND started_boot IS NOT ?2 RETURNING true",
            (application, boot),
            |row| row.get(0),
        )
        .optional()?;
    Ok(due.is_some())
}
