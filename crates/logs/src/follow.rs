//! Following log files: every line told once and in order, whatever is done to the files.
//!
//! A [`Follower`] holds a bounded set of files and does nothing by itself: its caller polls, when and
//! as fast as it likes, and gets a bounded [`Batch`] each time. Nothing is queued, so a slow reader
//! makes the follower wait, and one that stops costs nothing. What was told up to now is a
//! [`Checkpoint`]; whoever keeps it together with the lines, in one transaction, goes on after
//! `kill -9` without a line lost or shown twice.
//!
//! - A file is known by (device, inode) **and** a print of its first bytes and of those before the
//!   place reached: a used inode or a file cut and written anew is another file.
//! - A line is told when its newline is there. An unfinished last line is told after a patience as
//!   [`LineEnd::Unfinished`], and the place moves behind it; what completes it later is told alone,
//!   marked `continues`, and a newline alone completes it silently. So each byte is told once.
//! - When a name turns to another file, what is left of the old one comes first, from the open file,
//!   its rotated name, or its compressed form, then what rotation made in between, then the new one.
//! - What may be lost is said by [`What::Turned`] and [`What::Gap`].
//!
//! Left out: where files are found, what lines mean, and where anything is kept. Not seen: a file
//! rewritten within a look with the very bytes it had before.

mod backward;
mod batch;
mod bell;
mod bisect;
mod content;
mod encoding;
mod follower;
mod generation;
mod identity;
mod opening;
mod rotated;
mod source;
mod telling;
mod turning;

pub use backward::{LogFile, OldLine};
pub use batch::{Batch, Entry, Gap, Line, LineEnd, SourceId, Turn, Turned, What};
pub use bell::{Bell, Ringing};
pub use follower::{FollowError, Follower};
pub use identity::{Checkpoint, FileId, Mark, Print, Within};
pub use opening::{Allowed, Refusal, as_named, below};
pub use rotated::plain_files;
pub use source::{Start, State};

use std::time::Duration;

/// Bounds and times of a follower.
#[derive(Debug, Clone)]
pub struct Settings {
    /// An unfinished last line is told when it has stood for so long.
    pub patience: Duration,
    /// A file that changed lately is looked at so often, at most.
    pub quick: Duration,
    /// Every file is looked at so often, at least, as long as the caller polls.
    pub slow: Duration,
    /// So long after its last change a file is looked into though its times stand still: longer than
    /// the time stamps of file systems are coarse.
    pub settle: Duration,
    /// A file that its name left stays open for late writers until it was quiet for so long.
    pub linger: Duration,
    /// Longer lines are cut, bytes.
    pub line_limit: usize,
    /// A poll stops reading after so many bytes; one more line may be added.
    pub most_bytes: usize,
    /// Entries in one batch.
    pub most_entries: usize,
    /// So many bytes of one file are read before it is another's turn.
    pub turn_bytes: usize,
    /// Files followed at once.
    pub most_files: usize,
    /// A compressed file is unpacked so far, bytes.
    pub most_unpacked: u64,
    /// Whether the kernel is asked to ring when a quiet file changes.
    pub bell: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            patience: Duration::from_secs(1),
            quick: Duration::from_millis(100),
            slow: Duration::from_secs(1),
            settle: Duration::from_secs(2),
            linger: Duration::from_secs(10),
            line_limit: 1024 * 1024,
            most_bytes: 1024 * 1024,
            most_entries: 32 * 1024,
            turn_bytes: 128 * 1024,
            most_files: 256,
            most_unpacked: 4 * 1024 * 1024 * 1024,
            bell: true,
        }
    }
}
