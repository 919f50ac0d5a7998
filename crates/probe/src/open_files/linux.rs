//! Descriptors below `/proc/PID/fd`.

use super::{FileAccess, FileKind, HeldFiles, OpenFile, OpenFiles};
use crate::{
    linux::{
        pids::{numeric_names, open_folder},
        source::{PidPath, is_denied, is_gone, open_below, read_once, read_whole},
        text::{fields, lines, number},
    },
    process_files::ProcessFiles,
};
use ira_model::ProcessKey;
use rustix::{
    buffer::spare_capacity,
    fd::{AsFd, BorrowedFd, OwnedFd},
    fs::{AtFlags, FileType, OFlags, StatxFlags},
    io::Errno,
};
use std::{
    collections::HashMap,
    path::Path,
    rc::Rc,
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    time::{Duration, Instant},
};

/// Readers at once, those that hang among them.
const READERS: usize = 8;
/// Mounts of one namespace are read so far, bytes.
const MOUNTS_BYTES: usize = 1 << 20;
/// Text of all paths together, bytes.
const PATHS_BYTES: usize = 1 << 20;

/// File systems that answer from this machine: disks, memory, and what the kernel makes up.
const LOCAL: &[&str] = &[
    "bcachefs",
    "binfmt_misc",
    "bpf",
    "btrfs",
    "cgroup",
    "cgroup2",
    "configfs",
    "debugfs",
    "devpts",
    "devtmpfs",
    "efivarfs",
    "erofs",
    "exfat",
    "ext2",
    "ext3",
    "ext4",
    "f2fs",
    "hugetlbfs",
    "iso9660",
    "jfs",
    "mqueue",
    "nilfs2",
    "nsfs",
    "ntfs3",
    "overlay",
    "proc",
    "pstore",
    "ramfs",
    "reiserfs",
    "rootfs",
    "securityfs",
    "squashfs",
    "sysfs",
    "tmpfs",
    "tracefs",
    "udf",
    "vfat",
    "xfs",
    "zfs",
];

static READING: AtomicUsize = AtomicUsize::new(0);

struct Turn;

impl Turn {
    fn take() -> Option<Self> {
        let turn = Self;
        // Dropped, and so given back, when there were too many.
        (READING.fetch_add(1, Ordering::SeqCst) < READERS).then_some(turn)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        READING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Reads on a thread of its own, and takes what it has when time is up. A reader that hangs is left
/// alone; it ends when it is answered.
pub(super) fn read_within(
    proc_root: &Path,
    keys: Vec<ProcessKey>,
    most: usize,
    at_most: Duration,
) -> OpenFiles {
    let until = Instant::now() + at_most;
    let mut all = OpenFiles::default();
    let (tell, told) = mpsc::sync_channel(16);
    let Some(turn) = Turn::take() else { return OpenFiles { timed_out: true, ..all } };
    let root = proc_root.to_owned();
    let started = std::thread::Builder::new().name("ira-open-files".into()).spawn(move || {
        let _turn = turn;
        read(&root, &keys, most, |key, held| tell.send((key, held)).is_ok());
    });
    if started.is_err() {
        return OpenFiles { timed_out: true, ..all };
    }
    loop {
        match told.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(one) => all.processes.push(one),
            Err(RecvTimeoutError::Disconnected) => return all,
            Err(RecvTimeoutError::Timeout) => return OpenFiles { timed_out: true, ..all },
        }
    }
}

/// Shows what each process holds until it is told to stop.
fn read(
    proc_root: &Path,
    keys: &[ProcessKey],
    most: usize,
    mut show: impl FnMut(ProcessKey, HeldFiles) -> bool,
) {
    let mut reader = Reader::default();
    let mut left = most;
    for (done, key) in keys.iter().enumerate() {
        // One with thousands leaves something for the others.
        let share = left / (keys.len() - done).max(1);
        let held = reader.process(proc_root, *key, share.max(left.min(1)));
        if let HeldFiles::Read { files, sockets, .. } = &held {
            left = left.saturating_sub(files.len() + *sockets as usize);
        }
        if !show(*key, held) {
            return;
        }
    }
}

/// Kinds of file systems by the number of their mount.
type Mounts = HashMap<u64, String>;

#[derive(Default)]
struct Reader {
    buffer: Vec<u8>,
    descriptors: Vec<u32>,
    paths_bytes: usize,
    /// By their namespace.
    mounts: HashMap<Vec<u8>, Rc<Mounts>>,
}

impl Reader {
    fn process(&mut self, proc_root: &Path, key: ProcessKey, most: usize) -> HeldFiles {
        // Everything is read through one descriptor of the process, so a pid that is another's by
        // now shows nothing.
        let Some(process) = ProcessFiles::open(proc_root, key) else { return HeldFiles::Gone };
        match self.held(process.folder(), most) {
            Ok(held) => held,
            Err(error) if is_denied(error) => HeldFiles::Denied,
            Err(_) => HeldFiles::Gone,
        }
    }

