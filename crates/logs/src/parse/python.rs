//! Python's `logging`: `BASIC_FORMAT`, the patterns of its documentation, and those of Flask, Celery, Gunicorn, Uvicorn,
//! Airflow, Django's development server and loguru; tracebacks.

use super::clock::Clock;
use super::detect::Head;
use super::entry::{Entry, Format};
use super::level::Level;
use super::scan::Scan;

/// How a traceback begins.
pub(super) const TRACEBACK: &str = "Traceback (most recent call last):";

pub(super) fn read(head: &Head<'_>, entry: &mut Entry, clock: &mut Clock) -> Option<()> {
    entry.format = Format::Python;
    if let Some((stamp, rest)) = head.at {
        entry.time = clock.resolve(stamp);
        let mut scan = Scan::new(rest);
        return match scan.eat(" - ") {
            Some(()) => dashed(scan, entry),
            None => loguru(scan, entry).or_else(|| blank(scan, entry)),
        };
    }
    match head.text.bytes().next()? {
        b'[' => in_brackets(head.text, entry, clock),
        b'D' | b'I' | b'W' | b'E' | b'C' => basic(head.text, entry),
        b'T' if head.text.starts_with(TRACEBACK) => {
            entry.suppose(Some(Level::Error));
            entry.say(head.text);
            Some(())
        }
        _ => None,
    }
}

/// Python's own names of levels.
fn level(scan: &mut Scan<'_>) -> Option<Level> {
    match scan.letters()? {
        word @ ("DEBUG" | "INFO" | "WARNING" | "ERROR" | "CRITICAL" | "SUCCESS" | "TRACE") => {
            Level::from_word(word)
        }
        _ => None,
    }
}

/// `name - LEVEL - message`
fn dashed(mut scan: Scan<'_>, entry: &mut Entry) -> Option<()> {
    let name = scan.word()?;
    scan.eat(" - ")?;
    let level = level(&mut scan)?;
    scan.eat(" - ")?;
    entry.field("logger", name);
    entry.tell(Some(level));
    entry.say(scan.rest);
    Some(())
}

/// ` LEVEL name: message` or ` [LEVEL] name: message`; a name that ends with a class is Java's.
fn blank(mut scan: Scan<'_>, entry: &mut Entry) -> Option<()> {
    scan.gap()?;
    let bracket = scan.eat("[").is_some();
    let level = level(&mut scan)?;
    if bracket {
        scan.eat("]")?;
    }
    scan.gap()?;
    let name = scan.span(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_'))?;
    let is_class =
        name.rsplit('.').next().is_some_and(|n| n.starts_with(|c: char| c.is_ascii_uppercase()));
    scan.eat(": ")?;
    if is_class {
        return None;
    }
    entry.field("logger", name);
    entry.tell(Some(level));
    entry.say(scan.rest);
    Some(())
}

/// ` | LEVEL    | module:function:12 - message`
fn loguru(mut scan: Scan<'_>, entry: &mut Entry) -> Option<()> {
    scan.eat(" | ")?;
    let level = level(&mut scan)?;
    scan.blanks();
    scan.eat("| ")?;
    let place = scan.word()?;
    scan.eat(" - ")?;
    entry.field("source", place);
    entry.tell(Some(level));
    entry.say(scan.rest);
    Some(())
}

/// `LEVEL:name:message` (`logging.BASIC_FORMAT`) and Uvicorn's `LEVEL:     message`.
fn basic(text: &str, entry: &mut Entry) -> Option<()> {
    let mut scan = Scan::new(text);
    let level = level(&mut scan)?;
    scan.eat(":")?;
    if scan.eat("    ").is_some() {
        scan.blanks();
    } else {
        let name = scan.span(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))?;
        scan.eat(":")?;
        entry.field("logger", name);
    }
    entry.tell(Some(level));
    entry.say(scan.rest);
    Some(())
}

fn in_brackets(text: &str, entry: &mut Entry, clock: &mut Clock) -> Option<()> {
    let mut scan = Scan::new(text);
    scan.eat("[")?;
    entry.time = clock.resolve(scan.stamp()?);
    if scan.eat(": ").is_some() {
        // Celery: `[time: LEVEL/Process] message`
        let level = level(&mut scan)?;
        scan.eat("/")?;
        let process = scan.until(b']', 128)?;
        entry.field("process", process);
        entry.tell(Some(level));
        scan.blanks();
        entry.say(scan.rest);
        return Some(());
    }
    scan.eat("] ")?;
    match scan.first()? {
        // Gunicorn: `[time] [pid] [LEVEL] message`
        b'[' => {
            let pid = scan.bracketed().filter(|p| p.bytes().all(|b| b.is_ascii_digit()))?;
            scan.eat(" ")?;
            let level = scan.bracketed_level()?;
            entry.field("pid", pid);
            entry.tell(Some(level));
            scan.blanks();
        }
        // Airflow: `[time] {file.py:12} LEVEL - message`
        b'{' => {
            scan.eat("{")?;
            let place = scan.until(b'}', 256)?;
            scan.eat(" ")?;
            let level = level(&mut scan)?;
            scan.eat(" - ")?;
            entry.field("source", place);
            entry.tell(Some(level));
        }
        // Django's development server: `[time] "GET / HTTP/1.1" 200 5`
        b'"' => {
            let mut ahead = scan;
            ahead.quoted()?;
            ahead.eat(" ")?;
            let status = ahead.digits().filter(|d| d.len() == 3)?;
            entry.field("status", status);
            entry.suppose(status.parse().ok().map(Level::from_status));
        }
        // Flask: `[time] LEVEL in module: message`
        _ => {
            let level = level(&mut scan)?;
            scan.eat(" in ")?;
            let module = scan.until(b':', 128)?;
            entry.field("module", module);
            entry.tell(Some(level));
            scan.blanks();
        }
    }
    entry.say(scan.rest);
    Some(())
}
