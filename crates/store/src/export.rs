//! A span of the past as a file of its own, which opens on any machine; and every second of a span,
//! one after the other.
//!
//! An `.ira` file is a database as the recorder writes it, with whole epochs: what is shown of it is
//! shown by the same code. It may come from anywhere, so it is opened read-only, and only when its
//! tables are exactly those this program makes.

use crate::{
    Location, StoreError,
    block::Frame,
    database, journal,
    names::NamesCursor,
    reader::Reader,
    span::Tier,
    tables::{boots, corrections, frames},
    writer,
};
use rusqlite::{Connection, params};
use std::path::Path;

/// What an export is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Blocks written.
    pub done: u64,
    /// Blocks there are.
    pub all: u64,
}

/// Writes what is kept of a span to a new file. `about` describes the machine, as the floor above
/// wants it. Returns the number of blocks.
///
/// # Errors
/// When the file is there already or cannot be written, or what is kept cannot be read.
pub fn export(
    from: &Location,
    span: (i64, i64),
    to: &Path,
    about: &str,
    mut progress: impl FnMut(Progress),
) -> Result<u64, StoreError> {
    if to.exists() {
        let source = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
        return Err(StoreError::file(to, source));
    }
    let target = Location { database: to.to_owned() };
    let read = |e| StoreError::database(&from.database, e);
    let wrote = |e| StoreError::database(to, e);
    let Some(source) = database::open_to_read(from)? else { return Ok(0) };
    let (out, _) = database::open(&target)?;
    // One file and no second beside it, so that it can be sent as it is.
    out.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(())).map_err(wrote)?;
    let transaction = out.unchecked_transaction().map_err(wrote)?;
    let mut blocks = Vec::new();
    for boot in boots::latest_first(&source).map_err(read)? {
        let within = (span.0.saturating_sub(boot.boot_ms), span.1.saturating_sub(boot.boot_ms));
        let found = frames::within(&source, boot.id, within).map_err(read)?;
        let found: Vec<_> = found.into_iter().filter(|block| block.end_ms >= within.0).collect();
        copy_boot(&source, &transaction, boot.id).map_err(wrote)?;
        copy_windows(&source, &transaction, boot.id, within).map_err(wrote)?;
        blocks.extend(found);
    }
    copy_corrections(&source, &transaction).map_err(wrote)?;
    let mut done = 0;
    for block in &blocks {
        // Earlier blocks of its epoch hold the names and the base it needs.
        done += copy_epoch(&source, &transaction, block.epoch, block.id).map_err(wrote)?;
        progress(Progress { done, all: done.max(blocks.len() as u64) });
    }
    transaction
        .execute("INSERT INTO settings (name, value) VALUES ('machine', ?1)", [about])
        .map_err(wrote)?;
    transaction.commit().map_err(wrote)?;
    if let Some(left) = journal::read(&from.journal())? {
        writer::rescue(&target, &out, left)?;
        done += 1;
    }
    drop(out);
    if done == 0 {
        // An empty recording would only puzzle whoever opens it.
        std::fs::remove_file(to).map_err(|e| StoreError::file(to, e))?;
    }
    Ok(done)
}

fn copy_boot(source: &Connection, out: &Connection, boot: i64) -> rusqlite::Result<()> {
    source.query_row("SELECT id, boot_id, boot_ms FROM boots WHERE id = ?1", [boot], |row| {
        out.execute(
            "INSERT INTO boots (id, boot_id, boot_ms) VALUES (?1, ?2, ?3)",
            params![row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?],
        )
    })?;
    Ok(())
}

/// What was found is in the frames; what the user makes of it goes with them.
fn copy_corrections(source: &Connection, out: &Connection) -> rusqlite::Result<()> {
    corrections::all(source)?.iter().try_for_each(|one| corrections::put(out, one))
}

