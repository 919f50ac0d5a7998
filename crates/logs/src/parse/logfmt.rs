//! `key=value` pairs (logfmt, as Heroku and Go's `go-logfmt` write it), a whole line or the end of one; and `log/slog`'s text.

use super::clean::append;
use super::clock::{Clock, epoch};
use super::detect::Head;
use super::dialects::{Role, role};
use super::entry::{Entry, Format};
use super::level::Level;
use super::scan::Scan;
use super::stamp::stamp;

pub(super) fn read(head: &Head<'_>, entry: &mut Entry, clock: &mut Clock) -> Option<()> {
    let first = head.text.bytes().next()?;
    if !(first.is_ascii_alphabetic() || matches!(first, b'_' | b'@')) {
        return None;
    }
    let (mut pairs, mut telling, mut capitals) = (0, 0, false);
    let mut message = None;
    let mut scan = Scan::new(head.text);
    while !scan.rest.is_empty() {
        let (key, value) = pair(&mut scan)?;
        pairs += 1;
        match role(key, 0) {
            Role::Time if entry.time.is_none() => {
                let text = value.trim_matches('"');
                entry.time = epoch(text).or_else(|| clock.resolve(stamp(text)?.0));
                telling += i32::from(entry.time.is_some());
            }
            Role::Level if entry.level.is_none() => {
                let word = value.trim_matches('"');
                capitals = word.starts_with(|c: char| c.is_ascii_uppercase());
                // log/slog writes what lies between its levels as INFO+2.
                entry.tell(Level::from_word(word.split(['+', '-']).next().unwrap_or_default()));
                telling += i32::from(entry.level.is_some());
            }
            Role::Message if message.is_none() && matches!(key, "msg" | "message" | "event") => {
                message = Some(value);
                telling += 1;
            }
            _ => field(key, value, entry),
        }
    }
    if telling == 0 && pairs < 3 {
        return None;
    }
    entry.format = if capitals && telling == 3 { Format::Slog } else { Format::Logfmt };
    match message {
        None => entry.say(head.text),
        Some(quoted) if quoted.starts_with('"') => match unquoted(quoted) {
            inner if inner.contains('\\') => append(&unescape(inner), &mut entry.message),
            inner => entry.say(inner),
        },
        Some(bare) => entry.say(bare),
    }
    if message.is_some() {
        split_lines(entry);
    }
    entry.suppose(super::level::guess(&entry.message));
    Some(())
}

/// A message that holds line feeds becomes one line and those that join it.
fn split_lines(entry: &mut Entry) {
    let Some((first, rest)) = entry.message.split_once('\n') else { return };
    let (first, rest) = (first.len(), rest.to_owned());
    for line in rest.lines() {
        entry.join(line, &[]);
    }
    entry.message.truncate(first);
}

/// Takes the pairs from the end of a text, if all of it from some key on is pairs; the text before them is answered.
pub(super) fn take_tail<'a>(text: &'a str, entry: &mut Entry) -> &'a str {
    let bytes = text.as_bytes();
    let mut from = 0;
    // Each try costs one look at the rest; a few are enough for what loggers write.
    for _ in 0..4 {
        let Some(equals) = bytes.get(from..).and_then(|b| memchr::memchr(b'=', b)) else {
            return text;
        };
        let equals = from + equals;
        let key = bytes
            .get(..equals)
            .unwrap_or_default()
            .iter()
            .rev()
            .take_while(|b| is_key(**b))
            .count();
        let start = equals - key;
        let tail = text.get(start..).unwrap_or_default();
        let stands_alone = start == 0 || matches!(bytes.get(start - 1), Some(b' ' | b'\t'));
        if key > 0 && stands_alone && all_pairs(tail) {
            let mut scan = Scan::new(tail);
            while let Some((key, value)) = pair(&mut scan) {
                field(key, value, entry);
            }
            return text.get(..start).unwrap_or_default().trim_end();
        }
        from = equals + 1;
    }
    text
}

fn all_pairs(text: &str) -> bool {
    let mut scan = Scan::new(text);
    while !scan.rest.is_empty() {
        if pair(&mut scan).is_none() {
            return false;
        }
    }
    true
}

/// Takes one pair and the blanks behind it.
pub(super) fn pair<'a>(scan: &mut Scan<'a>) -> Option<(&'a str, &'a str)> {
    let key = scan.span(is_key)?;
    scan.eat("=")?;
    let before = scan.rest;
    let value = if scan.first() == Some(b'"') {
        let inner = scan.quoted()?;
        before.get(..inner.len() + 2)?
    } else {
        scan.span(|b| !matches!(b, b' ' | b'\t' | b'"')).unwrap_or_default()
    };
    if !scan.rest.is_empty() {
        // Some put commas between pairs.
        scan.gap()?;
    }
    Some((key, value))
}

const fn is_key(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/' | b'@' | b':' | b'$')
}

/// Adds a field whose value may be quoted.
pub(super) fn field(key: &str, value: &str, entry: &mut Entry) {
    if !value.starts_with('"') {
        entry.field(key, value);
        return;
    }
    let inner = unquoted(value);
    if !inner.is_empty() {
        entry.cut |= !if inner.contains('\\') {
            entry.fields.push_with(key, |room| append(&unescape(inner), room))
        } else {
            entry.fields.push(key, inner)
        };
    }
}

fn unquoted(value: &str) -> &str {
    value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value)
}

/// Undoes the escapes of Go's `strconv.Quote`, JSON's among them.
pub(super) fn unescape(text: &str) -> String {
    let mut room = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('\\') {
        room.push_str(before);
        let mut chars = behind.chars();
        let escaped = chars.next();
        rest = chars.as_str();
        let digits = match escaped {
            Some('x') => 2,
            Some('u') => 4,
            Some('U') => 8,
            _ => 0,
        };
        let code = rest
            .get(..digits)
            .filter(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_hexdigit()));
        match (escaped, code) {
            (_, Some(code)) => {
                let c = u32::from_str_radix(code, 16).ok().and_then(char::from_u32);
                room.push(c.unwrap_or(char::REPLACEMENT_CHARACTER));
                rest = rest.get(digits..).unwrap_or_default();
            }
            (Some('n'), _) => room.push('\n'),
            (Some('t'), _) => room.push('\t'),
            (Some('r'), _) => room.push('\r'),
            (Some(c), _) => room.push(c),
            (None, _) => {}
        }
    }
    room.push_str(rest);
    room
}
