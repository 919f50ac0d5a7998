//! Which files processes hold open, read when somebody asks and never by a clock.
//!
//! What a descriptor is, how it was opened and where it stands is told by the kernel without
//! touching the file: its link and its `fdinfo` (proc_pid_fdinfo(5)). Its size is asked only where
//! its file system is known to answer from this machine; a mount that hangs would hang whoever asks.
//! Leaves out what a process maps into its memory without a descriptor.

#[cfg(target_os = "linux")]
mod linux;

use ira_model::ProcessKey;
use std::{path::Path, time::Duration};

/// What a descriptor leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// A regular file.
    Regular,
    /// A folder.
    Directory,
    /// A device.
    Device,
    /// A pipe, with a name or without.
    Pipe,
    /// Something of the kernel's without a path: events, timers, memory.
    Anonymous,
    /// Something with a path on a file system that is not asked.
    NotAsked,
}

/// How a descriptor was opened; none of them where it only stands for a path.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FileAccess {
    /// For reading.
    pub read: bool,
    /// For writing.
    pub write: bool,
    /// Each write goes to the end.
    pub append: bool,
}

/// One descriptor that is no socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenFile {
    /// The number the process has it by: 1 is its output, 2 its complaints.
    pub descriptor: u32,
    /// Its path as the kernel tells it, or what stands for one.
    pub path: String,
    /// What it is.
    pub kind: FileKind,
    /// How it was opened.
    pub access: FileAccess,
    /// Device and number of the file, where it was asked.
    pub identity: Option<(u64, u64)>,
    /// Size of a regular file, where it was asked.
    pub size_bytes: Option<u64>,
    /// What the file takes on its disk, where it was asked.
    pub disk_bytes: Option<u64>,
    /// Where in a file the next read or write would be.
    pub position_bytes: Option<u64>,
    /// No name leads to it any more.
    pub is_deleted: bool,
    /// Kind of the file system that was not asked.
    pub file_system: Option<String>,
}

/// What one process holds open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeldFiles {
    /// These.
    Read {
        /// Those that are no sockets.
        files: Vec<OpenFile>,
        /// Sockets.
        sockets: u32,
        /// There are more, which were not read.
        more: bool,
    },
    /// This user may not see it.
    Denied,
    /// It has ended, or its pid is another's by now.
    Gone,
}

/// What processes hold open.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct OpenFiles {
    /// In the order asked for, each at most once; those that did not answer in time are missing.
    pub processes: Vec<(ProcessKey, HeldFiles)>,
    /// Something did not answer in time.
    pub timed_out: bool,
}

/// Reads what those processes hold open, at most `most` descriptors in all and for at most so
/// long. `None` where this system does not tell.
#[must_use]
pub fn open_files(
    proc_root: &Path,
    keys: Vec<ProcessKey>,
    most: usize,
    at_most: Duration,
) -> Option<OpenFiles> {
    #[cfg(target_os = "linux")]
    let read = Some(linux::read_within(proc_root, keys, most, at_most));
    #[cfg(not(target_os = "linux"))]
    let read = {
        let _ = (proc_root, keys, most, at_most);
        None
    };
    read
}
