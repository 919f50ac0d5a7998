//! The list of processes: the numeric names in `/proc`, by getdents64(2) on a kept descriptor.
//!
//! The kernel lists them ascending and takes a pid, by a fixed distance, for the place to go on from
//! (`proc_pid_readdir` in fs/proc/base.c), so that a part of them can be listed by itself. The distance
//! is not taken for granted: it is what the places given in a whole listing show.

use super::{source::Tree, text::number};
use crate::ProbeError;
use rustix::{
    fd::OwnedFd,
    fs::{Mode, OFlags, RawDir, SeekFrom},
    io::Errno,
};
use std::{ops::RangeInclusive, path::PathBuf};

/// Room for a listing of all, and of a part: what comes behind that part is listed in vain.
const ROOM: usize = 32 * 1024;
const ROOM_OF_PART: usize = 1024;

/// The pids in `/proc`.
#[derive(Debug)]
pub(crate) struct PidList {
    path: PathBuf,
    folder: OwnedFd,
    buffer: Vec<u8>,
    part: Vec<u8>,
    /// How far the place of each pid in the folder is from the pid, where that is the same for all.
    distance: Option<u64>,
    is_own: bool,
}

impl PidList {
    pub(crate) fn open(tree: &Tree) -> Result<Self, ProbeError> {
        let path = tree.path("");
        let folder = open_folder(tree.folder(), ".")
            .map_err(|error| ProbeError::Read { path: path.clone(), source: error.into() })?;
        let (buffer, part) = (Vec::with_capacity(ROOM), Vec::with_capacity(ROOM_OF_PART));
        Ok(Self { path, folder, buffer, part, distance: None, is_own: tree.is_own() })
    }

    /// Every pid now, ascending.
    pub(crate) fn read(&mut self, pids: &mut Vec<u32>) -> Result<(), ProbeError> {
        self.try_read(pids)
            .map_err(|error| ProbeError::Read { path: self.path.clone(), source: error.into() })
    }

    /// The pids now from one to another, ascending.
    pub(crate) fn read_part(
        &mut self,
        part: RangeInclusive<u32>,
        pids: &mut Vec<u32>,
    ) -> Result<(), ProbeError> {
        let Some(distance) = self.distance else {
            self.read(pids)?;
            pids.retain(|pid| part.contains(pid));
            return Ok(());
        };
        self.try_read_part(distance, part, pids)
            .map_err(|error| ProbeError::Read { path: self.path.clone(), source: error.into() })
    }

    fn try_read(&mut self, pids: &mut Vec<u32>) -> Result<(), Errno> {
        rustix::fs::seek(&self.folder, SeekFrom::Start(0))?;
        pids.clear();
        self.buffer.clear();
        let (mut next_place, mut distance, mut is_fixed) = (None, None, self.is_own);
        let mut entries = RawDir::new(&self.folder, self.buffer.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            let entry = entry?;
            let place: Option<u64> = next_place.replace(entry.next_entry_cookie());
            let Some(pid) = pid(entry.file_name().to_bytes()) else { continue };
            // The place of the first one is told by what is no process.
            if !pids.is_empty() {
                let this = place.and_then(|place| place.checked_sub(u64::from(pid)));
                is_fixed &= this.is_some() && this == *distance.get_or_insert(this);
            }
            pids.push(pid);
        }
        self.distance = distance.flatten().filter(|_| is_fixed);
        // The kernel lists them ascending; a tree of files does not.
        if !pids.is_sorted() {
            self.distance = None;
            pids.sort_unstable();
        }
        Ok(())
    }

    fn try_read_part(
        &mut self,
        distance: u64,
        part: RangeInclusive<u32>,
        pids: &mut Vec<u32>,
    ) -> Result<(), Errno> {
        let place = distance.saturating_add(u64::from(*part.start()));
        rustix::fs::seek(&self.folder, SeekFrom::Start(place))?;
        pids.clear();
        self.part.clear();
        let mut entries = RawDir::new(&self.folder, self.part.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            let Some(pid) = pid(entry?.file_name().to_bytes()) else { continue };
            if pid > *part.end() {
                break;
            }
            pids.push(pid);
        }
        Ok(())
    }
}

