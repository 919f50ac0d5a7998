//! Taking a line apart from its left, without allocating and without indexing.

use super::level::Level;
use super::stamp::{Stamp, stamp};

/// What is left of a line.
#[derive(Clone, Copy)]
pub(super) struct Scan<'a> {
    pub(super) rest: &'a str,
}

impl<'a> Scan<'a> {
    pub(super) const fn new(rest: &'a str) -> Self {
        Self { rest }
    }

    /// Takes exactly this text.
    pub(super) fn eat(&mut self, text: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(text)?;
        Some(())
    }

    /// Takes blanks and tabs, if there are any.
    pub(super) fn blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    /// Takes at least one blank.
    pub(super) fn gap(&mut self) -> Option<()> {
        let trimmed = self.rest.trim_start_matches([' ', '\t']);
        (trimmed.len() < self.rest.len()).then(|| self.rest = trimmed)
    }

    pub(super) fn first(&self) -> Option<u8> {
        self.rest.bytes().next()
    }

    /// Takes bytes while they are such; at least one.
    pub(super) fn span(&mut self, is: impl Fn(u8) -> bool) -> Option<&'a str> {
        let length = self.rest.bytes().take_while(|b| is(*b)).count();
        let (head, tail) = self.rest.split_at_checked(length).filter(|_| length > 0)?;
        self.rest = tail;
        Some(head)
    }

    /// Takes all up to the next blank; at least one byte.
    pub(super) fn word(&mut self) -> Option<&'a str> {
        self.span(|b| !matches!(b, b' ' | b'\t'))
    }

    /// Takes letters.
    pub(super) fn letters(&mut self) -> Option<&'a str> {
        self.span(|b| b.is_ascii_alphabetic())
    }

    /// Takes digits as a number.
    pub(super) fn number(&mut self) -> Option<u64> {
        self.digits()?.parse().ok()
    }

    /// Takes digits.
    pub(super) fn digits(&mut self) -> Option<&'a str> {
        self.span(|b| b.is_ascii_digit())
    }

    /// Takes all up to this byte, within so many bytes, and the byte, too.
    pub(super) fn until(&mut self, end: u8, within: usize) -> Option<&'a str> {
        let bytes = self.rest.as_bytes();
        let at = memchr::memchr(end, bytes.get(..within).unwrap_or(bytes))?;
        let head = self.rest.get(..at)?;
        self.rest = self.rest.get(at + 1..)?;
        Some(head)
    }

    /// Takes `[...]`, and answers what is between the brackets, at most 256 bytes.
    pub(super) fn bracketed(&mut self) -> Option<&'a str> {
        let mut ahead = *self;
        ahead.eat("[")?;
        let inner = ahead.until(b']', 256)?;
        *self = ahead;
        Some(inner)
    }

    /// Takes `"..."`, in which a backslash keeps the next byte from ending it, and answers what is between, as it stands.
    pub(super) fn quoted(&mut self) -> Option<&'a str> {
        let inner = self.rest.strip_prefix('"')?;
        let mut from = 0;
        loop {
            let at = from + memchr::memchr2(b'"', b'\\', inner.as_bytes().get(from..)?)?;
            if inner.as_bytes().get(at) == Some(&b'"') {
                self.rest = inner.get(at + 1..)?;
                return inner.get(..at);
            }
            from = at + 2;
        }
    }

    /// Takes a word of level, with blanks that fill it up.
    pub(super) fn level(&mut self) -> Option<Level> {
        let mut ahead = *self;
        let level = Level::from_word(ahead.letters()?)?;
        if ahead.first().is_some_and(|b| b.is_ascii_digit() || matches!(b, b'_' | b'.' | b'/')) {
            return None;
        }
        *self = ahead;
        Some(level)
    }

    /// Takes `[LEVEL]`, blanks within it, too.
    pub(super) fn bracketed_level(&mut self) -> Option<Level> {
        let mut ahead = *self;
        let level = Level::from_word(ahead.bracketed()?.trim())?;
        *self = ahead;
        Some(level)
    }

    /// Takes a point in time.
    pub(super) fn stamp(&mut self) -> Option<Stamp<'a>> {
        let (stamp, rest) = stamp(self.rest)?;
        self.rest = rest;
        Some(stamp)
    }

    /// Takes a point in time in brackets.
    pub(super) fn bracketed_stamp(&mut self) -> Option<Stamp<'a>> {
        let mut ahead = *self;
        ahead.eat("[")?;
        let stamp = ahead.stamp()?;
        ahead.eat("]")?;
        *self = ahead;
        Some(stamp)
    }
}
