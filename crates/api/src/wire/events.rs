use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// An application's first process appeared.
    Started,
    /// An application's last process went.
    Stopped,
    /// Recording began.
    RecordingStarted,
    /// The user ordered something; `detail` says what.
    Ordered,
}

/// One event.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Event {
    /// When.
    pub at_ms: i64,
    /// What.
    pub kind: EventKind,
    /// Identifier of the application concerned.
    pub application: Option<String>,
    /// Its name then.
    pub name: Option<String>,
    /// What more there is to say.
    pub detail: Option<String>,
}

/// Events of a span.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct EventsRequest {
    /// Start of the span.
    pub from_ms: i64,
    /// End of the span.
    pub to_ms: i64,
    /// Only those of this application; `null` for all.
    #[serde(default)]
    pub application: Option<String>,
    /// At most so many, the newest; 1 to 2000.
    pub limit: u32,
}

/// The answer to an [`EventsRequest`].
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Events {
    /// Ascending by time.
    pub events: Vec<Event>,
    /// There were more than the limit.
    pub more: bool,
}
