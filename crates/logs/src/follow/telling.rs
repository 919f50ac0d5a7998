//! Lines out of bytes: bounded, each byte once.

use super::{
    Settings,
    batch::{Batch, Entry, Gap, Line, LineEnd, SourceId, What},
    encoding::Encoding,
    generation::Generation,
    identity::{Print, Within},
};
use std::{io, time::Instant};

/// Read at once, bytes.
const CHUNK: usize = 64 * 1024;
/// Fewer NULs at the beginning are content.
const HOLE: usize = 512;
/// Unpacked at once on the way to the place reached, bytes.
const ADVANCE: usize = 1024 * 1024;

/// Where to write, and how much.
pub(super) struct Pen<'a> {
    pub(super) batch: &'a mut Batch,
    pub(super) scratch: &'a mut Vec<u8>,
    pub(super) settings: &'a Settings,
    pub(super) source: SourceId,
    pub(super) now: Instant,
}

/// How far telling came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// So many bytes were read, and there is more.
    More,
    /// All that is there.
    All,
    /// The file is not the one it was thought to be.
    NotIt,
}

enum Step {
    Read(usize),
    End,
}

impl Pen<'_> {
    pub(super) fn is_full(&self) -> bool {
        self.batch.entries.len() >= self.settings.most_entries
    }

    pub(super) fn say(&mut self, file: u32, offset: u64, what: What) {
        self.batch.entries.push(Entry { source: self.source, file, offset, what });
    }

    fn chunk(&self) -> usize {
        CHUNK.min(self.limit())
    }

    fn limit(&self) -> usize {
        self.settings.line_limit.max(1024) & !1
    }

    /// A line that stands in `text` already, or comes there.
    fn line(&mut self, told: &Generation, raw: Raw<'_>, end: LineEnd) {
        let continues = matches!(told.mark.within, Within::Told(_));
        if continues && raw.is_empty() && end == LineEnd::Newline {
            return;
        }
        let (at, length) = match raw {
            Raw::InPlace(at, length) => (at, length),
            Raw::Bytes(bytes, encoding) => {
                let at = self.batch.text.len();
                encoding.decode(bytes, &mut self.batch.text);
                (at, self.batch.text.len() - at)
            }
        };
        // A batch is far smaller than what 32 bits count.
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        let length = u32::try_from(length).unwrap_or_default();
        let line = Line { at, length, continues, end };
        self.say(told.mark.file, told.mark.offset, What::Line(line));
    }
}

enum Raw<'a> {
    InPlace(usize, usize),
    Bytes(&'a [u8], Encoding),
}

impl Raw<'_> {
    fn is_empty(&self) -> bool {
        match self {
            Self::InPlace(_, length) => *length == 0,
            Self::Bytes(bytes, _) => bytes.is_empty(),
        }
    }
}

impl Generation {
    /// Tells what is there, reading about so many bytes; `last` says that the name left it, so that
    /// an unfinished line waits for nothing.
    pub(super) fn tell(&mut self, pen: &mut Pen<'_>, quota: usize, last: bool) -> io::Result<Told> {
        if let Some(turned) = self.mark.before.take() {
            pen.say(self.mark.file, self.mark.offset, What::Turned(turned));
        }
        if self.unproven {
            match self.prove()? {
                Told::All => {}
                other => return Ok(other),
            }
        }
        let Some(encoding) = self.encoding else { return Ok(Told::All) };
        let begun = self.mark.offset;
        let mut read = 0;
        let told = loop {
            if read >= quota || pen.is_full() {
                break Ok(Told::More);
            }
            let step = match self.mark.within {
                Within::Cut(passed) => self.pass(pen, encoding, passed),
                _ if self.scanned.saturating_sub(self.mark.offset) >= pen.chunk() as u64 => {
                    self.look_on(pen, encoding)
                }
                _ => self.lines(pen, encoding),
            };
            match step {
                Ok(Step::Read(bytes)) => read += bytes,
                Ok(Step::End) => break self.unfinished(pen, encoding, last).map(|()| Told::All),
                Err(error) => break Err(error),
            }
        };
        if self.mark.offset != begun {
            self.take_tail()?;
        }
        told
    }

    fn take_tail(&mut self) -> io::Result<()> {
        if let Some(content) = &mut self.content {
            self.mark.tail = Print::of(&content.tail(self.mark.offset)?);
        }
        Ok(())
    }

