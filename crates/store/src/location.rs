//! Where things are kept.

use crate::StoreError;
use std::path::{Path, PathBuf};

/// The files of one store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The SQLite database.
    pub database: PathBuf,
}

impl Location {
    /// The database inside a data folder.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self { database: folder.join("ira.db") }
    }

    /// Finds the place: `IRA_DATABASE_DSN`, else `DATABASE_URL`, else the folder. An explicit
    /// `--data` folder of the caller wins over both; it passes no `variables` then.
    ///
    /// # Errors
    /// When a variable names another kind of database or no path.
    pub fn resolve(
        variables: &[(&'static str, Option<String>)],
        folder: &Path,
    ) -> Result<Self, StoreError> {
        for (variable, value) in variables {
            if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
                return Ok(Self { database: database_path(variable, value)? });
            }
        }
        Ok(Self::in_folder(folder))
    }

    /// The folder that is locked: the one the database lies in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.database.parent().unwrap_or_else(|| Path::new("."))
    }

    /// The second under way.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        self.beside("journal")
    }

    /// The lock of whoever records.
    #[must_use]
    pub fn lock(&self) -> PathBuf {
        self.beside("lock")
    }

    /// A file beside the database with this ending added to its name.
    pub(crate) fn beside(&self, ending: &str) -> PathBuf {
        let mut name = self.database.file_name().unwrap_or_default().to_owned();
        name.push(".");
        name.push(ending);
        self.database.with_file_name(name)
    }
}

/// The path a connection text names: `sqlite:///absolute`, `sqlite:relative`, or a plain path.
fn database_path(variable: &'static str, value: &str) -> Result<PathBuf, StoreError> {
    let bad = |problem| StoreError::Path { variable, value: value.to_owned(), problem };
    let path = match value.split_once(':') {
        // One letter before the colon is a drive of Windows, not a scheme.
        Some((scheme, rest)) if scheme.len() > 1 && !scheme.contains(['/', '\\', '.']) => {
            if !scheme.eq_ignore_ascii_case("sqlite") {
                return Err(StoreError::Scheme {
                    variable,
                    value: without_password(value),
                    scheme: scheme.to_owned(),
                });
            }
            let rest = rest.split(['?', '#']).next().unwrap_or_default();
            match rest.strip_prefix("//") {
                // Two slashes begin a host, which SQLite does not have; the third begins the path.
                Some(path) if path.starts_with('/') => path,
                Some(_) => return Err(bad("sqlite:// names a host; a path has three slashes")),
                None => rest,
            }
        }
        _ => value,
    };
    if path.is_empty() || path == ":memory:" {
        return Err(bad("it names no file"));
    }
    if path.contains('\0') {
        return Err(bad("a path cannot hold a NUL character"));
    }
    if path.ends_with(['/', '\\']) || Path::new(path).is_dir() {
        return Err(bad("it names a folder, not a file"));
    }
    Ok(PathBuf::from(path))
}

fn without_password(value: &str) -> String {
    match (value.find("://"), value.rfind('@')) {
        (Some(start), Some(end)) if start + 3 < end => {
            let (head, tail) = (value.get(..start + 3), value.get(end..));
            format!("{}***{}", head.unwrap_or_default(), tail.unwrap_or_default())
        }
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(dsn: &str) -> Result<PathBuf, String> {
        Location::resolve(&[("IRA_DATABASE_DSN", Some(dsn.into()))], Path::new("/data"))
            .map(|location| location.database)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn texts_that_name_a_file() {
        for (dsn, path) in [
            ("sqlite:///var/lib/ira/ira.db", "/var/lib/ira/ira.db"),
            ("sqlite:///x.db?mode=rwc", "/x.db"),
            ("SQLite:relative.db", "relative.db"),
            ("/var/lib/ira.db", "/var/lib/ira.db"),
            ("./here.db", "./here.db"),
            ("C:\\ira\\ira.db", "C:\\ira\\ira.db"),
        ] {
            assert_eq!(resolved(dsn), Ok(PathBuf::from(path)), "{dsn} names {path}");
        }
    }

    #[test]
    fn texts_that_are_refused_say_what_is_supported() {
        for (dsn, part) in [
            ("postgres://ira:secret@db/ira", "\"postgres\" is not supported; use sqlite:///"),
            ("mysql://db/ira", "\"mysql\" is not supported"),
            ("sqlite://host/x.db", "three slashes"),
            ("sqlite:///", "folder"),
            ("sqlite::memory:", "no file"),
            ("/tmp", "folder"),
        ] {
            let message = resolved(dsn).expect_err("refused");
            assert!(message.contains(part), "{dsn}: {message}");
            assert!(!message.contains("secret"), "a password is not repeated: {message}");
        }
    }

    #[test]
    fn the_first_variable_that_is_set_wins() {
        let both = [
            ("IRA_DATABASE_DSN", Some("/a.db".to_owned())),
            ("DATABASE_URL", Some("/b.db".to_owned())),
        ];
        let second = [("IRA_DATABASE_DSN", Some(String::new())), both[1].clone()];
        let at = |variables: &[_]| Location::resolve(variables, Path::new("/data")).unwrap();
        assert_eq!(at(&both).database, Path::new("/a.db"), "its own variable comes first");
        assert_eq!(at(&second).database, Path::new("/b.db"), "an empty one is as if unset");
        assert_eq!(at(&[]).database, Path::new("/data/ira.db"), "else the data folder");
    }
}
