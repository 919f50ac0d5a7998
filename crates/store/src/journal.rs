//! The minute under way, kept safe every second in one file that is overwritten in place.
//!
//! A database would rewrite whole pages through its log for each second; this file costs the bytes
//! themselves. It survives the end of the program, however sudden, since the operating system has
//! the bytes as soon as the write returns; a power cut may lose the minute.
//!
//! ```text
//! header  magic 8, generation 8, boot row 8, epoch 8, before 1, checksum 4
//! record  length of names 4, length of counters 4, generation 8, checksum 4, names, counters
//! ```
//! Little endian. A checksum is CRC-32 over everything of its part but itself. A new minute begins
//! by writing a header with the next generation: the records behind it belong to the old one and
//! count no more.

use crate::{StoreError, encoder::Record, streams::Streams};
use std::{
    fs::{File, OpenOptions},
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

const MAGIC: &[u8; 8] = b"IRAJRNL1";
const HEADER: usize = 37;
const RECORD: usize = 20;
/// Room made beforehand, so that a full disk is met at the start and not in the middle.
const PREALLOCATED: u64 = 256 << 10;
/// A page of memory. Linux keeps what is written by one call in one piece of its cache and writes a
/// piece back as a whole: made page by page, a second costs its page and not the whole file.
const PAGE: u64 = 4096;
/// A file larger than this is cut when a new minute begins.
const KEPT: u64 = 4 << 20;
/// Nothing larger is read back.
const READ_AT_MOST: u64 = 256 << 20;

/// What a minute belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Minute {
    /// Counts minutes of this file.
    pub(crate) generation: u64,
    /// Row of the boot.
    pub(crate) boot: i64,
    /// Identifier of the first block of its epoch; 0 when this block begins one.
    pub(crate) epoch: i64,
    /// What lies before its first tick, as stored.
    pub(crate) before: u8,
}

/// The file, open for writing.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    generation: u64,
    end: u64,
    buffer: Vec<u8>,
    /// Whether the pieces in which the system keeps the file are ours.
    is_ours: bool,
}

impl Journal {
    /// Opens or makes the file.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let fail = |e| StoreError::file(path, e);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(fail)?;
        let mut journal = Self {
            path: path.to_owned(),
            file,
            generation: 0,
            end: HEADER as u64,
            buffer: Vec::new(),
            is_ours: false,
        };
        journal.reserve()?;
        Ok(journal)
    }

    /// Begins a minute; what was there counts no more.
    pub(crate) fn begin(&mut self, mut minute: Minute) -> Result<(), StoreError> {
        self.generation = self.generation.max(minute.generation) + 1;
        minute.generation = self.generation;
        if !self.is_ours {
            self.clear()?;
        }
        let mut header = Vec::with_capacity(HEADER);
        header.extend_from_slice(MAGIC);
        header.extend_from_slice(&minute.generation.to_le_bytes());
        header.extend_from_slice(&minute.boot.to_le_bytes());
        header.extend_from_slice(&minute.epoch.to_le_bytes());
        header.push(minute.before);
        header.extend_from_slice(&crc32fast::hash(&header).to_le_bytes());
        self.write_at(0, &header)?;
        self.end = HEADER as u64;
        if self.length()? > KEPT { self.cut(PREALLOCATED) } else { Ok(()) }
    }

    /// Forgets what was there.
    pub(crate) fn clear(&mut self) -> Result<(), StoreError> {
        self.cut(0)?;
        self.reserve()?;
        self.is_ours = true;
        Ok(())
    }

    /// Goes on after this generation, which a read found.
    pub(crate) fn after(&mut self, generation: u64) {
        self.generation = generation;
    }

    /// Keeps one record.
    pub(crate) fn append(&mut self, record: &Record) -> Result<(), StoreError> {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        let mut counters = Vec::new();
        record.counters.write(&mut counters);
        buffer.extend_from_slice(&(record.names.len() as u32).to_le_bytes());
        buffer.extend_from_slice(&(counters.len() as u32).to_le_bytes());
        buffer.extend_from_slice(&self.generation.to_le_bytes());
        let mut checksum = crc32fast::Hasher::new();
        checksum.update(&buffer);
        checksum.update(&record.names);
        checksum.update(&counters);
        buffer.extend_from_slice(&checksum.finalize().to_le_bytes());
        buffer.extend_from_slice(&record.names);
        buffer.extend_from_slice(&counters);
        let result = self.write_at(self.end, &buffer);
        if result.is_ok() {
            self.end += buffer.len() as u64;
        }
        self.buffer = buffer;
        result
    }

    /// Makes room for a minute.
    fn reserve(&mut self) -> Result<(), StoreError> {
        let length = self.length()?;
        let zeros = vec![0; PREALLOCATED.saturating_sub(length) as usize];
        self.write_at(length, &zeros)
    }

    fn length(&self) -> Result<u64, StoreError> {
        let metadata = self.file.metadata().map_err(|e| StoreError::file(&self.path, e))?;
        Ok(metadata.len())
    }

    fn cut(&self, length: u64) -> Result<(), StoreError> {
        self.file.set_len(length).map_err(|e| StoreError::file(&self.path, e))
    }

    fn write_at(&mut self, offset: u64, mut bytes: &[u8]) -> Result<(), StoreError> {
        let fail = |e| StoreError::file(&self.path, e);
        self.file.seek(SeekFrom::Start(offset)).map_err(fail)?;
        let mut room = PAGE - offset % PAGE;
        while !bytes.is_empty() {
            let (page, rest) = bytes.split_at(bytes.len().min(room as usize));
            self.file.write_all(page).map_err(fail)?;
            (bytes, room) = (rest, PAGE);
        }
        Ok(())
    }
}

