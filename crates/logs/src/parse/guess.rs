//! Lines of no known format: a time at their beginning, or a word of level near it, is taken for what it looks like, and the
//! entry says that it was guessed.

use super::clock::{Clock, epoch};
use super::detect::Head;
use super::entry::{Entry, Format};
use super::level::Level;
use super::scan::Scan;
use super::syslog::priority;

pub(super) fn read(head: &Head<'_>, entry: &mut Entry, clock: &mut Clock) -> Option<()> {
    let mut scan = Scan::new(head.text);
    // What a service writes to its output may have a priority before it (sd-daemon(3)): that is told.
    let severity = priority(&mut scan).filter(|_| !scan.rest.starts_with(' '));
    entry.tell(severity.and_then(Level::from_severity));
    if entry.level.is_none() {
        scan.rest = head.text;
    }
    // The level may come first: `INFO 2026-11-24 14:31:02 message`, `[INFO] 2026-...`.
    let whole = scan;
    let first = word(&mut scan);
    if first.is_some() {
        separator(&mut scan);
    }
    entry.time = match (first, head.at) {
        (None, Some((stamp, rest))) if severity.is_none() => {
            scan.rest = rest;
            clock.resolve(stamp)
        }
        _ => match scan.bracketed_stamp().or_else(|| scan.stamp()) {
            Some(stamp) => clock.resolve(stamp),
            None => number(&mut scan),
        },
    };
    if entry.time.is_some() {
        separator(&mut scan);
        entry.suppose(first.or_else(|| word(&mut scan)));
        separator(&mut scan);
    } else {
        // What was taken for a level may be a part of what is said.
        scan = whole;
        entry.suppose(super::level::guess(scan.rest));
        entry.level?;
    }
    entry.format = Format::Guess;
    entry.say(scan.rest);
    entry.suppose(super::level::guess(scan.rest));
    Some(())
}

/// Takes a word of level that stands like one: in brackets, or in capitals.
fn word(scan: &mut Scan<'_>) -> Option<Level> {
    let mut ahead = *scan;
    let word = match ahead.bracketed() {
        Some(word) => word.trim(),
        None => {
            let word = ahead.span(|b| b.is_ascii_uppercase())?;
            ahead
                .first()
                .is_none_or(|b| matches!(b, b' ' | b'\t' | b':' | b'|' | b']' | b','))
                .then_some(word)?
        }
    };
    let level = super::level::unmistakable(word)?;
    *scan = ahead;
    Some(level)
}

/// Blanks and what stands between a time, a level and a message.
fn separator(scan: &mut Scan<'_>) {
    scan.blanks();
    for mark in [":", "-", "|", "]"] {
        let mut ahead = *scan;
        if ahead.eat(mark).is_some() && ahead.gap().is_some() {
            *scan = ahead;
            return;
        }
    }
}

/// A number of seconds or milliseconds since 1970 at the beginning, bare or in brackets.
fn number(scan: &mut Scan<'_>) -> Option<super::entry::Time> {
    let mut ahead = *scan;
    let bracket = ahead.eat("[").is_some();
    let digits = ahead.span(|b| b.is_ascii_digit() || b == b'.')?;
    if bracket {
        ahead.eat("]")?;
    }
    ahead.gap()?;
    let time = epoch(digits)?;
    *scan = ahead;
    Some(time)
}