    /// Unpacks up to the place reached, and compares what stands before it.
    fn prove(&mut self) -> io::Result<Told> {
        let Some(content) = &mut self.content else { return Ok(Told::NotIt) };
        if !content.advance(self.mark.offset, ADVANCE) {
            return Ok(Told::More);
        }
        self.unproven = false;
        let tail = content.tail(self.mark.offset)?;
        Ok(if self.mark.tail.begins(&tail) { Told::All } else { Told::NotIt })
    }

    /// Adds raw bytes from a place, whole units, not beyond what was seen.
    fn read(&mut self, at: u64, most: usize, unit: usize, into: &mut Vec<u8>) -> io::Result<usize> {
        let Some(content) = &mut self.content else { return Ok(0) };
        let room = if content.is_packed() { u64::MAX } else { self.mark.seen.saturating_sub(at) };
        let most = most.min(usize::try_from(room).unwrap_or(usize::MAX));
        let read = content.read(self.mark.offset, at, most, into)?;
        let half = read % unit;
        into.truncate(into.len() - half);
        Ok(read - half)
    }

    /// The lines of the next chunk, from the place reached.
    fn lines(&mut self, pen: &mut Pen<'_>, encoding: Encoding) -> io::Result<Step> {
        let in_place = encoding == Encoding::Bytes;
        // Bytes are read where they stay; UTF-16 is decoded to there.
        let mut raw =
            std::mem::take(if in_place { &mut pen.batch.text } else { &mut *pen.scratch });
        if !in_place {
            raw.clear();
        }
        let base = raw.len();
        let read = self.read(self.mark.offset, pen.chunk(), encoding.unit(), &mut raw);
        let step = match read {
            Ok(read) if self.mark.offset.saturating_add(read as u64) <= self.scanned => {
                Ok((base, Step::End))
            }
            Ok(read) => Ok(self.split(pen, encoding, &raw, base, read)),
            Err(error) => Err(error),
        };
        raw.truncate(step.as_ref().map_or(base, |(kept, _)| *kept));
        // `split` adds to `text` only when `raw` is not it.
        *(if in_place { &mut pen.batch.text } else { &mut *pen.scratch }) = raw;
        step.map(|(_, step)| step)
    }

    /// Tells the lines in `raw` from `base`; how much of `raw` stays, and what was read.
    fn split(
        &mut self,
        pen: &mut Pen<'_>,
        encoding: Encoding,
        raw: &[u8],
        base: usize,
        read: usize,
    ) -> (usize, Step) {
        let bytes = raw.get(base..).unwrap_or_default();
        if self.mark.within == Within::Start && encoding == Encoding::Bytes {
            let nuls = bytes.iter().take_while(|byte| **byte == 0).count();
            if nuls >= HOLE || (nuls > 0 && self.mark.offset > 0) {
                self.mark.offset += nuls as u64;
                self.scanned = self.mark.offset;
                if nuls < bytes.len() {
                    let passed = self.mark.offset;
                    self.mark.within = Within::Line;
                    pen.say(self.mark.file, 0, What::Gap(Gap::Hole(passed)));
                }
                return (base, Step::Read(nuls));
            }
        }
        let started = self.mark.offset;
        // What was scanned already has no newline.
        let mut search = usize::try_from(self.scanned.saturating_sub(started)).unwrap_or_default();
        let mut from = 0;
        while !pen.is_full() {
            let Some(newline) = encoding.newline(bytes, search) else { break };
            let begin = if self.mark.offset == 0 { self.bom } else { from };
            let line = encoding.without_return(bytes.get(begin..newline).unwrap_or_default());
            let raw = match encoding {
                Encoding::Bytes => Raw::InPlace(base + begin, line.len()),
                _ => Raw::Bytes(line, encoding),
            };
            pen.line(self, raw, LineEnd::Newline);
            from = newline + encoding.unit();
            search = from;
            self.mark.offset = started + from as u64;
            self.mark.within = Within::Line;
        }
        let seen_to = if pen.is_full() { from } else { bytes.len() };
        self.scanned = started + seen_to as u64;
        if from > 0 {
            self.unfinished_since = None;
        }
        (base + from, Step::Read(read))
    }

