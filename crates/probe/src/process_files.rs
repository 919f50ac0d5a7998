//! Files as a process sees them: below its own root, bounded, and never anything but plain files.
//!
//! A path comes from a stranger's command line. It is resolved by openat2(2) with
//! `RESOLVE_IN_ROOT`, so that neither `..` nor a link leads out of the root of that process, first
//! without opening it (`O_PATH`), and opened only once it turned out to be a regular file: opening
//! a device or a pipe would do something.

use crate::linux::stat;
use ira_model::ProcessKey;
use rustix::{
    fd::{AsFd, BorrowedFd, OwnedFd},
    fs::{Dir, FileType, Mode, OFlags, ResolveFlags},
};
use std::{
    fs::File,
    io::{Read, Seek},
    path::Path,
};

/// No file is read beyond this, bytes.
pub const MOST_BYTES: u64 = 1024 * 1024;
/// Names of one folder that are looked at.
const MOST_NAMES: usize = 4096;
/// Environment and command line are read so far, bytes.
const MOST_TEXT: u64 = 256 * 1024;

/// The files of one process.
#[derive(Debug)]
pub struct ProcessFiles {
    process: OwnedFd,
    root: Option<OwnedFd>,
}

/// A plain file that can be read from any place, at most [`MOST_BYTES`] in all.
pub trait PlainFile: Read + Seek {}
impl<T: Read + Seek> PlainFile for T {}

impl ProcessFiles {
    /// Opens a process below a `/proc`; `None` when it is gone, its pid is another's by now, or it
    /// is another user's.
    #[must_use]
    pub fn open(proc_root: &Path, key: ProcessKey) -> Option<Self> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = proc_root.join(key.pid.to_string());
        let process = rustix::fs::open(folder, flags, Mode::empty()).ok()?;
        let root = rustix::fs::openat(&process, c"root", flags, Mode::empty()).ok();
        let files = Self { process, root };
        (files.start_ms()? == key.start_ms).then_some(files)
    }

    /// The folder of the process itself, as long as this is there.
    pub(crate) fn folder(&self) -> BorrowedFd<'_> {
        self.process.as_fd()
    }

    fn start_ms(&self) -> Option<u64> {
        let text = self.own_text(c"stat")?;
        let ticks = stat::parse(&text).ok()?.start_ticks;
        Some(ticks.saturating_mul(1000) / rustix::param::clock_ticks_per_second().max(1))
    }

    /// A file that the kernel makes of this process.
    fn own_text(&self, name: &std::ffi::CStr) -> Option<Vec<u8>> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&self.process, name, flags, Mode::empty()).ok()?;
        let mut bytes = Vec::new();
        File::from(file).take(MOST_TEXT).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }

    /// Its whole command line.
    #[must_use]
    pub fn command_line(&self) -> Vec<String> {
        let bytes = self.own_text(c"cmdline").unwrap_or_default();
        crate::linux::command::arguments(&bytes)
    }

    /// Those variables of the environment it was started with; nothing else of it is looked at.
    #[must_use]
    pub fn environment(&self, names: &[&str]) -> Vec<(String, String)> {
        let bytes = self.own_text(c"environ").unwrap_or_default();
        bytes
            .split(|byte| *byte == 0)
            .filter_map(|entry| {
                let text = std::str::from_utf8(entry).ok()?;
                let (name, value) = text.split_once('=')?;
                names.contains(&name).then(|| (name.to_owned(), value.to_owned()))
            })
            .collect()
    }

    fn resolve(&self, path: &str, flags: OFlags) -> Option<OwnedFd> {
        let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
        let flags = flags | OFlags::PATH | OFlags::CLOEXEC;
        rustix::fs::openat2(self.root.as_ref()?, path, flags, Mode::empty(), resolve).ok()
    }

    /// Whether there is a regular file.
    #[must_use]
    pub fn is_file(&self, path: &str) -> bool {
        self.resolve(path, OFlags::empty()).is_some_and(|file| is_regular(&file))
    }

    /// Whether there is anything.
    #[must_use]
    pub fn exists(&self, path: &str) -> bool {
        self.resolve(path, OFlags::empty()).is_some()
    }

    /// A regular file, opened.
    fn open_file(&self, path: &str) -> Option<File> {
        let found = self.resolve(path, OFlags::empty())?;
        if !is_regular(&found) {
            return None;
        }
        // The descriptor is opened anew, not the path: it cannot have become something else.
        use std::os::fd::AsRawFd;
        let path = format!("/proc/self/fd/{}", found.as_raw_fd());
        let (file, found) = crate::open_plain(Path::new(&path)).ok()?;
        // A file that the kernel makes up, as `java -jar /proc/kmsg` would name, has no length.
        (found.len() > 0).then_some(file)
    }

    /// The beginning of a regular file, so many bytes at most.
    #[must_use]
    pub fn read(&self, path: &str, at_most: u64) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open_file(path)?.take(at_most.min(MOST_BYTES)).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }

    /// A regular file to be read in places.
    #[must_use]
    pub fn seekable(&self, path: &str) -> Option<Box<dyn PlainFile>> {
        let file = self.open_file(path)?;
        Some(Box::new(Bounded { file, left: MOST_BYTES }))
    }

    /// Names in a folder.
    #[must_use]
    pub fn names(&self, folder: &str) -> Vec<String> {
        let Some(found) = self.resolve(folder, OFlags::DIRECTORY) else { return Vec::new() };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let Ok(open) = rustix::fs::openat(&found, c".", flags, Mode::empty()) else {
            return Vec::new();
        };
        let Ok(entries) = Dir::new(open) else { return Vec::new() };
        entries
            .filter_map(Result::ok)
            .take(MOST_NAMES)
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect()
    }
}

