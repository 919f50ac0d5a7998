//! Reading a log here and there: the entries before a place, or behind it, that are wanted.
//!
//! Nothing is kept between two pages but the place, an offset at which an entry begins. A page reads
//! in spans; a span in which the text is not found is not parsed. An entry belongs to the span in
//! which it begins: what of it lies behind the span is read on, and a hit there counts for it.

use crate::{
    filter::Filter,
    follow::{LogFile, OldLine},
    parse::{Assumed, Entry, Parser, Settings},
};
use std::{
    io,
    time::{Duration, Instant},
};

/// A span that is read to be shown, bytes.
const SPAN: u64 = 128 << 10;
/// One that is searched, bytes.
const WIDE_SPAN: u64 = 1 << 20;
/// What is read before a span, so that the form of the lines is known, bytes.
const LEAD: u64 = 4 << 10;
/// An entry is read so far behind the span in which it begins, bytes.
const TRAIL: u64 = 256 << 10;
/// An entry is given so far, bytes of its message and of its further lines.
pub const MAX_SHOWN_BYTES: usize = 16 << 10;

/// What is known of the time of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// The entry says it.
    Told,
    /// The entry says it but for zone, year or date.
    Assumed,
    /// It is that of the entry before.
    Before,
    /// Nobody says it: when it was read or the file was written to.
    Arrived,
}

/// An entry and where it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Where it begins, bytes.
    pub offset: u64,
    /// Where what follows begins, bytes.
    pub next: u64,
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// What is known of that.
    pub when: When,
    /// What was logged.
    pub entry: Entry,
}

/// What a page may still take. Shared by the pages of one answer.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    /// Bytes that may be read.
    pub bytes: u64,
    /// When it has to be done.
    pub until: Instant,
}

impl Allowance {
    /// So much and so long from now on.
    #[must_use]
    pub fn new(bytes: u64, time: Duration) -> Self {
        Self { bytes, until: Instant::now() + time }
    }

    /// Whether nothing is left of it.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        self.bytes == 0 || Instant::now() >= self.until
    }
}

/// What was found in one direction.
#[derive(Debug, Default)]
pub struct Page {
    /// In the order of the file.
    pub found: Vec<Found>,
    /// Where to go on.
    pub place: u64,
    /// There is nothing further.
    pub is_end: bool,
}

/// One log, to be read page by page.
#[derive(Debug)]
pub struct Pages<'a> {
    /// The file.
    pub file: &'a LogFile,
    /// What its lines leave out.
    pub settings: &'a Settings,
    /// Which entries.
    pub filter: &'a Filter,
}

