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

/// A source, and the place in it where reading begins; `None` for where the request as a whole begins.
pub type SourceAt = (Arc<Source>, Option<Place>);

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
        let before = lock(&self.shared.logs.0).clone().map(|(_, sources)| sources);
        let found = Arc::new(sources::find(self, before.as_deref()));
        *lock(&self.shared.logs.0) = Some((Instant::now(), Arc::clone(&found)));
        found
    }

    /// Where an application logs to, as far as it can be read.
    #[must_use]
    pub fn log_sources_of(&self, application: &str) -> Vec<Arc<Source>> {
        let is_its = |one: &&Arc<Source>| {
            let owner = one.application.as_ref();
            one.refusal.is_none() && owner.is_some_and(|owner| owner.id == application)
        };
        self.log_sources().all.iter().filter(is_its).cloned().collect()
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
