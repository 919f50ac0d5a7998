//! What crosses to the window, the browser and programs. Types only; the functions are beside.
//!
//! Times are milliseconds since 1970 (`_ms`), CPU ratios a share of one core (`cpu_ratio`) unless
//! named otherwise, and a missing figure is `null`, never 0.

mod applications;
mod containers;
mod corrections;
mod doctor;
mod events;
mod host;
mod ledger;
mod logs;
mod open_files;
mod orders;
mod processes;
mod registrations;
mod series;
mod services;
mod settings;
mod streams;

pub use applications::*;
pub use containers::*;
pub use corrections::*;
pub use doctor::*;
pub use events::*;
pub use host::*;
pub use ledger::*;
pub use logs::*;
pub use open_files::*;
pub use orders::*;
pub use processes::*;
pub use registrations::*;
pub use series::*;
pub use services::*;
pub use settings::*;
pub use streams::*;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A request without parameters.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// Why a command failed. `code` is there only where the caller does something different for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ApiError {
    /// Machine-readable kind.
    pub code: Option<ErrorCode>,
    /// What happened, where, and what to do.
    pub message: String,
}

/// Kinds of failure that a caller tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The request does not make sense; the message names the field.
    Invalid,
    /// No such application or process then.
    NotFound,
    /// Nothing is recorded at or before that moment.
    NotRecorded,
    /// There is no such command.
    UnknownCommand,
    /// Orders are off here, or too many are under way.
    Refused,
    /// The preview of an order is too old; look at it again.
    Expired,
}

/// A moment, or now.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct At {
    /// A past moment; `null` for now. The answer is of the last sample at or before it.
    #[serde(default)]
    pub at_ms: Option<i64>,
}
