use super::{Evidence, Host};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What the scheduler says of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ProcessState {
    /// On a processor or ready for one.
    Running,
    /// Waiting, can be interrupted.
    Sleeping,
    /// Waiting for a device.
    DiskSleep,
    /// Suspended by a signal.
    Stopped,
    /// Held by a debugger.
    Traced,
    /// Ended, not collected by its parent.
    Zombie,
    /// Going away.
    Dead,
    /// Idle kernel thread.
    Idle,
    /// Parked kernel thread.
    Parked,
    /// Not told by this system.
    Unknown,
}

/// One process at one moment.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ProcessRow {
    /// Process identifier; with `start_time_ms` it names one process for good.
    pub pid: u32,
    /// When it started.
    pub start_time_ms: i64,
    /// Pid of its parent; 0 for none.
    pub parent_pid: u32,
    /// Short name.
    pub name: String,
    /// Command line.
    pub command: String,
    /// User name, the number where it has none, `null` where unknown.
    pub user: Option<String>,
    /// Scheduler state.
    pub state: ProcessState,
    /// Threads.
    pub threads: Option<u32>,
    /// CPU as a share of one core.
    pub cpu_ratio: Option<f64>,
    /// CPU time since its start.
    pub cpu_time_ms: u64,
    /// Resident set size.
    pub memory_bytes: Option<u64>,
    /// From storage.
    pub read_bytes_per_sec: Option<f64>,
    /// To storage.
    pub write_bytes_per_sec: Option<f64>,
    /// Over TCP to other machines and containers; `null` where the kernel does not tell.
    pub received_bytes_per_sec: Option<f64>,
    /// Over TCP to other machines and containers; `null` where the kernel does not tell.
    pub sent_bytes_per_sec: Option<f64>,
    /// Proportional set size: shared pages in shares; `null` until it was measured.
    pub pss_bytes: Option<u64>,
    /// Identifier of its application.
    pub application: Option<String>,
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ExitStatus {
    /// It returned this.
    Code(u8),
    /// This signal ended it.
    Signal(u8),
}

/// A process that ended within a second, as the kernel told of it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct EndedRow {
    /// Process identifier; 0 where the kernel does not tell of each: children of that parent
    /// together, whom no tick saw.
    pub pid: u32,
    /// When it started.
    pub start_time_ms: i64,
    /// Pid of its parent.
    pub parent_pid: u32,
    /// Short name.
    pub name: String,
    /// User name.
    pub user: Option<String>,
    /// CPU time it used within that second.
    pub cpu_time_ms: u64,
    /// How it ended, where that was told.
    pub status: Option<ExitStatus>,
    /// Identifier of the application that counts it.
    pub application: Option<String>,
}

/// All processes at one moment.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Processes {
    /// The moment of the sample shown.
    pub at_ms: i64,
    /// The machine then.
    pub host: Host,
    /// Every process, ascending by pid.
    pub processes: Vec<ProcessRow>,
    /// Those that ended within that second.
    pub ended: Vec<EndedRow>,
}

/// Which process, when.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ProcessRequest {
    /// Process identifier.
    pub pid: u32,
    /// Its start; a reused pid is another process.
    pub start_time_ms: i64,
    /// A past moment; `null` for now.
    #[serde(default)]
    pub at_ms: Option<i64>,
}

/// One process in full.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ProcessDetail {
    /// The moment of the sample shown.
    pub at_ms: i64,
    /// Its figures.
    pub row: ProcessRow,
    /// Arguments as the kernel keeps them.
    pub arguments: Vec<String>,
    /// Path of the program.
    pub executable: Option<String>,
    /// Working directory.
    pub working_directory: Option<String>,
    /// Control group.
    pub control_group: Option<String>,
    /// Something above is missing because reading it was refused.
    pub denied: bool,
    /// Why it belongs to its application, strongest first.
    pub evidence: Vec<Evidence>,
    /// Name of its application.
    pub application_name: Option<String>,
}
