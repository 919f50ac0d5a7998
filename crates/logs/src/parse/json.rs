//! Lines that are JSON objects (RFC 8259): of bunyan, pino, zap, logrus, slog, Serilog, Elastic Common Schema, GELF, and of
//! programs that use the same names.

use super::clean::{append, clean};
use super::clock::{Clock, epoch};
use super::detect::Head;
use super::dialects::{self, Role};
use super::entry::{Entry, Format, Time};
use super::level::Level;
use super::members::{Members, decode, is_object, is_string};
use super::stamp::stamp;

/// How deep objects within objects are taken apart; what is deeper stays JSON.
const MAX_DEPTH: usize = 4;

pub(super) fn read(head: &Head<'_>, entry: &mut Entry, clock: &mut Clock) -> Option<()> {
    let members = Members::read(head.text)?;
    fill(&members, head.text, entry, clock);
    Some(())
}

/// Brings what the members say to the entry.
pub(super) fn fill(members: &Members<'_>, text: &str, entry: &mut Entry, clock: &mut Clock) {
    entry.format = dialects::of(members);
    entry.cut |= members.cut;
    let mut path = String::new();
    let mut found = Found::default();
    walk(members, &mut path, 0, &mut found, entry, clock);
    if entry.format == Format::Serilog {
        // CLEF leaves the level out where it is Information.
        if entry.level.is_none() {
            entry.tell(Some(Level::Info));
        }
        if let (Some((template, "@mt" | "MessageTemplate")), None) = (found.message, found.rendered)
        {
            let rendered = dialects::render(template, members);
            message(&rendered, entry);
            return;
        }
    }
    match (found.rendered, found.message) {
        (Some(raw), _) | (None, Some((raw, _))) => quoted_message(raw, entry),
        (None, None) => entry.say(text),
    }
    entry.suppose(super::level::guess(&entry.message));
}

#[derive(Default)]
struct Found<'a> {
    /// What is said, and under which name.
    message: Option<(&'a str, &'a str)>,
    /// The same with its template filled in.
    rendered: Option<&'a str>,
}

fn walk<'a>(
    members: &Members<'a>,
    path: &mut String,
    depth: usize,
    found: &mut Found<'a>,
    entry: &mut Entry,
    clock: &mut Clock,
) {
    for (name, value) in members.iter() {
        let before = path.len();
        if depth > 0 {
            path.push('.');
        }
        let key = if depth == 0 { name } else { push_name(path, name) };
        match dialects::role(key, depth) {
            Role::Time if entry.time.is_none() => {
                entry.time = time(value, clock);
                if entry.time.is_none() {
                    field(key, value, entry);
                }
            }
            Role::Level if entry.level.is_none() && level(value, entry) => {}
            Role::Message if found.message.is_none() && is_string(value) => {
                found.message = Some((value, name));
            }
            Role::Rendered if found.rendered.is_none() && is_string(value) => {
                found.rendered = Some(value)
            }
            Role::Full => {
                let full = decode(value);
                for line in full.lines().skip(1) {
                    entry.join(line, &[]);
                }
            }
            Role::Noise => {}
            _ if is_object(value) && depth < MAX_DEPTH => {
                if let Some(inner) = Members::read(value) {
                    entry.cut |= inner.cut;
                    if depth == 0 {
                        path.push_str(name);
                    }
                    walk(&inner, path, depth + 1, found, entry, clock);
                }
            }
            _ => field(dialects::shown(key, entry.format), value, entry),
        }
        path.truncate(before);
    }
}

fn push_name<'p>(path: &'p mut String, name: &str) -> &'p str {
    path.push_str(super::fields::head(name, super::fields::MAX_NAME_BYTES));
    path
}

/// A value that is not null becomes a field: strings decoded, all else as it is written.
fn field(name: &str, value: &str, entry: &mut Entry) {
    let whole = match value.as_bytes() {
        [b'n', ..] | [b'"', b'"'] => return,
        [b'"', ..] => {
            let text = decode(value);
            entry.fields.push_with(name, |room| append(&text, room))
        }
        _ => entry.fields.push(name, value),
    };
    entry.cut |= !whole;
}

/// A time: text in any known form, or a number since 1970.
pub(super) fn time(value: &str, clock: &mut Clock) -> Option<Time> {
    let text = value.trim_matches('"');
    if let Some(time) = epoch(text) {
        return Some(time);
    }
    let (stamp, _) = stamp(text)?;
    clock.resolve(stamp)
}

/// A level: a word, or a number as bunyan and pino or syslog have them.
fn level(value: &str, entry: &mut Entry) -> bool {
    let word = value.trim_matches('"');
    let told = match word.parse::<u64>() {
        Err(_) => Level::from_word(word.split(['+', '-']).next().unwrap_or_default()),
        Ok(number) if entry.format == Format::Gelf => Level::from_severity(number),
        Ok(number) => Level::from_tens(number),
    };
    entry.tell(told);
    told.is_some()
}

/// Sets a message that is a JSON string.
pub(super) fn quoted_message(raw: &str, entry: &mut Entry) {
    match raw.get(1..raw.len().saturating_sub(1)) {
        Some(inner) if !inner.contains('\\') => entry.say(inner),
        _ => message(&decode(raw), entry),
    }
}

/// Sets a decoded message: its further lines join it.
fn message(text: &str, entry: &mut Entry) {
    let mut lines = text.trim_end_matches(['\n', '\r']).split('\n');
    let first = lines.next().unwrap_or_default();
    let mut room = String::new();
    let mut styles = std::mem::take(&mut entry.styles);
    entry.say(clean(first.as_bytes(), &mut room, &mut styles));
    entry.copied_from = 0;
    entry.styles = styles;
    for line in lines {
        room.clear();
        append(line.trim_end_matches('\r'), &mut room);
        entry.join(&room, &[]);
    }
}
