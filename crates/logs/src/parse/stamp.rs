//! Points in time as programs write them, read from the beginning of a text.
//!
//! ISO 8601 and RFC 3339 with their usual liberties (blank for `T`, comma for the dot, slashes), the C library's `ctime`,
//! syslog's (RFC 3164, 4.1.2), the common log format's, mail's (RFC 5322), klog's and MySQL's, and times without a date.

use super::zones;

/// A point in time as it is written, not yet resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Stamp<'a> {
    pub(super) year: Option<i16>,
    /// Month and day.
    pub(super) date: Option<(i8, i8)>,
    pub(super) hour: i8,
    pub(super) minute: i8,
    pub(super) second: i8,
    pub(super) nanos: i32,
    pub(super) zone: Zone<'a>,
}

/// The zone as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Zone<'a> {
    #[default]
    Absent,
    /// Seconds east of Greenwich.
    Offset(i32),
    /// An abbreviation that [`zones`] knows.
    Named(&'a str),
}

impl Zone<'_> {
    pub(super) const fn is_absent(self) -> bool {
        matches!(self, Self::Absent)
    }
}

/// Reads a point in time; answers what follows it, too.
pub(super) fn stamp(text: &str) -> Option<(Stamp<'_>, &str)> {
    let bytes = text.as_bytes();
    let (stamp, rest) = match bytes {
        [b'0'..=b'9', ..] => match bytes.iter().take_while(|b| b.is_ascii_digit()).count() {
            1 | 2 => match bytes {
                [_, _, b':', ..] => clock(bytes, Stamp::default())?,
                _ => day_first(bytes)?,
            },
            4 => year_first(bytes)?,
            6 | 8 => compact(bytes)?,
            _ => return None,
        },
        [b'A'..=b'Z', ..] => month_first(bytes)?,
        _ => return None,
    };
    let rest = text.get(text.len() - rest.len()..)?;
    let (zone, rest) = zones::read(rest);
    let zone = if stamp.zone == Zone::Absent { zone } else { stamp.zone };
    let (year, rest) = match stamp.year {
        None if stamp.date.is_some() => year_behind(rest),
        year => (year, rest),
    };
    Some((Stamp { zone, year, ..stamp }, rest))
}

/// glog's and klog's: `1124 14:31:02.118118`, or with a year before it.
pub(super) fn klog(text: &str) -> Option<(Stamp<'_>, &str)> {
    let bytes = text.as_bytes();
    let (year, bytes) = match bytes.iter().take_while(|b| b.is_ascii_digit()).count() {
        4 => (None, bytes),
        8 => four(bytes).map(|(year, rest)| (Some(year), rest))?,
        _ => return None,
    };
    let (month, bytes) = two(bytes)?;
    let (day, bytes) = two(bytes)?;
    let bytes = bytes.strip_prefix(b" ")?;
    let (stamp, rest) = clock(bytes, dated(year, month, day)?)?;
    Some((stamp, text.get(text.len() - rest.len()..)?))
}

fn dated<'a>(year: Option<i16>, month: i8, day: i8) -> Option<Stamp<'a>> {
    ((1..=12).contains(&month) && (1..=31).contains(&day)).then_some(Stamp {
        year,
        date: Some((month, day)),
        ..Stamp::default()
    })
}

/// `2026-11-24T14:31:02`, with slashes or dots, with a blank.
fn year_first(bytes: &[u8]) -> Option<(Stamp<'_>, &[u8])> {
    let (year, rest) = four(bytes)?;
    let [separator @ (b'-' | b'/' | b'.'), rest @ ..] = rest else { return None };
    let (month, rest) = two(rest)?;
    let [again, rest @ ..] = rest else { return None };
    if again != separator {
        return None;
    }
    let (day, rest) = two(rest)?;
    let rest = match rest {
        [b'T' | b't' | b' ' | b'_', rest @ ..] => rest.strip_prefix(b" ").unwrap_or(rest),
        _ => return None,
    };
    clock(rest, dated(Some(year), month, day)?)
}

/// `24/Nov/2026:14:31:02`, `24 Nov 2026 14:31:02`, `24-Nov-2026 14:31:02`, `24-Nov-2026::14:31:02`.
fn day_first(bytes: &[u8]) -> Option<(Stamp<'_>, &[u8])> {
    let (day, rest) = two(bytes).or_else(|| one(bytes))?;
    let [separator @ (b'/' | b' ' | b'-'), rest @ ..] = rest else { return None };
    let (month, rest) = month(rest)?;
    let [again, rest @ ..] = rest else { return None };
    if again != separator {
        return None;
    }
    let (year, rest) = four(rest)?;
    let rest = match rest {
        [b':', b':', rest @ ..] | [b':' | b' ', rest @ ..] => rest,
        _ => return None,
    };
    clock(rest, dated(Some(year), month, day)?)
}

/// `Nov 24 14:31:02`, `Nov 24 2026 14:31:02`, `Nov 24, 2026 2:31:02 PM`, and the same behind a day of the week.
fn month_first(bytes: &[u8]) -> Option<(Stamp<'_>, &[u8])> {
    if let Some(rest) = weekday(bytes) {
        return match rest {
            [b'0'..=b'9', ..] => day_first(rest),
            _ => month_first(rest),
        };
    }
    let (month, rest) = month(bytes)?;
    let rest = rest.strip_prefix(b" ")?;
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    let (day, rest) = two(rest).or_else(|| one(rest))?;
    let rest = rest.strip_prefix(b",").unwrap_or(rest);
    let rest = rest.strip_prefix(b" ")?;
    if let Some((year, rest)) = four(rest) {
        let rest = rest.strip_prefix(b",").unwrap_or(rest).strip_prefix(b" ")?;
        return clock(rest, dated(Some(year), month, day)?);
    }
    clock(rest, dated(None, month, day)?)
}