impl Pages<'_> {
    /// Entries before a place, the newest that are wanted, at least one more span of them: at most
    /// `most`.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn older(&self, before: u64, most: usize, allowance: &mut Allowance) -> io::Result<Page> {
        let mut place = before.min(self.file.length()?);
        let mut found = Vec::new();
        let mut width = if self.filter.has_text() { WIDE_SPAN } else { SPAN };
        while place > 0 && found.is_empty() && !allowance.is_spent() {
            let from = self.line_start(place.saturating_sub(width))?;
            allowance.bytes = allowance.bytes.saturating_sub(place - from);
            if self.filter.has_text() && !self.file.any(from, place, |b| self.filter.is_in(b))? {
                place = from;
                continue;
            }
            let mut span = self.parse(self.line_start(from.saturating_sub(LEAD))?, from, place)?;
            let Some(first) = span.first_begins else {
                // One entry goes on through all of it.
                if from == 0 || width >= WIDE_SPAN * 4 {
                    place = from;
                } else {
                    width *= 4;
                }
                continue;
            };
            place = if from == 0 { 0 } else { first };
            let extra = span.found.len().saturating_sub(most);
            if extra > 0 {
                span.found.drain(..extra);
                place = span.found.first().map_or(place, |one| one.offset);
            }
            found = span.found;
        }
        Ok(Page { found, place, is_end: place == 0 })
    }

    /// Entries from a place on at which one begins, the oldest that are wanted.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn newer(&self, from: u64, most: usize, allowance: &mut Allowance) -> io::Result<Page> {
        let end = self.file.length()?;
        let mut place = from.min(end);
        let width = if self.filter.has_text() { WIDE_SPAN } else { SPAN };
        let mut found = Vec::new();
        while place < end && found.is_empty() && !allowance.is_spent() {
            let until = self.line_start(place.saturating_add(width).min(end))?;
            let until = if until > place { until } else { end.min(place.saturating_add(width)) };
            allowance.bytes = allowance.bytes.saturating_sub(until - place);
            if self.filter.has_text() && !self.file.any(place, until, |b| self.filter.is_in(b))? {
                place = until;
                continue;
            }
            let mut span =
                self.parse(self.line_start(place.saturating_sub(LEAD))?, place, until)?;
            place = span.reached.max(until);
            if span.found.len() > most {
                span.found.truncate(most);
                place = span.found.last().map_or(place, |one| one.next);
            }
            found = span.found;
        }
        Ok(Page { found, place, is_end: place >= end })
    }

    /// Where the first entry begins that is not before a moment; the end of the file if there is none.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn place_at(&self, at_ms: i64) -> io::Result<u64> {
        let mut parser = Parser::new(self.settings.clone());
        self.file.offset_at(&at_ms, |line| {
            parser.line(line);
            let time = parser.pending().and_then(|entry| entry.time).map(|time| time.at_ms);
            while parser.flush().is_some() {}
            time
        })
    }

    /// Goes over all entries between two places, oldest first, as long as the caller wants: for counting.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn visit(
        &self,
        from: u64,
        to: u64,
        allowance: &mut Allowance,
        mut see: impl FnMut(i64, &Entry),
    ) -> io::Result<bool> {
        let mut place = from;
        while place < to && !allowance.is_spent() {
            let until = self.line_start(place.saturating_add(WIDE_SPAN).min(to))?;
            let until = if until > place { until } else { to };
            allowance.bytes = allowance.bytes.saturating_sub(until - place);
            if self.filter.has_text() && !self.file.any(place, until, |b| self.filter.is_in(b))? {
                place = until;
                continue;
            }
            let lead = self.line_start(place.saturating_sub(LEAD))?;
            let reached =
                self.walk(lead, place, until, |_, _, (at_ms, _), entry| see(at_ms, entry))?;
            place = reached.1.max(until);
        }
        Ok(place >= to)
    }

    /// Where the line begins that has this place in it or begins there.
    fn line_start(&self, place: u64) -> io::Result<u64> {
        self.file.line_start(place, TRAIL)
    }

    fn parse(&self, lead: u64, from: u64, to: u64) -> io::Result<Span> {
        let mut found = Vec::new();
        let (first_begins, reached) =
            self.walk(lead, from, to, |offset, next, (at_ms, when), entry| {
                found.push(Found { offset, next, at_ms, when, entry: shown(entry) });
            })?;
        Ok(Span { found, first_begins, reached })
    }

    /// Parses from `lead` on and tells the wanted entries that begin from `from` to before `to`. Answers
    /// where the first of all of those begins, and how far was read.
    fn walk(
        &self,
        lead: u64,
        from: u64,
        to: u64,
        mut tell: impl FnMut(u64, u64, (i64, When), &Entry),
    ) -> io::Result<(Option<u64>, u64)> {
        let mut parser = Parser::new(self.settings.clone());
        let mut walk = Walk {
            filter: self.filter,
            from,
            to,
            reference_ms: self.settings.reference_ms,
            first_begins: None,
            begins: lead,
            hit: false,
            known_ms: None,
            tell: &mut tell,
        };
        let mut place = lead;
        let stop = to.saturating_add(TRAIL);
        'reading: while place < stop {
            let lines = self.file.lines_from(place, 2048, SPAN.min(stop - place))?;
            let Some(last) = lines.last() else { break };
            let after = last.next;
            for OldLine { offset, next, bytes, .. } in &lines {
                if let Some(done) = parser.line(bytes) {
                    walk.complete(done, *offset);
                    if *offset >= to {
                        return Ok((walk.first_begins, *offset));
                    }
                    walk.begins = *offset;
                    walk.hit = false;
                }
                walk.hit |= walk.filter.is_in(bytes);
                if *next >= stop {
                    place = *next;
                    break 'reading;
                }
            }
            place = after;
        }
        while let Some(done) = parser.flush() {
            walk.complete(done, place);
            walk.begins = place;
        }
        Ok((walk.first_begins, place))
    }
}

struct Span {
    found: Vec<Found>,
    first_begins: Option<u64>,
    reached: u64,
}

struct Walk<'a, Tell> {
    filter: &'a Filter,
    from: u64,
    to: u64,
    reference_ms: i64,
    first_begins: Option<u64>,
    /// Where the entry begins that the parser holds.
    begins: u64,
    hit: bool,
    known_ms: Option<i64>,
    tell: &'a mut Tell,
}

impl<Tell: FnMut(u64, u64, (i64, When), &Entry)> Walk<'_, Tell> {
    fn complete(&mut self, entry: &Entry, next: u64) {
        let time = time_of(entry, self.known_ms, self.reference_ms);
        if time.1 != When::Arrived {
            self.known_ms = Some(time.0);
        }
        if self.begins < self.from || self.begins >= self.to {
            return;
        }
        self.first_begins = self.first_begins.or(Some(self.begins));
        if self.hit && self.filter.wants(entry) {
            (self.tell)(self.begins, next, time, entry);
        }
    }
}

/// The time of an entry: its own, that of the one before, or when it came.
#[must_use]
pub fn time_of(entry: &Entry, before_ms: Option<i64>, arrived_ms: i64) -> (i64, When) {
    match (entry.time, before_ms) {
        (Some(time), _) if time.assumed == Assumed::default() => (time.at_ms, When::Told),
        (Some(time), _) => (time.at_ms, When::Assumed),
        (None, Some(before_ms)) => (before_ms, When::Before),
        (None, None) => (arrived_ms, When::Arrived),
    }
}

/// What is given of an entry: its message and its further lines up to a size.
#[must_use]
pub fn shown(entry: &Entry) -> Entry {
    let mut entry = entry.clone();
    entry.cut |= cut(&mut entry.message) | cut(&mut entry.continuation);
    let (message, continuation) = (entry.message.len(), entry.continuation.len());
    entry.styles.retain(|style| style.end <= message);
    entry.continuation_styles.retain(|style| style.end <= continuation);
    entry
}

fn cut(text: &mut String) -> bool {
    if text.len() <= MAX_SHOWN_BYTES {
        return false;
    }
    text.truncate(text.floor_char_boundary(MAX_SHOWN_BYTES));
    text.shrink_to_fit();
    true
}
