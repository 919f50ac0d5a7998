//! Where in a log a time is, by halves: lines are roughly sorted, and not every line tells its time.

use super::backward::{CHUNK, LogFile};
use std::io;

/// Lines as much out of order as fit in here are still found, bytes.
const DISORDER: u64 = 64 * 1024;
/// Read at most, for all probes together, bytes.
const MOST_READ: u64 = 32 * 1024 * 1024;
/// Lines of one reading.
const LINES: usize = 256;

impl LogFile {
    /// Where the first line begins whose time is not before `target`; the length of the file when
    /// there is none. `time_of` tells the time of a line, if it has one. In a file whose lines have
    /// hardly any, the place is before the right one.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn offset_at<T: Ord>(
        &self,
        target: &T,
        mut time_of: impl FnMut(&[u8]) -> Option<T>,
    ) -> io::Result<u64> {
        let length = self.length()?;
        let (mut low, mut high) = (0, length);
        let mut left = MOST_READ;
        while high.saturating_sub(low) > CHUNK && left > 0 {
            let middle = low + (high - low) / 2;
            let probe = self
                .first(middle, high, &mut left, |line| time_of(line).map(|time| time >= *target))?;
            match probe {
                Some((next, false)) => low = next.max(middle),
                Some((_, true)) | None => high = middle,
            }
        }
        let from = low.saturating_sub(DISORDER);
        let stop = high.saturating_add(DISORDER).min(length);
        let mut left = MOST_READ;
        let start = self.line_at(from)?;
        let found = self.search(start, stop, &mut left, |line| {
            time_of(line).is_some_and(|time| time >= *target).then_some(true)
        })?;
        Ok(found.map_or(if stop == length { length } else { high }, |(at, _, _)| at))
    }

    /// Where the first line at or behind a place begins.
    fn line_at(&self, place: u64) -> io::Result<u64> {
        let Some(before) = place.checked_sub(2) else { return Ok(0) };
        Ok(self.after_newline(before, place.saturating_add(MOST_READ))?.unwrap_or(place))
    }

    /// The first answer of a line behind a place, and where the line after it begins.
    fn first(
        &self,
        place: u64,
        stop: u64,
        left: &mut u64,
        ask: impl FnMut(&[u8]) -> Option<bool>,
    ) -> io::Result<Option<(u64, bool)>> {
        let reach = stop.min(place.saturating_add(*left));
        let Some(start) = self.after_newline(place, reach)? else { return Ok(None) };
        *left = left.saturating_sub(start - place);
        Ok(self.search(start, stop, left, ask)?.map(|(_, next, answer)| (next, answer)))
    }

    /// The first line that gives an answer: where it begins, where the next does, and the answer.
    fn search(
        &self,
        start: u64,
        stop: u64,
        left: &mut u64,
        mut ask: impl FnMut(&[u8]) -> Option<bool>,
    ) -> io::Result<Option<(u64, u64, bool)>> {
        let mut at = start;
        while at < stop && *left > 0 {
            let lines = self.lines_from(at, LINES, CHUNK)?;
            let Some(last) = lines.last() else { break };
            *left = left.saturating_sub(last.next.saturating_sub(at));
            at = last.next;
            for line in &lines {
                if let Some(answer) = ask(&line.bytes) {
                    return Ok(Some((line.offset, line.next, answer)));
                }
            }
        }
        Ok(None)
    }
}
