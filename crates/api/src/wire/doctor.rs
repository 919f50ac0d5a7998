use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// Works.
    Good,
    /// Works in part, or is refused; see how to permit it.
    Limited,
    /// Does not work.
    Bad,
    /// This system does not have it.
    Unsupported,
}

/// One thing Ira depends on.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Check {
    /// Short name, for example `database`.
    pub name: String,
    /// How it went.
    pub state: CheckState,
    /// What was found.
    pub detail: String,
    /// What to do about it.
    pub remedy: Option<String>,
}

/// What Ira can and cannot read here.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Doctor {
    /// Version of Ira.
    pub ira_version: String,
    /// The checks.
    pub checks: Vec<Check>,
}

/// Whether the program answers; given without a token.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Health {
    /// Version of Ira.
    pub ira_version: String,
    /// Whether what happens is kept by this program.
    pub recording: bool,
    /// Age of the last sample, milliseconds.
    pub last_sample_age_ms: Option<u64>,
}
