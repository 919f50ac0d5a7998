//! Files that are opened once and read again each tick, and the tree they lie in.
//!
//! Reading a kept descriptor from its start costs half of opening, reading and closing.

use crate::ProbeError;
use rustix::{
    buffer::spare_capacity,
    fd::{AsFd, BorrowedFd, OwnedFd},
    fs::{Mode, OFlags},
    io::{Errno, pread},
};
use std::{
    ffi::CStr,
    io::Write,
    path::{Path, PathBuf},
};

/// A folder such as `/proc`, held open so that names below it resolve quickly.
#[derive(Debug)]
pub(crate) struct Tree {
    path: PathBuf,
    folder: OwnedFd,
}

impl Tree {
    /// Whether this is the `/proc` of the kernel and namespaces this program runs in, so that the
    /// kernel itself can be asked the same.
    pub(crate) fn is_own(&self) -> bool {
        self.path == Path::new("/proc")
    }

    pub(crate) fn open(path: &Path) -> Result<Self, ProbeError> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = rustix::fs::open(path, flags, Mode::empty())
            .map_err(|error| ProbeError::Read { path: path.to_owned(), source: error.into() })?;
        Ok(Self { path: path.to_owned(), folder })
    }

    pub(crate) fn folder(&self) -> BorrowedFd<'_> {
        self.folder.as_fd()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Opens a file below for reading.
    pub(crate) fn file(&self, name: impl rustix::path::Arg) -> Result<OwnedFd, Errno> {
        open_below(&self.folder, name)
    }

    /// Reads a small file once, as text without blanks around it.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let mut bytes = Vec::with_capacity(4096);
        read_whole(self.file(name).ok()?, &mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).trim().to_owned())
    }
}

/// Opens a file below a folder for reading.
pub(crate) fn open_below(
    folder: impl AsFd,
    name: impl rustix::path::Arg,
) -> Result<OwnedFd, Errno> {
    rustix::fs::openat(folder, name, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
}

/// Reads as much as one call gives, from the start. Enough for files whose text the kernel makes in
/// one piece.
pub(crate) fn read_once(file: impl AsFd, buffer: &mut Vec<u8>) -> Result<usize, Errno> {
    buffer.clear();
    buffer.reserve(4096);
    pread(file, spare_capacity(buffer), 0)
}

/// Reads a file from its start to its end.
pub(crate) fn read_whole(file: impl AsFd, buffer: &mut Vec<u8>) -> Result<(), Errno> {
    buffer.clear();
    loop {
        buffer.reserve(4096);
        let at = buffer.len() as u64;
        if pread(&file, spare_capacity(buffer), at)? == 0 {
            return Ok(());
        }
    }
}

/// `PID/NAME` as a path, made on the stack.
pub(crate) struct PidPath([u8; 32]);

impl PidPath {
    pub(crate) fn new(pid: u32, name: &str) -> Self {
        Self::from(format_args!("{pid}/{name}"))
    }

    /// `PID/fd/N`.
    pub(crate) fn descriptor(pid: u32, descriptor: u32) -> Self {
        Self::from(format_args!("{pid}/fd/{descriptor}"))
    }

    /// A number as a name.
    pub(crate) fn name(number: u32) -> Self {
        Self::from(format_args!("{number}"))
    }

    fn from(text: std::fmt::Arguments<'_>) -> Self {
        let mut bytes = [0; 32];
        // A name too long leaves a cut path, which does not exist; all names here are short.
        let _ = bytes.as_mut_slice().write_fmt(text);
        Self(bytes)
    }

    pub(crate) fn as_c_str(&self) -> &CStr {
        CStr::from_bytes_until_nul(&self.0).unwrap_or_default()
    }
}

/// One file below a [`Tree`], opened at first use and kept.
#[derive(Debug)]
pub(crate) struct Source {
    name: &'static str,
    file: Option<OwnedFd>,
    refusal: Option<Errno>,
}

impl Source {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, file: None, refusal: None }
    }

    /// Its whole text, in the buffer.
    pub(crate) fn read<'buffer>(
        &mut self,
        tree: &Tree,
        buffer: &'buffer mut Vec<u8>,
    ) -> Result<&'buffer [u8], ProbeError> {
        self.try_read(tree, buffer).map_err(|error| ProbeError::Read {
            path: tree.path(self.name),
            source: error.into(),
        })?;
        Ok(buffer)
    }

    /// Its text where the machine has it. Once it was refused it is not asked for again.
    pub(crate) fn read_optional<'buffer>(
        &mut self,
        tree: &Tree,
        buffer: &'buffer mut Vec<u8>,
    ) -> Option<&'buffer [u8]> {
        if self.refusal.is_some() {
            return None;
        }
        self.try_read(tree, buffer).map_err(|error| self.refusal = Some(error)).ok()?;
        Some(buffer)
    }

    /// Hands the open file to a reader of its own, unless it was refused before.
    pub(crate) fn visit(
        &mut self,
        tree: &Tree,
        buffer: &mut Vec<u8>,
        read: impl FnOnce(&OwnedFd, &mut Vec<u8>) -> Result<(), Errno>,
    ) {
        if self.refusal.is_none()
            && let Err(error) = self.try_visit(tree, |file| read(file, buffer))
        {
            self.refusal = Some(error);
        }
    }

    fn try_read(&mut self, tree: &Tree, buffer: &mut Vec<u8>) -> Result<(), Errno> {
        self.try_visit(tree, |file| read_whole(file, buffer))
    }

    fn try_visit(
        &mut self,
        tree: &Tree,
        read: impl FnOnce(&OwnedFd) -> Result<(), Errno>,
    ) -> Result<(), Errno> {
        let file = match self.file.take() {
            Some(file) => file,
            None => tree.file(self.name)?,
        };
        read(&file)?;
        self.file = Some(file);
        Ok(())
    }

    /// Why an optional file could not be read.
    pub(crate) fn refusal(&self) -> Option<Errno> {
        self.refusal
    }

    pub(crate) fn path(&self, tree: &Tree) -> PathBuf {
        tree.path(self.name)
    }
}

/// Whether the system refused for want of rights, rather than for want of the thing.
pub(crate) fn is_denied(error: Errno) -> bool {
    matches!(error, Errno::ACCESS | Errno::PERM)
}

/// Whether the process is no longer there.
pub(crate) fn is_gone(error: Errno) -> bool {
    matches!(error, Errno::NOENT | Errno::SRCH)
}
