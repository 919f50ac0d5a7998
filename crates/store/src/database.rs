//! Opens the database, brings its tables up to date, sets a damaged one aside.

use crate::{Location, StoreError};
use rusqlite::{Connection, OpenFlags, limits::Limit};
use rusqlite_migration::{M, Migrations};
use std::{path::Path, sync::LazyLock, time::Duration};

/// How long another program may hold the database before that is an error.
const PATIENCE: Duration = Duration::from_secs(2);

/// So many times in a row the same damage must be found. SQLite's check takes a page that it could not
/// read for a wrong one: a disk that fails now and then must not cost a whole database its place.
const DAMAGED: u32 = 6;

/// No row is longer, bytes.
const LONGEST: i32 = 64 << 20;

/// Each step once, never changed after it was released; a new table or column is a new step.
const STEPS: &[&str] = &[
    crate::tables::boots::CREATE,
    crate::tables::frames::CREATE,
    crate::tables::series::CREATE,
    crate::tables::events::CREATE,
    crate::tables::settings::CREATE,
    crate::tables::applications::CREATE,
    crate::tables::audit::CREATE,
    crate::tables::events::ADD_DETAIL,
    crate::tables::corrections::CREATE,
    crate::tables::registrations::CREATE,
    "-- frames may have the number of running threads among the machine's figures",
];

static MIGRATIONS: LazyLock<Migrations<'static>> =
    LazyLock::new(|| Migrations::new(STEPS.iter().map(|step| M::up(step)).collect()));

/// Opens for writing; makes file, folder and tables where they are missing. A damaged file is
/// moved aside whole and a new one begun; the returned path says where it is.
pub(crate) fn open(
    location: &Location,
) -> Result<(Connection, Option<std::path::PathBuf>), StoreError> {
    let folder = location.folder();
    std::fs::create_dir_all(folder).map_err(|e| StoreError::file(folder, e))?;
    let mut damage = None;
    for _ in 0..DAMAGED {
        match open_once(&location.database) {
            Err(StoreError::Damaged { path, detail }) => {
                if damage.get_or_insert_with(|| detail.clone()) != &detail {
                    return Err(StoreError::Disk { path, detail });
                }
            }
            other => return Ok((other?, None)),
        }
    }
    let aside = set_aside(location)?;
    Ok((open_once(&location.database)?, Some(aside)))
}

fn open_once(path: &Path) -> Result<Connection, StoreError> {
    let fail = |e| StoreError::database(path, e);
    if std::fs::metadata(path).is_ok_and(|file| file.permissions().readonly()) {
        // Root may write it all the same, but whoever took the permission away meant it.
        return Err(StoreError::ReadOnly { path: path.to_owned() });
    }
    let mut connection = Connection::open(path).map_err(fail)?;
    connection.busy_timeout(PATIENCE).map_err(fail)?;
    let found: i64 =
        connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(fail)?;
    let known = STEPS.len() as i64;
    if found > known {
        return Err(StoreError::Newer { path: path.to_owned(), found, known });
    }
    if found == 0 {
        // Both must come before the first table; later they would take a full VACUUM. Rows are a
        // few KiB each and their last page is half empty: small pages waste less.
        connection
            .pragma_update(None, "page_size", 1024)
            .and_then(|()| connection.pragma_update(None, "auto_vacuum", "INCREMENTAL"))
            .map_err(fail)?;
    }
    let check: String =
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(fail)?;
    if check != "ok" {
        return Err(StoreError::Damaged { path: path.to_owned(), detail: check });
    }
    connection
        .pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))
        .and_then(|()| connection.pragma_update(None, "synchronous", "NORMAL"))
        .and_then(|()| connection.pragma_update(None, "foreign_keys", true))
        .and_then(|()| connection.pragma_update(None, "cache_size", -1024))
        .and_then(|()| connection.pragma_update(None, "journal_size_limit", 4 << 20))
        .map_err(fail)?;
    MIGRATIONS.to_latest(&mut connection).map_err(|error| match error {
        rusqlite_migration::Error::RusqliteError { err, .. } => fail(err),
        other => StoreError::Damaged { path: path.to_owned(), detail: other.to_string() },
    })?;
    Ok(connection)
}