    fn held(&mut self, process: BorrowedFd<'_>, most: usize) -> Result<HeldFiles, Errno> {
        let folder = open_folder(process, c"fd")?;
        let about = open_folder(process, c"fdinfo")?;
        self.buffer.clear();
        self.buffer.reserve(32 * 1024);
        numeric_names(&folder, &mut self.buffer, most + 1, &mut self.descriptors)?;
        let mut more = self.descriptors.len() > most;
        let mounts = self.mounts(process);
        let (mut files, mut sockets) = (Vec::new(), 0);
        let descriptors = std::mem::take(&mut self.descriptors);
        for descriptor in descriptors.iter().take(most) {
            if self.paths_bytes > PATHS_BYTES {
                more = true;
                break;
            }
            match self.file(&folder, &about, *descriptor, &mounts) {
                Ok(Some(file)) => {
                    self.paths_bytes += file.path.len();
                    files.push(file);
                }
                Ok(None) => sockets += 1,
                // It was closed meanwhile.
                Err(error) if is_gone(error) => {}
                Err(error) => return Err(error),
            }
        }
        self.descriptors = descriptors;
        Ok(HeldFiles::Read { files, sockets, more })
    }

    /// One descriptor; `None` for a socket.
    fn file(
        &mut self,
        folder: &OwnedFd,
        about: &OwnedFd,
        descriptor: u32,
        mounts: &Mounts,
    ) -> Result<Option<OpenFile>, Errno> {
        let name = PidPath::name(descriptor);
        self.buffer.clear();
        self.buffer.reserve(4096);
        rustix::fs::readlinkat_raw(folder, name.as_c_str(), spare_capacity(&mut self.buffer))?;
        if self.buffer.starts_with(b"socket:[") {
            return Ok(None);
        }
        let link = self.buffer.clone();
        read_once(open_below(about, name.as_c_str())?, &mut self.buffer)?;
        let opened = Opened::parse(&self.buffer);
        let mount = opened.mount.and_then(|mount| mounts.get(&mount));
        let is_local = mount.is_some_and(|kind| LOCAL.contains(&kind.as_str()));
        let stat = (is_local && link.starts_with(b"/"))
            .then(|| {
                let wanted = StatxFlags::BASIC_STATS;
                // Whatever is known without asking anybody else.
                let flags = AtFlags::from_bits_retain(AT_STATX_DONT_SYNC);
                rustix::fs::statx(folder, name.as_c_str(), flags, wanted).ok()
            })
            .flatten();
        let mode = stat.as_ref().map(|stat| FileType::from_raw_mode(stat.stx_mode.into()));
        let kind = kind(&link, mode, opened.flags);
        let marked = link.strip_suffix(b" (deleted)");
        // A file that has another name still, or is really called so, keeps nothing from being freed.
        let named = stat.as_ref().is_some_and(|stat| stat.stx_nlink > 0);
        let deleted = marked.filter(|_| !named && link.starts_with(b"/"));
        let regular = stat.as_ref().filter(|_| kind == FileKind::Regular);
        let has_position = matches!(kind, FileKind::Regular | FileKind::NotAsked);
        Ok(Some(OpenFile {
            descriptor,
            path: String::from_utf8_lossy(deleted.unwrap_or(&link)).into_owned(),
            kind,
            access: access(opened.flags),
            identity: stat.as_ref().map(|stat| {
                let device = u64::from(stat.stx_dev_major) << 32 | u64::from(stat.stx_dev_minor);
                (device, stat.stx_ino)
            }),
            size_bytes: regular.map(|stat| stat.stx_size),
            disk_bytes: regular.map(|stat| stat.stx_blocks.saturating_mul(512)),
            position_bytes: opened.position.filter(|_| has_position),
            is_deleted: deleted.is_some(),
            file_system: mount.filter(|_| kind == FileKind::NotAsked).cloned(),
        }))
    }

