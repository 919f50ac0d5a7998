//! Opening what may be read: plain files, without waiting, and nothing that the caller did not allow.

use super::identity::FileId;
use std::{
    fs::{self, File, Metadata, OpenOptions},
    io,
    path::{Path, PathBuf},
};

/// Asked with the name that is followed and the path it leads to, every link resolved: whether that
/// may be read.
pub type Allowed = Box<dyn Fn(&Path, &Path) -> bool + Send>;

/// Allows what leads to nowhere else: no link in any part of the name.
#[must_use]
pub fn as_named() -> Allowed {
    Box::new(|named, real| named == real)
}

/// Allows links within these folders, which are given with their own links resolved.
#[must_use]
pub fn below(folders: Vec<PathBuf>) -> Allowed {
    Box::new(move |_, real| folders.iter().any(|folder| real.starts_with(folder)))
}

/// Why a file is not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing has that name.
    #[error("there is no such file")]
    Missing,
    /// Not permitted to this user.
    #[error("reading it is not permitted to this user")]
    Denied,
    /// A folder, pipe, socket, device, or made by the kernel.
    #[error("it is not a plain file")]
    NotPlain,
    /// A link leads out of what may be read.
    #[error("it leads to {0}, which is outside what may be read")]
    Outside(PathBuf),
    /// It became another while it was opened; look again.
    #[error("it changed while it was opened")]
    Changing,
    /// Another fault.
    #[error("{0}")]
    Fault(String),
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::Missing,
            io::ErrorKind::PermissionDenied => Self::Denied,
            _ => Self::Fault(error.to_string()),
        }
    }
}

/// What tells that a file changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) id: FileId,
    pub(super) length: u64,
    pub(super) links: u64,
    times: [i64; 4],
}

#[cfg(unix)]
impl Stamp {
    pub(super) fn of(found: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self {
            id: FileId { device: found.dev(), inode: found.ino() },
            length: found.len(),
            links: found.nlink(),
            times: [found.mtime(), found.mtime_nsec(), found.ctime(), found.ctime_nsec()],
        }
    }
}

/// Without numbers of files a file is known by when it was made, and by its bytes.
#[cfg(not(unix))]
impl Stamp {
    pub(super) fn of(found: &Metadata) -> Self {
        let nanoseconds = |time: io::Result<std::time::SystemTime>| {
            let since = time.ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
            i64::try_from(since.as_nanos()).ok()
        };
        let made = nanoseconds(found.created()).unwrap_or_default();
        Self {
            id: FileId { device: 0, inode: made.cast_unsigned() },
            length: found.len(),
            links: 1,
            times: [nanoseconds(found.modified()).unwrap_or_default(), 0, 0, 0],
        }
    }
}

impl Stamp {
    /// Of a file that is not there any more.
    pub(super) fn unknown(id: FileId) -> Self {
        Self { id, length: 0, links: 0, times: [0; 4] }
    }

    /// Of what a name leads to now.
    pub(super) fn at(path: &Path) -> Result<Self, Refusal> {
        let found = fs::metadata(path)?;
        if found.is_file() { Ok(Self::of(&found)) } else { Err(Refusal::NotPlain) }
    }
}

/// Opens a plain file to read. What is checked is what was opened: a link or a pipe put there
/// meanwhile is refused, too, and a pipe keeps nobody waiting.
pub(super) fn open(path: &Path, allowed: &Allowed) -> Result<(File, Stamp), Refusal> {
    let real = fs::canonicalize(path)?;
    if made_by_kernel(&real) {
        return Err(Refusal::NotPlain);
    }
    if !allowed(path, &real) {
        return Err(Refusal::Outside(real));
    }
    let expected = Stamp::at(&real)?;
    let file = without_waiting().open(&real)?;
    let found = file.metadata()?;
    let stamp = Stamp::of(&found);
    if !found.is_file() || same_device_as_proc(&stamp) {
        return Err(Refusal::NotPlain);
    }
    if stamp.id == expected.id && is_at(&file, &real) {
        Ok((file, stamp))
    } else {
        Err(Refusal::Changing)
    }
}

/// `open(2)` with `O_NONBLOCK`. The number is the kernel's on these machines (asm-generic/fcntl.h,
/// sys/fcntl.h); a test opens a pipe by it.
#[cfg(unix)]
fn without_waiting() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    const NONBLOCK: i32 = if cfg!(any(target_os = "linux", target_os = "android")) {
        if cfg!(any(target_arch = "mips", target_arch = "mips64")) { 0x80 } else { 0o4000 }
    } else {
        0x4
    };
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(NONBLOCK);
    options
}

#[cfg(not(unix))]
fn without_waiting() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    options
}

/// Whether an open file is the one at that path, no link in between.
#[cfg(target_os = "linux")]
fn is_at(file: &File, real: &Path) -> bool {
    use std::os::fd::AsRawFd;
    // Without /proc there is nothing to ask, and nothing that says no.
    fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd())).is_ok_and(|found| found == real)
        || !Path::new("/proc/self").exists()
}

#[cfg(not(target_os = "linux"))]
fn is_at(_: &File, real: &Path) -> bool {
    fs::canonicalize(real).is_ok_and(|again| again == real)
}

/// These look like plain files and are none.
fn made_by_kernel(real: &Path) -> bool {
    let shared_memory = Path::new("/dev/shm");
    ["/proc", "/sys", "/dev"].iter().any(|folder| real.starts_with(folder))
        && !real.starts_with(shared_memory)
}

fn same_device_as_proc(stamp: &Stamp) -> bool {
    cfg!(target_os = "linux")
        && fs::metadata("/proc").is_ok_and(|found| Stamp::of(&found).id.device == stamp.id.device)
}
