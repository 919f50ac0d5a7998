//! One hierarchy of control groups: whose CPU time moved, and who is in those.
//!
//! Times are hierarchical in both versions, so that nothing below a group that rests is looked at.
//! Sources: Documentation/admin-guide/cgroup-v2.rst (`cpu.stat`, `cgroup.procs`),
//! Documentation/admin-guide/cgroup-v1/cpuacct.rst.

use super::ROOT;
use crate::linux::{
    pids::open_folder,
    source::{Tree, open_below, read_once},
    text::{keyed_number, number},
};
use rustix::{
    buffer::spare_capacity,
    fd::OwnedFd,
    fs::{AtFlags, FileType, Mode, OFlags, RawDir},
    io::{Errno, pread},
};
use std::{
    ffi::{CStr, CString},
    mem,
};

/// Groups nested deeper than this are not followed; systemd and container engines nest to 10.
const DEPTH: usize = 32;
/// How often groups that come and go under the same name are looked for in one walk.
const ROUNDS: usize = 3;
/// Bytes of one list of members: a million pids.
const LIST_BYTES: usize = 8 << 20;
/// The kernel fills a page before it gives it out, so that less than this is the end of a list.
const ALMOST_A_PAGE: usize = 4000;

/// Of control groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// The `cpuacct` controller of the first.
    One,
    /// The unified hierarchy.
    Two,
}

/// What one walk found.
#[derive(Debug, Default)]
pub(crate) struct Listed {
    /// Pids and the number of their group: of the root and of every group whose time moved.
    pub(crate) members: Vec<(u32, u32)>,
    /// Numbers of the groups whose time moved or that went, ascending.
    pub(crate) moved: Vec<u32>,
    /// How many of the members are in the root.
    pub(crate) in_root: usize,
}

#[derive(Debug, Default)]
struct Group {
    /// Never used again.
    number: u32,
    name: CString,
    /// From the root; ends with a slash.
    path: Vec<u8>,
    usage: Option<u64>,
    usage_file: Option<OwnedFd>,
    members_file: Option<OwnedFd>,
    /// Number of links of its folder, two more than it has groups below.
    links: u64,
    children: Vec<Group>,
}

/// A group is gone.
struct Gone;

/// See the module.
#[derive(Debug)]
pub(crate) struct GroupTree {
    version: Version,
    root: OwnedFd,
    top: Group,
    next_number: u32,
    kept: usize,
    capacity: usize,
    buffer: Vec<u8>,
}