fn is_regular(file: impl AsFd) -> bool {
    let mode = rustix::fs::fstat(file).map(|stat| stat.st_mode);
    mode.is_ok_and(|mode| FileType::from_raw_mode(mode) == FileType::RegularFile)
}

/// Ends, as if the file did, once so much was read of it.
struct Bounded {
    file: File,
    left: u64,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let room = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let got = self.file.read(buffer.get_mut(..room).unwrap_or_default())?;
        self.left = self.left.saturating_sub(got as u64);
        Ok(got)
    }
}

impl Seek for Bounded {
    fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
        self.file.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ira_testkit::{FakeProc, FakeProcess};
    use std::os::unix::fs::symlink;

    fn process(root: &Path) -> (FakeProc, ProcessFiles) {
        let mut fake = FakeProc::new();
        fake.add(FakeProcess::new(50, "node").start_ms(5000));
        symlink(root, fake.proc_root().join("50/root")).unwrap();
        fake.write("50/environ", "HOME=/x\0SNAP_NAME=firefox\0SECRET=1\0");
        let files =
            ProcessFiles::open(&fake.proc_root(), ProcessKey { pid: 50, start_ms: 5000 }).unwrap();
        (fake, files)
    }

    #[test]
    fn nothing_leads_out_of_the_root() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        std::fs::create_dir_all(root.join("srv")).unwrap();
        std::fs::write(folder.path().join("secret"), "outside").unwrap();
        std::fs::write(root.join("secret"), "inside").unwrap();
        symlink("/secret", root.join("srv/absolute")).unwrap();
        symlink("../../../../secret", root.join("srv/relative")).unwrap();
        symlink(folder.path().join("secret"), root.join("srv/out")).unwrap();
        symlink("/proc/self/root/etc/passwd", root.join("srv/magic")).unwrap();
        let (_fake, files) = process(&root);
        for name in ["/srv/absolute", "/srv/relative", "/srv/../../secret", "/secret"] {
            assert_eq!(files.read(name, 100).as_deref(), Some(&b"inside"[..]), "{name}");
        }
        assert_eq!(files.read("/srv/out", 100), None, "the same path inside is nothing");
        assert_eq!(files.read("/srv/magic", 100), None);
    }

    #[test]
    fn only_plain_files_and_only_so_much() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("big"), vec![b'x'; 3 << 20]).unwrap();
        std::fs::create_dir(folder.path().join("folder")).unwrap();
        let fifo = folder.path().join("fifo");
        rustix::fs::mknodat(rustix::fs::CWD, &fifo, FileType::Fifo, Mode::from_raw_mode(0o600), 0)
            .unwrap();
        let (_fake, files) = process(folder.path());
        assert_eq!(files.read("/fifo", 10), None, "a pipe would wait for ever");
        assert_eq!(files.read("/folder", 10), None);
        assert!(!files.is_file("/folder") && files.exists("/folder"));
        assert_eq!(files.read("/big", u64::MAX).map(|b| b.len()), Some(1 << 20), "a mebibyte");
        let mut all = Vec::new();
        files.seekable("/big").unwrap().read_to_end(&mut all).unwrap();
        assert_eq!(all.len(), 1 << 20, "in pieces, too");
        let mut names = files.names("/");
        names.retain(|name| !name.starts_with('.'));
        names.sort();
        assert_eq!(names, ["big", "fifo", "folder"]);
        let (_fake, files) = process(Path::new("/"));
        assert_eq!(files.read("/proc/kmsg", 10), None, "the kernel's own would wait, too");
    }

    #[test]
    fn of_the_environment_only_what_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let (fake, files) = process(folder.path());
        let expected = [("SNAP_NAME".to_owned(), "firefox".to_owned())];
        assert_eq!(files.environment(&["SNAP_NAME", "APPIMAGE"]), expected);
        let other = ProcessKey { pid: 50, start_ms: 4000 };
        assert!(ProcessFiles::open(&fake.proc_root(), other).is_none(), "the pid is another's");
    }
}
