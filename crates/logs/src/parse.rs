//! Lines of logs into entries: time, level, message, fields, and the lines that belong together.
//!
//! A [`Parser`] is fed the lines of one source, in their order, and learns which [`Format`] the source has. Any bytes are
//! welcome: what has no known format is a plain entry, and what is taken for something is marked as a guess. It holds a few
//! lines at most, and uses its memory again from line to line. It reads no file, asks no clock, and masks nothing: secrets
//! are [`mask`]'s, which is given what is to be shown or kept.

mod access;
mod clean;
mod clock;
mod databases;
mod detect;
mod dialects;
mod dotnet;
mod elixir;
mod entry;
mod fields;
mod go;
mod guess;
mod java;
mod json;
mod kernel;
mod klog;
mod level;
mod logfmt;
pub mod mask;
mod members;
mod python;
mod ruby;
mod rust;
mod scan;
mod servers;
mod sgr;
mod stamp;
mod syslog;
mod trace;
mod wrapper;
mod zones;

use jiff::tz::TimeZone;

pub use clean::{Color, Look, Style};
pub use entry::{
    Assumed, Entry, Format, MAX_CONTINUATION_BYTES, MAX_CONTINUATION_LINES, MAX_LINE_BYTES, Time,
};
pub use fields::{Fields, MAX_FIELDS, MAX_FIELDS_BYTES, MAX_NAME_BYTES, MAX_VALUE_BYTES};
pub use level::{Level, guess as guess_level};

use clock::Clock;
use detect::Detector;
use trace::Trace;

/// Room that is kept from line to line; what a longer line took is given back.
const KEPT_BYTES: usize = 64 << 10;

/// What lines leave out, and the caller knows.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The zone of times that say none: the machine's own.
    pub zone: TimeZone,
    /// No line is much later than this: the file's last modification, or now. For times without year or date. Milliseconds
    /// since 1970.
    pub reference_ms: i64,
    /// When the machine was started, for the kernel's times. Milliseconds since 1970.
    pub boot_ms: Option<i64>,
}

/// Turns the lines of one source into entries.
#[derive(Debug)]
pub struct Parser {
    clock: Clock,
    detector: Detector,
    /// The entry that the next line may belong to.
    pending: Entry,
    has_pending: bool,
    /// The entry of the line at hand.
    next: Entry,
    /// The entry that was answered last.
    done: Entry,
    /// What the wrapper of the line at hand says.
    outer: Entry,
    trace: Trace,
    /// Empty lines that belong to the entry if more of it follows.
    blanks: u32,
    /// The line within a wrapper, with its parts before if it came in several.
    inner: String,
    room: String,
    inner_room: String,
    styles: Vec<Style>,
}

