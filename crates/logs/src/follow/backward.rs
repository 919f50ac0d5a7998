//! Reading a log from any place: the lines before it, the lines from it. Bounded, whatever the file.

use super::{
    content::read_at,
    encoding::Encoding,
    identity::{Checkpoint, FileId, HEAD_BYTES, Mark, Print, TAIL_BYTES, Within},
    opening::{Allowed, Refusal, Stamp, open},
};
use std::{fs::File, io, path::Path};

/// Read at once, bytes.
pub(super) const CHUNK: u64 = 64 * 1024;
/// A line is shown so far, bytes.
const LINE_LIMIT: u64 = 1024 * 1024;

/// A plain file that is read here and there.
#[derive(Debug)]
pub struct LogFile {
    file: File,
    encoding: Encoding,
    bom: u64,
}

/// A line that was read on demand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldLine {
    /// Where it begins, bytes.
    pub offset: u64,
    /// Where the next one begins, bytes.
    pub next: u64,
    /// Without its end; UTF-16 was decoded.
    pub bytes: Vec<u8>,
    /// Its beginning or end lies further off than is read, or is not there.
    pub whole: bool,
}

impl LogFile {
    /// Opens a plain file that may be read.
    ///
    /// # Errors
    /// When it may not, or is none.
    pub fn open(path: &Path, allowed: &Allowed) -> Result<Self, Refusal> {
        let (file, _) = open(path, allowed)?;
        Ok(Self::of(file)?)
    }

    pub(super) fn of(file: File) -> io::Result<Self> {
        let mut head = Vec::new();
        read_at(&file, 0, HEAD_BYTES, &mut head)?;
        let encoding = Encoding::of(&head).unwrap_or(Encoding::Bytes);
        let bom = Encoding::mark_length(&head) as u64;
        Ok(Self { file, encoding, bom })
    }

    /// How long it is now, bytes.
    ///
    /// # Errors
    /// When the system cannot tell.
    pub fn length(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// Which file it is.
    ///
    /// # Errors
    /// When the system cannot tell.
    pub fn id(&self) -> io::Result<FileId> {
        Ok(Stamp::of(&self.file.metadata()?).id)
    }

    /// Whether it begins like text: no control characters but those of text and terminals. What was cut
    /// while somebody wrote on at the old place begins with NULs, which say nothing.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn is_text(&self) -> io::Result<bool> {
        let mut head = Vec::new();
        read_at(&self.file, 0, HEAD_BYTES, &mut head)?;
        let said = head.iter().skip_while(|byte| **byte == 0);
        Ok(self.encoding != Encoding::Bytes
            || said.into_iter().all(|byte| !matches!(byte, 0..=7 | 14..=26 | 28..=31)))
    }