    fn mounts(&mut self, process: BorrowedFd<'_>) -> Rc<Mounts> {
        self.buffer.clear();
        self.buffer.reserve(256);
        let space =
            rustix::fs::readlinkat_raw(process, c"ns/mnt", spare_capacity(&mut self.buffer));
        let space = space.map(|_| self.buffer.clone()).unwrap_or_default();
        if let Some(known) = self.mounts.get(&space) {
            return Rc::clone(known);
        }
        let read = open_below(process, c"mountinfo")
            .and_then(|file| read_whole(file.as_fd(), &mut self.buffer));
        let text = self.buffer.get(..MOUNTS_BYTES).unwrap_or(&self.buffer);
        let mounts = Rc::new(if read.is_ok() { parse_mounts(text) } else { Mounts::new() });
        if !space.is_empty() {
            self.mounts.insert(space, Rc::clone(&mounts));
        }
        mounts
    }
}

/// As statx(2) has it on every architecture.
const AT_STATX_DONT_SYNC: u32 = 0x4000;

/// Number and kind of each mount: `36 35 98:0 / /mnt rw shared:1 - ext4 /dev/sda1 rw`
/// (proc_pid_mountinfo(5)).
fn parse_mounts(text: &[u8]) -> Mounts {
    lines(text)
        .filter_map(|(_, line)| {
            let mut parts = fields(line);
            let mount = number(parts.next()?)?;
            let kind = parts.skip_while(|part| *part != b"-").nth(1)?;
            Some((mount, String::from_utf8_lossy(kind).into_owned()))
        })
        .collect()
}

/// What `fdinfo` tells: `pos: 12`, `flags: 0102001` (octal), `mnt_id: 36`.
#[derive(Debug, Default, PartialEq, Eq)]
struct Opened {
    position: Option<u64>,
    flags: u32,
    mount: Option<u64>,
}

impl Opened {
    fn parse(text: &[u8]) -> Self {
        let mut opened = Self::default();
        for (_, line) in lines(text) {
            let mut parts = fields(line);
            let (name, value) = (parts.next(), parts.next().unwrap_or_default());
            match name {
                Some(b"pos:") => opened.position = number(value),
                Some(b"mnt_id:") => opened.mount = number(value),
                Some(b"flags:") => {
                    let digits = std::str::from_utf8(value).unwrap_or_default();
                    opened.flags = u32::from_str_radix(digits, 8).unwrap_or_default();
                }
                _ => {}
            }
        }
        opened
    }
}

fn access(flags: u32) -> FileAccess {
    let flags = OFlags::from_bits_retain(flags);
    if flags.contains(OFlags::PATH) {
        return FileAccess::default();
    }
    let mode = flags & OFlags::RWMODE;
    FileAccess {
        read: mode != OFlags::WRONLY,
        write: mode != OFlags::RDONLY,
        append: mode != OFlags::RDONLY && flags.contains(OFlags::APPEND),
    }
}

fn kind(link: &[u8], mode: Option<FileType>, flags: u32) -> FileKind {
    match mode {
        Some(FileType::RegularFile) => return FileKind::Regular,
        Some(FileType::Directory) => return FileKind::Directory,
        Some(FileType::CharacterDevice | FileType::BlockDevice) => return FileKind::Device,
        Some(FileType::Fifo) => return FileKind::Pipe,
        _ => {}
    }
    if link.starts_with(b"pipe:[") {
        FileKind::Pipe
    } else if !link.starts_with(b"/") || link.starts_with(b"/memfd:") {
        FileKind::Anonymous
    } else if OFlags::from_bits_retain(flags).contains(OFlags::DIRECTORY) {
        FileKind::Directory
    } else {
        FileKind::NotAsked
    }
}

#[cfg(test)]
mod tests;
