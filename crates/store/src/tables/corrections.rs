//! What the user says against discovery, and how far the past is derived anew from it.
//!
//! Frames keep what discovery found and never what is made of it, so a correction that is removed
//! leaves no trace in them. Series and events are derived with the corrections of the time; after a
//! change every window that can be derived again waits in `reattribution`.

use ira_model::{
    Action, Application, ApplicationClass, ApplicationKind, Condition, Correction, Field, Form,
    Matcher, Target, correction,
};
use rusqlite::{Connection, OptionalExtension, Result, Row, params};

pub(crate) const CREATE: &str = "
CREATE TABLE corrections (
    id INTEGER PRIMARY KEY,     -- given once and never again
    application TEXT,           -- only those of this one
    field INTEGER,              -- what is looked at, with form and text; none for the whole application
    form INTEGER,
    text TEXT,
    action INTEGER NOT NULL,    -- 0 belongs to, 1 separate, 2 rename, 3 ignore
    name TEXT,                  -- the new name, or that of the application to count under
    target TEXT,                -- the application to count under, and what was known of it
    kind INTEGER,
    class INTEGER,
    engine TEXT,
    icon TEXT
) STRICT;
CREATE TABLE attribution (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    revision INTEGER NOT NULL,  -- grows with each change of the corrections
    next_id INTEGER NOT NULL,   -- the number of the next one
    windows INTEGER NOT NULL,   -- how many waited after the last change
    stopped INTEGER NOT NULL    -- 1 when the user wants them left as they are
) STRICT;
INSERT INTO attribution VALUES (1, 0, 1, 0, 0);
CREATE TABLE reattribution (
    tier INTEGER NOT NULL,
    boot INTEGER NOT NULL REFERENCES boots (id),
    start_ms INTEGER NOT NULL,  -- of the window, since boot
    PRIMARY KEY (tier, boot, start_ms)
) STRICT, WITHOUT ROWID;
ALTER TABLE events ADD COLUMN block INTEGER; -- the block it follows from
CREATE INDEX events_by_block ON events (block);";

/// In `reattribution`: the events that follow from a block, as a tier behind all others.
pub(crate) const EVENTS: u8 = 100;

/// Every correction, the oldest first. What a newer program wrote and this one does not understand
/// is left out.
pub(crate) fn all(connection: &Connection) -> Result<Vec<Correction>> {
    let rows: Vec<Option<Correction>> = connection
        .prepare_cached(
            "SELECT id, application, field, form, text, action, name, target, kind, class, engine, icon
             FROM corrections ORDER BY id LIMIT ?1",
        )?
        .query_map([correction::MOST as i64], of_row)?
        .collect::<Result<_>>()?;
    Ok(rows.into_iter().flatten().collect())
}

fn of_row(row: &Row<'_>) -> Result<Option<Correction>> {
    let numbered = |at: usize| -> Result<Option<usize>> {
        Ok(row.get::<_, Option<i64>>(at)?.and_then(|number| usize::try_from(number).ok()))
    };
    let field = numbered(2)?.and_then(|number| Field::ALL.get(number).copied());
    let form = numbered(3)?.and_then(|number| Form::ALL.get(number).copied());
    let text: Option<String> = row.get(4)?;
    let has_matcher = text.is_some();
    let matcher = match (field, form, text) {
        (Some(field), Some(form), Some(text)) => Some(Matcher { field, form, text }),
        _ => None,
    };
    if has_matcher && matcher.is_none() {
        return Ok(None);
    }
    let name: String = row.get::<_, Option<String>>(6)?.unwrap_or_default();
    let action = match row.get::<_, i64>(5)? {
        0 => Action::BelongsTo(Target(Application {
            id: row.get::<_, Option<String>>(7)?.unwrap_or_default(),
            kind: ApplicationKind::from_number(row.get::<_, Option<u8>>(8)?.unwrap_or_default()),
            name,
            class: ApplicationClass::from_number(row.get::<_, Option<u8>>(9)?.unwrap_or_default()),
            engine: row.get(10)?,
            version: None,
            icon: row.get(11)?,
        })),
        1 => Action::Separate(name),
        2 => Action::Rename(name),
        3 => Action::Ignore,
        _ => return Ok(None),
    };
    let condition = Condition { application: row.get(1)?, matcher };
    Ok(Some(Correction { id: row.get(0)?, condition, action }))
}

