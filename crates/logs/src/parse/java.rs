//! Java: the usual patterns of log4j and logback (Spring Boot's, WildFly's, Kafka's, Elasticsearch's, Cassandra's and
//! Tomcat's among them), `java.util.logging`, and exceptions that are written without a logger.

use super::clock::Clock;
use super::detect::Head;
use super::entry::{Entry, Format};
use super::level::Level;
use super::scan::Scan;

pub(super) fn read(head: &Head<'_>, entry: &mut Entry, clock: &mut Clock) -> Option<()> {
    entry.format = Format::Java;
    let mut scan = Scan::new(head.text);
    if let Some((stamp, rest)) = head.at {
        entry.time = clock.resolve(stamp);
        scan.rest = rest;
        return pattern(scan, entry, None).or_else(|| jul(scan, entry));
    }
    if let Some(stamp) = scan.bracketed_stamp() {
        entry.time = clock.resolve(stamp);
        return elasticsearch(scan, entry).or_else(|| kafka(scan, entry));
    }
    if let Some(level) = scan.level() {
        return cassandra(scan, level, entry, clock);
    }
    is_exception(head.text).then(|| {
        entry.suppose(Some(Level::Error));
        entry.say(head.text);
    })
}

/// Whether a line is an exception with its class in front: `java.lang.IllegalStateException: shelf is full`.
pub(super) fn is_exception(text: &str) -> bool {
    if text.starts_with("Exception in thread ") {
        return true;
    }
    let class = text.split([':', ' ']).next().unwrap_or_default();
    let end = text.get(class.len()..).unwrap_or_default();
    (end.is_empty() || end.starts_with(": "))
        && class.contains('.')
        && ["Exception", "Error", "Throwable"].iter().any(|e| class.ends_with(e))
        && class.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'$' | b'_'))
}

/// What stands between the time and the message, in any order: `[thread]`, level, process, `---`, `[class]`, `(thread)`,
/// class with a dash or colon behind it.
fn pattern(mut scan: Scan<'_>, entry: &mut Entry, level: Option<Level>) -> Option<()> {
    let mut level = level;
    let (mut thread, mut logger, mut ended) = (None, None, false);
    for _ in 0..8 {
        scan.blanks();
        let mut ahead = scan;
        if let Some(inner) = ahead.bracketed() {
            if inner.trim().is_empty() {
                // Spring Boot without a name of the application.
            } else if level.is_none() && Level::from_word(inner.trim()).is_some() {
                level = Level::from_word(inner.trim());
            } else if logger.is_none() && level.is_some() && is_class(inner) {
                logger = Some(inner);
            } else {
                thread = Some(inner.trim());
            }
        } else if ahead.eat("(").is_some() {
            let inner = ahead.until(b')', 128).filter(|_| level.is_some() && thread.is_none())?;
            thread = Some(inner);
            (scan, ended) = (ahead, true);
            break;
        } else if level.is_none() && Level::from_word(ahead.letters().unwrap_or_default()).is_some()
        {
            level = scan.level();
            ahead = scan;
            level?;
        } else {
            ahead = scan;
            let Some(word) = ahead.word() else { break };
            match word {
                "-" | "--" | ":" => {
                    (scan, ended) = (ahead, true);
                    break;
                }
                "---" => {}
                _ if level.is_some() && word.bytes().all(|b| b.is_ascii_digit()) => {
                    entry.field("pid", word)
                }
                _ if logger.is_none() && level.is_some() => {
                    let name = word.strip_suffix(':').unwrap_or(word);
                    let behind = ahead.rest.trim_start_matches(' ');
                    let marked = name.len() < word.len()
                        || ["- ", "-- ", ": "].iter().any(|m| behind.starts_with(m));
                    if !is_class(name) || !(marked || name.contains('.')) {
                        break;
                    }
                    logger = Some(name);
                    if name.len() < word.len() {
                        (scan, ended) = (ahead, true);
                        break;
                    }
                }
                _ => break,
            }
        }
        scan = ahead;
    }
    // Anything else with a time and a level is a guess, and says so.
    if logger.is_none() && !(ended && thread.is_some()) {
        return None;
    }
    entry.tell(Some(level?));
    entry.field("thread", thread.unwrap_or_default());
    entry.field("logger", logger.unwrap_or_default());
    scan.blanks();
    entry.say(scan.rest);
    Some(())
}

/// A class, or a logger called otherwise: letters, digits, dots.
fn is_class(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| {
            b.is_ascii_alphanumeric() || matches!(b, b'.' | b'$' | b'_' | b'-' | b'/' | b'~')
        })
        && (name.contains('.') || name.starts_with(|c: char| c.is_ascii_uppercase()))
}

/// `[time][LEVEL ][logger] [node] message`
fn elasticsearch(mut scan: Scan<'_>, entry: &mut Entry) -> Option<()> {
    let level = scan.bracketed_level()?;
    let logger = scan.bracketed()?;
    entry.tell(Some(level));
    entry.field("logger", logger.trim());
    scan.blanks();
    if let Some(node) = scan.bracketed() {
        entry.field("node", node);
    }
    scan.blanks();
    entry.say(scan.rest);
    Some(())
}

/// `[time] LEVEL message (logger)`
fn kafka(mut scan: Scan<'_>, entry: &mut Entry) -> Option<()> {
    scan.eat(" ")?;
    let level = scan.level()?;
    scan.eat(" ")?;
    let (message, logger) = scan.rest.strip_suffix(')')?.rsplit_once(" (")?;
    if !is_class(logger) {
        return None;
    }
    entry.tell(Some(level));
    entry.field("logger", logger);
    entry.say(message);
    Some(())
}

/// `LEVEL  [thread] time Class.java:12 - message`
fn cassandra(mut scan: Scan<'_>, level: Level, entry: &mut Entry, clock: &mut Clock) -> Option<()> {
    scan.gap()?;
    let thread = scan.bracketed()?;
    scan.eat(" ")?;
    let stamp = scan.stamp()?;
    scan.eat(" ")?;
    let place = scan.word()?;
    scan.eat(" - ")?;
    entry.time = clock.resolve(stamp);
    entry.tell(Some(level));
    entry.field("thread", thread);
    entry.field("source", place);
    entry.say(scan.rest);
    Some(())
}

/// `Nov 24, 2026 2:31:02 PM com.acme.Shop main`: level and message follow on the next line.
fn jul(mut scan: Scan<'_>, entry: &mut Entry) -> Option<()> {
    scan.eat(" ")?;
    let logger = scan.word().filter(|l| l.contains('.') && is_class(l))?;
    scan.eat(" ")?;
    let method = scan.word()?;
    if !scan.rest.is_empty() {
        return None;
    }
    entry.field("logger", logger);
    entry.field("method", method);
    Some(())
}