/// What a journal holds.
#[derive(Debug)]
pub(crate) struct Recovered {
    pub(crate) minute: Minute,
    /// The base first, then a record a tick.
    pub(crate) names: Vec<u8>,
    pub(crate) counters: Streams,
}

/// Reads a journal as far as its records are whole. `None` when it holds none.
pub(crate) fn read(path: &Path) -> Result<Option<Recovered>, StoreError> {
    let mut bytes = Vec::new();
    match File::open(path) {
        Ok(file) => file
            .take(READ_AT_MOST)
            .read_to_end(&mut bytes)
            .map_err(|e| StoreError::file(path, e))?,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(StoreError::file(path, e)),
    };
    let Some((minute, mut rest)) = header(&bytes) else {
        return Ok(None);
    };
    let (mut names, mut counters) = (Vec::new(), Streams::default());
    while let Some((name_part, counter_part, after)) = next_record(rest, minute.generation) {
        names.extend_from_slice(name_part);
        counters.read(counter_part)?;
        rest = after;
    }
    Ok((!counters.is_empty()).then_some(Recovered { minute, names, counters }))
}

fn header(bytes: &[u8]) -> Option<(Minute, &[u8])> {
    let (head, rest) = bytes.split_at_checked(HEADER)?;
    let (body, checksum) = head.split_at_checked(HEADER - 4)?;
    if crc32fast::hash(body).to_le_bytes() != checksum || !body.starts_with(MAGIC) {
        return None;
    }
    let number = |at: usize| body.get(at..at + 8)?.try_into().ok().map(u64::from_le_bytes);
    let minute = Minute {
        generation: number(8)?,
        boot: number(16)?.cast_signed(),
        epoch: number(24)?.cast_signed(),
        before: *body.get(32)?,
    };
    Some((minute, rest))
}

fn next_record(bytes: &[u8], generation: u64) -> Option<(&[u8], &[u8], &[u8])> {
    let (head, rest) = bytes.split_at_checked(RECORD)?;
    let length = |at: usize| head.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes);
    let (names_length, counters_length) = (length(0)? as usize, length(4)? as usize);
    if head.get(8..16)? != generation.to_le_bytes() {
        return None;
    }
    let (names, rest) = rest.split_at_checked(names_length)?;
    let (counters, rest) = rest.split_at_checked(counters_length)?;
    let mut checksum = crc32fast::Hasher::new();
    checksum.update(head.get(..16)?);
    checksum.update(names);
    checksum.update(counters);
    (checksum.finalize() == length(16)?).then_some((names, counters, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(text: &str) -> Record {
        let counters = Streams { head: text.to_uppercase().into(), ..Streams::default() };
        Record { names: text.into(), counters }
    }

    const MINUTE: Minute = Minute { generation: 0, boot: 3, epoch: 7, before: 1 };

    #[test]
    fn what_is_cut_anywhere_keeps_the_records_before_the_cut() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("j");
        let mut journal = Journal::open(&path).unwrap();
        journal.begin(MINUTE).unwrap();
        let ends: Vec<u64> = ["one", "two", "three"]
            .into_iter()
            .map(|text| {
                journal.append(&record(text)).unwrap();
                journal.end
            })
            .collect();
        let whole = std::fs::read(&path).unwrap();
        for cut in HEADER as u64..=ends[2] {
            std::fs::write(&path, &whole[..cut as usize]).unwrap();
            let complete = ends.iter().filter(|end| **end <= cut).count();
            let names = read(&path).unwrap().map(|r| r.names).unwrap_or_default();
            let expected = ["one", "two", "three"][..complete].concat();
            assert_eq!(names, expected.as_bytes(), "cut at {cut}");
        }
    }

    #[test]
    fn a_new_minute_forgets_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("j");
        let mut journal = Journal::open(&path).unwrap();
        journal.begin(MINUTE).unwrap();
        journal.append(&record("aaaa")).unwrap();
        journal.append(&record("bbbb")).unwrap();
        journal.begin(Minute { epoch: 9, ..MINUTE }).unwrap();
        assert!(read(&path).unwrap().is_none(), "nothing of the new minute yet");
        journal.append(&record("cccc")).unwrap();
        let read = read(&path).unwrap().unwrap();
        assert_eq!(read.names, b"cccc", "old records behind the new one do not count");
        assert_eq!((read.minute.epoch, read.minute.generation), (9, 2), "the new header holds");
    }

    #[test]
    fn anything_else_is_no_journal() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("j");
        assert!(read(&path).unwrap().is_none(), "none there");
        std::fs::write(&path, b"IRAJRNL1 and then something else entirely, long enough").unwrap();
        assert!(read(&path).unwrap().is_none(), "a bad checksum");
    }
}
