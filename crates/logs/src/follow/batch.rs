//! What a poll brings: lines and what else happened, in order, in one piece of memory.

use serde::{Deserialize, Serialize};

/// One followed name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(pub(super) u32);

/// What one poll brought. Reused from poll to poll.
#[derive(Debug, Default)]
pub struct Batch {
    pub(super) text: Vec<u8>,
    pub(super) entries: Vec<Entry>,
    pub(super) more: bool,
}

/// One thing that was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Under which name.
    pub source: SourceId,
    /// Which of the files that had the name, counted from 0.
    pub file: u32,
    /// Where in that file, bytes; of an encoded or unpacked file in its raw or unpacked bytes.
    pub offset: u64,
    /// What it is.
    pub what: What,
}

/// What was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A line or a piece of one; its bytes are in [`Batch::text`].
    Line(Line),
    /// The rest of a line that was cut: so many bytes of it were passed over.
    LeftOut(u64),
    /// From here on it is another file, or the same begun anew.
    Turned(Turned),
    /// Something is missing here.
    Gap(Gap),
}

/// How it came to be another file, and what that cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turned {
    /// What had happened.
    pub turn: Turn,
    /// Nothing can have been missed in between.
    pub whole: bool,
    /// So many bytes had been seen, but not told, and are lost.
    pub lost_bytes: u64,
}

/// A line without its end (`\n` or `\r\n`) and byte order mark. UTF-16 was decoded; other bytes are as
/// they were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    pub(super) at: u32,
    pub(super) length: u32,
    /// It goes on where the last unfinished line of this file stopped.
    pub continues: bool,
    /// Where it stops.
    pub end: LineEnd,
}

/// Where a line stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEnd {
    /// At its newline.
    Newline,
    /// There is no more of it yet.
    Unfinished,
    /// At the longest that is told; the rest is passed over.
    Cut,
}

/// How a name came to stand for another file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Turn {
    /// The old one was given a name for old ones.
    Rotated,
    /// The same file was emptied.
    Truncated,
    /// The old one was removed.
    Removed,
    /// The old one is elsewhere, or a link points elsewhere.
    Moved,
}

/// Why something is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gap {
    /// So many NULs at the beginning, as a writer leaves that goes on at its old place in a file that
    /// was emptied.
    Hole(u64),
    /// A compressed file is damaged from here on.
    Damaged,
    /// A compressed file is longer than is unpacked.
    TooLong,
    /// An old file could not be read on.
    Unreadable,
}

impl Batch {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What was told, in order within each source.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The bytes of a line of this batch.
    #[must_use]
    pub fn text(&self, line: Line) -> &[u8] {
        let (at, length) = (line.at as usize, line.length as usize);
        self.text.get(at..at.saturating_add(length)).unwrap_or_default()
    }

    /// More waits already: poll again when there is room for it.
    #[must_use]
    pub fn more(&self) -> bool {
        self.more
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.entries.clear();
        self.more = false;
    }
}