/// Opens for reading what another connection or program writes. `None` when there is none yet.
pub(crate) fn open_to_read(location: &Location) -> Result<Option<Connection>, StoreError> {
    let path = &location.database;
    if !path.exists() {
        return Ok(None);
    }
    let (connection, found) = connect_to_read(path)?;
    let known = STEPS.len() as i64;
    if (1..known).contains(&found) {
        return Err(StoreError::Older { path: path.clone(), found, known });
    }
    Ok((found == known).then_some(connection))
}

/// With the form of the file, which is not newer than this program's.
fn connect_to_read(path: &Path) -> Result<(Connection, i64), StoreError> {
    let fail = |e| StoreError::database(path, e);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(fail)?;
    connection.busy_timeout(PATIENCE).map_err(fail)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST).map_err(fail)?;
    connection
        .pragma_update(None, "cache_size", -512)
        .and_then(|()| connection.pragma_update(None, "trusted_schema", false))
        .and_then(|()| connection.pragma_update(None, "cell_size_check", true))
        .map_err(fail)?;
    let found: i64 =
        connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(fail)?;
    let known = STEPS.len() as i64;
    if found > known {
        return Err(StoreError::Newer { path: path.to_owned(), found, known });
    }
    Ok((connection, found))
}

/// A recording from elsewhere that was looked at and found to be one.
#[derive(Debug)]
pub struct Foreign {
    /// The file that was named.
    pub file: std::path::PathBuf,
    /// Where to read it.
    pub location: Location,
    /// Holds a copy, where the file is of an older form.
    _copy: Option<tempfile::TempDir>,
}

/// Opens a file from elsewhere: a database with exactly our tables, of this form or an older one. A
/// view or a trigger in it could make an innocent question run for ever. The file stays as it is: an
/// older one is brought up to date in a copy, which goes with what is returned.
///
/// # Errors
/// When it is none, damaged, of a newer Ira, or there is no room for the copy.
pub fn open_foreign(location: &Location) -> Result<Foreign, StoreError> {
    if verify_foreign(location)? == STEPS.len() {
        let file = location.database.clone();
        return Ok(Foreign { file, location: location.clone(), _copy: None });
    }
    let temporary = std::env::temp_dir();
    let folder = tempfile::tempdir_in(&temporary).map_err(|e| StoreError::file(&temporary, e))?;
    let copy = Location { database: folder.path().join("older.ira") };
    std::fs::copy(&location.database, &copy.database)
        .map_err(|e| StoreError::file(&copy.database, e))?;
    // It may have been read-only, and it may be another file by now.
    std::fs::File::open(&copy.database)
        .and_then(|file| {
            let mut permissions = file.metadata()?.permissions();
            #[allow(clippy::permissions_set_readonly_false)] // a copy in a folder of our own
            permissions.set_readonly(false);
            file.set_permissions(permissions)
        })
        .map_err(|e| StoreError::file(&copy.database, e))?;
    verify_foreign(&copy)?;
    drop(open_once(&copy.database)?);
    Ok(Foreign { file: location.database.clone(), location: copy, _copy: Some(folder) })
}

/// Of which form it is.
fn verify_foreign(location: &Location) -> Result<usize, StoreError> {
    let path = &location.database;
    let fail = |e| StoreError::database(path, e);
    let foreign = || StoreError::Foreign { path: path.clone() };
    if !path.is_file() {
        let source = std::io::Error::from(std::io::ErrorKind::NotFound);
        return Err(StoreError::file(path, source));
    }
    let (connection, found) = connect_to_read(path)?;
    let steps = usize::try_from(found).ok().and_then(|found| STEPS.get(..found));
    let steps = steps.filter(|steps| !steps.is_empty()).ok_or_else(foreign)?;
    let own = Connection::open_in_memory().map_err(fail)?;
    for step in steps {
        own.execute_batch(step).map_err(fail)?;
    }
    // Pages that lie in two places at once could make a small file seem a large one.
    let check: String =
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(fail)?;
    if check != "ok" {
        return Err(StoreError::Damaged { path: path.clone(), detail: check });
    }
    let schema = |connection: &Connection| -> rusqlite::Result<Vec<(String, Option<String>)>> {
        connection
            .prepare("SELECT name, sql FROM sqlite_schema ORDER BY name LIMIT 100")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect()
    };
    if schema(&connection).map_err(fail)? != schema(&own).map_err(fail)? {
        return Err(foreign());
    }
    Ok(steps.len())
}