/// `20261124 14:31:02`, `20261124T143102`, and MySQL's `261124  9:05:01`.
fn compact(bytes: &[u8]) -> Option<(Stamp<'_>, &[u8])> {
    let long = bytes.get(6).is_some_and(u8::is_ascii_digit);
    let (year, rest) = if long {
        four(bytes)?
    } else {
        two(bytes).map(|(year, rest)| (2000 + i16::from(year), rest))?
    };
    let (month, rest) = two(rest)?;
    let (day, rest) = two(rest)?;
    let stamp = dated(Some(year), month, day)?;
    match rest {
        [b' ', b' ', rest @ ..] => clock(rest, stamp),
        [b' ' | b'T', rest @ ..] if rest.get(2) == Some(&b':') => clock(rest, stamp),
        [b'T', rest @ ..] if long => {
            let (hour, rest) = two(rest)?;
            let (minute, rest) = two(rest)?;
            let (second, rest) = two(rest)?;
            checked(Stamp { hour, minute, second, ..stamp }).map(|stamp| (stamp, rest))
        }
        _ => None,
    }
}

/// `14:31:02`, with a fraction, with `AM` or `PM`.
fn clock<'a>(bytes: &'a [u8], stamp: Stamp<'a>) -> Option<(Stamp<'a>, &'a [u8])> {
    let (mut hour, rest) = two(bytes).or_else(|| one(bytes))?;
    let (minute, rest) = two(rest.strip_prefix(b":")?)?;
    let (second, rest) = two(rest.strip_prefix(b":")?)?;
    let (nanos, rest) = match rest {
        [b'.' | b',', rest @ ..] if rest.first().is_some_and(u8::is_ascii_digit) => fraction(rest),
        // Syslog-ng and klog never write one; `:118` is log4j's old way.
        [b':', rest @ ..] if rest.first().is_some_and(u8::is_ascii_digit) => fraction(rest),
        _ => (0, rest),
    };
    let rest = match rest {
        [b' ', half @ (b'A' | b'P'), b'M', rest @ ..] if (1..=12).contains(&hour) => {
            hour = hour % 12 + if *half == b'P' { 12 } else { 0 };
            rest
        }
        _ => rest,
    };
    if rest.first().is_some_and(u8::is_ascii_digit) {
        return None;
    }
    checked(Stamp { hour, minute, second, nanos, ..stamp }).map(|stamp| (stamp, rest))
}

fn checked(stamp: Stamp<'_>) -> Option<Stamp<'_>> {
    // A leap second is the last of its minute.
    let second = if stamp.second == 60 { 59 } else { stamp.second };
    (stamp.hour < 24 && stamp.minute < 60 && second < 60).then_some(Stamp { second, ..stamp })
}

/// Digits behind the dot, as nanoseconds.
fn fraction(bytes: &[u8]) -> (i32, &[u8]) {
    let count = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
    let (digits, rest) = bytes.split_at_checked(count).unwrap_or((bytes, &[]));
    let mut nanos = 0;
    for place in 0..9 {
        nanos = nanos * 10 + digits.get(place).map_or(0, |d| i32::from(d - b'0'));
    }
    (nanos, rest)
}

/// The year of `ctime`: ` 2026` behind the time.
fn year_behind(text: &str) -> (Option<i16>, &str) {
    let year = text.strip_prefix(' ').and_then(|rest| {
        let (year, behind) = four(rest.as_bytes())?;
        let ends = behind.first().is_none_or(|b| !b.is_ascii_alphanumeric() && *b != b'.');
        ((1970..2100).contains(&year) && ends).then_some((year, rest.get(4..)?))
    });
    year.map_or((None, text), |(year, rest)| (Some(year), rest))
}

fn digit(byte: u8) -> Option<i8> {
    byte.is_ascii_digit().then(|| i8::try_from(byte - b'0').unwrap_or_default())
}

fn one(bytes: &[u8]) -> Option<(i8, &[u8])> {
    let [a, rest @ ..] = bytes else { return None };
    Some((digit(*a)?, rest))
}

fn two(bytes: &[u8]) -> Option<(i8, &[u8])> {
    let [a, b, rest @ ..] = bytes else { return None };
    Some((digit(*a)? * 10 + digit(*b)?, rest))
}

fn four(bytes: &[u8]) -> Option<(i16, &[u8])> {
    let (century, rest) = two(bytes)?;
    let (year, rest) = two(rest)?;
    Some((i16::from(century) * 100 + i16::from(year), rest))
}

const MONTHS: [&[u8]; 12] = [
    b"January",
    b"February",
    b"March",
    b"April",
    b"May",
    b"June",
    b"July",
    b"August",
    b"September",
    b"October",
    b"November",
    b"December",
];
const DAYS: [&[u8]; 7] =
    [b"Monday", b"Tuesday", b"Wednesday", b"Thursday", b"Friday", b"Saturday", b"Sunday"];

/// A month in English, short or in full.
fn month(bytes: &[u8]) -> Option<(i8, &[u8])> {
    (1..).zip(MONTHS).find_map(|(number, name)| Some((number, worded(bytes, name)?)))
}

fn weekday(bytes: &[u8]) -> Option<&[u8]> {
    let rest = DAYS.iter().find_map(|name| worded(bytes, name))?;
    rest.strip_prefix(b",").unwrap_or(rest).strip_prefix(b" ")
}

fn worded<'a>(bytes: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let rest = bytes.strip_prefix(name).or_else(|| bytes.strip_prefix(name.get(..3)?))?;
    (!rest.first().is_some_and(u8::is_ascii_alphabetic)).then_some(rest)
}
