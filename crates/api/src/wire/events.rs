use super::{AuditRow, ExitStatus, Port, Protocol, SeriesAnswer};
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
    /// It ended by a fault, or a part of it did; `note` says how, as with every kind below.
    Crashed,
    /// The kernel ended a process of it for want of memory.
    OutOfMemory,
    /// It began again soon after it ended.
    Restarted,
    /// It crashes again and again; the count is of an hour.
    CrashLoop,
    /// It did so no more.
    CrashLoopEnded,
    /// It listens on more ports than before.
    PortsOpened,
    /// It goes on without ports it listened on.
    PortsClosed,
    /// It is of another version than before.
    VersionChanged,
    /// More starts, stops and changes of an hour than are told one by one.
    Many,
    /// Ira, which ran it, starts it no more: it ended so often in a row too soon after its start.
    GivenUp,
}

/// A port that was opened or closed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct EventPort {
    /// Protocol.
    pub protocol: Protocol,
    /// Port number.
    pub port: u16,
}

/// What more is known of an event.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct EventNote {
    /// How the process ended that decided it; `null` where that is not known.
    pub status: Option<ExitStatus>,
    /// The kernel ended it for want of memory.
    pub out_of_memory: bool,
    /// An order given through Ira ended it.
    pub ordered: bool,
    /// Only a part of it ended.
    pub part: bool,
    /// It did not end: its processes count under another application from then on.
    pub moved: bool,
    /// The process that decided it.
    pub pid: Option<u32>,
    /// Its name.
    pub process: Option<String>,
    /// How many of these the event stands for.
    pub count: u32,
    /// When the last of them was, where there are several.
    pub last_ms: Option<i64>,
    /// Ports opened or closed.
    pub ports: Vec<EventPort>,
    /// Version then.
    pub version: Option<String>,
    /// Version before that.
    pub version_before: Option<String>,
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
    /// What was ordered.
    pub detail: Option<String>,
    /// What more is known of it.
    pub note: Option<EventNote>,
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

/// Ask for the card of an end.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CrashCardRequest {
    /// Identifier of the application.
    pub application: String,
    /// When it ended: `at_ms` of the event.
    pub at_ms: i64,
}

/// Why it is not known how something ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum UnknownEnd {
    /// The kernel does not tell this user; Doctor says how to permit it.
    Denied,
    /// This system does not tell.
    Unsupported,
    /// It was not told of this one.
    NotTold,
}

/// Where the lines of a [`CardLog`] come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CardLogSource {
    /// The journal of its systemd unit.
    Journal,
    /// What it wrote, where Ira started it; without times.
    Output,
    /// Files that it logged to.
    Files,
    /// It is not known what such an application logs to.
    NotFollowed,
    /// The journal is not this machine's, or not this user's to read.
    Denied,
    /// The journal could not be asked; `detail` says why.
    Failed,
}

/// A line of a log.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CardLogLine {
    /// When; `null` for one that goes on from the line before.
    pub at_ms: Option<i64>,
    /// What.
    pub text: String,
}

/// The last lines before an end.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CardLog {
    /// Where they come from.
    pub source: CardLogSource,
    /// The unit that was asked for.
    pub unit: Option<String>,
    /// Ascending, the last 20 of the 10 minutes before.
    pub lines: Vec<CardLogLine>,
    /// What went wrong.
    pub detail: Option<String>,
}

/// How an application ended, and what was before.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CrashCard {
    /// The end.
    pub event: Event,
    /// Why it is not known how it ended; `null` where it is.
    pub unknown: Option<UnknownEnd>,
    /// With it Ira, which ran it, gave up starting it again.
    pub given_up: bool,
    /// When that run began; `null` where that second is not kept any more.
    pub since_ms: Option<i64>,
    /// The command line of its oldest process then.
    pub command: Option<String>,
    /// Ports it listened on in the second before; `null` where that is not kept any more.
    pub ports: Option<Vec<Port>>,
    /// CPU, memory, disk and network of the minute before.
    pub minute: SeriesAnswer,
    /// What happened to it, and grave things to others, in the hour before; ascending, the last 50.
    pub changes: Vec<Event>,
    /// Orders to it or to processes in the hour before, ascending, the last 50.
    pub orders: Vec<AuditRow>,
    /// The last lines of its log.
    pub log: CardLog,
}