/// Everything SQLite and the rules between tables find wrong; nothing where all is well.
///
/// # Errors
/// When the database cannot be read at all.
pub fn check(location: &Location) -> Result<Vec<String>, StoreError> {
    let fail = |e| StoreError::database(&location.database, e);
    let Some(connection) = open_to_read(location)? else { return Ok(Vec::new()) };
    let mut problems = Vec::new();
    let mut add = |pragma: &str, fine: &str| -> rusqlite::Result<()> {
        let mut statement = connection.prepare(pragma)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let text: String = row.get(0)?;
            if text != fine {
                problems.push(text);
            }
        }
        Ok(())
    };
    add("PRAGMA integrity_check", "ok").map_err(fail)?;
    add("PRAGMA foreign_key_check", "").map_err(fail)?;
    Ok(problems)
}

/// What tells one file from another that took its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity(u64, u64);

impl Identity {
    /// Of the file at a path now; `None` where there is none.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let file = std::fs::metadata(path).ok()?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            Some(Self(file.dev(), file.ino()))
        }
        #[cfg(not(unix))]
        {
            // An open file cannot be removed there.
            let _ = file;
            Some(Self(0, 0))
        }
    }
}

/// Bytes in use, free pages left out.
pub(crate) fn used_bytes(connection: &Connection) -> rusqlite::Result<u64> {
    let number = |name: &str| -> rusqlite::Result<u64> {
        connection
            .query_row(&format!("PRAGMA {name}"), [], |row| row.get(0))
            .map(|value: i64| value.max(0).cast_unsigned())
    };
    let pages = number("page_count")?.saturating_sub(number("freelist_count")?);
    Ok(pages.saturating_mul(number("page_size")?))
}

/// Moves the database and what belongs to it to names that were not in use.
fn set_aside(location: &Location) -> Result<std::path::PathBuf, StoreError> {
    let aside = (1..1000)
        .map(|number| location.beside(&format!("damaged-{number}")))
        .find(|path| !path.exists())
        .ok_or_else(|| StoreError::Damaged {
            path: location.database.clone(),
            detail: "and a thousand damaged files lie beside it; remove some".to_owned(),
        })?;
    for ending in ["", "-wal", "-shm", ".journal"] {
        let with = |path: &Path| {
            let mut name = path.as_os_str().to_owned();
            name.push(ending);
            std::path::PathBuf::from(name)
        };
        match std::fs::rename(with(&location.database), with(&aside)) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(StoreError::file(&location.database, e));
            }
            _ => {}
        }
    }
    Ok(aside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_are_valid() {
        MIGRATIONS.validate().unwrap();
    }

    #[test]
    fn a_newer_database_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::in_folder(folder.path());
        drop(open(&location).unwrap());
        let connection = Connection::open(&location.database).unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        drop(connection);
        let before = std::fs::read(&location.database).unwrap();
        let error = open(&location).map(drop).unwrap_err().to_string();
        assert!(error.contains("newer Ira (format 99"), "{error}");
        assert!(open_to_read(&location).is_err(), "nor is it read");
        assert_eq!(before, std::fs::read(&location.database).unwrap(), "not a byte differs");
    }

    #[test]
    fn a_damaged_database_is_set_aside_whole() {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::in_folder(folder.path());
        let garbage = b"this is not a database, whatever its name says".repeat(50);
        std::fs::write(&location.database, &garbage).unwrap();
        let (connection, aside) = open(&location).unwrap();
        drop(connection);
        assert_eq!(std::fs::read(aside.unwrap()).unwrap(), garbage, "kept to the byte");
        assert!(open(&location).unwrap().1.is_none(), "the new one is whole");
    }

    #[test]
    fn a_read_only_database_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::in_folder(folder.path());
        drop(open(&location).unwrap());
        let mut permissions = std::fs::metadata(&location.database).unwrap().permissions();
        permissions.set_readonly(true);
        std::fs::set_permissions(&location.database, permissions).unwrap();
        let error = open(&location).map(drop).unwrap_err();
        assert!(matches!(error, StoreError::ReadOnly { .. }), "{error}");
    }

    #[test]
    fn a_locked_database_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::in_folder(folder.path());
        drop(open(&location).unwrap());
        let other = Connection::open(&location.database).unwrap();
        other.pragma_update(None, "locking_mode", "EXCLUSIVE").unwrap();
        other.execute_batch("BEGIN EXCLUSIVE; INSERT INTO settings VALUES ('a', 'b');").unwrap();
        let error = open(&location).map(drop).unwrap_err();
        assert!(matches!(error, StoreError::Locked { .. }), "{error}");
    }
}