impl Parser {
    /// A parser that has learnt nothing yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            clock: Clock::new(settings.zone, settings.reference_ms, settings.boot_ms),
            detector: Detector::default(),
            pending: Entry::default(),
            has_pending: false,
            next: Entry::default(),
            done: Entry::default(),
            outer: Entry::default(),
            trace: Trace::None,
            blanks: 0,
            inner: String::new(),
            room: String::new(),
            inner_room: String::new(),
            styles: Vec::new(),
        }
    }

    /// Moves the reference on, as the file is written or time goes by.
    pub const fn set_reference_ms(&mut self, reference_ms: i64) {
        self.clock.reference_ms = reference_ms;
    }

    /// Takes a line, with or without its end. Answers the entry before it once this line does not belong to that one: then
    /// this line is the first of the next.
    pub fn line(&mut self, bytes: &[u8]) -> Option<&Entry> {
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        let mut room = std::mem::take(&mut self.room);
        let mut styles = std::mem::take(&mut self.styles);
        let cut = bytes.len() > MAX_LINE_BYTES;
        let text = clean::clean(bytes, &mut room, &mut styles);
        let completed = self.unwrap_and_take(text, &mut styles, cut);
        room.shrink_to(KEPT_BYTES);
        styles.shrink_to(KEPT_BYTES);
        self.room = room;
        self.styles = styles;
        completed.then_some(&self.done)
    }

    /// Answers the entry under way: at the end, or when nothing came for a while. To be called until it answers `None`; what
    /// follows is a new entry.
    pub fn flush(&mut self) -> Option<&Entry> {
        if !self.inner.is_empty() {
            // A line whose last part never came is better than none.
            let mut styles = Vec::new();
            if self.take_inner(&mut styles, true) {
                return Some(&self.done);
            }
        }
        self.blanks = 0;
        self.trace = Trace::None;
        if !std::mem::take(&mut self.has_pending) {
            return None;
        }
        self.finish();
        Some(&self.done)
    }

    /// The entry under way, to which later lines may still belong.
    #[must_use]
    pub fn pending(&self) -> Option<&Entry> {
        self.has_pending.then_some(&self.pending)
    }

    fn unwrap_and_take(&mut self, text: &str, styles: &mut Vec<Style>, cut: bool) -> bool {
        self.outer.clear();
        match wrapper::open(text, &mut self.outer, &mut self.inner, &mut self.clock) {
            None => self.take(text, styles, cut, false),
            Some(true) if self.inner.len() < MAX_LINE_BYTES => false,
            Some(_) => self.take_inner(styles, cut),
        }
    }

    fn take_inner(&mut self, styles: &mut Vec<Style>, cut: bool) -> bool {
        let mut inner = std::mem::take(&mut self.inner);
        let mut room = std::mem::take(&mut self.inner_room);
        let cut = cut || inner.len() > MAX_LINE_BYTES;
        // A message of the journal may have several lines.
        let whole = inner.trim_end_matches(['\n', '\r']);
        let mut lines = whole.split('\n');
        let first = clean::clean(lines.next().unwrap_or_default().as_bytes(), &mut room, styles);
        let completed = self.take(first, styles, cut, true);
        for line in lines {
            room.clear();
            clean::append(line.trim_end_matches('\r'), &mut room);
            self.pending.join(&room, &[]);
        }
        inner.clear();
        inner.shrink_to(KEPT_BYTES);
        room.shrink_to(KEPT_BYTES);
        self.inner = inner;
        self.inner_room = room;
        completed
    }

    /// Takes a clean line. Answers whether the entry before is complete.
    fn take(&mut self, text: &str, styles: &[Style], cut: bool, wrapped: bool) -> bool {
        if text.bytes().all(|b| matches!(b, b' ' | b'\t')) && self.has_pending {
            self.blanks = self.blanks.saturating_add(1);
            return false;
        }
        let joinable = self.has_pending && self.same_source(wrapped);
        if joinable && !self.begins_indented(text) && self.trace.claims(text, &self.pending) {
            self.join(text, styles, cut);
            return false;
        }
        self.next.clear();
        self.detector.read(text, &mut self.next, &mut self.clock);
        if joinable && self.belongs(text) {
            if self.next.appendix {
                self.pending.join(&self.next.message, &[]);
            } else {
                self.join(text, styles, cut);
            }
            return false;
        }
        self.next.cut |= cut;
        move_styles(&mut self.next, text, styles);
        if wrapped {
            wrapper::merge(&self.outer, &mut self.next);
        }
        let completed = self.has_pending;
        if completed {
            self.finish();
        }
        std::mem::swap(&mut self.pending, &mut self.next);
        self.has_pending = true;
        self.blanks = 0;
        self.trace = Trace::begin(&self.pending.message);
        completed
    }

    /// Lines of different wrappers or streams never belong together.
    fn same_source(&self, wrapped: bool) -> bool {
        match (self.pending.wrapper, wrapped) {
            (None, false) => true,
            (Some(before), true) => {
                before == self.outer.format
                    && ["stream", "_PID"]
                        .iter()
                        .all(|name| self.pending.fields.get(name) == self.outer.fields.get(name))
            }
            _ => false,
        }
    }

    /// Some begin with blanks all the same: `tracing` does without a time or when pretty.
    fn begins_indented(&mut self, text: &str) -> bool {
        let trimmed = text.trim_start_matches(' ');
        let blanks = text.len() - trimmed.len();
        if !(1..=2).contains(&blanks)
            || !trimmed.starts_with(|c: char| c.is_ascii_digit() || c.is_ascii_uppercase())
        {
            return false;
        }
        self.next.clear();
        rust::read(&detect::Head::new(text), &mut self.next, &mut self.clock).is_some()
    }

    /// Whether a line, read into `next`, belongs to the entry before it all the same.
    fn belongs(&self, text: &str) -> bool {
        let (next, pending) = (&self.next, &self.pending);
        if next.appendix {
            return pending.format == next.format
                && pending.fields.get("pid") == next.fields.get("pid");
        }
        if pending.message.is_empty()
            && pending.continuation_lines == 0
            && pending.format == Format::Java
        {
            // java.util.logging: level and message on the second line.
            return text.split_once(": ").is_some_and(|(word, _)| Level::from_word(word).is_some());
        }
        let header_only = pending.message.is_empty() && pending.format == Format::Elixir;
        next.format == Format::Plain
            && next.level.is_none()
            && (self.detector.settled() || header_only)
            && trace::may_wrap(pending.format)
    }

    fn join(&mut self, text: &str, styles: &[Style], cut: bool) {
        let pending = &mut self.pending;
        pending.cut |= cut;
        if pending.message.is_empty() && pending.continuation_lines == 0 {
            // The first line was a header only.
            let mut message = text.trim_start();
            if pending.format == Format::Java
                && let Some((word, rest)) = message.split_once(": ")
            {
                pending.tell(Level::from_word(word));
                message = rest;
            }
            pending.say(message);
            move_styles(pending, text, styles);
            self.blanks = 0;
            return;
        }
        for _ in 0..std::mem::take(&mut self.blanks).min(MAX_CONTINUATION_LINES) {
            pending.join("", &[]);
        }
        pending.join(text, styles);
    }

    fn finish(&mut self) {
        std::mem::swap(&mut self.pending, &mut self.done);
        self.pending.shrink(KEPT_BYTES);
        self.next.shrink(KEPT_BYTES);
    }
}

/// Brings the styles of the line to the part of it that is the message.
fn move_styles(entry: &mut Entry, text: &str, styles: &[Style]) {
    let Some(offset) = entry.copied_from.checked_sub(text.as_ptr().addr()) else { return };
    if styles.is_empty() || offset > text.len() {
        return;
    }
    let length = entry.message.len();
    entry.styles.extend(styles.iter().filter_map(|style| {
        let start = style.start.saturating_sub(offset);
        let end = style.end.saturating_sub(offset).min(length);
        (start < end).then_some(Style { start, end, look: style.look })
    }));
}