    /// That of a follower that told everything before a place at which a line begins.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn checkpoint(&self, offset: u64) -> io::Result<Checkpoint> {
        let (mut head, mut tail) = (Vec::new(), Vec::new());
        read_at(&self.file, 0, HEAD_BYTES, &mut head)?;
        let from = offset.saturating_sub(TAIL_BYTES);
        let length = usize::try_from(offset - from).unwrap_or_default();
        read_at(&self.file, from, length, &mut tail)?;
        let mark = Mark {
            head: Print::of(&head),
            tail: Print::of(&tail),
            offset,
            seen: offset.max(head.len() as u64),
            within: if offset == 0 { Within::Start } else { Within::Line },
            ..Mark::of(self.id()?, 0)
        };
        Ok(Checkpoint { marks: vec![mark] })
    }

    /// When it was written to last, milliseconds since 1970; 0 where the system cannot tell.
    #[must_use]
    pub fn modified_ms(&self) -> i64 {
        let modified = self.file.metadata().and_then(|found| found.modified()).ok();
        let since = modified.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
        since.and_then(|since| i64::try_from(since.as_millis()).ok()).unwrap_or_default()
    }

    fn unit(&self) -> u64 {
        self.encoding.unit() as u64
    }

    fn read(&self, from: u64, to: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let length = usize::try_from(to.saturating_sub(from)).unwrap_or(usize::MAX);
        read_at(&self.file, from, length, &mut bytes)?;
        bytes.truncate(bytes.len() - bytes.len() % self.encoding.unit());
        Ok(bytes)
    }

    /// Where the newest line that has no end yet begins; `false` when it is longer than is looked
    /// back, and the place is within it.
    pub(super) fn end(&self) -> io::Result<(u64, bool)> {
        let length = self.length()?;
        let length = length - length % self.unit();
        let starts = self.starts(length, 1, LINE_LIMIT, true)?;
        Ok(starts.first().map_or((length, length == 0), |start| (*start, true)))
    }

    /// Where lines begin before a place, newest first: so many at most, looking back so far at most.
    fn starts(&self, before: u64, count: usize, most: u64, itself: bool) -> io::Result<Vec<u64>> {
        let stop = before.saturating_sub(most);
        let mut starts = Vec::new();
        let mut end = before;
        while end > stop && starts.len() < count {
            let from = end.saturating_sub(CHUNK).max(stop);
            let from = from - from % self.unit();
            let bytes = self.read(from, end)?;
            let mut left = bytes.as_slice();
            while let Some(newline) = self.encoding.last_newline(left) {
                let start = from + (newline as u64) + self.unit();
                if (itself || start < before) && starts.len() < count {
                    starts.push(start);
                }
                left = left.get(..newline).unwrap_or_default();
            }
            end = from;
        }
        if end == 0 && starts.len() < count && (before > 0 || itself) {
            starts.push(0);
        }
        Ok(starts)
    }

    /// Where the line begins that a place is in, or at; the place itself when it begins further back
    /// than `most`.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn line_start(&self, place: u64, most: u64) -> io::Result<u64> {
        let starts = self.starts(place, 1, most, true)?;
        Ok(starts.first().copied().unwrap_or(place))
    }

    /// Whether the bytes of a span are such that `ask` says yes. They are as they lie in the file; of a
    /// file that is not written in bytes nothing can be said, and so yes.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn any(&self, from: u64, to: u64, ask: impl FnOnce(&[u8]) -> bool) -> io::Result<bool> {
        if self.encoding != Encoding::Bytes {
            return Ok(true);
        }
        Ok(ask(&self.read(from, to)?))
    }

    /// The last lines that begin before a place, oldest first: so many, and about so many bytes, at
    /// most. A place within a line makes it the last one, up to there.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn lines_before(
        &self,
        before: u64,
        count: usize,
        most_bytes: u64,
    ) -> io::Result<Vec<OldLine>> {
        let before = before.min(self.length()?);
        let before = before - before % self.unit();
        let mut starts = self.starts(before, count, most_bytes, false)?;
        if starts.is_empty() && count > 0 && before > 0 {
            // One line that begins further back than is looked.
            let from = before.saturating_sub(most_bytes.min(LINE_LIMIT));
            let from = from - from % self.unit();
            return Ok(vec![self.line(from, before, false)?]);
        }
        starts.reverse();
        let ends = starts.iter().copied().skip(1).chain([before]);
        starts.iter().zip(ends).map(|(start, end)| self.line(*start, end, true)).collect()
    }

    /// The line in a span.
    fn line(&self, from: u64, to: u64, begins: bool) -> io::Result<OldLine> {
        let bytes = self.read(from, to.min(from.saturating_add(LINE_LIMIT)))?;
        Ok(self.line_in(&bytes, from, to, begins))
    }

    /// The line that those bytes begin with.
    fn line_in(&self, bytes: &[u8], from: u64, to: u64, begins: bool) -> OldLine {
        let newline = self.encoding.newline(bytes, 0);
        let text = bytes.get(..newline.unwrap_or(bytes.len())).unwrap_or_default();
        let text = if newline.is_some() { self.encoding.without_return(text) } else { text };
        let mark = if from == 0 { usize::try_from(self.bom).unwrap_or_default() } else { 0 };
        let mut line = Vec::new();
        self.encoding.decode(text.get(mark..).unwrap_or_default(), &mut line);
        OldLine { offset: from, next: to, bytes: line, whole: begins && newline.is_some() }
    }

    /// The lines from a place where one begins: so many, and about so many bytes, at most. An
    /// unfinished last line is one of them.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn lines_from(&self, from: u64, count: usize, most_bytes: u64) -> io::Result<Vec<OldLine>> {
        let mut lines = Vec::new();
        let (mut start, stop) = (from, from.saturating_add(most_bytes));
        while lines.len() < count && start < stop {
            let bytes = self.read(start, start.saturating_add(CHUNK))?;
            let mut rest = bytes.as_slice();
            while lines.len() < count
                && start < stop
                && let Some(newline) = self.encoding.newline(rest, 0)
            {
                let length = newline + self.encoding.unit();
                let next = start + length as u64;
                lines.push(self.line_in(rest, start, next, true));
                rest = rest.get(length..).unwrap_or_default();
                start = next;
            }
            if rest.len() < bytes.len() {
                continue;
            }
            // A line longer than that, or without an end.
            let most = start.saturating_add(LINE_LIMIT);
            let next = match self.after_newline(start, most)? {
                Some(next) => next,
                None => self.length()?.min(most),
            };
            if next <= start {
                break;
            }
            lines.push(self.line(start, next, true)?);
            start = next;
        }
        Ok(lines)
    }

    /// Where the next line begins.
    pub(super) fn after_newline(&self, from: u64, stop: u64) -> io::Result<Option<u64>> {
        let mut at = from - from % self.unit();
        while at < stop {
            let bytes = self.read(at, stop.min(at.saturating_add(CHUNK)))?;
            if bytes.is_empty() {
                return Ok(None);
            }
            if let Some(newline) = self.encoding.newline(&bytes, 0) {
                return Ok(Some(at + newline as u64 + self.unit()));
            }
            at += bytes.len() as u64;
        }
        Ok(None)
    }
}
