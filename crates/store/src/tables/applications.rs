//! Every application ever seen: when first, when last, how often it was started. Kept when what it
//! did is long forgotten, so that it is still known when it comes back.

use ira_model::{ApplicationClass, ApplicationKind};
use rusqlite::{Connection, OptionalExtension, Result};

pub(crate) const CREATE: &str = "
CREATE TABLE applications (
    id TEXT PRIMARY KEY,
    kind INTEGER NOT NULL,
    name TEXT NOT NULL,
    class INTEGER NOT NULL,
    first_boot INTEGER NOT NULL REFERENCES boots (id),
    first_seen_ms INTEGER NOT NULL,  -- since that boot
    last_boot INTEGER NOT NULL REFERENCES boots (id),
    last_seen_ms INTEGER NOT NULL,   -- since that boot
    runs INTEGER NOT NULL
) STRICT, WITHOUT ROWID;";

/// What a block of frames tells of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) kind: ApplicationKind,
    pub(crate) class: ApplicationClass,
    /// First and last tick it was there, milliseconds since boot.
    pub(crate) span: (i64, i64),
    /// How often it began within the block.
    pub(crate) starts: u32,
    /// It was there before the block began; then the start of its oldest process, milliseconds
    /// since boot.
    pub(crate) oldest_before_ms: Option<i64>,
}

/// An application as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredApplication {
    /// Identifier.
    pub id: String,
    /// Where it comes from.
    pub kind: ApplicationKind,
    /// Its latest name.
    pub name: String,
    /// What it is for.
    pub class: ApplicationClass,
    /// When it was first seen, milliseconds since 1970.
    pub first_seen_ms: i64,
    /// When it was last seen, milliseconds since 1970.
    pub last_seen_ms: i64,
    /// How often it was started since it was first seen, that time included.
    pub runs: u32,
}

/// Adds what a block tells. One that was there before the block, and began after it was last seen,
/// was started while nobody looked.
pub(crate) fn see(connection: &Connection, boot: i64, seen: &Seen) -> Result<()> {
    let last: Option<(i64, i64)> = connection
        .prepare_cached("SELECT last_boot, last_seen_ms FROM applications WHERE id = ?1")?
        .query_row([&seen.id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((last_boot, last_ms)) = last else {
        let runs = seen.starts.saturating_add(u32::from(seen.oldest_before_ms.is_some())).max(1);
        connection
            .prepare_cached(
                "INSERT INTO applications (id, kind, name, class, first_boot, first_seen_ms,
                     last_boot, last_seen_ms, runs)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?5, ?7, ?8)",
            )?
            .execute((
                &seen.id,
                seen.kind as u8,
                &seen.name,
                seen.class as u8,
                boot,
                seen.span.0,
                seen.span.1,
                runs,
            ))?;
        return Ok(());
    };
    let unseen =
        seen.oldest_before_ms.is_some_and(|oldest_ms| last_boot != boot || oldest_ms > last_ms);
    connection
        .prepare_cached(
            "UPDATE applications SET kind = ?2, name = ?3, class = max(class * (?4 = 0), ?4),
                 last_boot = ?5, last_seen_ms = ?6, runs = runs + ?7 WHERE id = ?1",
        )?
        .execute((
            &seen.id,
            seen.kind as u8,
            &seen.name,
            seen.class as u8,
            boot,
            seen.span.1,
            seen.starts.saturating_add(u32::from(unseen)),
        ))?;
    Ok(())
}

/// Adds what a block tells when it is asked again, the latest first: beginning and end of an
/// application can move apart by that. A run that goes on into what is known already is one with it.
pub(crate) fn see_before(connection: &Connection, boot: i64, seen: &Seen) -> Result<()> {
    let known: Option<[(i64, i64); 2]> = connection
        .prepare_cached(
            "SELECT first_boot, first_seen_ms, last_boot, last_seen_ms FROM applications WHERE id = ?1",
        )?
        .query_row([&seen.id], |row| {
            Ok([(row.get(0)?, row.get(1)?), (row.get(2)?, row.get(3)?)])
        })
        .optional()?;
    let Some([first, last]) = known else { return see(connection, boot, seen) };
    if (boot, seen.span.0) < first {
        let runs = seen.starts.saturating_add(u32::from(seen.oldest_before_ms.is_some()));
        connection
            .prepare_cached(
                "UPDATE applications SET first_boot = ?2, first_seen_ms = ?3, runs = runs + ?4
                 WHERE id = ?1",
            )?
            .execute((&seen.id, boot, seen.span.0, runs.saturating_sub(1)))?;
    }
    if (boot, seen.span.1) > last {
        connection
            .prepare_cached(
                "UPDATE applications SET last_boot = ?2, last_seen_ms = ?3 WHERE id = ?1",
            )?
            .execute((&seen.id, boot, seen.span.1))?;
    }
    Ok(())
}

