//! What can go wrong when a machine is read.

use std::path::PathBuf;
use thiserror::Error;

/// A source that could not be read.
#[derive(Debug, Error)]
pub enum ProbeError {
    /// A file could not be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file does not have the documented form.
    #[error("{path}, line {line}: {item} is {value:?}, which is not as proc(5) describes it")]
    Parse {
        /// Which file.
        path: PathBuf,
        /// Line, counted from 1.
        line: usize,
        /// What was looked for, for example `starttime`.
        item: &'static str,
        /// What stood there, cut at 80 bytes.
        value: String,
    },
    /// Something else the system refused.
    #[error("{what}: {source}")]
    System {
        /// What was tried.
        what: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
}
