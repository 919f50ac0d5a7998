//! Syslog: the BSD form (RFC 3164), also as rsyslog writes files with an RFC 3339 time, and the protocol of RFC 5424.

use super::clock::Clock;
use super::detect::Head;
use super::entry::{Entry, Format};
use super::level::Level;
use super::logfmt;
use super::scan::Scan;
use super::stamp::Zone;

/// `<34>Nov 24 14:31:02 host app[77]: message`, the priority only on the wire.
pub(super) fn read_3164(head: &Head<'_>, entry: &mut Entry, clock: &mut Clock) -> Option<()> {
    let mut scan = Scan::new(head.text);
    let severity = priority(&mut scan);
    let (stamp, rest) = if severity.is_some() { (scan.stamp()?, scan.rest) } else { head.at? };
    let iso = stamp.year.is_some();
    // The BSD form has a month in words and no year; files with an RFC 3339 time have a T and a zone.
    let rfc3339 = matches!(stamp.zone, Zone::Offset(_))
        && head.text.get(..48).unwrap_or(head.text).contains('T');
    if stamp.date.is_none() || (iso && !rfc3339) {
        return None;
    }
    scan.rest = rest.strip_prefix(':').unwrap_or(rest);
    scan.eat(" ")?;
    let mut host = Some(scan.word()?);
    scan.eat(" ")?;
    let before = scan;
    let tag = tag(&mut scan).or_else(|| {
        // Written by a program on the spot, without a host: the first word is the tag.
        let mut again = Scan::new(rest.strip_prefix(' ')?);
        let tag = tag(&mut again)?;
        host = None;
        scan = again;
        Some(tag)
    });
    if host.is_some_and(|host| Level::from_word(host.trim_matches(['[', ']'])).is_some()) {
        return None;
    }
    match tag {
        Some((app, pid)) => {
            entry.field("host", host.unwrap_or_default());
            entry.field("app", app);
            entry.field("pid", pid.unwrap_or_default());
        }
        // RFC 3164, 4.1.3: what has no tag is all message. An ISO time before such a text may be of any format.
        None if iso => return None,
        None => {
            entry.field("host", host.unwrap_or_default());
            scan = before;
        }
    }
    entry.format = Format::Syslog3164;
    entry.time = clock.resolve(stamp);
    entry.tell(severity.and_then(Level::from_severity));
    scan.blanks();
    entry.say(scan.rest);
    entry.suppose(super::level::guess(scan.rest));
    Some(())
}

/// `app[77]:`, `app:`, `app(pam_unix)[77]:`.
fn tag<'a>(scan: &mut Scan<'a>) -> Option<(&'a str, Option<&'a str>)> {
    let mut ahead = *scan;
    let app = ahead.span(|b| {
        b.is_ascii_graphic() && !matches!(b, b'[' | b':' | b'"' | b'=' | b'{' | b'<' | b'|')
    })?;
    let pid = ahead.bracketed();
    ahead.eat(":")?;
    if !ahead.rest.is_empty() && !ahead.rest.starts_with(' ') {
        return None;
    }
    *scan = ahead;
    Some((app, pid))
}

/// `<165>1 2026-11-24T14:31:02.118Z host app 77 ID47 [data key="value"] message`.
pub(super) fn read_5424(head: &Head<'_>, entry: &mut Entry, clock: &mut Clock) -> Option<()> {
    let mut scan = Scan::new(head.text);
    let severity = priority(&mut scan)?;
    scan.eat("1 ")?;
    let time = match scan.eat("-") {
        Some(()) => None,
        None => clock.resolve(scan.stamp()?),
    };
    for name in ["host", "app", "pid", "message_id"] {
        scan.eat(" ")?;
        entry.field(name, scan.word()?);
    }
    scan.eat(" ")?;
    if scan.eat("-").is_none() {
        while scan.eat("[").is_some() {
            element(&mut scan, entry)?;
        }
    }
    entry.format = Format::Syslog5424;
    entry.time = time;
    entry.tell(Level::from_severity(severity));
    scan.blanks();
    entry.say(scan.rest.strip_prefix('\u{feff}').unwrap_or(scan.rest));
    Some(())
}

/// What follows `[` in structured data: its id, then `name="value"`, in which `"`, `\` and `]` are escaped.
fn element(scan: &mut Scan<'_>, entry: &mut Entry) -> Option<()> {
    let id = scan.span(|b| !matches!(b, b' ' | b']' | b'"'))?;
    while scan.eat(" ").is_some() {
        let name = format!("{id}.{}", scan.until(b'=', 64)?);
        let value = scan.quoted()?;
        if value.contains('\\') {
            entry.field(&name, &logfmt::unescape(value));
        } else {
            entry.field(&name, value);
        }
    }
    scan.eat("]")
}

/// `<PRI>`: eight times the facility plus the severity, at most 191. Answers the severity.
pub(super) fn priority(scan: &mut Scan<'_>) -> Option<u64> {
    let mut ahead = *scan;
    ahead.eat("<")?;
    let digits = ahead.digits().filter(|d| d.len() <= 3)?;
    ahead.eat(">")?;
    let priority: u64 = digits.parse().ok()?;
    *scan = ahead;
    (priority <= 191).then_some(priority % 8)
}
