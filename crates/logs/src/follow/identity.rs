//! Which file it is, and how far it was told.

use super::batch::{Entry, Turned};
use serde::{Deserialize, Serialize};

/// So many first bytes tell a file from others.
pub(super) const HEAD_BYTES: usize = 1024;
/// So many bytes before the place reached must be what they were.
pub(super) const TAIL_BYTES: u64 = 64;
/// Files of one name that are remembered.
pub(super) const MOST_MARKS: usize = 16;
/// Files of one name that are open at once.
pub(super) const MOST_OPEN: usize = 8;

/// A file on this machine, until it is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileId {
    /// Its file system.
    pub device: u64,
    /// Its number there, used again after it was removed.
    pub inode: u64,
}

/// What some bytes were: their number and FNV-1a.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Print {
    length: u16,
    hash: u64,
}

impl Print {
    pub(super) fn of(bytes: &[u8]) -> Self {
        let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self { length: u16::try_from(bytes.len()).unwrap_or(u16::MAX), hash }
    }

    /// Whether bytes begin so.
    pub(super) fn begins(self, bytes: &[u8]) -> bool {
        bytes.get(..self.length()).is_some_and(|part| Self::of(part).hash == self.hash)
            || self.length == 0
    }

    pub(super) fn length(self) -> usize {
        usize::from(self.length)
    }
}

/// Where in a line the place reached is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Within {
    /// At the beginning of the file; NULs may have been passed over.
    Start,
    /// At the beginning of a line.
    Line,
    /// Behind so many bytes of a line that was told unfinished.
    Told(u64),
    /// In a line that was cut; so many bytes were passed over.
    Cut(u64),
}

/// How far one file was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Which it was.
    pub id: FileId,
    /// How it began.
    pub head: Print,
    /// What stood before `offset`.
    pub tail: Print,
    /// All before this was told, bytes.
    pub offset: u64,
    /// It was seen to be so long, bytes.
    pub seen: u64,
    /// Where in a line that is.
    pub within: Within,
    /// As in [`Entry::file`].
    pub file: u32,
    /// There may be more of it.
    pub open: bool,
    /// What is to be said before the next of it.
    pub before: Option<Turned>,
}

impl Mark {
    /// Of a file of which nothing was told.
    pub(super) fn of(id: FileId, file: u32) -> Self {
        Self {
            id,
            head: Print::default(),
            tail: Print::default(),
            offset: 0,
            seen: 0,
            within: Within::Start,
            file,
            open: true,
            before: None,
        }
    }

    pub(super) fn unread(&self) -> u64 {
        self.seen.saturating_sub(self.offset)
    }
}

/// How far one name was told, through all its files; to be kept together with what was told.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Oldest first; the last is what the name stood for.
    pub marks: Vec<Mark>,
}

impl Checkpoint {
    /// The offset behind everything told of the newest file; see [`Entry::offset`].
    #[must_use]
    pub fn offset(&self) -> Option<u64> {
        self.marks.last().map(|mark| mark.offset)
    }

    /// Whether an entry was told before this checkpoint; `None` of a file it does not know.
    #[must_use]
    pub fn covers(&self, entry: &Entry) -> Option<bool> {
        let mark = self.marks.iter().find(|mark| mark.file == entry.file)?;
        Some(entry.offset < mark.offset)
    }
}