    /// Looks for the end of a line that is longer than a chunk.
    fn look_on(&mut self, pen: &mut Pen<'_>, encoding: Encoding) -> io::Result<Step> {
        let mut raw = std::mem::take(pen.scratch);
        raw.clear();
        let step = self.look_in(pen, encoding, &mut raw);
        *pen.scratch = raw;
        step
    }

    fn look_in(
        &mut self,
        pen: &mut Pen<'_>,
        encoding: Encoding,
        raw: &mut Vec<u8>,
    ) -> io::Result<Step> {
        let read = self.read(self.scanned, pen.chunk(), encoding.unit(), raw)?;
        if read == 0 {
            return Ok(Step::End);
        }
        let newline = encoding.newline(raw, 0);
        let end = self.scanned + newline.unwrap_or(read) as u64;
        let length = usize::try_from(end - self.mark.offset).unwrap_or(usize::MAX);
        let cut = length > pen.limit();
        if cut || newline.is_some() {
            raw.clear();
            let wanted = length.min(pen.limit());
            if self.read(self.mark.offset, wanted, encoding.unit(), raw)? < wanted {
                return Ok(Step::End);
            }
            let begin = if self.mark.offset == 0 { self.bom } else { 0 };
            let line = raw.get(begin..).unwrap_or_default();
            let line = if cut { line } else { encoding.without_return(line) };
            let how = if cut { LineEnd::Cut } else { LineEnd::Newline };
            pen.line(self, Raw::Bytes(line, encoding), how);
            let behind = if cut { 0 } else { encoding.unit() };
            self.mark.offset += (wanted + behind) as u64;
            self.mark.within = if cut { Within::Cut(0) } else { Within::Line };
            self.unfinished_since = None;
            self.scanned = self.mark.offset;
        } else {
            self.scanned = end;
        }
        Ok(Step::Read(read))
    }

    /// Passes over the rest of a line that was cut.
    fn pass(&mut self, pen: &mut Pen<'_>, encoding: Encoding, passed: u64) -> io::Result<Step> {
        pen.scratch.clear();
        let mut raw = std::mem::take(pen.scratch);
        let read = self.read(self.mark.offset, pen.chunk(), encoding.unit(), &mut raw);
        let newline = encoding.newline(&raw, 0);
        *pen.scratch = raw;
        let read = read?;
        if read == 0 {
            return Ok(Step::End);
        }
        let passed = passed + newline.unwrap_or(read) as u64;
        match newline {
            Some(newline) => {
                if passed > 0 {
                    pen.say(self.mark.file, self.mark.offset, What::LeftOut(passed));
                }
                self.mark.offset += (newline + encoding.unit()) as u64;
                self.mark.within = Within::Line;
            }
            None => {
                self.mark.offset += read as u64;
                self.mark.within = Within::Cut(passed);
            }
        }
        self.scanned = self.mark.offset;
        Ok(Step::Read(read))
    }

    /// Tells an unfinished last line when it stood long enough.
    fn unfinished(&mut self, pen: &mut Pen<'_>, encoding: Encoding, last: bool) -> io::Result<()> {
        let standing = usize::try_from(self.scanned.saturating_sub(self.mark.offset));
        let standing = standing.unwrap_or_default();
        if standing == 0 || matches!(self.mark.within, Within::Cut(_)) {
            self.unfinished_since = None;
            return Ok(());
        }
        let since = *self.unfinished_since.get_or_insert(pen.now);
        if !last && pen.now.saturating_duration_since(since) < pen.settings.patience {
            return Ok(());
        }
        let mut raw = std::mem::take(pen.scratch);
        raw.clear();
        let read = self.read(self.mark.offset, standing, encoding.unit(), &mut raw);
        let tellable = encoding.tellable(&raw);
        let begin = if self.mark.offset == 0 { self.bom } else { 0 };
        if let Some(piece) = raw.get(begin..tellable).filter(|piece| !piece.is_empty()) {
            pen.line(self, Raw::Bytes(piece, encoding), LineEnd::Unfinished);
            let before = if let Within::Told(bytes) = self.mark.within { bytes } else { 0 };
            let told = before + tellable as u64;
            let full = told >= pen.limit() as u64;
            self.mark.within = if full { Within::Cut(0) } else { Within::Told(told) };
            self.mark.offset += tellable as u64;
            self.unfinished_since = None;
        }
        *pen.scratch = raw;
        read.map(drop)
    }
}
