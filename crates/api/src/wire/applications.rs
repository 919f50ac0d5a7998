use super::{Host, ProcessRow};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Where an application comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationKind {
    /// The kernel's own threads.
    Kernel,
    /// A program known by its path or script.
    Process,
    /// A systemd unit.
    Systemd,
    /// A container of Docker.
    Docker,
    /// A desktop program.
    Desktop,
    /// What runs out of one project folder.
    Project,
    /// A container of another engine.
    Container,
    /// What the user says is one, by a correction.
    Custom,
}

/// What an application is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationClass {
    /// Not known.
    Other,
    /// Keeps data and answers questions about it.
    Database,
    /// Keeps data in memory that is also elsewhere.
    Cache,
    /// Takes messages from some and gives them to others.
    Queue,
    /// Serves files and pages.
    WebServer,
    /// Passes connections on.
    Proxy,
    /// A program of the user's in an interpreter or virtual machine.
    Runtime,
    /// A program with windows.
    Desktop,
    /// A part of the operating system.
    System,
}

/// Transport protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// TCP
    Tcp,
    /// UDP
    Udp,
}

/// A port an application listens on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Port {
    /// Protocol.
    pub protocol: Protocol,
    /// Number.
    pub port: u16,
    /// Local address, `0.0.0.0` or `::` for all.
    pub address: String,
    /// The process that holds it.
    pub pid: u32,
    /// Whether it is in a network of its own, as a container may have one: then nothing listens on
    /// that port of this machine.
    pub is_elsewhere: bool,
}

/// A rule that fired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Evidence {
    /// Number of the rule as in the documentation; the smallest is the strongest.
    pub rule: u8,
    /// What it looked at.
    pub input: String,
    /// What it concluded.
    pub result: String,
}

/// One application at one moment.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ApplicationRow {
    /// Stable identifier `kind:key`.
    pub id: String,
    /// Where it comes from.
    pub kind: ApplicationKind,
    /// The name people use.
    pub name: String,
    /// Whether it is among those that are kept (see [`super::Registrations`]).
    pub is_kept: bool,
    /// Where its oldest process runs, or is to be run.
    pub working_directory: Option<String>,
    /// What it is for.
    pub class: ApplicationClass,
    /// The product it is or runs in, for example `PostgreSQL` or `Node.js`.
    pub engine: Option<String>,
    /// Version of the engine, where command line, path or image tell it.
    pub version: Option<String>,
    /// Name of its icon in the desktop's icon theme, or the path of a picture.
    pub icon: Option<String>,
    /// Processes it has; 0 when it is not running and is shown because it ran in the span.
    pub process_count: u32,
    /// CPU as a share of one core.
    pub cpu_ratio: Option<f64>,
    /// Resident memory.
    pub memory_bytes: Option<u64>,
    /// From storage.
    pub read_bytes_per_sec: Option<f64>,
    /// To storage.
    pub write_bytes_per_sec: Option<f64>,
    /// Over TCP to other machines and containers; `null` where the kernel does not tell.
    pub received_bytes_per_sec: Option<f64>,
    /// Over TCP to other machines and containers; `null` where the kernel does not tell.
    pub sent_bytes_per_sec: Option<f64>,
    /// Memory with shared pages in shares; of the processes measured so far.
    pub pss_bytes: Option<u64>,
    /// Ports it listens on, each once.
    pub ports: Vec<u16>,
    /// Start of its oldest process.
    pub since_ms: Option<i64>,
}

/// What the machine uses and no application accounts for; machine minus applications, so it may be
/// negative where pages are shared or writes wait in memory.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Unattributed {
    /// CPU as a share of one core.
    pub cpu_ratio: Option<f64>,
    /// Memory.
    pub memory_bytes: Option<i64>,
    /// From storage.
    pub read_bytes_per_sec: Option<f64>,
    /// To storage.
    pub write_bytes_per_sec: Option<f64>,
    /// Received by interfaces and not told of a process.
    pub received_bytes_per_sec: Option<f64>,
    /// Sent by interfaces and not told of a process.
    pub sent_bytes_per_sec: Option<f64>,
}

/// All applications at one moment.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Applications {
    /// The moment of the sample shown.
    pub at_ms: i64,
    /// The machine then.
    pub host: Host,
    /// Its applications, by descending CPU.
    pub applications: Vec<ApplicationRow>,
    /// The rest.
    pub unattributed: Unattributed,
}

/// Which application, when.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ApplicationRequest {
    /// Identifier.
    pub id: String,
    /// A past moment; `null` for now.
    #[serde(default)]
    pub at_ms: Option<i64>,
}

/// Evidence with the number of the application's processes it holds for.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SharedEvidence {
    /// The rule.
    pub evidence: Evidence,
    /// How many of the application's processes it holds for.
    pub process_count: u32,
    /// Whether this is the one that names the application.
    pub names_it: bool,
}

/// One application in full.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ApplicationDetail {
    /// The moment of the sample shown.
    pub at_ms: i64,
    /// Its figures.
    pub row: ApplicationRow,
    /// Why its processes belong to it, strongest first.
    pub evidence: Vec<SharedEvidence>,
    /// Its processes.
    pub processes: Vec<ProcessRow>,
    /// Its ports with their addresses; empty in the past, where only numbers are kept.
    pub ports: Vec<Port>,
    /// Users its processes run as.
    pub users: Vec<String>,
    /// Working directory of its oldest process.
    pub working_directory: Option<String>,
    /// Command line of its oldest process.
    pub command: Option<String>,
    /// When it was first seen; `null` within its first minute, or where nothing is kept.
    pub first_seen_ms: Option<i64>,
    /// How often it was started since then.
    pub runs: Option<u32>,
}
