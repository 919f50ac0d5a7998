//! How many entries there are over time, by level and by source.

use super::{
    Reel, Source,
    journal_lane::{Parts, is_wanted},
    now_ms, open, settings,
};
use ira_logs::{
    filter::Filter,
    follow::{Refusal, plain_files},
    journal::{From, Journal, Next, Part, Way},
    pages::{Allowance, Pages, time_of},
    parse::{Entry, Level, Parser},
};
use std::{path::Path, sync::Arc, time::Duration};

/// What one count may read and how long it may take, for all sources together.
const MOST_BYTES: u64 = 256 << 20;
const AT_MOST: Duration = Duration::from_millis(1500);
/// Parts of a span at most.
const MOST_PARTS: usize = 500;

/// Entries by level.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
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

impl Counts {
    fn add(&mut self, level: Option<Level>) {
        let count = match level {
            Some(Level::Error | Level::Fatal) => &mut self.error,
            Some(Level::Warn) => &mut self.warn,
            Some(Level::Info) => &mut self.info,
            Some(Level::Debug | Level::Trace) => &mut self.debug,
            None => &mut self.unlevelled,
        };
        *count = count.saturating_add(1);
    }
}

/// What is counted.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// First moment, milliseconds since 1970.
    pub from_ms: i64,
    /// Behind the last.
    pub to_ms: i64,
    /// In so many parts.
    pub parts: usize,
}

/// What was counted.
#[derive(Debug, Default)]
pub struct Count {
    /// By part of the span.
    pub parts: Vec<Counts>,
    /// By source.
    pub sources: Vec<Counts>,
    /// From here on everything is counted.
    pub counted_from_ms: i64,
}

/// Counts the entries of a span. What is too much to be read is left out from its beginning on.
#[must_use]
pub fn count(sources: &[Arc<Source>], span: Span, filter: &Filter, boot_ms: i64) -> Count {
    let parts = span.parts.clamp(1, MOST_PARTS);
    let mut counting = Counting {
        span: Span { parts, ..span },
        count: Count {
            parts: vec![Counts::default(); parts],
            sources: vec![Counts::default(); sources.len()],
            counted_from_ms: span.from_ms,
        },
    };
    let mut left = Allowance::new(MOST_BYTES, AT_MOST);
    let mut of_journal: Vec<(usize, Part)> = Vec::new();
    let files = sources.iter().filter(|one| matches!(one.reel, Reel::File(_))).count();
    for (source, about) in sources.iter().enumerate() {
        match &about.reel {
            Reel::Journal(part) => of_journal.push((source, part.clone())),
            Reel::File(path) => {
                // Each has a fair share, and what others left of theirs.
                let share =
                    left.bytes / (files - source.min(files.saturating_sub(1))).max(1) as u64;
                // A file that cannot be read says so where it is read.
                counting.file(source, path, filter, boot_ms, share, &mut left).ok();
            }
        }
    }
    if !of_journal.is_empty() {
        counting.journal(Parts::new(of_journal), filter, boot_ms, &left);
    }
    counting.count
}

struct Counting {
    span: Span,
    count: Count,
}

impl Counting {
    fn add(&mut self, source: usize, at_ms: i64, entry: &Entry) {
        let Span { from_ms, to_ms, parts } = self.span;
        if !(from_ms..to_ms).contains(&at_ms) {
            return;
        }
        let passed = i128::from(at_ms) - i128::from(from_ms);
        let length = (i128::from(to_ms) - i128::from(from_ms)).max(1);
        let part = usize::try_from(passed * parts as i128 / length).unwrap_or_default();
        let places = [self.count.parts.get_mut(part), self.count.sources.get_mut(source)];
        places.into_iter().flatten().for_each(|counts| counts.add(entry.level));
    }

    /// What is before that was not counted.
    fn only_from(&mut self, at_ms: i64) {
        self.count.counted_from_ms = self.count.counted_from_ms.max(at_ms);
    }

    fn file(
        &mut self,
        source: usize,
        path: &Path,
        filter: &Filter,
        boot_ms: i64,
        share: u64,
        left: &mut Allowance,
    ) -> Result<(), Refusal> {
        let mut share = share;
        for path in plain_files(path) {
            let Ok(file) = open(&path) else { continue };
            let modified_ms = file.modified_ms();
            if modified_ms < self.span.from_ms {
                break;
            }
            let settings = settings(modified_ms, boot_ms);
            let pages = Pages { file: &file, settings: &settings, filter };
            let from = pages.place_at(self.span.from_ms)?;
            let to = file.length()?;
            let begin =
                if to - from > share { file.line_start(to - share, 1 << 20)? } else { from };
            let mut first_ms = None;
            let before = left.bytes;
            let whole = pages.visit(begin, to, left, |at_ms, entry| {
                first_ms = first_ms.or(Some(at_ms));
                self.add(source, at_ms, entry);
            })?;
            share = share.saturating_sub(before - left.bytes);
            if begin > from {
                self.only_from(first_ms.unwrap_or(self.span.to_ms));
            }
            if !whole {
                self.only_from(self.span.to_ms);
            }
            if from > 0 || begin > from || !whole {
                break;
            }
        }
        Ok(())
    }

    fn journal(&mut self, parts: Parts, filter: &Filter, boot_ms: i64, left: &Allowance) {
        let from = From::At(self.span.to_ms);
        let Ok(mut journal) = Journal::read(parts.all(), &from, Way::Older, None) else {
            return self.only_from(self.span.to_ms);
        };
        let mut parser = Parser::new(settings(now_ms(), boot_ms));
        let mut last_ms = self.span.to_ms;
        loop {
            match journal.next_until(left.until) {
                Next::End(_) => return,
                Next::Nothing => return self.only_from(last_ms),
                Next::Line(line) => {
                    parser.line(&line.json);
                    while let Some(entry) = parser.flush() {
                        let (at_ms, _) = time_of(entry, None, last_ms);
                        if at_ms < self.span.from_ms {
                            return;
                        }
                        last_ms = last_ms.min(at_ms);
                        if let Some(source) = parts.owner(entry)
                            && is_wanted(filter, entry)
                        {
                            self.add(source, at_ms, entry);
                        }
                    }
                }
            }
        }
    }
}
