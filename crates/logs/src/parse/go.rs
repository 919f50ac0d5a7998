//! Go: the standard `log` (flags `LstdFlags`, `Lmicroseconds`, `Lshortfile`), `log/slog`'s default handler, zap's console
//! encoder, logrus on a terminal, and what the runtime writes when it panics.

use super::clock::Clock;
use super::detect::Head;
use super::entry::{Entry, Format};
use super::level::Level;
use super::logfmt;
use super::members::Members;
use super::scan::Scan;

pub(super) fn read(head: &Head<'_>, entry: &mut Entry, clock: &mut Clock) -> Option<()> {
    let Some((stamp, rest)) = head.at else {
        return if is_panic(head.text) {
            panic(head.text, entry)
        } else {
            logrus(head.text, entry)
        };
    };
    entry.time = clock.resolve(stamp);
    let mut scan = Scan::new(rest);
    if scan.eat("\t").is_some() {
        return zap(scan, entry);
    }
    // `log` writes slashes and no zone; a `T` or dashes are of others.
    if head.text.as_bytes().get(4) != Some(&b'/') || !stamp.zone.is_absent() {
        return None;
    }
    scan.eat(" ")?;
    entry.format = Format::GoLog;
    let mut ahead = scan;
    if let Some(file) =
        ahead.span(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/'))
        && file.ends_with(".go")
        && ahead.eat(":").is_some()
        && let Some(line) = ahead.digits()
        && ahead.eat(": ").is_some()
    {
        entry.cut |= !entry.fields.push_with("source", |room| {
            room.push_str(file);
            room.push(':');
            room.push_str(line);
        });
        scan = ahead;
    }
    match slog_level(scan) {
        Some((level, behind)) => {
            entry.tell(Some(level));
            let message = logfmt::take_tail(behind, entry);
            entry.say(message);
            entry.format = Format::Slog;
        }
        None => {
            entry.say(scan.rest);
            entry.suppose(super::level::guess(scan.rest));
        }
    }
    Some(())
}

fn slog_level(mut scan: Scan<'_>) -> Option<(Level, &str)> {
    let word = scan.letters()?;
    let level =
        matches!(word, "DEBUG" | "INFO" | "WARN" | "ERROR").then(|| Level::from_word(word))??;
    // What lies between levels: `INFO+2`.
    if scan.eat("+").is_some() {
        scan.digits()?;
    }
    scan.eat(" ")?;
    Some((level, scan.rest))
}

/// `INFO\tlogger\tfile.go:12\tmessage\t{"key": "value"}`: the logger may be missing.
fn zap(scan: Scan<'_>, entry: &mut Entry) -> Option<()> {
    let mut parts = scan.rest.split('\t');
    entry.tell(Some(Level::from_word(parts.next()?)?));
    let mut message = parts.next()?;
    let is_place = |text: &str| text.contains(".go:");
    if !is_place(message)
        && let Some(place) = parts.clone().next().filter(|p| is_place(p))
    {
        entry.field("logger", message);
        parts.next();
        entry.field("source", place);
        message = parts.next()?;
    } else if is_place(message) {
        entry.field("source", message);
        message = parts.next()?;
    }
    if let Some(members) = parts.next().and_then(Members::read) {
        for (name, value) in members.iter() {
            logfmt::field(name, value, entry);
        }
    }
    entry.format = Format::Zap;
    entry.say(message);
    Some(())
}

/// `WARN[0012] message   key=value`: the number counts seconds since the start.
fn logrus(text: &str, entry: &mut Entry) -> Option<()> {
    let mut scan = Scan::new(text);
    let word = scan.span(|b| b.is_ascii_uppercase()).filter(|w| w.len() == 4)?;
    let level = match word {
        "TRAC" => Level::Trace,
        "DEBU" => Level::Debug,
        "INFO" => Level::Info,
        "WARN" => Level::Warn,
        "ERRO" => Level::Error,
        "FATA" | "PANI" => Level::Fatal,
        _ => return None,
    };
    scan.bracketed().filter(|n| n.len() >= 4 && n.bytes().all(|b| b.is_ascii_digit()))?;
    scan.gap()?;
    entry.format = Format::Logrus;
    entry.tell(Some(level));
    let message = logfmt::take_tail(scan.rest, entry);
    entry.say(message);
    Some(())
}

fn panic(text: &str, entry: &mut Entry) -> Option<()> {
    entry.format = Format::GoLog;
    entry.suppose(Some(Level::Fatal));
    entry.say(text);
    Some(())
}

/// Whether a line is the first of what the runtime writes before it ends the program.
pub(super) fn is_panic(text: &str) -> bool {
    text.starts_with("panic: ")
        || text.starts_with("fatal error: ")
        || (text.starts_with("goroutine ") && text.ends_with("]:"))
}
