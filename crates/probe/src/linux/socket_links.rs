//! Sockets among the descriptors of processes: their links read `socket:[1620]` (proc_pid_fd(5)).

use super::{
    pids::{numeric_names, open_folder},
    source::{PidPath, Tree},
    text::number,
};
use rustix::{buffer::spare_capacity, fd::AsFd, io::Errno};
use std::{ffi::CStr, ops::ControlFlow, sync::Arc};

/// Descriptors looked at of one process. Servers open their sockets first, and the kernel gives
/// the lowest numbers first.
const LINKS_OF_ONE: usize = 8192;

/// Reads them, with buffers that are used again.
#[derive(Debug)]
pub(crate) struct SocketLinks {
    tree: Arc<Tree>,
    buffer: Vec<u8>,
    descriptors: Vec<u32>,
}

impl SocketLinks {
    pub(crate) fn new(tree: Arc<Tree>) -> Self {
        Self { tree, buffer: Vec::new(), descriptors: Vec::new() }
    }

    /// Shows descriptor and inode of each socket of a process until it is told to stop; adds the
    /// number of descriptors looked at to `looked_at`.
    ///
    /// # Errors
    /// When the process was not there or its descriptors may not be seen, all or from one on.
    pub(crate) fn each(
        &mut self,
        pid: u32,
        looked_at: &mut usize,
        mut show: impl FnMut(u32, u64) -> ControlFlow<()>,
    ) -> Result<(), Errno> {
        let folder = open_folder(self.tree.folder(), PidPath::new(pid, "fd").as_c_str())?;
        self.buffer.clear();
        self.buffer.reserve(32 * 1024);
        let listed = numeric_names(&folder, &mut self.buffer, LINKS_OF_ONE, &mut self.descriptors);
        *looked_at += self.descriptors.len();
        for descriptor in &self.descriptors {
            let name = PidPath::name(*descriptor);
            if let Some(inode) = inode(&folder, name.as_c_str(), &mut self.buffer)
                && show(*descriptor, inode).is_break()
            {
                break;
            }
        }
        listed
    }

    /// How many descriptors a process has, where the kernel tells (Linux 6.2): a tree of files does not.
    pub(crate) fn number(&self, pid: u32) -> Option<u64> {
        if !self.tree.is_own() {
            return None;
        }
        let path = PidPath::new(pid, "fd");
        let folder =
            rustix::fs::statat(self.tree.folder(), path.as_c_str(), rustix::fs::AtFlags::empty());
        folder.ok().and_then(|folder| u64::try_from(folder.st_size).ok()).filter(|size| *size > 0)
    }

    /// The inode of one descriptor, where that is a socket.
    pub(crate) fn inode_of(&mut self, pid: u32, descriptor: u32) -> Option<u64> {
        let path = PidPath::descriptor(pid, descriptor);
        inode(self.tree.folder(), path.as_c_str(), &mut self.buffer)
    }
}

fn inode(folder: impl AsFd, name: &CStr, buffer: &mut Vec<u8>) -> Option<u64> {
    buffer.clear();
    buffer.reserve(256);
    rustix::fs::readlinkat_raw(folder, name, spare_capacity(buffer)).ok()?;
    number(buffer.strip_prefix(b"socket:[")?.strip_suffix(b"]")?)
}
