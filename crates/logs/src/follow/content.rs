//! The bytes of a file: read in place, or unpacked as they are needed.

use super::identity::{HEAD_BYTES, TAIL_BYTES};
use flate2::read::MultiGzDecoder;
use std::{
    fs::File,
    io::{self, Read},
};

/// Read from a compressed file at once, bytes.
const UNPACK_STEP: usize = 64 * 1024;
/// Below this much any ratio is believed, bytes.
const SMALL: u64 = 64 * 1024 * 1024;
/// Logs are seldom packed tighter; a zip bomb is a thousand to one.
const MOST_RATIO: u64 = 250;

/// Where bytes come from.
#[derive(Debug)]
pub(super) enum Content {
    /// A file as it is.
    Plain(File),
    /// A compressed one, which grows no more.
    Packed(Box<Unpacker>),
}

impl Content {
    /// Adds at most so many bytes from `at`. A compressed file goes forwards only: it forgets what
    /// is before `keep_from`.
    pub(super) fn read(
        &mut self,
        keep_from: u64,
        at: u64,
        most: usize,
        into: &mut Vec<u8>,
    ) -> io::Result<usize> {
        match self {
            Self::Plain(file) => read_at(file, at, most, into),
            Self::Packed(unpacker) => {
                unpacker.keep(keep_from.saturating_sub(TAIL_BYTES));
                Ok(unpacker.read(at, most, into))
            }
        }
    }

    /// The first bytes, as long as nothing else was read.
    pub(super) fn head(&mut self) -> io::Result<Vec<u8>> {
        let mut head = Vec::new();
        self.read(0, 0, HEAD_BYTES, &mut head)?;
        Ok(head)
    }

    /// The bytes before a place that was reached.
    pub(super) fn tail(&mut self, before: u64) -> io::Result<Vec<u8>> {
        let from = before.saturating_sub(TAIL_BYTES);
        let length = usize::try_from(before.saturating_sub(from)).unwrap_or_default();
        let mut tail = Vec::new();
        self.read(before, from, length, &mut tail)?;
        Ok(tail)
    }

    /// Goes towards a place by so many bytes at most; whether it is there.
    pub(super) fn advance(&mut self, to: u64, most: usize) -> bool {
        match self {
            Self::Plain(_) => true,
            Self::Packed(unpacker) => unpacker.advance(to, most),
        }
    }

    /// Why a compressed file ended before its end.
    pub(super) fn failure(&self) -> Option<io::ErrorKind> {
        match self {
            Self::Plain(_) => None,
            Self::Packed(unpacker) => unpacker.failed,
        }
    }

    pub(super) fn is_packed(&self) -> bool {
        matches!(self, Self::Packed(_))
    }
}

#[cfg(unix)]
fn read_once(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

#[cfg(windows)]
fn read_once(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}

/// Adds at most so many bytes from a place; fewer only at the end.
pub(super) fn read_at(file: &File, at: u64, most: usize, into: &mut Vec<u8>) -> io::Result<usize> {
    let base = into.len();
    into.resize(base.saturating_add(most), 0);
    let mut done = 0;
    let result = loop {
        let Some(buffer) = into.get_mut(base + done..).filter(|rest| !rest.is_empty()) else {
            break Ok(done);
        };
        match read_once(file, buffer, at.saturating_add(done as u64)) {
            Ok(0) => break Ok(done),
            Ok(read) => done += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => break Err(error),
        }
    };
    into.truncate(base + done);
    result
}

/// A gzip file on its way, holding only what is still needed.
pub(super) struct Unpacker {
    decoder: MultiGzDecoder<File>,
    packed_bytes: u64,
    most_unpacked: u64,
    kept: Vec<u8>,
    kept_from: u64,
    ended: bool,
    failed: Option<io::ErrorKind>,
}

impl std::fmt::Debug for Unpacker {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        form.debug_struct("Unpacker").field("reached", &self.reached()).finish_non_exhaustive()
    }
}

impl Unpacker {
    pub(super) fn new(file: File, most_unpacked: u64) -> io::Result<Self> {
        let packed_bytes = file.metadata()?.len();
        let decoder = MultiGzDecoder::new(file);
        Ok(Self {
            decoder,
            packed_bytes,
            most_unpacked,
            kept: Vec::new(),
            kept_from: 0,
            ended: false,
            failed: None,
        })
    }

    fn reached(&self) -> u64 {
        self.kept_from.saturating_add(self.kept.len() as u64)
    }

    fn keep(&mut self, from: u64) {
        let gone = from.min(self.reached()).saturating_sub(self.kept_from);
        if gone > 0 {
            self.kept.drain(..usize::try_from(gone).unwrap_or(usize::MAX).min(self.kept.len()));
            self.kept_from = self.kept_from.saturating_add(gone);
        }
    }

    /// Unpacks a little more, until it ends or fails.
    fn step(&mut self, most: usize) {
        let reached = self.reached();
        let ratio = self.packed_bytes.saturating_mul(MOST_RATIO).max(SMALL);
        if reached >= self.most_unpacked.min(ratio) {
            self.failed = Some(io::ErrorKind::FileTooLarge);
            self.ended = true;
            return;
        }
        let base = self.kept.len();
        self.kept.resize(base + most.min(UNPACK_STEP), 0);
        let read = loop {
            match self.decoder.read(self.kept.get_mut(base..).unwrap_or_default()) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        self.kept.truncate(base + *read.as_ref().unwrap_or(&0));
        self.failed = read.as_ref().err().map(io::Error::kind);
        self.ended = !matches!(read, Ok(1..));
    }

    fn advance(&mut self, to: u64, most: usize) -> bool {
        let stop = self.reached().saturating_add(most as u64);
        while self.reached() < to && !self.ended {
            if self.reached() >= stop {
                return false;
            }
            self.keep(self.reached().saturating_sub(TAIL_BYTES));
            self.step(usize::try_from(to - self.reached()).unwrap_or(usize::MAX));
        }
        true
    }

    fn read(&mut self, at: u64, most: usize, into: &mut Vec<u8>) -> usize {
        let end = at.saturating_add(most as u64);
        while self.reached() < end && !self.ended {
            self.step(UNPACK_STEP);
        }
        let Some(skip) = at.checked_sub(self.kept_from) else { return 0 };
        let skip = usize::try_from(skip).unwrap_or(usize::MAX);
        let found = self.kept.get(skip..).unwrap_or_default();
        let found = found.get(..most).unwrap_or(found);
        into.extend_from_slice(found);
        found.len()
    }
}
