//! Blocks of frames: a minute of process tables each.

use crate::codec::ROOM;
use rusqlite::{Connection, Error, OptionalExtension, Result};

pub(crate) const CREATE: &str = "
CREATE TABLE frames (
    id INTEGER PRIMARY KEY,
    boot INTEGER NOT NULL REFERENCES boots (id),
    epoch INTEGER NOT NULL,     -- id of the block in which ordinals began
    start_ms INTEGER NOT NULL,  -- first tick, since boot
    end_ms INTEGER NOT NULL,    -- last tick, since boot
    before INTEGER NOT NULL,    -- what lies before the first tick: 0 a tick, 1 not running, 2 asleep
    names BLOB NOT NULL,
    counters BLOB NOT NULL
) STRICT;
CREATE INDEX frames_by_time ON frames (boot, start_ms, end_ms);
CREATE INDEX frames_by_epoch ON frames (epoch);";

/// A block without its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) id: i64,
    pub(crate) boot: i64,
    pub(crate) epoch: i64,
    pub(crate) start_ms: i64,
    pub(crate) end_ms: i64,
    pub(crate) before: i64,
}

/// Keeps a block; `epoch` 0 means that it begins one. Returns its id and epoch.
pub(crate) fn insert(
    connection: &Connection,
    block: &Block,
    names: &[u8],
    counters: &[u8],
) -> Result<(i64, i64)> {
    connection.execute(
        "INSERT INTO frames (boot, epoch, start_ms, end_ms, before, names, counters)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        (block.boot, block.epoch, block.start_ms, block.end_ms, block.before, names, counters),
    )?;
    let id = connection.last_insert_rowid();
    if block.epoch == 0 {
        connection.execute("UPDATE frames SET epoch = id WHERE id = ?1", [id])?;
        return Ok((id, id));
    }
    Ok((id, block.epoch))
}

const COLUMNS: &str = "id, boot, epoch, start_ms, end_ms, before";

fn block(row: &rusqlite::Row<'_>) -> Result<Block> {
    Ok(Block {
        id: row.get(0)?,
        boot: row.get(1)?,
        epoch: row.get(2)?,
        start_ms: row.get(3)?,
        end_ms: row.get(4)?,
        before: row.get(5)?,
    })
}

/// The block of a boot that has the last tick at or before a moment of it.
pub(crate) fn at(connection: &Connection, boot: i64, since_boot_ms: i64) -> Result<Option<Block>> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM frames WHERE boot = ?1 AND start_ms <= ?2
             ORDER BY start_ms DESC LIMIT 1"
        ))?
        .query_row((boot, since_boot_ms), block)
        .optional()
}

/// Blocks of a boot that touch a span of it, ascending.
pub(crate) fn within(connection: &Connection, boot: i64, span: (i64, i64)) -> Result<Vec<Block>> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM frames WHERE boot = ?1 AND start_ms BETWEEN coalesce(
                (SELECT max(start_ms) FROM frames WHERE boot = ?1 AND start_ms <= ?2), ?2) AND ?3
             ORDER BY start_ms"
        ))?
        .query_map((boot, span.0, span.1), block)?
        .collect()
}

/// Blocks of a boot, within a span of it, before which something is missing: the end of the block
/// before in the same boot, the start, and what lies between.
pub(crate) fn gaps(
    connection: &Connection,
    boot: i64,
    span: (i64, i64),
) -> Result<Vec<(Option<i64>, i64, i64)>> {
    connection
        .prepare_cached(
            "SELECT (SELECT max(end_ms) FROM frames AS earlier
                     WHERE earlier.boot = f.boot AND earlier.start_ms < f.start_ms),
                    f.start_ms, f.before
             FROM frames AS f
             WHERE f.boot = ?1 AND f.start_ms BETWEEN ?2 AND ?3 AND f.before <> 0
             ORDER BY f.start_ms",
        )?
        .query_map((boot, span.0, span.1), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect()
}

/// First and last tick kept of a boot.
pub(crate) fn range(connection: &Connection, boot: i64) -> Result<Option<(i64, i64)>> {
    connection
        .prepare_cached("SELECT min(start_ms), max(end_ms) FROM frames WHERE boot = ?1")?
        .query_row([boot], |row| {
            Ok(row.get::<_, Option<i64>>(0)?.zip(row.get::<_, Option<i64>>(1)?))
        })
}

/// The last tick kept of a boot before a moment of it.
pub(crate) fn end_before(
    connection: &Connection,
    boot: i64,
    before_ms: i64,
) -> Result<Option<i64>> {
    connection
        .prepare_cached(
            "SELECT end_ms FROM frames WHERE boot = ?1 AND start_ms < ?2
             ORDER BY start_ms DESC LIMIT 1",
        )?
        .query_row((boot, before_ms), |row| row.get(0))
        .optional()
}

/// The counters of a block.
pub(crate) fn counters(connection: &Connection, id: i64) -> Result<Vec<u8>> {
    connection
        .prepare_cached("SELECT counters FROM frames WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
}

/// The names of an epoch up to a block, ascending.
pub(crate) fn names(
    connection: &Connection,
    epoch: i64,
    until: i64,
) -> Result<Vec<(i64, Vec<u8>)>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, names FROM frames WHERE id BETWEEN ?1 AND ?2 AND epoch = ?1 ORDER BY id",
    )?;
    let mut rows = statement.query([epoch, until])?;
    let (mut found, mut room) = (Vec::new(), ROOM);
    while let Some(row) = rows.next()? {
        let names = row.get_ref(1)?.as_blob()?;
        room = room.checked_sub(names.len()).ok_or(Error::BlobSizeError)?;
        found.push((row.get(0)?, names.to_vec()));
    }
    Ok(found)
}

/// Removes the oldest epoch when all of it ended before a moment; says how many blocks went. A
/// part of an epoch cannot go: later blocks of it need the names of earlier ones.
pub(crate) fn remove_before(connection: &Connection, before_ms: i64) -> Result<usize> {
    connection.execute(
        "WITH oldest (epoch) AS (SELECT epoch FROM frames ORDER BY id LIMIT 1)
         DELETE FROM frames
         WHERE epoch = (SELECT epoch FROM oldest)
           AND (SELECT max(boots.boot_ms + frames.end_ms) FROM frames
                JOIN boots ON boots.id = frames.boot
                WHERE epoch = (SELECT epoch FROM oldest)) < ?1",
        [before_ms],
    )
}
