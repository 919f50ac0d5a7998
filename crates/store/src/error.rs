//! What can go wrong with what is kept, told so that a user knows what to do.

use std::path::PathBuf;
use thiserror::Error;

/// A failure of the store. Live goes on whatever it is.
#[derive(Debug, Error)]
pub enum StoreError {
    /// `IRA_DATABASE_DSN` or `DATABASE_URL` names something else than SQLite.
    #[error(
        "{variable} is {value:?}: the scheme {scheme:?} is not supported; use sqlite:///absolute/path or a plain path"
    )]
    Scheme {
        /// The variable.
        variable: &'static str,
        /// What it holds, a password removed.
        value: String,
        /// Its scheme.
        scheme: String,
    },
    /// A variable names no usable path.
    #[error("{variable} is {value:?}: {problem}; use sqlite:///absolute/path or a plain path")]
    Path {
        /// The variable.
        variable: &'static str,
        /// What it holds.
        value: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Neither `--data` nor a home folder tells where to keep things.
    #[error("there is no home folder to keep data in; name one with --data DIR")]
    NoHome,
    /// A file or folder could not be used.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The database was written by a newer Ira.
    #[error(
        "{path} was written by a newer Ira (format {found}, this one knows {known}); it is left as it is and nothing is recorded; update Ira or name another place with --data DIR"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest this program knows.
        known: i64,
    },
    /// The database was written by an older Ira, and this one only reads.
    #[error(
        "{path} was written by an older Ira (format {found}, this one reads {known}); it is brought up to date when Ira records there again"
    )]
    Older {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The one this program reads.
        known: i64,
    },
    /// Another program holds the database.
    #[error("{path} is locked by another program; recording goes on by itself when it is released")]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// It may be read and not written.
    #[error("{path} is read-only")]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// The file at that path is not the one that was opened.
    #[error("{path} was removed or replaced while it was in use; recording begins anew there")]
    Replaced {
        /// The file.
        path: PathBuf,
    },
    /// A file that claims to be a recording has other tables than one.
    #[error("{path} is no recording of Ira: its tables are not those Ira makes")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// There is no room.
    #[error("no room is left on the disk of {path}; recording goes on by itself when there is")]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// Reading, writing or opening it failed below SQLite.
    #[error(
        "{path} could not be read or written ({detail}): look at the disk and at who may use the file"
    )]
    Disk {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        detail: String,
    },
    /// The file is not a database or its pages contradict each other.
    #[error("{path} is damaged ({detail})")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        detail: String,
    },
    /// Bytes of a block or of the journal do not have the documented form.
    #[error("damaged {what}: {detail}")]
    Format {
        /// Which piece.
        what: &'static str,
        /// What is wrong.
        detail: &'static str,
    },
    /// Anything else SQLite said.
    #[error("{path}: {source}")]
    Database {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
}

impl StoreError {
    /// What it says to whoever records, with what comes of it; readers lose nothing by it.
    #[must_use]
    pub fn while_recording(&self) -> String {
        match self {
            Self::File { .. } | Self::ReadOnly { .. } | Self::Disk { .. } => {
                format!("{self}; nothing is recorded until that is mended, and then by itself")
            }
            _ => self.to_string(),
        }
    }

    /// Names what SQLite said about that file.
    pub(crate) fn database(path: &std::path::Path, source: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked { path },
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly { path },
            Some(ErrorCode::DiskFull) => Self::Full { path },
            Some(
                ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::FileLockingProtocolFailed,
            ) => Self::Disk { path, detail: source.to_string() },
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged { path, detail: source.to_string() }
            }
            _ => Self::Database { path, source },
        }
    }

    /// Names what the system said about that file.
    pub(crate) fn file(path: &std::path::Path, source: std::io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                Self::Full { path }
            }
            std::io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { path },
            _ => Self::File { path, source },
        }
    }
}
