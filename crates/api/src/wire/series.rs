use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A figure that is kept over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Host: the time bar's figure, 0 to 1.
    LoadRatio,
    /// Host and applications: CPU as a share of one core.
    CpuRatio,
    /// Host: memory not available; applications: resident memory.
    MemoryBytes,
    /// Host: swap in use.
    SwapBytes,
    /// Host: from all disks; applications: from storage.
    ReadBytesPerSec,
    /// Host: to all disks; applications: to storage.
    WriteBytesPerSec,
    /// Host: busy share of the busiest disk.
    DiskBusyRatio,
    /// Host: received by all interfaces; applications: over TCP.
    ReceivedBytesPerSec,
    /// Host: sent by all interfaces; applications: over TCP.
    SentBytesPerSec,
    /// Host: share of time some task waited for memory.
    MemoryPressureRatio,
    /// Applications: memory with shared pages in shares.
    PssBytes,
}

/// Series of the machine or of one application over a span.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SeriesRequest {
    /// Identifier of an application; `null` for the machine.
    #[serde(default)]
    pub application: Option<String>,
    /// Which figures.
    pub metrics: Vec<Metric>,
    /// Start of the span.
    pub from_ms: i64,
    /// End of the span.
    pub to_ms: i64,
    /// How many points to draw at most, 1 to 4096.
    pub points: u32,
}

/// One figure over the span. Point `i` covers `from_ms + i * step_ms` until the next; `null` is a
/// gap: nothing was recorded or the application did not run.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Series {
    /// Which figure.
    pub metric: Metric,
    /// Means.
    pub mean: Vec<Option<f64>>,
    /// Smallest values; empty when each point is one sample.
    pub min: Vec<Option<f64>>,
    /// Largest values; empty when each point is one sample.
    pub max: Vec<Option<f64>>,
}

/// The answer to a [`SeriesRequest`].
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SeriesAnswer {
    /// Start of the first point.
    pub from_ms: i64,
    /// Width of a point.
    pub step_ms: i64,
    /// Width of what is kept there: 1000 for every second, 60000 for minutes.
    pub resolution_ms: i64,
    /// In the order asked for.
    pub series: Vec<Series>,
}

/// One figure of every application over a span, for sparklines.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SparklinesRequest {
    /// Which figure.
    pub metric: Metric,
    /// Start of the span.
    pub from_ms: i64,
    /// End of the span.
    pub to_ms: i64,
    /// How many points to draw at most, 1 to 512.
    pub points: u32,
}

/// Means of one application.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Sparkline {
    /// Identifier of the application.
    pub application: String,
    /// Means, `null` where it did not run or nothing was recorded.
    pub mean: Vec<Option<f64>>,
}

/// The answer to a [`SparklinesRequest`].
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Sparklines {
    /// Start of the first point.
    pub from_ms: i64,
    /// Width of a point.
    pub step_ms: i64,
    /// One for each application that ran in the span.
    pub sparklines: Vec<Sparkline>,
}

/// One process over a span.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ProcessSeriesRequest {
    /// Process identifier.
    pub pid: u32,
    /// Its start.
    pub start_time_ms: i64,
    /// Start of the span, at most one hour before its end.
    pub from_ms: i64,
    /// End of the span.
    pub to_ms: i64,
    /// How many points to draw at most, 1 to 4096.
    pub points: u32,
}

/// The time bar's area.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TimelineRequest {
    /// Start of the span.
    pub from_ms: i64,
    /// End of the span.
    pub to_ms: i64,
    /// How many points to draw at most, 1 to 4096.
    pub points: u32,
}

/// Why nothing is known of a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum GapReason {
    /// Before the first record.
    BeforeFirst,
    /// The machine was suspended.
    Asleep,
    /// Ira did not run, or the machine was off.
    NotRunning,
}

/// A while of which nothing is known.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Gap {
    /// Last sample before it.
    pub from_ms: i64,
    /// First sample after it.
    pub to_ms: i64,
    /// Why.
    pub reason: GapReason,
}

/// The answer to a [`TimelineRequest`].
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Timeline {
    /// Start of the first point.
    pub from_ms: i64,
    /// Width of a point.
    pub step_ms: i64,
    /// Width of what is kept there.
    pub resolution_ms: i64,
    /// Load, 0 to 1.
    pub mean: Vec<Option<f64>>,
    /// Largest load; empty when each point is one sample.
    pub max: Vec<Option<f64>>,
    /// Whiles of which nothing is known.
    pub gaps: Vec<Gap>,
    /// First moment of which every second is kept, `null` when nothing is.
    pub recorded_from_ms: Option<i64>,
}
