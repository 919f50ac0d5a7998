use super::OwnCost;
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

/// What a check found.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(tag = "found", rename_all = "snake_case")]
pub enum CheckFound {
    /// The system refuses it to this user.
    Refused,
    /// This system does not have it.
    NotHere,
    /// No sample was taken yet.
    NoSample,
    /// Samples are taken.
    Sampled {
        /// Processes in the last.
        processes: u32,
        /// How long the last took, milliseconds.
        tick_ms: f64,
        /// How often one took longer than a second.
        overruns: u32,
    },
    /// What Ira costs is not measured yet.
    NotMeasured,
    /// What Ira costs, and what it allows itself.
    Cost {
        /// Both.
        cost: OwnCost,
    },
    /// This program keeps every second.
    Kept,
    /// Another Ira does.
    KeptElsewhere {
        /// Its pid, where it told.
        pid: Option<u32>,
    },
    /// What is shown is a recording.
    Opened {
        /// Its file.
        file: String,
        /// The machine it is of.
        hostname: String,
    },
    /// The database.
    Database {
        /// Its file.
        path: String,
        /// With its journal.
        bytes: u64,
        /// From the first second kept to the last, milliseconds; `null` when there is none.
        span_ms: Option<u64>,
        /// A damaged one was set aside there.
        set_aside: Option<String>,
    },
    /// What the system said; `detail` has it.
    Said,
}

/// One thing Ira depends on.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Check {
    /// Which it is.
    pub code: String,
    /// Short name in English, for example `database`.
    pub name: String,
    /// How it went.
    pub state: CheckState,
    /// What was found.
    pub found: CheckFound,
    /// The same in English.
    pub detail: String,
    /// What to do about it: a command or in English.
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
