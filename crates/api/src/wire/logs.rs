use super::Problem;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Where the lines of a source are kept by whoever writes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LogSourceKind {
    /// A plain file.
    File,
    /// What a container engine takes down of a container's output.
    Container,
    /// The journal's entries of one unit.
    Journal,
    /// The kernel's messages, from the journal or its ring buffer.
    Kernel,
}

/// Why something is taken for a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LogEvidence {
    /// A process has it open to write to its end.
    Appended,
    /// A process has it as its output.
    Output,
    /// A process writes to it, and it is called like a log.
    Named,
    /// A process that is gone wrote to it while somebody looked.
    Gone,
    /// It lies in the folder for logs.
    Folder,
    /// The registration of an application names it.
    Registered,
    /// Ira keeps the output of an application that it started.
    Kept,
    /// The engine tells of it.
    Engine,
    /// The journal has entries of this unit.
    Journal,
    /// Every Linux has it.
    Kernel,
}

/// A place that something is logged to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LogSourceRow {
    /// Names it in requests, as long as Ira runs and beyond.
    pub id: String,
    /// What it is.
    pub kind: LogSourceKind,
    /// The end of its path, the unit, the container.
    pub name: String,
    /// Identifier of the application it belongs to; `null` for what belongs to none that runs.
    pub application: Option<String>,
    /// That application's name.
    pub application_name: Option<String>,
    /// Where it lies, for files.
    pub path: Option<String>,
    /// Why it is here.
    pub evidence: LogEvidence,
    /// The process that has it open.
    pub pid: Option<u32>,
    /// How long a file is.
    pub size_bytes: Option<u64>,
    /// When it was written to last.
    pub modified_ms: Option<i64>,
    /// Why it cannot be read, and how to permit it; `null` where it can.
    pub problem: Option<Problem>,
}

/// All sources that are known now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct LogSources {
    /// Those of applications first, then the machine's own; by name.
    pub sources: Vec<LogSourceRow>,
    /// There are more than are told at once.
    pub more: bool,
    /// Something did not answer in time, and is missing.
    pub timed_out: bool,
    /// Processes whose files this user may not see.
    pub denied_count: u32,
    /// Why there is nothing from the journal, where that is so.
    pub journal: Option<Problem>,
}

/// How serious an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// The finest detail.
    Trace,
    /// For those who look for a fault.
    Debug,
    /// What goes as it should.
    Info,
    /// Something is odd, and goes on.
    Warn,
    /// Something failed.
    Error,
    /// The program or a part of it cannot go on.
    Fatal,
}

/// Which entries are wanted. As it is by default: all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct LogFilter {
    /// What stands in a line as it was written; of the journal, in its message. At most 1,000 bytes.
    pub text: String,
    /// `text` is a regular expression, as Rust's `regex` has them.
    pub is_regex: bool,
    /// Upper and lower case differ.
    pub match_case: bool,
    /// Levels that are left out.
    pub hidden_levels: Vec<LogLevel>,
    /// Entries without a level are left out, too.
    pub hide_unlevelled: bool,
    /// Fields with exactly these values, all of them. At most 8.
    pub fields: Vec<LogField>,
}

/// A name and a value that an entry tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LogField {
    /// Its name.
    pub name: String,
    /// Its value, as text.
    pub value: String,
}

/// How far one source was read. Opaque: only what was answered before makes sense.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct LogPlace {
    /// Which source.
    pub source: String,
    /// Behind what was read; `null` for where the request as a whole begins.
    pub cursor: Option<String>,
}

/// To which side of a place is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LogDirection {
    /// Towards the past, newest first as far as the search goes; the answer is in order of time.
    Older,
    /// Towards the present.
    Newer,
}

/// A page of several sources, merged by time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct LogPageRequest {
    /// Which sources, and from where on: at most 64.
    pub sources: Vec<LogPlace>,
    /// Where those begin that have no cursor: a moment, or `null` for the newest entry.
    pub at_ms: Option<i64>,
    /// To which side.
    pub direction: LogDirection,
    /// Which entries.
    pub filter: LogFilter,
    /// At most so many, 1 to 500.
    pub limit: u32,
}

/// What is known of the time of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LogTime {
    /// The entry says it.
    Told,
    /// The entry says it without its zone, year or date, which were filled in.
    Assumed,
    /// The entry says none: it is that of the entry before it in the same source.
    Before,
    /// The entry says none, nor any before it: when it was read, or when the file was written to last.
    Arrived,
}

