use super::{ApiError, ErrorCode};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Whose manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum UnitScope {
    /// Of the machine.
    System,
    /// Of the user Ira runs as.
    User,
}

/// Kinds of units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum UnitKind {
    /// Runs processes.
    Service,
    /// Starts another unit by the clock.
    Timer,
    /// Starts another unit when somebody connects.
    Socket,
}

/// Why nothing is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// It is not there on this system.
    Absent,
    /// It may not be asked.
    Denied,
    /// It was asked and did not answer as it should.
    Failed,
    /// What is shown is a recording, and it is told of this machine only.
    Recording,
}

impl ProblemKind {
    /// Of what a stream was refused by.
    pub(crate) fn of(error: &ApiError) -> Self {
        if error.code == Some(ErrorCode::Refused) { Self::Recording } else { Self::Absent }
    }
}

/// Why nothing is known, in the system's own words, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Problem {
    /// Which sort.
    pub kind: ProblemKind,
    /// What the system said.
    pub message: String,
    /// How to permit it, where that is possible.
    pub remedy: Option<String>,
}

/// One unit. States are systemd's own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ServiceRow {
    /// Whose manager.
    pub scope: UnitScope,
    /// Its name, for example `nginx.service`.
    pub unit: String,
    /// Kind.
    pub kind: UnitKind,
    /// What it says it is.
    pub description: String,
    /// `loaded`, `masked`, `error`; `unloaded` for one of which only the file is known.
    pub load: String,
    /// `active`, `inactive`, `failed`, `activating`, `deactivating`, `reloading`.
    pub active: String,
    /// More exact, by kind: `running`, `exited`, `dead`, `waiting`, `listening`.
    pub sub: String,
    /// `enabled`, `disabled`, `static`, `masked`, …; `null` for one without a file.
    pub enabled: Option<String>,
    /// Why it failed last, for example `exit-code`.
    pub result: Option<String>,
    /// Its main process.
    pub main_pid: Option<u32>,
    /// How often its manager started it again by itself.
    pub restarts: Option<u32>,
    /// Memory of its control group when it was last asked.
    pub memory_bytes: Option<u64>,
    /// When it came into its state.
    pub since_ms: Option<i64>,
    /// A timer's next moment.
    pub next_ms: Option<i64>,
    /// What a socket listens on.
    pub listens: Vec<String>,
    /// What a timer or a socket starts.
    pub triggers: Vec<String>,
    /// Identifier of the application its processes count under.
    pub application: String,
}

/// All services, timers and sockets now.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Services {
    /// Failed ones first, then by name.
    pub services: Vec<ServiceRow>,
    /// Why nothing is known of the machine's.
    pub system: Option<Problem>,
    /// Why nothing is known of the user's.
    pub user: Option<Problem>,
}

/// Which unit.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ServiceRequest {
    /// Whose manager.
    pub scope: UnitScope,
    /// Its name.
    pub unit: String,
}

/// What a unit is made of and depends on.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ServiceDetail {
    /// Path of its file.
    pub path: Option<String>,
    /// Its file and the drop-ins.
    pub text: String,
    /// Units it cannot be without.
    pub requires: Vec<String>,
    /// Units it would like.
    pub wants: Vec<String>,
    /// Units that cannot be without it.
    pub required_by: Vec<String>,
    /// Units that would like it.
    pub wanted_by: Vec<String>,
    /// Units that start it.
    pub triggered_by: Vec<String>,
}