fn copy_windows(
    source: &Connection,
    out: &Connection,
    boot: i64,
    span: (i64, i64),
) -> rusqlite::Result<()> {
    let mut windows = source.prepare(
        "SELECT tier, start_ms, end_ms, host, applications FROM series
         WHERE tier = ?1 AND boot = ?2 AND end_ms >= ?3 AND start_ms <= ?4",
    )?;
    for tier in Tier::ALL {
        let mut rows = windows.query((tier as u8, boot, span.0, span.1))?;
        while let Some(row) = rows.next()? {
            out.execute(
                "INSERT INTO series (tier, boot, start_ms, end_ms, host, applications)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    row.get::<_, i64>(0)?,
                    boot,
                    row.get::<_, i64>(1)?,
                    row.get::<_, i64>(2)?,
                    row.get_ref(3)?.as_blob()?,
                    row.get_ref(4)?.as_blob()?,
                ],
            )?;
        }
    }
    let mut events = source.prepare(
        "SELECT at_ms, kind, application, name, detail FROM events
         WHERE boot = ?1 AND at_ms BETWEEN ?2 AND ?3",
    )?;
    let mut rows = events.query((boot, span.0, span.1))?;
    while let Some(row) = rows.next()? {
        out.execute(
            "INSERT INTO events (boot, at_ms, kind, application, name, detail)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                boot,
                row.get::<_, i64>(0)?,
                row.get::<_, i64>(1)?,
                row.get::<_, Option<String>>(2)?,
                row.get::<_, Option<String>>(3)?,
                row.get::<_, Option<String>>(4)?,
            ],
        )?;
    }
    Ok(())
}

/// Blocks of an epoch up to one that are not there yet; says how many.
fn copy_epoch(
    source: &Connection,
    out: &Connection,
    epoch: i64,
    until: i64,
) -> rusqlite::Result<u64> {
    let mut blocks = source.prepare_cached(
        "SELECT id, boot, start_ms, end_ms, before, names, counters FROM frames
         WHERE epoch = ?1 AND id BETWEEN ?1 AND ?2 AND id > ?3 ORDER BY id",
    )?;
    let there: Option<i64> =
        out.query_row("SELECT max(id) FROM frames WHERE epoch = ?1", [epoch], |row| row.get(0))?;
    let mut rows = blocks.query((epoch, until, there.unwrap_or(i64::MIN)))?;
    let mut copied = 0;
    while let Some(row) = rows.next()? {
        out.execute(
            "INSERT INTO frames (id, boot, epoch, start_ms, end_ms, before, names, counters)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                row.get::<_, i64>(0)?,
                row.get::<_, i64>(1)?,
                epoch,
                row.get::<_, i64>(2)?,
                row.get::<_, i64>(3)?,
                row.get::<_, i64>(4)?,
                row.get_ref(5)?.as_blob()?,
                row.get_ref(6)?.as_blob()?,
            ],
        )?;
        copied += 1;
    }
    Ok(copied)
}

impl Reader {
    /// Hands every second of a span to `each`, in order, until it says stop by an error of its own.
    ///
    /// # Errors
    /// When what is kept cannot be read, or what `each` returns.
    pub fn each_second<E: From<StoreError>>(
        &mut self,
        span: (i64, i64),
        mut each: impl FnMut(Frame) -> Result<(), E>,
    ) -> Result<(), E> {
        let minute = self.minute()?;
        let mut blocks = Vec::new();
        for boot in self.boots()?.into_iter().rev() {
            let within = (span.0.saturating_sub(boot.boot_ms), span.1.saturating_sub(boot.boot_ms));
            let found = self.ask(|c| frames::within(c, boot.id, within))?;
            blocks.extend(found.into_iter().map(|block| (boot, block)));
        }
        // It may have gone into the tables meanwhile.
        let under_way = minute.as_ref().map(|minute| (minute.boot, minute.start_ms));
        blocks.retain(|(boot, block)| Some((boot.id, block.start_ms)) != under_way);
        for (boot, block) in blocks {
            if let Some(unpacked) = self.block(boot, &block)? {
                each_tick(&unpacked, span, &mut each)?;
            }
        }
        if let Some(minute) = minute {
            each_tick(&minute, span, &mut each)?;
        }
        Ok(())
    }
}

fn each_tick<E: From<StoreError>>(
    unpacked: &crate::reader::Unpacked,
    span: (i64, i64),
    each: &mut impl FnMut(Frame) -> Result<(), E>,
) -> Result<(), E> {
    let mut names = unpacked.earlier()?;
    let mut cursor = NamesCursor::new(&unpacked.names);
    let mut replay = unpacked.replay()?;
    while replay.advance()? {
        cursor.advance(&mut names, replay.tick)?;
        let at_ms = unpacked.boot_ms.saturating_add(replay.since_boot_ms);
        if (span.0..=span.1).contains(&at_ms) {
            each(replay.frame(&names, unpacked.boot_ms, &unpacked.corrections)?)?;
        }
    }
    Ok(())
}