/// Keeps one under its number, in the place of what has that.
pub(crate) fn put(connection: &Connection, one: &Correction) -> Result<()> {
    let matcher = one.condition.matcher.as_ref();
    let (action, name, target) = match &one.action {
        Action::BelongsTo(target) => (0, Some(&target.0.name), Some(&target.0)),
        Action::Separate(name) => (1, Some(name), None),
        Action::Rename(name) => (2, Some(name), None),
        Action::Ignore => (3, None, None),
    };
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO corrections (id, application, field, form, text, action, name,
                 target, kind, class, engine, icon)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?
        .execute(params![
            one.id,
            one.condition.application,
            matcher.map(|matcher| matcher.field as u8),
            matcher.map(|matcher| matcher.form as u8),
            matcher.map(|matcher| &matcher.text),
            action,
            name,
            target.map(|target| &target.id),
            target.map(|target| target.kind as u8),
            target.map(|target| target.class as u8),
            target.and_then(|target| target.engine.as_ref()),
            target.and_then(|target| target.icon.as_ref()),
        ])?;
    Ok(())
}

/// Removes one; says whether it was there.
pub(crate) fn remove(connection: &Connection, id: i64) -> Result<bool> {
    Ok(connection.execute("DELETE FROM corrections WHERE id = ?1", [id])? > 0)
}

/// The number of the present state of the corrections.
pub(crate) fn revision(connection: &Connection) -> Result<i64> {
    connection.prepare_cached("SELECT revision FROM attribution")?.query_row([], |row| row.get(0))
}

/// The number for the next one.
pub(crate) fn next_id(connection: &Connection) -> Result<i64> {
    connection.query_row("SELECT next_id FROM attribution", [], |row| row.get(0))
}

/// The corrections changed: gives their state a number, and lets everything wait that can be
/// derived again: seconds whose frames are kept, and coarser windows that reach into those.
pub(crate) fn changed(connection: &Connection, next_id: i64) -> Result<()> {
    connection.execute(
        "UPDATE attribution SET revision = revision + 1, stopped = 0, next_id = ?1",
        [next_id],
    )?;
    connection
        .execute("INSERT OR IGNORE INTO reattribution SELECT 0, boot, start_ms FROM frames", [])?;
    connection.execute(
        "INSERT OR IGNORE INTO reattribution SELECT ?1, boot, start_ms FROM frames",
        [EVENTS],
    )?;
    connection.execute(
        "INSERT OR IGNORE INTO reattribution
         SELECT tier, boot, start_ms FROM series AS s
         WHERE tier > 0
           AND end_ms >= (SELECT min(start_ms) FROM frames WHERE frames.boot = s.boot)",
        [],
    )?;
    connection
        .execute("UPDATE attribution SET windows = (SELECT count(*) FROM reattribution)", [])?;
    Ok(())
}

/// Lets what waits be left as it is, or be gone on with.
pub(crate) fn stop(connection: &Connection, stopped: bool) -> Result<()> {
    connection.execute("UPDATE attribution SET stopped = ?1", [stopped])?;
    Ok(())
}

/// How many windows waited after the last change, how many still do, and whether they are to be
/// left.
pub(crate) fn progress(connection: &Connection) -> Result<(u64, u64, bool)> {
    connection
        .prepare_cached(
            "SELECT windows, (SELECT count(*) FROM reattribution), stopped FROM attribution",
        )?
        .query_row([], |row| {
            let number = |at: usize| {
                Ok::<u64, rusqlite::Error>(row.get::<_, i64>(at)?.max(0).cast_unsigned())
            };
            Ok((number(0)?, number(1)?, row.get(2)?))
        })
}