fn pid(name: &[u8]) -> Option<u32> {
    number(name).and_then(|pid| u32::try_from(pid).ok())
}

/// Opens a folder for listing.
pub(crate) fn open_folder(
    folder: impl rustix::fd::AsFd,
    name: impl rustix::path::Arg,
) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    rustix::fs::openat(folder, name, flags, Mode::empty())
}

/// The names in an open folder that are numbers, at most `limit`, in the folder's order.
pub(crate) fn numeric_names(
    folder: &OwnedFd,
    buffer: &mut Vec<u8>,
    limit: usize,
    names: &mut Vec<u32>,
) -> Result<(), Errno> {
    names.clear();
    buffer.clear();
    let mut entries = RawDir::new(folder, buffer.spare_capacity_mut());
    while names.len() < limit {
        let Some(entry) = entries.next() else { break };
        names.extend(pid(entry?.file_name().to_bytes()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ira_testkit::{FakeProc, FakeProcess};
    use std::{path::Path, process::Command};

    #[test]
    fn a_part_is_as_in_the_whole() {
        let mut list = PidList::open(&Tree::open(Path::new("/proc")).unwrap()).unwrap();
        // Stopped with this test; what else comes and goes on the machine is left out.
        let mut own: Vec<_> =
            (0..8).map(|_| Command::new("sleep").arg("1000").spawn().unwrap()).collect();
        let (mut whole, mut part) = (Vec::new(), Vec::new());
        for round in 0..8 {
            list.read(&mut whole).unwrap();
            // Somebody may have ended between two pieces of a listing: then the next one shows it. A
            // kernel on which none does has parts picked from the whole, which holds as well.
            for _ in 0..20 {
                if list.distance.is_none() {
                    list.read(&mut whole).unwrap();
                }
            }
            let ours = |pids: &[u32], own: &[std::process::Child]| -> Vec<u32> {
                let is_own = |pid: &u32| own.iter().any(|child| child.id() == *pid);
                pids.iter().copied().filter(is_own).collect()
            };
            let mut pids: Vec<u32> = own.iter().map(std::process::Child::id).collect();
            pids.sort_unstable();
            assert_eq!(ours(&whole, &own), pids, "all are in the whole, in round {round}");
            for from in 0..pids.len() {
                for to in from..pids.len() {
                    list.read_part(pids[from]..=pids[to], &mut part).unwrap();
                    assert_eq!(ours(&part, &own), pids[from..=to], "in round {round}");
                    let is_within = |pid: &u32| (pids[from]..=pids[to]).contains(pid);
                    assert!(part.is_sorted() && part.iter().all(is_within), "{part:?}");
                }
            }
            let mut gone = own.remove(round % own.len());
            let pid = gone.id();
            gone.kill().unwrap();
            gone.wait().unwrap();
            list.read_part(pid..=pid, &mut part).unwrap();
            let is_gone = part.is_empty() || list.distance.is_none();
            assert!(is_gone, "one that went is not listed: {part:?}");
            if own.is_empty() {
                break;
            }
        }
        // Threads are no processes, though they have pids and folders.
        let (tell, told) = std::sync::mpsc::channel();
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let thread = std::thread::spawn(move || {
            tell.send(rustix::thread::gettid().as_raw_nonzero().get().cast_unsigned()).unwrap();
            ended.recv().ok();
        });
        let thread_id = told.recv().unwrap();
        list.read_part(thread_id..=thread_id, &mut part).unwrap();
        assert!(part.is_empty(), "a thread: {part:?}");
        drop(end);
        thread.join().unwrap();
        for child in &mut own {
            child.kill().ok();
            child.wait().ok();
        }
    }

    #[test]
    fn a_tree_of_files_is_listed_whole() {
        let mut fake = FakeProc::new();
        for pid in 10..20 {
            fake.add(FakeProcess::new(pid, "p"));
        }
        let mut list = PidList::open(&Tree::open(&fake.proc_root()).unwrap()).unwrap();
        let mut pids = Vec::new();
        list.read_part(12..=14, &mut pids).unwrap();
        assert!(list.distance.is_none() && pids == [12, 13, 14], "its places mean nothing");
    }
}
