//! What files of other tools say can be run. Nothing in them is carried out, and none goes through a
//! shell: what only a shell would understand is said, not guessed.

use super::Registration;
use std::path::Path;
use thiserror::Error;

/// A longer file is not read.
pub const LONGEST: u64 = 1 << 20;

/// Why a file tells nothing.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum ImportError {
    /// It has another name than those that are known.
    #[error(
        "{0} is none of Procfile, package.json, compose.yaml, docker-compose.yml, ecosystem.config.js or .json, *.service, *.toml"
    )]
    UnknownFile(String),
    /// It is not what its name says.
    #[error("line {line}: {message}")]
    Malformed {
        /// Where, from 1.
        line: usize,
        /// What, and what to do.
        message: String,
    },
}

/// Something that can be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// How it would be kept; `application` is empty.
    pub registration: Registration,
    /// What of the file could not be taken over, a sentence each.
    pub notes: Vec<String>,
}

/// What a file says can be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundInFile {
    /// What kind of file it is.
    pub format: &'static str,
    /// In its order.
    pub found: Vec<Found>,
}

/// Reads the text of a file by its name. `path` is the whole path; things are run in its folder where it
/// does not say otherwise.
///
/// # Errors
/// See [`ImportError`].
pub fn import(path: &Path, _text: &str) -> Result<FoundInFile, ImportError> {
    Err(ImportError::UnknownFile(path.display().to_string()))
}
