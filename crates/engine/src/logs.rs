//! Logs of this machine: which there are, whose, and what they say. Read when somebody asks, followed
//! as long as somebody looks; nothing here runs by a clock.

mod count;
mod file_lane;
mod journal_lane;
mod page;
mod sources;
mod tail;

use crate::engine::{Engine, lock};
use ira_logs::{
    follow::{Allowed, LogFile, as_named},
    journal::Part,
    parse,
};
use jiff::tz::TimeZone;
use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

pub use count::{Count, Counts, Span, count};
pub use ira_logs::{
    filter::{Filter, FilterError, Search},
    follow::Refusal,
    pages::When,
    parse::{Color, Entry, Format, Level, Look, Style, mask::Masker},
};
pub use page::{Answer, Direction, Item, PageRequest, Place, page};
pub use sources::{Evidence, Kind, Source, Sources};
pub use tail::{Frame, Notice, NoticeKind, Tail};

/// Sources of one request.
pub const MOST_SOURCES: usize = 64;
/// What was found is believed for so long.
const FRESH: Duration = Duration::from_secs(5);

/// What was found last.
#[derive(Debug, Default)]
pub(crate) struct Logs(Mutex<Option<(Instant, Arc<Sources>)>>);

impl Engine {
    /// Where this machine logs to. Looks through what processes hold open, so it takes a moment.
    #[must_use]
    pub fn log_sources(&self) -> Arc<Sources> {
        let known = lock(&self.shared.logs.0).clone();
        if let Some((_, sources)) = known.filter(|(at, _)| at.elapsed() < FRESH) {
            return sources;
        }
        let found = Arc::new(sources::find(self));
        *lock(&self.shared.logs.0) = Some((Instant::now(), Arc::clone(&found)));
        found
    }

    /// The source of an identifier; `None` for what this machine does not log to. Only what was found is
    /// ever read.
    #[must_use]
    pub fn log_source(&self, id: &str) -> Option<Arc<Source>> {
        let find = |sources: &Sources| sources.all.iter().find(|one| one.id == id).cloned();
        let known = lock(&self.shared.logs.0).clone();
        known.and_then(|(_, sources)| find(&sources)).or_else(|| find(&self.log_sources()))
    }
}

/// What the lines of a source leave out.
fn settings(reference_ms: i64, boot_ms: i64) -> parse::Settings {
    parse::Settings { zone: TimeZone::system(), reference_ms, boot_ms: Some(boot_ms) }
}

/// How a log is read: from where its words are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reel {
    File(PathBuf),
    Journal(Part),
}

/// Only what was found is read, and no link in its place.
fn allowed() -> Allowed {
    as_named()
}

fn open(path: &std::path::Path) -> Result<LogFile, Refusal> {
    LogFile::open(path, &allowed())
}

/// Milliseconds since 1970.
fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
