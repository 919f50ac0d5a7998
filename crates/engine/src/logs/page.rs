//! A page of several sources, merged by time.
//!
//! Each source is a lane that is read in its own order; the merge takes the nearest entry of all lanes,
//! and so can go on only while each lane has one at hand or is at its end. Where the time or the bytes of
//! an answer are spent before that, the answer is what is sure so far, and its places say where to go on.

use super::{MOST_SOURCES, Reel, SourceAt, file_lane::FileLane, journal_lane::JournalLane};
use ira_logs::{
    filter::Filter,
    follow::{FileId, Refusal},
    journal::is_cursor,
    pages::{Allowance, When},
    parse::Entry,
};
use std::time::Duration;

/// What one answer may read and how long it may take.
const MOST_BYTES: u64 = 4 << 30;
const AT_MOST: Duration = Duration::from_millis(400);
/// The most entries of an answer, and bytes of their text.
pub(crate) const MOST_ENTRIES: usize = 500;
const MOST_TEXT: usize = 4 << 20;

/// A place in a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Of a file: before what stands there, and behind what stands before.
    File {
        /// Which of the files of that name.
        file: FileId,
        /// Bytes.
        offset: u64,
    },
    /// Beside an entry of the journal.
    Journal(String),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File { file, offset } => {
                write!(f, "{:x}.{:x}.{offset:x}", file.device, file.inode)
            }
            Self::Journal(cursor) => f.write_str(cursor),
        }
    }
}

impl std::str::FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if is_cursor(text) {
            return Ok(Self::Journal(text.to_owned()));
        }
        let mut parts = text.split('.').map(|part| u64::from_str_radix(part, 16));
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(Ok(device)), Some(Ok(inode)), Some(Ok(offset)), None) => {
                Ok(Self::File { file: FileId { device, inode }, offset })
            }
            _ => Err(()),
        }
    }
}

/// To which side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Into the past.
    Older,
    /// Towards now.
    Newer,
}

/// What is asked for.
#[derive(Debug)]
pub struct PageRequest<'a> {
    /// Sources, and where each begins; `None` for where all begin.
    pub sources: &'a [SourceAt],
    /// Where all begin: at a moment, or at the end.
    pub at_ms: Option<i64>,
    /// To which side.
    pub direction: Direction,
    /// Which entries.
    pub filter: &'a Filter,
    /// How many at most.
    pub limit: usize,
    /// When the machine was started, milliseconds since 1970.
    pub boot_ms: i64,
}

