use super::{
    Applications, ContainerUses, Containers, EndedRow, Host, LogsFrame, LogsWanted, OwnCost,
    ProcessRow, Recording, Services,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a view wants to be told as it happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    /// [`Frame::Host`] each second.
    Host,
    /// [`Frame::Applications`] each second.
    Applications,
    /// [`Frame::Processes`] each second: all rows once, then those that changed.
    Processes,
    /// [`Frame::Services`] when a manager says that something changed.
    Services,
    /// [`Frame::Containers`] when an engine says that something changed.
    Containers,
    /// [`Frame::ContainerUses`] each second.
    ContainerUses,
    /// [`Frame::Logs`] when something is logged, ten times a second at most.
    Logs(LogsWanted),
    /// [`Frame::Changed`] when something a query answered went stale.
    Changed,
}

/// Topics that go stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// The machine's description.
    Machine,
    /// Applications and their details.
    Applications,
    /// Processes and their details.
    Processes,
    /// What is kept over time.
    History,
    /// Events.
    Events,
    /// Settings.
    Settings,
    /// What the user corrected, and how far the past follows.
    Corrections,
    /// Applications that are kept.
    Registrations,
    /// Orders given.
    Audit,
    /// Services and their details.
    Services,
    /// Containers, images, volumes and networks.
    Containers,
    /// Health of Ira itself.
    Health,
}

/// A process named for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProcessRef {
    /// Process identifier.
    pub pid: u32,
    /// Its start.
    pub start_time_ms: i64,
}

/// The machine, each second.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct HostFrame {
    /// When.
    pub at_ms: i64,
    /// Its figures.
    pub host: Host,
    /// What Ira costs.
    pub own: OwnCost,
    /// Whether it is kept.
    pub recording: Recording,
    /// Applications running.
    pub application_count: u32,
    /// First moment of which every second is kept.
    pub recorded_from_ms: Option<i64>,
}

/// Processes that changed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ProcessesFrame {
    /// When.
    pub at_ms: i64,
    /// The machine then.
    pub host: Host,
    /// `rows` are all there are; forget the others.
    pub full: bool,
    /// New and changed rows.
    pub rows: Vec<ProcessRow>,
    /// Those that are not there any more.
    pub gone: Vec<ProcessRef>,
    /// Those that ended within the last second, also ones that were never in a row.
    pub ended: Vec<EndedRow>,
}

/// One message of a stream. A slow reader skips ticks: `skipped` says how many, and the frame
/// holds everything that changed in them.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct StreamFrame {
    /// Ticks left out before this frame.
    pub skipped: u32,
    /// What is told.
    pub frame: Frame,
}

/// The content of a [`StreamFrame`].
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[allow(clippy::large_enum_variant)] // made once a second for each subscriber
pub enum Frame {
    /// See [`Stream::Host`].
    Host(HostFrame),
    /// See [`Stream::Applications`].
    Applications(Applications),
    /// See [`Stream::Processes`].
    Processes(ProcessesFrame),
    /// See [`Stream::Services`].
    Services(Services),
    /// See [`Stream::Containers`].
    Containers(Containers),
    /// See [`Stream::ContainerUses`].
    ContainerUses(ContainerUses),
    /// See [`Stream::Logs`].
    Logs(LogsFrame),
    /// See [`Stream::Changed`].
    Changed {
        /// What went stale.
        topics: Vec<Topic>,
    },
}
