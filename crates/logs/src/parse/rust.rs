//! Rust: `tracing-subscriber`'s `fmt` (full, compact, and the first line of pretty), `env_logger`, and panics.

use super::clock::Clock;
use super::detect::Head;
use super::entry::{Entry, Format};
use super::level::Level;
use super::logfmt;
use super::scan::Scan;
use super::stamp::Zone;

pub(super) fn read(head: &Head<'_>, entry: &mut Entry, clock: &mut Clock) -> Option<()> {
    entry.format = Format::Rust;
    let mut scan = Scan::new(head.text);
    if let Some((stamp, rest)) = head.at {
        // Rust's loggers write UTC with its Z, or an offset.
        if !matches!(stamp.zone, Zone::Offset(_)) {
            return None;
        }
        entry.time = clock.resolve(stamp);
        scan.rest = rest;
        return tracing(scan, entry, false);
    }
    match scan.first()? {
        b'[' => env_logger(scan, entry, clock),
        b' ' | b'T' | b'D' | b'I' | b'W' | b'E' => {
            scan.blanks();
            let Some((stamp, rest)) = super::stamp::stamp(scan.rest) else {
                scan.rest = head.text;
                return tracing(scan, entry, true);
            };
            // Pretty begins with two blanks.
            entry.time = clock.resolve(stamp);
            scan.rest = rest;
            tracing(scan, entry, false)
        }
        b't' => panic(scan, entry),
        _ => None,
    }
}

fn level(scan: &mut Scan<'_>) -> Option<Level> {
    match scan.letters()? {
        word @ ("TRACE" | "DEBUG" | "INFO" | "WARN" | "ERROR") => Level::from_word(word),
        _ => None,
    }
}

/// ` INFO span{key=value}: crate::module: message key=value`
fn tracing(mut scan: Scan<'_>, entry: &mut Entry, bare: bool) -> Option<()> {
    scan.blanks();
    let level = level(&mut scan)?;
    scan.eat(" ")?;
    scan.blanks();
    if scan.rest.starts_with("ThreadId(") {
        entry.field("thread", scan.word()?);
        scan.blanks();
    }
    let (mut target, mut rest) = segment(scan.rest)?;
    let second = segment(rest);
    let is_span = target.contains('{')
        || second.is_some_and(|(t, _)| t.contains("::") && !target.contains("::"));
    if is_span {
        entry.field("span", target);
        (target, rest) = match second.filter(|(target, _)| is_path(target)) {
            Some(found) => found,
            None => ("", rest),
        };
    }
    // Without a time only a path tells it from other lines.
    if !(target.is_empty() || is_path(target)) || (bare && !target.contains("::") && !is_span) {
        return None;
    }
    entry.tell(Some(level));
    entry.field("target", target);
    let message = logfmt::take_tail(rest, entry);
    entry.say(message);
    Some(())
}

/// Up to a colon with a blank behind it that is in no braces and no quotes, without a blank before it.
fn segment(text: &str) -> Option<(&str, &str)> {
    let bytes = text.as_bytes();
    let (mut depth, mut quoted) = (0_u32, false);
    for (at, byte) in bytes.iter().enumerate().take(1_024) {
        match byte {
            b'"' if depth > 0 => quoted = !quoted,
            _ if quoted => {}
            b'{' => depth += 1,
            b'}' => depth = depth.checked_sub(1)?,
            b' ' if depth == 0 => return None,
            b':' if depth == 0 && matches!(bytes.get(at + 1), Some(b' ') | None) => {
                return Some((text.get(..at)?, text.get(at + 1..)?.trim_start_matches(' ')));
            }
            _ => {}
        }
    }
    None
}

fn is_path(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':' | b'-' | b'.'))
}

/// `[2026-11-24T14:31:02Z INFO  crate::module] message`
fn env_logger(mut scan: Scan<'_>, entry: &mut Entry, clock: &mut Clock) -> Option<()> {
    scan.eat("[")?;
    entry.time = clock.resolve(scan.stamp()?);
    scan.eat(" ")?;
    let level = level(&mut scan)?;
    scan.gap()?;
    let target = scan.until(b']', 256)?;
    if !is_path(target) {
        return None;
    }
    entry.tell(Some(level));
    entry.field("target", target);
    scan.blanks();
    entry.say(scan.rest);
    Some(())
}

/// `thread 'main' panicked at src/main.rs:2:5:`
fn panic(scan: Scan<'_>, entry: &mut Entry) -> Option<()> {
    if !is_panic(scan.rest) {
        return None;
    }
    entry.suppose(Some(Level::Fatal));
    entry.say(scan.rest);
    Some(())
}

/// Whether a line is the first of a panic.
pub(super) fn is_panic(text: &str) -> bool {
    text.starts_with("thread '") && text.contains(" panicked at ")
}