/// One entry.
#[derive(Debug, Clone)]
pub struct Item {
    /// Which of the sources.
    pub source: usize,
    /// Where it is.
    pub place: Place,
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// What is known of that.
    pub when: When,
    /// What was logged.
    pub entry: Entry,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Answer {
    /// In order of time.
    pub entries: Vec<Item>,
    /// Where to go on, by source; `None` where the request began.
    pub places: Vec<Option<Place>>,
    /// Behind the newest of each source as it was when the page was read from the end.
    pub ends: Vec<Option<Place>>,
    /// There is nothing further.
    pub is_end: bool,
    /// Read, bytes.
    pub read_bytes: u64,
    /// Left to be read, bytes; of the journal it is not known.
    pub left_bytes: Option<u64>,
    /// What could not be read.
    pub problems: Vec<(usize, Refusal)>,
}

/// What reads the entries of some sources in their own order.
pub(super) trait Lane {
    /// Reads on, until something is at hand, at the end, or the allowance is spent.
    fn fill(&mut self, filter: &Filter, allowance: &mut Allowance) -> Result<(), Refusal>;
    /// The entry at hand.
    fn front(&self) -> Option<&Item>;
    /// Takes it.
    fn take(&mut self) -> Option<Item>;
    /// There is nothing to be read any more.
    fn is_end(&self) -> bool;
    /// Where to go on behind what was taken.
    fn place(&self) -> Option<Place>;
    /// Behind the newest.
    fn end(&self) -> Option<Place>;
    /// Left to be read, bytes.
    fn left(&self) -> Option<u64>;
    /// Which of the sources it reads.
    fn sources(&self) -> &[usize];
}

/// Reads a page. Sources that cannot be read are told of and left out.
#[must_use]
pub fn page(request: &PageRequest<'_>) -> Answer {
    let mut answer = Answer {
        places: request.sources.iter().map(|(_, place)| place.clone()).collect(),
        ends: vec![None; request.sources.len()],
        ..Answer::default()
    };
    let mut lanes = lanes(request, &mut answer.problems);
    let mut allowance = Allowance::new(MOST_BYTES, AT_MOST);
    let limit = request.limit.min(MOST_ENTRIES);
    let mut text = 0;
    while answer.entries.len() < limit && text < MOST_TEXT {
        if !fill(&mut lanes, request.filter, &mut allowance, &mut answer.problems) {
            break;
        }
        let nearest = lanes.iter_mut().filter(|lane| lane.front().is_some());
        let at = |lane: &dyn Lane| lane.front().map(|item| item.at_ms);
        let nearest = match request.direction {
            Direction::Older => nearest.max_by_key(|lane| at(lane.as_ref())),
            Direction::Newer => nearest.min_by_key(|lane| at(lane.as_ref())),
        };
        let Some(item) = nearest.and_then(|lane| lane.take()) else { break };
        text += item.entry.message.len() + item.entry.continuation.len();
        answer.entries.push(item);
    }
    if request.direction == Direction::Older {
        answer.entries.reverse();
    }
    for lane in &lanes {
        for source in lane.sources() {
            set(&mut answer.places, *source, lane.place());
            set(&mut answer.ends, *source, lane.end());
        }
    }
    answer.is_end = lanes.iter().all(|lane| lane.is_end() && lane.front().is_none());
    answer.read_bytes = MOST_BYTES - allowance.bytes;
    answer.left_bytes = lanes.iter().map(|lane| lane.left()).sum();
    answer
}

fn set(places: &mut [Option<Place>], at: usize, place: Option<Place>) {
    if let (Some(known), Some(place)) = (places.get_mut(at), place) {
        *known = Some(place);
    }
}

fn lanes(request: &PageRequest<'_>, problems: &mut Vec<(usize, Refusal)>) -> Vec<Box<dyn Lane>> {
    let mut lanes: Vec<Box<dyn Lane>> = Vec::new();
    let mut of_journal = Vec::new();
    for (source, (about, place)) in request.sources.iter().take(MOST_SOURCES).enumerate() {
        match &about.reel {
            Reel::Journal(part) => {
                let cursor = match place {
                    Some(Place::Journal(cursor)) => Some(cursor.clone()),
                    _ => None,
                };
                of_journal.push((source, part.clone(), cursor));
            }
            Reel::File(path) => match FileLane::open(source, path, place.as_ref(), request) {
                Ok(lane) => lanes.push(Box::new(lane)),
                Err(refusal) => problems.push((source, refusal)),
            },
        }
    }
    let of_journal = JournalLane::group(of_journal, request, problems).into_iter();
    lanes.extend(of_journal.map(|lane| Box::new(lane) as Box<dyn Lane>));
    lanes
}

/// Sees to it that each lane has an entry at hand or is at its end. Answers whether that is so.
fn fill(
    lanes: &mut Vec<Box<dyn Lane>>,
    filter: &Filter,
    allowance: &mut Allowance,
    problems: &mut Vec<(usize, Refusal)>,
) -> bool {
    let mut ready = true;
    lanes.retain_mut(|lane| {
        if lane.front().is_some() || lane.is_end() {
            return true;
        }
        if !ready {
            return true;
        }
        if let Err(refusal) = lane.fill(filter, allowance) {
            problems.extend(lane.sources().iter().map(|source| (*source, refusal.clone())));
            return false;
        }
        ready = lane.front().is_some() || lane.is_end();
        true
    });
    ready
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_what_it_was_and_nothing_else_is_one() {
        let file = FileId { device: 0x802, inode: 77 };
        for place in [
            Place::File { file, offset: 4096 },
            Place::Journal("s=ab;i=1f;b=0;m=1;t=5;x=9a".to_owned()),
        ] {
            assert_eq!(place.to_string().parse(), Ok(place));
        }
        for text in ["", "1.2", "1.2.3.4", "-1.2.3", "--file=/etc/shadow", "../../etc/passwd"] {
            assert_eq!(text.parse::<Place>(), Err(()), "{text}");
        }
    }
}
