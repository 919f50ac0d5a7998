use super::{ProcessRef, UnitScope};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Whom an order is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum OrderTarget {
    /// These processes, at most 2000.
    Processes {
        /// Each named for good.
        processes: Vec<ProcessRef>,
    },
    /// A unit of systemd.
    Service {
        /// Whose manager.
        scope: UnitScope,
        /// Its name.
        unit: String,
    },
    /// A container.
    Container {
        /// Socket of its engine.
        engine: String,
        /// Its identifier.
        id: String,
    },
    /// Every process of an application.
    Application {
        /// Its identifier.
        id: String,
    },
}

/// Class of access to storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum IoClass {
    /// Follows the priority on the processor.
    Normal,
    /// Only when nobody else wants the disk.
    Idle,
    /// Before others.
    High,
}

/// What is ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum OrderAction {
    /// Asks to end, and waits ten seconds.
    Stop {
        /// Whether those that are still there then are killed.
        escalate: bool,
    },
    /// Sends a signal.
    Signal {
        /// Its number (signal(7)).
        signal: u8,
    },
    /// Suspends.
    Suspend,
    /// Lets go on.
    Resume,
    /// Sets the priority on the processor.
    Priority {
        /// -20 (first) to 19 (last).
        nice: i32,
    },
    /// Sets the class of access to storage.
    Io {
        /// Which.
        class: IoClass,
    },
    /// Starts a unit, a container, or an application that is kept.
    Start,
    /// Stops and starts one of those.
    Restart,
    /// Has a unit started with the machine or the session.
    Enable,
    /// Has it not.
    Disable,
    /// Removes a container that does not run.
    Remove,
}

/// An order that is thought of. Nothing is done yet.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct OrderRequest {
    /// Whom it is for.
    pub target: OrderTarget,
    /// What it is.
    pub action: OrderAction,
}

/// A process that an order touches.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AffectedProcess {
    /// Process identifier.
    pub pid: u32,
    /// Its start.
    pub start_time_ms: i64,
    /// Short name.
    pub name: String,
    /// User name.
    pub user: Option<String>,
}

/// Somebody who is connected to what an order touches.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AffectedPeer {
    /// The port they are connected to.
    pub port: u16,
    /// Their address and port.
    pub address: String,
    /// Their process, where it is on this machine and may be seen.
    pub pid: Option<u32>,
    /// Its short name.
    pub name: Option<String>,
    /// Name of its application.
    pub application: Option<String>,
}

/// What should be known before an order is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OrderNote {
    /// A service manager starts it again by its own rules; better give the order to the unit.
    Managed,
    /// It belongs to a container; better give the order to that.
    InContainer,
    /// Some of it belongs to other users; the system may refuse.
    OtherUsers,
    /// What is not saved is lost.
    Abrupt,
    /// The system may ask for a password.
    Password,
    /// The container is removed when it stops, as it was started so.
    RemovedOnStop,
    /// What it wrote outside of its volumes is lost.
    FilesLost,
    /// Ira starts it in a session of its own, where it goes on when Ira ends; its output goes to a file.
    OwnSession,
    /// Another holds the port that it is to listen on.
    PortTaken,
}

/// What an order would do.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct OrderPreview {
    /// Give it back to carry exactly this out; good for two minutes and for once.
    pub token: String,
    /// Whom it is for, as people call it.
    pub target: String,
    /// What it is.
    pub action: OrderAction,
    /// The exact calls, the first 20.
    pub calls: Vec<String>,
    /// How many calls in all.
    pub call_count: u32,
    /// The processes it touches, the first 100.
    pub processes: Vec<AffectedProcess>,
    /// How many in all.
    pub process_count: u32,
    /// Ports they listen on.
    pub ports: Vec<u16>,
    /// Who is connected to those from outside of them, the first 50.
    pub peers: Vec<AffectedPeer>,
    /// Units that cannot be without it, or containers that need it, and run now.
    pub dependents: Vec<String>,
    /// The order that takes it back; `null` where none does.
    pub undo: Option<OrderAction>,
    /// What else should be known.
    pub notes: Vec<OrderNote>,
}

/// Carries out what was previewed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct OrderConfirm {
    /// Of the preview.
    pub token: String,
}

/// What came of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OrderResult {
    /// It is being carried out, or Ira ended before it did.
    UnderWay,
    /// All of it was done.
    Done,
    /// Some of it; the detail says what was not.
    Partly,
    /// It was refused or did not work.
    Failed,
}

/// An order that has ended.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct OrderEnd {
    /// What came of it.
    pub result: OrderResult,
    /// What the system said, a line for each thing that did not work.
    pub detail: String,
    /// A command that permits it, where it was denied and there is one.
    pub remedy: Option<String>,
    /// It was asked to end and did not: it can be killed.
    pub still_runs: bool,
    /// How long it took.
    pub took_ms: u64,
    /// Whether it is in the audit that is kept; else only until this program ends.
    pub kept: bool,
}

/// How much of the audit.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AuditRequest {
    /// At most so many, the newest; 1 to 1000.
    pub limit: u32,
}

/// One order of the past.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AuditRow {
    /// When it was given.
    pub at_ms: i64,
    /// How long it took; `null` until it has ended.
    pub took_ms: Option<u64>,
    /// The user who gave it.
    pub who: String,
    /// What was ordered, for example `stop` or `priority 10`.
    pub action: String,
    /// To whom, as people call it.
    pub target: String,
    /// Identifier of the application concerned.
    pub application: Option<String>,
    /// The exact calls.
    pub call: String,
    /// What came of it.
    pub result: OrderResult,
    /// What the system said.
    pub detail: String,
    /// It is gone when this program ends: it could not be kept.
    pub unkept: bool,
}

/// Orders given, the newest first.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Audit {
    /// The newest first.
    pub orders: Vec<AuditRow>,
}
