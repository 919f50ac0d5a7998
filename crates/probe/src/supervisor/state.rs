//! What a supervisor did last, in a file that is replaced whole.

use ira_model::{ExitStatus, ProcessKey};
use serde::{Deserialize, Serialize};
use std::{
    io::{self, Read as _, Seek as _},
    path::{Path, PathBuf},
};

const FILE: &str = "state.json";
const OUTPUT: &str = "output.log";
/// So much of the output is read for its last lines.
const TAIL: u64 = 16 << 10;
/// A longer file is not ours.
const LONGEST: u64 = 16 << 10;
/// So many ends are remembered for whoever asks late.
#[cfg(target_os = "linux")]
const ENDS: usize = 8;

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// When, milliseconds since 1970.
    pub at_ms: i64,
    /// Its exit code.
    pub code: Option<i32>,
    /// The signal that ended it, by number.
    pub signal: Option<i32>,
    /// What kept it from beginning.
    pub fault: Option<String>,
    /// Length of the output by then: what lies before was written by that run and those before.
    #[serde(default)]
    pub output_bytes: u64,
}

impl End {
    /// How the process ended; `None` where there was none.
    #[must_use]
    pub fn status(&self) -> Option<ExitStatus> {
        status(self.code, self.signal)
    }
}

/// An exit code, or a signal.
pub(super) fn status(code: Option<i32>, signal: Option<i32>) -> Option<ExitStatus> {
    let code = code.and_then(|code| u8::try_from(code).ok()).map(ExitStatus::Code);
    let signal = signal.and_then(|signal| u8::try_from(signal).ok()).map(ExitStatus::Signal);
    code.or(signal)
}

/// Which process it was that ended, and how: what a kernel tells only to those it permits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// Pid it had.
    pub pid: u32,
    /// When it began, milliseconds since boot.
    pub start_ms: u64,
    /// Its status, in the form of wait(2).
    pub status: u32,
}

/// What a supervisor did last.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct State {
    /// Its pid.
    pub supervisor: u32,
    /// Pid of what it runs, while that is there.
    pub pid: Option<u32>,
    /// How often that was started again.
    pub restarts: u32,
    /// How the last run ended.
    pub last_end: Option<End>,
    /// When it is started again, milliseconds since 1970, where it waits for that.
    pub again_at_ms: Option<i64>,
    /// It ended so often, and so soon, that it is not started again.
    pub gave_up: bool,
    /// The last runs that ended, the newest last.
    #[serde(default)]
    pub exits: Vec<Exit>,
}

impl State {
    /// How a process that it ran ended, where that is still remembered.
    #[must_use]
    pub fn exit_of(&self, key: ProcessKey) -> Option<ExitStatus> {
        let is_it = |one: &&Exit| (one.pid, one.start_ms) == (key.pid, key.start_ms);
        self.exits.iter().rev().find(is_it).map(|one| ExitStatus::from_wait(one.status))
    }
}

/// The file with the output of what is supervised in a folder.
#[must_use]
pub fn output(folder: &Path) -> PathBuf {
    folder.join(OUTPUT)
}

/// What the supervisor of a folder did last; `None` where there never was one.
///
/// # Errors
/// When there is a file and it cannot be read, or is none of ours.
pub fn state(folder: &Path) -> io::Result<Option<State>> {
    let file = match std::fs::File::open(folder.join(FILE)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    let mut text = Vec::new();
    file.take(LONGEST).read_to_end(&mut text)?;
    Ok(Some(serde_json::from_slice(&text)?))
}

/// The last lines of the output before a length of it, so many at most.
///
/// # Errors
/// When it cannot be read.
pub fn output_before(folder: &Path, bytes: u64, lines: usize) -> io::Result<Vec<String>> {
    output_between(folder, (0, bytes), lines)
}

/// The last lines of what was written between two lengths of the output.
pub(super) fn output_between(
    folder: &Path,
    (begin, end): (u64, u64),
    lines: usize,
) -> io::Result<Vec<String>> {
    let mut file = std::fs::File::open(output(folder))?;
    let from = end.saturating_sub(TAIL).max(begin);
    file.seek(io::SeekFrom::Start(from))?;
    let mut text = Vec::new();
    file.take(end.saturating_sub(from)).read_to_end(&mut text)?;
    let text = String::from_utf8_lossy(&text);
    let mut all: Vec<&str> = text.lines().collect();
    if from > begin && !all.is_empty() {
        // It begins amid a line.
        all.remove(0);
    }
    let first = all.len().saturating_sub(lines);
    Ok(all.get(first..).unwrap_or_default().iter().map(|line| (*line).to_owned()).collect())
}

#[cfg(target_os = "linux")]
impl State {
    /// Remembers how one ended.
    pub(super) fn ended(&mut self, exit: Exit) {
        if self.exits.len() >= ENDS {
            self.exits.remove(0);
        }
        self.exits.push(exit);
    }

    /// Keeps it. Whoever reads sees this one or the one before.
    pub(super) fn keep(&self, folder: &Path) -> io::Result<()> {
        let new = folder.join(format!("{FILE}.new"));
        std::fs::write(&new, serde_json::to_vec(self)?)?;
        std::fs::rename(new, folder.join(FILE))
    }
}