/// Forgets an application that the frames tell of from its beginning, so that they tell it anew; or
/// whatever they do, one that was made by a correction which is no more.
pub(crate) fn forget(connection: &Connection, id: &str, anyway: bool) -> Result<()> {
    connection.execute(
        "DELETE FROM applications WHERE id = ?1 AND (?2 OR (first_boot, first_seen_ms) >=
             (SELECT boot, start_ms FROM frames ORDER BY boot, start_ms LIMIT 1))",
        (id, anyway),
    )?;
    Ok(())
}

const COLUMNS: &str = "SELECT a.id, a.kind, a.name, a.class, f.boot_ms + a.first_seen_ms,
        l.boot_ms + a.last_seen_ms, a.runs
    FROM applications a JOIN boots f ON f.id = a.first_boot JOIN boots l ON l.id = a.last_boot";

fn of_row(row: &rusqlite::Row<'_>) -> Result<StoredApplication> {
    Ok(StoredApplication {
        id: row.get(0)?,
        kind: ApplicationKind::from_number(row.get(1)?),
        name: row.get(2)?,
        class: ApplicationClass::from_number(row.get(3)?),
        first_seen_ms: row.get(4)?,
        last_seen_ms: row.get(5)?,
        runs: row.get(6)?,
    })
}

/// One application.
pub(crate) fn get(connection: &Connection, id: &str) -> Result<Option<StoredApplication>> {
    connection
        .prepare_cached(&format!("{COLUMNS} WHERE a.id = ?1"))?
        .query_row([id], of_row)
        .optional()
}

/// Those seen at or after a moment, the latest first.
pub(crate) fn since(connection: &Connection, at_ms: i64) -> Result<Vec<StoredApplication>> {
    connection
        .prepare_cached(&format!(
            "{COLUMNS} WHERE l.boot_ms + a.last_seen_ms >= ?1
             ORDER BY l.boot_ms + a.last_seen_ms DESC LIMIT 10000"
        ))?
        .query_map([at_ms], of_row)?
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(crate::tables::boots::CREATE).unwrap();
        connection.execute_batch(CREATE).unwrap();
        connection
            .execute_batch("INSERT INTO boots VALUES (1, 'a', 1000000), (2, 'b', 9000000);")
            .unwrap();
        connection
    }

    fn seen(span: (i64, i64), starts: u32, oldest_before_ms: Option<i64>) -> Seen {
        Seen {
            id: "project:/srv/shop".into(),
            name: "shop".into(),
            kind: ApplicationKind::Project,
            class: ApplicationClass::Runtime,
            span,
            starts,
            oldest_before_ms,
        }
    }

    #[test]
    fn runs_are_counted_also_those_nobody_saw_begin() {
        let connection = kept();
        let runs = || get(&connection, "project:/srv/shop").unwrap().unwrap().runs;
        see(&connection, 1, &seen((100, 200), 0, Some(50))).unwrap();
        assert_eq!(runs(), 1, "it ran before anybody looked");
        see(&connection, 1, &seen((200, 300), 0, Some(50))).unwrap();
        assert_eq!(runs(), 1, "and goes on");
        see(&connection, 1, &seen((300, 400), 2, Some(50))).unwrap();
        assert_eq!(runs(), 3, "started again, twice");
        see(&connection, 1, &seen((900, 990), 0, Some(700))).unwrap();
        assert_eq!(runs(), 4, "it began while nobody looked");
        see(&connection, 2, &seen((100, 200), 0, Some(20))).unwrap();
        assert_eq!(runs(), 5, "the machine was started again");
        let stored = get(&connection, "project:/srv/shop").unwrap().unwrap();
        assert_eq!((stored.first_seen_ms, stored.last_seen_ms), (1_000_100, 9_000_200));
        assert_eq!(since(&connection, 9_000_200).unwrap(), [stored]);
        assert_eq!(since(&connection, 9_000_201).unwrap(), []);
    }

    #[test]
    fn a_class_that_was_known_is_not_forgotten() {
        let connection = kept();
        see(&connection, 1, &seen((1, 2), 1, None)).unwrap();
        let unknown = Seen { class: ApplicationClass::Other, ..seen((2, 3), 0, Some(1)) };
        see(&connection, 1, &unknown).unwrap();
        let class = get(&connection, "project:/srv/shop").unwrap().unwrap().class;
        assert_eq!(class, ApplicationClass::Runtime);
    }
}