/// How a part of a text is drawn, as the program wrote it for terminals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LogStyle {
    /// Where it begins, in UTF-16 units of the text.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
    /// Colour of the letters: 0 to 255 of a terminal's palette, or 0x1000000 + RGB.
    pub color: Option<u32>,
    /// Heavier.
    pub bold: bool,
    /// Fainter.
    pub dim: bool,
}

/// One thing that was logged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LogEntry {
    /// Which of the sources asked for, counted from 0.
    pub source: u32,
    /// Where it is in its source: with that, its name for good.
    pub place: String,
    /// When.
    pub at_ms: i64,
    /// What is known of that.
    pub time: LogTime,
    /// How serious; `null` where nobody can tell.
    pub level: Option<LogLevel>,
    /// The entry says its level; otherwise it is guessed from its words.
    pub level_told: bool,
    /// What is said. Secrets are masked.
    pub message: String,
    /// How parts of the message are drawn.
    pub styles: Vec<LogStyle>,
    /// Further lines that belong to it.
    pub lines: Vec<String>,
    /// What else it tells, by name. Secrets are masked.
    pub fields: Vec<LogField>,
    /// In which form it was written, such as `pino` or `nginx_error`; `guess` where it only looks like one.
    pub format: String,
    /// Something of it is left out for its size.
    pub is_cut: bool,
}

/// Something between the lines of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LogNotice {
    /// Which of the sources asked for, counted from 0.
    pub source: u32,
    /// When it was noticed.
    pub at_ms: i64,
    /// What.
    pub kind: LogNoticeKind,
}

/// What may stand between two lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LogNoticeKind {
    /// The file was given another name, and a new one is in its place.
    Rotated,
    /// The file was emptied.
    Truncated,
    /// The file was removed.
    Removed,
    /// Some lines may be missing here.
    Gap,
}

/// A page, or as much of it as was found in a fair time: ask again with `places` for the rest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct LogPage {
    /// In order of time.
    pub entries: Vec<LogEntry>,
    /// Where to go on in the same direction; those of sources at their end stay what they are.
    pub places: Vec<LogPlace>,
    /// Where the stream goes on behind the newest that was read; only of pages without cursors.
    pub ends: Vec<LogPlace>,
    /// There is nothing further in that direction.
    pub is_end: bool,
    /// Read for this answer, bytes.
    pub read_bytes: u64,
    /// Left to be read in that direction, where that is known.
    pub left_bytes: Option<u64>,
    /// Sources that could not be read, and why.
    pub problems: Vec<LogProblem>,
}

/// A source that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LogProblem {
    /// Which of the sources asked for, counted from 0.
    pub source: u32,
    /// Why.
    pub problem: Problem,
}

/// How many entries there are over time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct LogHistogramRequest {
    /// Which sources: at most 64.
    pub sources: Vec<String>,
    /// First moment.
    pub from_ms: i64,
    /// Behind the last moment.
    pub to_ms: i64,
    /// In so many parts, 1 to 500.
    pub buckets: u32,
    /// Which entries.
    pub filter: LogFilter,
}

/// Entries by time and by source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LogHistogram {
    /// Counts of each part.
    pub buckets: Vec<LogCounts>,
    /// Counts of each source asked for, in that order.
    pub sources: Vec<LogCounts>,
    /// Not all was counted: there is more than is read at once. What is counted is the newest.
    pub is_partial: bool,
    /// From here on everything is counted.
    pub counted_from_ms: i64,
}

/// Entries by level.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LogCounts {
    /// Error and fatal.
    pub error: u32,
    /// Warn.
    pub warn: u32,
    /// Info.
    pub info: u32,
    /// Debug and trace.
    pub debug: u32,
    /// Without a level.
    pub unlevelled: u32,
}

/// What a view wants to be told of as it is logged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct LogsWanted {
    /// Which sources, and behind what: at most 64. Without a cursor from now on.
    pub sources: Vec<LogPlace>,
    /// Which entries.
    pub filter: LogFilter,
}

/// What was logged since the last frame.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct LogsFrame {
    /// In order of time as far as they came together.
    pub entries: Vec<LogEntry>,
    /// What else happened.
    pub notices: Vec<LogNotice>,
    /// Entries that matched and are not told, because more came than anybody can read. They are in the
    /// pages.
    pub left_out: u32,
    /// Sources that cannot be followed, and why; those of the last frame still hold.
    pub problems: Vec<LogProblem>,
}
