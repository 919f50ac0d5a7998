//! .NET: the console logger (`simple` and `systemd` formatters), Serilog's text output, NLog's default layout.

use super::clock::Clock;
use super::detect::Head;
use super::entry::{Entry, Format};
use super::level::Level;
use super::scan::Scan;
use super::syslog::priority;

pub(super) fn read(head: &Head<'_>, entry: &mut Entry, clock: &mut Clock) -> Option<()> {
    let mut scan = Scan::new(head.text);
    entry.format = Format::DotNet;
    if let Some((stamp, rest)) = head.at {
        entry.time = clock.resolve(stamp);
        scan.rest = rest;
        if scan.eat("|").is_some() {
            return nlog(scan, entry);
        }
        scan.blanks();
        return serilog(scan, entry).or_else(|| console(scan, entry));
    }
    match scan.first()? {
        b'<' => {
            let severity = priority(&mut scan)?;
            category(&mut scan, entry)?;
            scan.gap()?;
            entry.tell(Level::from_severity(severity));
            entry.say(scan.rest);
            Some(())
        }
        b'[' => {
            // `[14:31:02 INF] message`
            scan.eat("[")?;
            entry.time = clock.resolve(scan.stamp()?);
            scan.eat(" ")?;
            let word = scan.until(b']', 8)?;
            entry.tell(Some(short_level(word)?));
            scan.blanks();
            entry.say(scan.rest);
            Some(())
        }
        b't' | b'd' | b'i' | b'w' | b'f' | b'c' => console(scan, entry),
        _ => None,
    }
}

/// `info: Category[14]`, with the message on the next line, or on the same with `SingleLine`.
fn console(mut scan: Scan<'_>, entry: &mut Entry) -> Option<()> {
    let level = match scan.letters()? {
        "trce" => Level::Trace,
        "dbug" => Level::Debug,
        "info" => Level::Info,
        "warn" => Level::Warn,
        "fail" => Level::Error,
        "crit" => Level::Fatal,
        _ => return None,
    };
    scan.eat(": ")?;
    category(&mut scan, entry)?;
    if !scan.rest.is_empty() {
        scan.gap()?;
    }
    entry.tell(Some(level));
    entry.say(scan.rest);
    Some(())
}

/// `Microsoft.Hosting.Lifetime[14]`: category and number of the event.
fn category(scan: &mut Scan<'_>, entry: &mut Entry) -> Option<()> {
    let name =
        scan.span(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'`' | b'+'))?;
    let event = scan.bracketed().filter(|e| e.parse::<i32>().is_ok())?;
    entry.field("category", name);
    entry.field("event", event);
    Some(())
}

/// `[INF] message`, behind the time.
fn serilog(mut scan: Scan<'_>, entry: &mut Entry) -> Option<()> {
    entry.tell(Some(short_level(scan.bracketed()?)?));
    scan.blanks();
    entry.say(scan.rest);
    Some(())
}

/// Serilog's `{Level:u3}`.
fn short_level(word: &str) -> Option<Level> {
    matches!(word, "VRB" | "DBG" | "INF" | "WRN" | "ERR" | "FTL")
        .then(|| Level::from_word(word))
        .flatten()
}

/// `INFO|Category|message`, behind the time.
fn nlog(mut scan: Scan<'_>, entry: &mut Entry) -> Option<()> {
    entry.tell(Some(scan.level()?));
    scan.eat("|")?;
    let logger = scan.until(b'|', 256)?;
    entry.field("logger", logger);
    entry.say(scan.rest);
    Some(())
}
