//! How a moment is written: RFC 3339, a time of today, or how long ago.

use anyhow::{Context, Result, bail};
use jiff::{Timestamp, ZonedDateTime, civil::Time};

/// The moment a text means, milliseconds since 1970.
pub(crate) fn parse(text: &str, now: &ZonedDateTime) -> Result<i64> {
    let text = text.trim();
    let how =
        "a moment is written 2026-11-24T14:05:00+01:00, 14:05, 14:05:30, -90s, -5m, -2h or -1d";
    if let Some(ago) = text.strip_prefix('-') {
        let (number, unit) = ago.split_at(ago.len() - ago.chars().last().map_or(0, char::len_utf8));
        let seconds = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            "d" => 86_400,
            _ => bail!("{text:?} has no unit s, m, h or d; {how}"),
        };
        let number: i64 = number.parse().with_context(|| format!("{text:?}: {how}"))?;
        let ago_ms = number.checked_mul(seconds * 1000).filter(|ms| *ms >= 0);
        let ago_ms = ago_ms.with_context(|| format!("{text:?} is too long ago; {how}"))?;
        return Ok(now.timestamp().as_millisecond().saturating_sub(ago_ms));
    }
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Ok(timestamp.as_millisecond());
    }
    if let Ok(time) = text.parse::<Time>() {
        let today = now.date().to_datetime(time).to_zoned_datetime(now.time_zone().clone())?;
        // A time that is still to come today was meant yesterday.
        let moment = if today > *now { today.yesterday()? } else { today };
        return Ok(moment.timestamp().as_millisecond());
    }
    if let Ok(local) = text.parse::<jiff::civil::DateTime>() {
        return Ok(local.to_zoned_datetime(now.time_zone().clone())?.timestamp().as_millisecond());
    }
    bail!("{text:?} is no moment; {how}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Result<String> {
        let now: ZonedDateTime = "2026-11-25T12:00:00+01:00[Europe/Madrid]".parse()?;
        let ms = parse(text, &now)?;
        Ok(Timestamp::from_millisecond(ms)?.to_string())
    }

    #[test]
    fn every_way_to_write_a_moment() {
        for (text, expected) in [
            ("-90s", "2026-11-25T10:58:30Z"),
            ("-5m", "2026-11-25T10:55:00Z"),
            ("-2h", "2026-11-25T09:00:00Z"),
            ("-1d", "2026-11-24T11:00:00Z"),
            ("11:59", "2026-11-25T10:59:00Z"),
            ("14:05", "2026-11-24T13:05:00Z"),
            ("14:05:30", "2026-11-24T13:05:30Z"),
            ("2026-11-24T14:05:00+01:00", "2026-11-24T13:05:00Z"),
            ("2026-11-24T13:05:00Z", "2026-11-24T13:05:00Z"),
            ("2026-11-24 14:05", "2026-11-24T13:05:00Z"),
        ] {
            assert_eq!(at(text).map_err(|e| e.to_string()), Ok(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn anything_else_says_how() {
        for text in
            ["", "-", "yesterday", "25:00", "-5", "-5w", "-é", "--5s", "-99999999999999999999s"]
        {
            let error = at(text).map(drop).map_err(|e| format!("{e:#}"));
            assert!(error.as_ref().is_err_and(|e| e.contains("-90s")), "{text}: {error:?}");
        }
    }
}