/// A window that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) tier: u8,
    pub(crate) boot: i64,
    pub(crate) start_ms: i64,
}

/// The next: the finest tier first, since coarser ones follow from it, and the latest of it; of
/// events the earliest.
pub(crate) fn next(connection: &Connection) -> Result<Option<Waiting>> {
    let mut found = None;
    for order in
        ["tier < ?1 ORDER BY tier, boot DESC, start_ms DESC", "tier = ?1 ORDER BY boot, start_ms"]
    {
        let sql = format!("SELECT tier, boot, start_ms FROM reattribution WHERE {order} LIMIT 1");
        found = connection
            .prepare_cached(&sql)?
            .query_row([EVENTS], |row| {
                Ok(Waiting { tier: row.get(0)?, boot: row.get(1)?, start_ms: row.get(2)? })
            })
            .optional()?;
        if found.is_some() {
            break;
        }
    }
    Ok(found)
}

/// The latest moment of what waits of the seconds, milliseconds since 1970: what is later is
/// derived anew.
pub(crate) fn done_after_ms(connection: &Connection) -> Result<Option<i64>> {
    connection.query_row(
        "SELECT max(b.boot_ms + w.start_ms) FROM reattribution w JOIN boots b ON b.id = w.boot
         WHERE w.tier = 0",
        [],
        |row| row.get(0),
    )
}

/// A window was derived anew, or is not there any more.
pub(crate) fn done(connection: &Connection, window: Waiting) -> Result<()> {
    connection
        .prepare_cached(
            "DELETE FROM reattribution WHERE tier = ?1 AND boot = ?2 AND start_ms = ?3",
        )?
        .execute((window.tier, window.boot, window.start_ms))?;
    Ok(())
}

/// A coarser window was made while finer ones of it may still wait: it waits behind them.
pub(crate) fn wait_behind(connection: &Connection, window: Waiting) -> Result<()> {
    connection.execute(
        "INSERT OR IGNORE INTO reattribution
         SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM reattribution)",
        (window.tier, window.boot, window.start_ms),
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back_as_it_was() {
        let connection = Connection::open_in_memory().unwrap();
        for step in [
            crate::tables::boots::CREATE,
            crate::tables::frames::CREATE,
            crate::tables::series::CREATE,
            crate::tables::events::CREATE,
            CREATE,
        ] {
            connection.execute_batch(step).unwrap();
        }
        let target = Application {
            class: ApplicationClass::Database,
            engine: Some("PostgreSQL".into()),
            icon: Some("db".into()),
            ..Application::new(ApplicationKind::Systemd, "db.service", "db")
        };
        let matcher =
            Matcher { field: Field::Folder, form: Form::Pattern, text: "'; DROP TABLE".into() };
        let actions = [
            Action::BelongsTo(Target(target)),
            Action::Separate("own".into()),
            Action::Rename("named".into()),
            Action::Ignore,
        ];
        let expected: Vec<Correction> = (1..)
            .zip(actions)
            .map(|(id, action)| Correction {
                id,
                condition: Condition {
                    application: (id % 2 == 0).then(|| "process:/x".into()),
                    matcher: (id != 2).then(|| matcher.clone()),
                },
                action,
            })
            .collect();
        expected.iter().for_each(|one| put(&connection, one).unwrap());
        assert_eq!(all(&connection).unwrap(), expected);
        connection.execute("UPDATE corrections SET action = 9 WHERE id = 4", []).unwrap();
        assert_eq!(all(&connection).unwrap(), expected[..3], "of a newer program");
        assert!(remove(&connection, 1).unwrap() && !remove(&connection, 1).unwrap());
    }
}
