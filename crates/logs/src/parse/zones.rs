//! Zones as programs write them behind a time.

use super::stamp::Zone;

/// Abbreviations with the offset they usually stand for, in minutes. Several are used for more than one zone (`IST`, `CST`,
/// `BST`): the commonest is taken, and said to be assumed. `UTC` and its like are certain.
const NAMED: [(&str, i32); 33] = [
    ("UTC", 0),
    ("GMT", 0),
    ("UCT", 0),
    ("WET", 0),
    ("WEST", 60),
    ("BST", 60),
    ("CET", 60),
    ("MEZ", 60),
    ("CEST", 120),
    ("MESZ", 120),
    ("EET", 120),
    ("SAST", 120),
    ("EEST", 180),
    ("MSK", 180),
    ("IST", 330),
    ("HKT", 480),
    ("SGT", 480),
    ("AWST", 480),
    ("JST", 540),
    ("KST", 540),
    ("AEST", 600),
    ("AEDT", 660),
    ("NZST", 720),
    ("NZDT", 780),
    ("BRT", -180),
    ("ART", -180),
    ("EDT", -240),
    ("EST", -300),
    ("CDT", -300),
    ("CST", -360),
    ("MDT", -360),
    ("MST", -420),
    ("PDT", -420),
];

/// The usual offset of an abbreviation, in seconds, and whether it can be no other.
pub(super) fn usual(name: &str) -> Option<(i32, bool)> {
    if name == "PST" {
        return Some((-8 * 3600, false));
    }
    let (_, minutes) = NAMED.iter().find(|(known, _)| *known == name)?;
    Some((minutes * 60, matches!(name, "UTC" | "GMT" | "UCT")))
}

/// Reads a zone from the beginning of a text, also behind a blank; answers what follows it.
pub(super) fn read(text: &str) -> (Zone<'_>, &str) {
    let (blank, rest) = text.strip_prefix(' ').map_or((false, text), |rest| (true, rest));
    let found = match rest.as_bytes() {
        [b'Z' | b'z', ..] if !blank && ends(rest.get(1..)) => {
            rest.get(1..).map(|tail| (Zone::Offset(0), tail))
        }
        [b'+' | b'-', ..] => offset(rest, blank),
        [b'A'..=b'Z', ..] => named(rest),
        _ => None,
    };
    let Some((zone, tail)) = found else { return (Zone::Absent, text) };
    // RFC 9557: the name of the zone in brackets repeats what the offset says.
    let tail = match tail.strip_prefix('[').and_then(|t| t.split_once(']')) {
        Some((name, behind)) if name.len() < 40 && name.contains('/') && !name.contains(' ') => {
            behind
        }
        _ => tail,
    };
    (zone, tail)
}

fn ends(rest: Option<&str>) -> bool {
    rest.is_some_and(|r| r.bytes().next().is_none_or(|b| !b.is_ascii_alphanumeric()))
}

fn named(text: &str) -> Option<(Zone<'_>, &str)> {
    let length = text.bytes().take(6).take_while(u8::is_ascii_uppercase).count();
    let (name, tail) = text.split_at_checked(length)?;
    (ends(Some(tail)) && usual(name).is_some()).then_some((Zone::Named(name), tail))
}

/// `+0100`, `+01:00`, `+01`. Behind a blank a lone `-03` is one only if a blank follows.
fn offset(text: &str, blank: bool) -> Option<(Zone<'_>, &str)> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits = text.get(1..)?;
    let hours: i32 =
        digits.get(..2).filter(|d| d.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()?;
    let tail = digits.get(2..)?;
    let minutes_at = tail.strip_prefix(':').unwrap_or(tail);
    let minutes = minutes_at.get(..2).filter(|d| d.bytes().all(|b| b.is_ascii_digit()));
    let (minutes, tail) = match minutes {
        Some(minutes) => (minutes.parse::<i32>().ok()?, minutes_at.get(2..)?),
        None if blank && !tail.starts_with(' ') => return None,
        None => (0, tail),
    };
    (hours <= 15 && minutes < 60 && ends(Some(tail)))
        .then_some((Zone::Offset(sign * (hours * 3600 + minutes * 60)), tail))
}
