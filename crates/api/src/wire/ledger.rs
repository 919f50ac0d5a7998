use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A span of a ledger. A second at its end belongs to what comes after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct LedgerSpan {
    /// Its start; `null` for when the application was first seen.
    pub from_ms: Option<i64>,
    /// Its end; `null` for the moment the ledger is of.
    pub to_ms: Option<i64>,
}

/// Asks what an application used in sum.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct LedgerRequest {
    /// Identifier.
    pub id: String,
    /// A past moment, nothing after which counts; `null` for now.
    #[serde(default)]
    pub at_ms: Option<i64>,
    /// The spans, 1 to 8 of them. They may overlap.
    pub spans: Vec<LedgerSpan>,
}

/// What an application used in one span, as far as that was recorded. Older than two days sums are
/// kept by the minute, older than a month by the quarter of an hour; one of those that lies across the
/// border of a span counts where it begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct LedgerRow {
    /// Start of the span.
    pub from_ms: i64,
    /// End of the span, never after the moment of the ledger.
    pub to_ms: i64,
    /// How much of the span was recorded, milliseconds. With 0 nothing else is known.
    pub recorded_ms: i64,
    /// How much of that it ran with at least one process; `null` when nothing was recorded.
    pub ran_ms: Option<i64>,
    /// Milliseconds of one core.
    pub cpu_ms: Option<i64>,
    /// Mean of its resident memory while it ran.
    pub memory_mean_bytes: Option<f64>,
    /// Its highest resident memory.
    pub memory_highest_bytes: Option<f64>,
    /// Mean of its memory with shared pages in shares, while that was known.
    pub pss_mean_bytes: Option<f64>,
    /// The highest of that.
    pub pss_highest_bytes: Option<f64>,
    /// Bytes from storage.
    pub read_bytes: Option<i64>,
    /// Bytes to storage.
    pub written_bytes: Option<i64>,
    /// Bytes received over TCP from elsewhere; `null` where the kernel never told.
    pub received_bytes: Option<i64>,
    /// Bytes sent over TCP to elsewhere; `null` where the kernel never told.
    pub sent_bytes: Option<i64>,
    /// How often it was seen to start; `null` when nothing was recorded.
    pub starts: Option<u32>,
    /// How often it, or a part of it, was seen to crash; `null` when nothing was recorded.
    pub crashes: Option<u32>,
    /// Starts and crashes were so many that not all are counted.
    pub at_least: bool,
}

/// The answer to a [`LedgerRequest`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ApplicationLedger {
    /// The moment it is of.
    pub at_ms: i64,
    /// When the application was first seen; `null` within its first minute, or where nothing is kept.
    pub first_seen_ms: Option<i64>,
    /// Since when anything is kept; what was used before that is not in here.
    pub kept_from_ms: Option<i64>,
    /// In the order asked for.
    pub rows: Vec<LedgerRow>,
}