impl GroupTree {
    /// The hierarchy in this folder, if it is one of that version.
    pub(crate) fn open(sys: &Tree, folder: &str, version: Version) -> Option<Self> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = rustix::fs::openat(sys.folder(), folder, flags, Mode::empty()).ok()?;
        let witness = match version {
            Version::One => c"cpuacct.usage",
            Version::Two => c"cgroup.controllers",
        };
        open_below(&root, witness).ok()?;
        Some(Self {
            version,
            root,
            top: Group::default(),
            next_number: ROOT + 1,
            kept: 0,
            capacity: 0,
            buffer: Vec::with_capacity(16 * 1024),
        })
    }

    /// Descriptors held open.
    pub(crate) fn kept(&self) -> usize {
        self.kept + 1
    }

    /// Forgets all groups and closes their files.
    pub(crate) fn forget(&mut self) {
        self.top = Group::default();
        self.kept = 0;
    }

    /// Lists who may have run since the last walk.
    ///
    /// # Errors
    /// When that cannot be told: more groups than `capacity`, something refused, or (`NOENT`) the
    /// hierarchy has no group but its root. Everything must then be forgotten.
    pub(crate) fn walk(&mut self, capacity: usize, listed: &mut Listed) -> Result<(), Errno> {
        self.capacity = capacity;
        listed.members.clear();
        listed.moved.clear();
        let mut top = mem::take(&mut self.top);
        let outcome = self.look_into(&mut top, 0, listed);
        self.top = top;
        outcome?;
        if self.top.children.is_empty() {
            return Err(Errno::NOENT);
        }
        listed.moved.sort_unstable();
        listed.in_root = listed.members.iter().filter(|(_, group)| *group == ROOT).count();
        Ok(())
    }

    /// A group whose time moved: who is in it, and what moved below. Its time was read before, so
    /// that who runs from now on makes it move again.
    fn look_into(
        &mut self,
        group: &mut Group,
        depth: usize,
        listed: &mut Listed,
    ) -> Result<(), Errno> {
        let links = self.links(&group.path)?;
        // Some file systems, of tests only, do not count links.
        if links != group.links || links < 2 {
            self.scan(group, depth, listed)?;
            group.links = links;
        }
        self.list(group, listed)?;
        // A group may go and another one come under the same name.
        for _ in 0..ROUNDS {
            let mut one_went = false;
            for mut child in mem::take(&mut group.children) {
                match self.visit(&mut child, depth + 1, listed)? {
                    Ok(()) => group.children.push(child),
                    Err(Gone) => {
                        one_went = true;
                        self.drop(child, listed);
                    }
                }
            }
            if !one_went || !self.scan(group, depth, listed)? {
                return Ok(());
            }
        }
        Err(Errno::AGAIN)
    }

    /// A group went, and with it all below. Who was in one of them is to be found anew.
    fn drop(&mut self, group: Group, listed: &mut Listed) {
        self.kept = self.kept.saturating_sub(
            usize::from(group.usage_file.is_some()) + usize::from(group.members_file.is_some()),
        );
        listed.moved.push(group.number);
        for child in group.children {
            self.drop(child, listed);
        }
    }

    fn visit(
        &mut self,
        group: &mut Group,
        depth: usize,
        listed: &mut Listed,
    ) -> Result<Result<(), Gone>, Errno> {
        let usage = match self.usage(group) {
            Ok(Some(usage)) => usage,
            Ok(None) | Err(Errno::NODEV | Errno::NOENT) => return Ok(Err(Gone)),
            Err(error) => return Err(error),
        };
        if group.usage == Some(usage) {
            return Ok(Ok(()));
        }
        group.usage = Some(usage);
        listed.moved.push(group.number);
        match self.look_into(group, depth, listed) {
            Ok(()) => Ok(Ok(())),
            Err(Errno::NODEV | Errno::NOENT) => Ok(Err(Gone)),
            Err(error) => Err(error),
        }
    }

    /// CPU time; any unit will do. `None` when the text is not as it should be.
    fn usage(&mut self, group: &mut Group) -> Result<Option<u64>, Errno> {
        let name = match self.version {
            Version::One => c"cpuacct.usage",
            Version::Two => c"cpu.stat",
        };
        let file = match group.usage_file.take() {
            Some(file) => file,
            None if self.kept >= self.capacity => return Err(Errno::MFILE),
            None => {
                let file = self.open_in(&group.path, name)?;
                self.kept += 1;
                file
            }
        };
        let outcome = read_once(&file, &mut self.buffer);
        group.usage_file = Some(file);
        outcome?;
        Ok(match self.version {
            Version::One => number(self.buffer.trim_ascii()),
            Version::Two => keyed_number(&self.buffer, b"usage_usec"),
        })
    }

    /// Lists the members of a group. Threads apart from their process (`EOPNOTSUPP`) are members of
    /// a group above, whose time moves with theirs.
    fn list(&mut self, group: &mut Group, listed: &mut Listed) -> Result<(), Errno> {
        let outcome = match group.members_file.take() {
            Some(file) => {
                let outcome = read_list(&file, &mut self.buffer);
                group.members_file = Some(file);
                outcome
            }
            None => self.open_in(&group.path, c"cgroup.procs").and_then(|file| {
                let outcome = read_list(&file, &mut self.buffer);
                // An open list of version 1 shows for a second what it showed before.
                if self.version == Version::Two && self.kept < self.capacity {
                    self.kept += 1;
                    group.members_file = Some(file);
                }
                outcome
            }),
        };
        match outcome {
            Err(Errno::OPNOTSUPP) => return Ok(()),
            other => other?,
        }
        let pids = self.buffer.split(|byte| *byte == b'\n').filter_map(number);
        let pids = pids.filter_map(|pid| u32::try_from(pid).ok());
        listed.members.extend(pids.map(|pid| (pid, group.number)));
        Ok(())
    }

    /// Finds the groups below; says whether there is a new one.
    fn scan(
        &mut self,
        group: &mut Group,
        depth: usize,
        listed: &mut Listed,
    ) -> Result<bool, Errno> {
        let folder = if group.path.is_empty() {
            open_folder(&self.root, c".")?
        } else {
            open_folder(&self.root, group.path.as_slice())?
        };
        self.buffer.clear();
        let mut names: Vec<CString> = Vec::new();
        let mut entries = RawDir::new(&folder, self.buffer.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            let entry = entry?;
            let name = entry.file_name();
            if entry.file_type() == FileType::Directory && name != c"." && name != c".." {
                names.push(name.to_owned());
            }
        }
        if depth >= DEPTH && !names.is_empty() {
            return Err(Errno::LOOP);
        }
        names.sort_unstable();
        for child in mem::take(&mut group.children) {
            match names.binary_search(&child.name) {
                Ok(at) => {
                    names.remove(at);
                    group.children.push(child);
                }
                Err(_) => self.drop(child, listed),
            }
        }
        let found = !names.is_empty();
        for name in names {
            let mut path = group.path.clone();
            path.extend_from_slice(name.as_bytes());
            path.push(b'/');
            let number = self.next_number;
            self.next_number = number.checked_add(1).ok_or(Errno::OVERFLOW)?;
            group.children.push(Group { number, name, path, ..Group::default() });
        }
        Ok(found)
    }

    fn links(&self, path: &[u8]) -> Result<u64, Errno> {
        let stat = rustix::fs::statat(&self.root, path, AtFlags::EMPTY_PATH)?;
        #[allow(clippy::useless_conversion)] // narrower on some processors
        Ok(u64::from(stat.st_nlink))
    }

    fn open_in(&self, path: &[u8], name: &CStr) -> Result<OwnedFd, Errno> {
        let mut whole = Vec::with_capacity(path.len() + 16);
        whole.extend_from_slice(path);
        whole.extend_from_slice(name.to_bytes());
        open_below(&self.root, whole)
    }
}

/// Reads a list of members. The kernel makes it anew for each read from the start.
fn read_list(file: &OwnedFd, buffer: &mut Vec<u8>) -> Result<(), Errno> {
    buffer.clear();
    while buffer.len() < LIST_BYTES {
        buffer.reserve(4096);
        let at = buffer.len() as u64;
        let got = pread(file, spare_capacity(buffer), at)?;
        if got < ALMOST_A_PAGE {
            return Ok(());
        }
    }
    Err(Errno::OVERFLOW)
}
