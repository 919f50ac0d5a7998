//! From a time as it is written to a moment, with what the caller knows of zone, year and boot.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

use super::entry::{Assumed, Time};
use super::stamp::{Stamp, Zone};
use super::zones;

/// How far a line may be after the reference and still be of the same year or day: clocks differ.
const SLACK_MS: i64 = 2 * 3_600_000;
const DAY_MS: i64 = 86_400_000;

/// What the caller knows, and what was last found of the zone.
#[derive(Debug, Clone)]
pub(super) struct Clock {
    zone: TimeZone,
    /// The file's last modification, or now.
    pub(super) reference_ms: i64,
    /// When the machine was started.
    boot_ms: Option<i64>,
    /// The quarter of an hour (local) that was last asked for, and its offset in seconds: zones change at such moments only.
    last: Option<(i64, i32)>,
}

impl Clock {
    pub(super) fn new(zone: TimeZone, reference_ms: i64, boot_ms: Option<i64>) -> Self {
        Self { zone, reference_ms, boot_ms, last: None }
    }

    /// Resolves what is written; `None` if there is no such date.
    pub(super) fn resolve(&mut self, stamp: Stamp<'_>) -> Option<Time> {
        match (stamp.date, stamp.year) {
            (Some((month, day)), Some(year)) => {
                self.moment(stamp, Date::new(year, month, day).ok()?)
            }
            (Some((month, day)), None) => self.without_year(stamp, month, day),
            (None, _) => self.without_date(stamp),
        }
    }

    /// Seconds since the machine was started.
    pub(super) fn since_boot(&self, ms: i64) -> Option<Time> {
        let at_ms = self.boot_ms?.checked_add(ms)?;
        Some(Time { at_ms, assumed: Assumed::default() })
    }

    /// The last year with which the time is not after the reference. A file can hold lines of a year ago, but not of a year
    /// to come.
    fn without_year(&mut self, stamp: Stamp<'_>, month: i8, day: i8) -> Option<Time> {
        let year = Timestamp::from_millisecond(self.reference_ms).ok()?;
        let year = Offset::UTC.to_datetime(year).year();
        // Eight years hold a 29 February.
        (0..=9).find_map(|back| {
            let date = Date::new(year.checked_add(1)?.checked_sub(back)?, month, day).ok()?;
            let mut time = self.moment(stamp, date)?;
            time.assumed.year = true;
            (time.at_ms <= self.reference_ms.saturating_add(SLACK_MS)).then_some(time)
        })
    }

    fn without_date(&mut self, stamp: Stamp<'_>) -> Option<Time> {
        let at = Timestamp::from_millisecond(self.reference_ms.checked_add(DAY_MS)?).ok()?;
        let tomorrow = self.zone.to_datetime(at).date();
        [0, 1, 2].iter().find_map(|&back| {
            let date = tomorrow.checked_sub(jiff::SignedDuration::from_hours(24 * back)).ok()?;
            let mut time = self.moment(stamp, date)?;
            time.assumed.date = true;
            (time.at_ms <= self.reference_ms.saturating_add(SLACK_MS)).then_some(time)
        })
    }

    fn moment(&mut self, stamp: Stamp<'_>, date: Date) -> Option<Time> {
        let civil = date.at(stamp.hour, stamp.minute, stamp.second, stamp.nanos);
        let as_utc_ms = Offset::UTC.to_timestamp(civil).ok()?.as_millisecond();
        let (offset, told) = match stamp.zone {
            Zone::Offset(seconds) => (seconds, true),
            Zone::Named(name) => self.named(name, civil, as_utc_ms),
            Zone::Absent => (self.local(civil, as_utc_ms)?, false),
        };
        let at_ms = as_utc_ms.checked_sub(i64::from(offset) * 1_000)?;
        Some(Time { at_ms, assumed: Assumed { zone: !told, ..Assumed::default() } })
    }

    /// The machine's own offset. Of a time that comes twice when clocks go back the first is taken, of one that never is
    /// when they go forward the one that was before.
    fn local(&mut self, civil: DateTime, as_utc_ms: i64) -> Option<i32> {
        let quarter = as_utc_ms.div_euclid(900_000);
        if let Some((known, offset)) = self.last
            && known == quarter
        {
            return Some(offset);
        }
        let at = self.zone.to_timestamp(civil).ok()?;
        let offset = i32::try_from((as_utc_ms - at.as_millisecond()) / 1_000).ok()?;
        self.last = Some((quarter, offset));
        Some(offset)
    }

    /// The offset of an abbreviation, and whether it is certain: it is when the machine's own zone is called so then.
    fn named(&mut self, name: &str, civil: DateTime, as_utc_ms: i64) -> (i32, bool) {
        let usual = zones::usual(name);
        if let Some((offset, true)) = usual {
            return (offset, true);
        }
        if let Some(local) = self.local(civil, as_utc_ms)
            && let Ok(at) = Timestamp::from_millisecond(as_utc_ms - i64::from(local) * 1_000)
            && self.zone.to_offset_info(at).abbreviation() == name
        {
            return (local, true);
        }
        (usual.map_or(0, |(offset, _)| offset), false)
    }
}

/// A number that counts from 1970, in seconds, milliseconds, microseconds or nanoseconds: which of them shows in its size,
/// since all of them lie between 2001 and 2100.
pub(super) fn epoch(text: &str) -> Option<Time> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !(9..=19).contains(&whole.len()) || !whole.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        // 1.764e9 is a number, too.
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let at_ms = match whole {
        978_307_200..4_102_444_800 => {
            let mut ms = 0;
            let mut digits = fraction.bytes();
            for _ in 0..3 {
                ms = ms * 10 + digits.next().map_or(0, |d| i64::from(d - b'0'));
            }
            whole * 1_000 + ms
        }
        978_307_200_000..4_102_444_800_000 => whole,
        978_307_200_000_000..4_102_444_800_000_000 => whole / 1_000,
        978_307_200_000_000_000.. => whole / 1_000_000,
        _ => return None,
    };
    Some(Time { at_ms, assumed: Assumed::default() })
}
