//! Parts of the journal that are read together: one `journalctl` for all of them.

use super::{
    page::{Direction, Item, Lane, PageRequest, Place},
    settings,
};
use ira_logs::{
    filter::Filter,
    follow::Refusal,
    journal::{From, Journal, JournalLine, Next, Part, Way},
    pages::{Allowance, shown, time_of},
    parse::{Entry, Parser},
};
use std::collections::{BTreeMap, VecDeque};

/// Entries that are read at once.
const AT_ONCE: usize = 200;

pub(super) struct JournalLane {
    parts: Parts,
    direction: Direction,
    at_ms: Option<i64>,
    boot_ms: i64,
    journal: Journal,
    /// The last entry that was read.
    place: Option<String>,
    newest: Option<String>,
    is_end: bool,
    found: VecDeque<Item>,
    /// Before what is at hand.
    taken: Option<String>,
}

/// Whose entries are which.
pub(super) struct Parts {
    sources: Vec<usize>,
    parts: Vec<Part>,
}

impl Parts {
    pub(super) fn new(parts: Vec<(usize, Part)>) -> Self {
        let (sources, parts) = parts.into_iter().unzip();
        Self { sources, parts }
    }

    pub(super) fn sources(&self) -> &[usize] {
        &self.sources
    }

    pub(super) fn all(&self) -> &[Part] {
        &self.parts
    }

    /// The source that an entry is of.
    pub(super) fn owner(&self, entry: &Entry) -> Option<usize> {
        let at = self.parts.iter().position(|part| part.owns(|name| entry.fields.get(name)))?;
        self.sources.get(at).copied()
    }
}

impl JournalLane {
    /// A lane for each place that some of them are at.
    pub(super) fn group(
        of_journal: Vec<(usize, Part, Option<String>)>,
        request: &PageRequest<'_>,
        problems: &mut Vec<(usize, Refusal)>,
    ) -> Vec<Self> {
        let mut places: BTreeMap<Option<String>, Vec<(usize, Part)>> = BTreeMap::new();
        for (source, part, cursor) in of_journal {
            places.entry(cursor).or_default().push((source, part));
        }
        let mut lanes = Vec::new();
        for (cursor, parts) in places {
            let parts = Parts::new(parts);
            let from = match (&cursor, request.at_ms) {
                (Some(cursor), _) => From::Cursor(cursor.clone()),
                (None, Some(at_ms)) => From::At(at_ms),
                (None, None) => From::Newest,
            };
            let way = match request.direction {
                Direction::Older => Way::Older,
                Direction::Newer => Way::Newer,
            };
            match Journal::read(parts.all(), &from, way, None) {
                Ok(journal) => lanes.push(Self {
                    parts,
                    direction: request.direction,
                    at_ms: request.at_ms.filter(|_| cursor.is_none()),
                    boot_ms: request.boot_ms,
                    journal,
                    newest: None,
                    is_end: false,
                    found: VecDeque::new(),
                    taken: cursor.clone(),
                    place: cursor,
                }),
                Err(error) => {
                    let refusal = Refusal::Fault(format!("journalctl: {error}"));
                    problems.extend(parts.sources.iter().map(|source| (*source, refusal.clone())));
                }
            }
        }
        lanes
    }

    /// Parses entries that follow each other in time, and keeps those that are wanted.
    fn parse(&self, lines: &[JournalLine], filter: &Filter) -> Vec<Item> {
        let mut parser = Parser::new(settings(super::now_ms(), self.boot_ms));
        let mut items = Vec::new();
        let mut begins: Option<&JournalLine> = None;
        let mut keep = |entry: &Entry, line: Option<&JournalLine>| {
            let Some((source, line)) = self.parts.owner(entry).zip(line) else { return };
            let (at_ms, when) = time_of(entry, None, super::now_ms());
            let outside = match (self.at_ms, self.direction) {
                // journalctl was asked in whole seconds.
                (Some(limit), Direction::Older) => at_ms >= limit,
                (Some(limit), Direction::Newer) => at_ms < limit,
                (None, _) => false,
            };
            if !outside && is_wanted(filter, entry) {
                let place = Place::Journal(line.cursor.clone());
                items.push(Item { source, place, at_ms, when, entry: shown(entry) });
            }
        };
        for line in lines {
            if let Some(done) = parser.line(&line.json) {
                keep(done, begins);
            }
            // Without one before, or with one that is complete, this line is the first of its entry.
            let goes_on = parser.pending().is_some_and(|entry| entry.continuation_lines > 0);
            if begins.is_none() || !goes_on {
                begins = Some(line);
            }
        }
        while let Some(done) = parser.flush() {
            keep(done, begins);
        }
        items
    }
}

/// The text is looked for in what is shown of an entry.
pub(super) fn is_wanted(filter: &Filter, entry: &Entry) -> bool {
    filter.wants(entry)
        && (filter.is_in(entry.message.as_bytes())
            || (!entry.continuation.is_empty() && filter.is_in(entry.continuation.as_bytes())))
}

impl Lane for JournalLane {
    fn fill(&mut self, filter: &Filter, allowance: &mut Allowance) -> Result<(), Refusal> {
        while self.found.is_empty() && !self.is_end && !allowance.is_spent() {
            let mut lines = Vec::new();
            while lines.len() < AT_ONCE {
                match self.journal.next_until(allowance.until) {
                    Next::Line(line) => {
                        allowance.bytes = allowance.bytes.saturating_sub(line.json.len() as u64);
                        lines.push(line);
                    }
                    Next::Nothing => break,
                    Next::End(None) => {
                        self.is_end = true;
                        break;
                    }
                    Next::End(Some(complaint)) => {
                        return Err(Refusal::Fault(format!("journalctl: {complaint}")));
                    }
                }
            }
            if let Some(last) = lines.last() {
                self.place = Some(last.cursor.clone());
            }
            if self.direction == Direction::Older {
                self.newest =
                    self.newest.take().or_else(|| lines.first().map(|l| l.cursor.clone()));
                lines.reverse();
            }
            let mut items = self.parse(&lines, filter);
            if self.direction == Direction::Older {
                items.reverse();
            }
            self.found.extend(items);
        }
        Ok(())
    }

    fn front(&self) -> Option<&Item> {
        self.found.front()
    }

    fn take(&mut self) -> Option<Item> {
        let item = self.found.pop_front()?;
        if let Place::Journal(cursor) = &item.place {
            self.taken = Some(cursor.clone());
        }
        Some(item)
    }

    fn is_end(&self) -> bool {
        self.is_end
    }

    fn place(&self) -> Option<Place> {
        let place = if self.found.is_empty() { &self.place } else { &self.taken };
        place.clone().map(Place::Journal)
    }

    fn end(&self) -> Option<Place> {
        self.newest.clone().map(Place::Journal)
    }

    fn left(&self) -> Option<u64> {
        self.is_end.then_some(0)
    }

    fn sources(&self) -> &[usize] {
        &self.parts.sources
    }
}
