//! The list of processes: the numeric names in `/proc`, by getdents64(2) on a kept descriptor.

use super::{source::Tree, text::number};
use crate::ProbeError;
use rustix::{
    fd::OwnedFd,
    fs::{Mode, OFlags, RawDir, SeekFrom},
    io::Errno,
};
use std::path::PathBuf;

/// Names of a folder that are numbers: pids in `/proc`, descriptors in `/proc/PID/fd`.
#[derive(Debug)]
pub(crate) struct PidList {
    path: PathBuf,
    folder: OwnedFd,
    buffer: Vec<u8>,
}

impl PidList {
    pub(crate) fn open(tree: &Tree) -> Result<Self, ProbeError> {
        let path = tree.path("");
        let folder = open_folder(tree.folder(), ".")
            .map_err(|error| ProbeError::Read { path: path.clone(), source: error.into() })?;
        Ok(Self { path, folder, buffer: Vec::with_capacity(32 * 1024) })
    }

    /// Every pid now, ascending.
    pub(crate) fn read(&mut self, pids: &mut Vec<u32>) -> Result<(), ProbeError> {
        self.try_read(pids)
            .map_err(|error| ProbeError::Read { path: self.path.clone(), source: error.into() })
    }

    fn try_read(&mut self, pids: &mut Vec<u32>) -> Result<(), Errno> {
        rustix::fs::seek(&self.folder, SeekFrom::Start(0))?;
        numeric_names(&self.folder, &mut self.buffer, usize::MAX, pids)?;
        // The kernel lists them ascending; a tree of files does not.
        if !pids.is_sorted() {
            pids.sort_unstable();
        }
        Ok(())
    }
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
        if let Some(name) = number(entry?.file_name().to_bytes()) {
            names.extend(u32::try_from(name));
        }
    }
    Ok(())
}
