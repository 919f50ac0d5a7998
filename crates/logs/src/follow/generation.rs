//! One of the files that had a name, and how far it was told.

use super::{
    content::Content,
    encoding::Encoding,
    identity::{HEAD_BYTES, Mark, Print},
    opening::Stamp,
};
use std::{io, time::Instant};

/// A file and the place reached in it.
#[derive(Debug)]
pub(super) struct Generation {
    /// `None` once it was told to its end and left.
    pub(super) content: Option<Content>,
    pub(super) stamp: Stamp,
    /// When the stamp was last seen to be another.
    pub(super) changed_at: Instant,
    pub(super) mark: Mark,
    pub(super) encoding: Option<Encoding>,
    pub(super) bom: usize,
    /// There is no newline between the place reached and this.
    pub(super) scanned: u64,
    /// Since when an unfinished line stands at the end.
    pub(super) unfinished_since: Option<Instant>,
    /// What stood before the place reached in a compressed file is still to be compared.
    pub(super) unproven: bool,
}

impl Generation {
    /// A file to be told from its beginning.
    pub(super) fn fresh(content: Content, stamp: Stamp, file: u32, now: Instant) -> Self {
        let mark = Mark::of(stamp.id, file);
        Self::resumed(Some(content), stamp, mark, now)
    }

    /// A file to be told from a mark.
    pub(super) fn resumed(
        content: Option<Content>,
        stamp: Stamp,
        mark: Mark,
        now: Instant,
    ) -> Self {
        let unproven = content.as_ref().is_some_and(Content::is_packed) && mark.offset > 0;
        Self {
            content,
            stamp,
            changed_at: now,
            scanned: mark.offset,
            mark,
            encoding: None,
            bom: 0,
            unfinished_since: None,
            unproven,
        }
    }

    /// Whether it still is the file it was, so long now; takes its beginning down.
    pub(super) fn verify(&mut self, length: u64) -> io::Result<bool> {
        let Some(content) = &mut self.content else { return Ok(false) };
        if content.is_packed() {
            return Ok(true);
        }
        if length < self.mark.seen {
            return Ok(false);
        }
        let head = content.head()?;
        if !fits(&self.mark, &head, content)? {
            return Ok(false);
        }
        self.take_head(&head);
        self.mark.seen = length;
        Ok(true)
    }

    pub(super) fn take_head(&mut self, head: &[u8]) {
        if head.len() > self.mark.head.length() {
            self.mark.head = Print::of(head);
        }
        if self.encoding.is_none() {
            self.encoding = Encoding::of(head);
            self.bom = Encoding::mark_length(head);
        }
    }

    /// Whether anything that can be told may stand behind the place reached.
    pub(super) fn is_open(&self) -> bool {
        self.content.is_some()
    }

    pub(super) fn close(&mut self) {
        self.content = None;
        self.mark.open = false;
        self.unfinished_since = None;
    }
}

/// Whether a file is the one of a mark, by its bytes. Those before the place reached are compared
/// later in a compressed one.
pub(super) fn fits(mark: &Mark, head: &[u8], content: &mut Content) -> io::Result<bool> {
    if !mark.head.begins(head) {
        return Ok(false);
    }
    Ok(content.is_packed() || mark.tail.begins(&content.tail(mark.offset)?))
}

/// Whether the bytes of a mark are enough to know a file by them alone.
pub(super) fn is_telling(mark: &Mark) -> bool {
    mark.head.length() >= 16.min(HEAD_BYTES)
}
