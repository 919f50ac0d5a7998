//! What container engines and the journal write around the line of a program: Docker's `json-file`, the Container Runtime
//! Interface's files (`kubelet`, design "CRI: Dockershim logging"), the journal as `journalctl -o json` exports it
//! (systemd.journal-fields(7)).

use super::clean::append;
use super::clock::{Clock, epoch};
use super::entry::{Entry, Format};
use super::level::Level;
use super::members::{Members, decode, is_string};
use super::stamp::{Zone, stamp};

/// Opens a wrapper: what it says goes to `outer`, the line within to `inner`. Answers whether the line goes on in the next
/// wrapper; `None` if there is no wrapper.
pub(super) fn open(
    text: &str,
    outer: &mut Entry,
    inner: &mut String,
    clock: &mut Clock,
) -> Option<bool> {
    match text.bytes().next()? {
        b'{' if text.starts_with("{\"log\":\"") => docker(text, outer, inner, clock),
        b'{' if memchr::memmem::find(text.as_bytes(), b"\"__REALTIME_TIMESTAMP\"").is_some() => {
            journal(text, outer, inner)
        }
        b'0'..=b'9' => cri(text, outer, inner, clock),
        _ => None,
    }
}

/// `{"log":"line\n","stream":"stdout","time":"2026-11-24T14:31:02.118118118Z"}`. A line of more than 16 KiB comes in several,
/// of which the last has the line feed.
fn docker(text: &str, outer: &mut Entry, inner: &mut String, clock: &mut Clock) -> Option<bool> {
    let members = Members::read(text)?;
    let log = members.get("log").filter(|l| is_string(l))?;
    let time = members.text("time")?;
    let stream = members.text("stream").unwrap_or_default();
    outer.time = Some(clock.resolve(stamp(time)?.0)?);
    outer.format = Format::DockerJson;
    outer.field("stream", stream);
    for (name, value) in members.get("attrs").and_then(Members::read).iter().flat_map(Members::iter)
    {
        outer.field(name, &decode(value));
    }
    let line = decode(log);
    inner.push_str(&line);
    Some(!line.ends_with('\n'))
}

/// `2026-11-24T14:31:02.118118118Z stdout F line`; `P` for a part that goes on.
fn cri(text: &str, outer: &mut Entry, inner: &mut String, clock: &mut Clock) -> Option<bool> {
    // Looked at first, since most lines that begin with a digit are none of these.
    let blank = memchr::memchr(b' ', text.as_bytes().get(..40).unwrap_or(text.as_bytes()))?;
    let rest = text.get(blank + 1..)?;
    let stream = rest.get(..6).filter(|s| matches!(*s, "stdout" | "stderr"))?;
    let (partial, line) = match rest.get(6..)?.split_at_checked(3)? {
        (" F ", line) => (false, line),
        (" P ", line) => (true, line),
        _ => return None,
    };
    let (stamp, _) = stamp(text)?;
    if !matches!(stamp.zone, Zone::Offset(_)) {
        return None;
    }
    outer.time = Some(clock.resolve(stamp)?);
    outer.format = Format::Cri;
    outer.field("stream", stream);
    inner.push_str(line);
    Some(partial)
}

/// One entry of the journal. Its message is text, or numbers of bytes if it is not printable, or missing if it was too long.
fn journal(text: &str, outer: &mut Entry, inner: &mut String) -> Option<bool> {
    let members = Members::read(text)?;
    let micros = members.text("__REALTIME_TIMESTAMP")?;
    outer.time = Some(epoch(micros)?);
    outer.format = Format::Journal;
    outer.cut |= members.cut;
    for (name, value) in members.iter() {
        match name {
            "MESSAGE" => match value.as_bytes() {
                [b'[', ..] => inner.push_str(&bytes(value)),
                [b'"', ..] => inner.push_str(&decode(value)),
                _ => {}
            },
            "PRIORITY" => {
                let severity = value.trim_matches('"').parse().ok();
                outer.tell(severity.and_then(Level::from_severity));
            }
            "SYSLOG_TIMESTAMP" => {}
            _ if name.starts_with("__") => {}
            _ if is_string(value) => {
                let value = decode(value);
                outer.cut |= !outer.fields.push_with(name, |room| append(&value, room));
            }
            _ => outer.field(name, value),
        }
    }
    Some(false)
}

/// `[104,105]` as text.
fn bytes(value: &str) -> String {
    let numbers =
        value.trim_matches(['[', ']']).split(',').map_while(|n| n.trim().parse::<u8>().ok());
    String::from_utf8_lossy(&numbers.collect::<Vec<_>>()).into_owned()
}

/// How far the time a program tells may be from the one its wrapper tells, and still be believed.
const BELIEVED_MS: u64 = 86_400_000;

/// Brings what the wrapper says to the entry within.
pub(super) fn merge(outer: &Entry, entry: &mut Entry) {
    entry.wrapper = Some(outer.format);
    entry.cut |= outer.cut;
    // The program's own time is when it happened, but only a complete one is better than when it was taken down.
    let own = entry.time.zip(outer.time).filter(|(own, taken)| {
        own.assumed.nothing() && own.at_ms.abs_diff(taken.at_ms) < BELIEVED_MS
    });
    if own.is_none() {
        entry.time = outer.time.or(entry.time);
    }
    // A service's output has the priority of its unit, most often info: what the line itself tells says more.
    if !entry.level_told && outer.level.is_some() {
        let usual = outer.level == Some(Level::Info) && entry.level.is_some();
        if !usual {
            entry.tell(outer.level);
        }
    }
    for (name, value) in outer.fields.iter() {
        entry.field(name, value);
    }
}
