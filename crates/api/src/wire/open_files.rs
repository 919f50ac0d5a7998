use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What an open file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OpenFileKind {
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
    /// Something with a path on a file system that is not asked, because it may not answer.
    NotAsked,
}

/// A process that holds a file open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FileHolder {
    /// Process identifier.
    pub pid: u32,
    /// Its start.
    pub start_time_ms: i64,
    /// Its name.
    pub name: String,
    /// How many descriptors it holds it by.
    pub descriptors: u32,
}

/// A file that processes of one application hold open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OpenFileRow {
    /// Its path as the kernel tells it, or what stands for one, such as `pipe:[1234]`.
    pub path: String,
    /// What it is.
    pub kind: OpenFileKind,
    /// Some descriptor reads.
    pub read: bool,
    /// Some descriptor writes.
    pub write: bool,
    /// Some descriptor writes to the end only.
    pub append: bool,
    /// Size of a regular file; `null` where it was not asked.
    pub size_bytes: Option<u64>,
    /// Where the next read or write would be, of the descriptor that is furthest.
    pub position_bytes: Option<u64>,
    /// No name leads to it any more.
    pub is_deleted: bool,
    /// What is freed on the disk once nobody holds it; only of deleted files.
    pub kept_bytes: Option<u64>,
    /// Kind of the file system where it was not asked.
    pub file_system: Option<String>,
    /// Who holds it, ascending by pid.
    pub holders: Vec<FileHolder>,
}

/// What the processes of an application hold open now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ApplicationFiles {
    /// Large deleted ones first, then those that are written, then the others.
    pub files: Vec<OpenFileRow>,
    /// Sockets, which are not among the files.
    pub sockets: u32,
    /// Processes it has.
    pub process_count: u32,
    /// Those of them that this user may not look into.
    pub denied_count: u32,
    /// There are more than are read at once.
    pub more: bool,
    /// Something did not answer in time, and is missing.
    pub timed_out: bool,
}
