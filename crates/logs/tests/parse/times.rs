//! Times: every way they are written, and what is assumed where they say too little.

use ira_logs::parse::{Parser, Settings, Time};
use jiff::tz::TimeZone;

use crate::settings;

fn time(settings: Settings, text: &str) -> Option<Time> {
    let mut parser = Parser::new(settings);
    parser.line(format!("{text} words").as_bytes());
    parser.flush()?.time
}

fn render(time: Option<Time>) -> String {
    let Some(time) = time else { return "none".to_owned() };
    let at = jiff::Timestamp::from_millisecond(time.at_ms).unwrap();
    let mut text = format!("{at:.3}");
    for (assumed, name) in
        [(time.assumed.zone, " zone"), (time.assumed.year, " year"), (time.assumed.date, " date")]
    {
        if assumed {
            text.push_str(name);
        }
    }
    text
}

#[test]
fn times_are_read_however_they_are_written() {
    for (text, expected) in [
        ("2026-11-24T14:31:02Z", "2026-11-24T14:31:02.000Z"),
        ("2026-11-24T14:31:02.118999999Z", "2026-11-24T14:31:02.118Z"),
        ("2026-11-24T15:31:02,118+0100", "2026-11-24T14:31:02.118Z"),
        ("2026-11-24T15:31:02+01:00[Europe/Madrid]", "2026-11-24T14:31:02.000Z"),
        ("2026-11-24 20:01:02 +0530", "2026-11-24T14:31:02.000Z"),
        ("2026-11-24 09:31:02 EST", "2026-11-24T14:31:02.000Z zone"),
        ("2026-11-24 15:31:02 CET", "2026-11-24T14:31:02.000Z"),
        ("2026-11-24 14:31:02 UTC", "2026-11-24T14:31:02.000Z"),
        ("2026/11/24 15:31:02", "2026-11-24T14:31:02.000Z zone"),
        ("20261124T143102Z", "2026-11-24T14:31:02.000Z"),
        ("Tue, 24 Nov 2026 14:31:02 GMT", "2026-11-24T14:31:02.000Z"),
        ("Tue Nov 24 15:31:02 2026", "2026-11-24T14:31:02.000Z zone"),
        ("November 24, 2026 3:31:02 PM", "2026-11-24T14:31:02.000Z zone"),
        ("Nov 24, 2026 12:31:02 AM", "2026-11-23T23:31:02.000Z zone"),
        ("24/Nov/2026:15:31:02 +0100", "2026-11-24T14:31:02.000Z"),
        // Summer time.
        ("2026-07-01 12:00:00", "2026-07-01T10:00:00.000Z zone"),
        // Twice when clocks go back: the first. Never when they go forward: as before.
        ("2026-10-25 02:30:00", "2026-10-25T00:30:00.000Z zone"),
        ("2026-03-29 02:30:00", "2026-03-29T01:30:00.000Z zone"),
        // A leap second, a leap day.
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.000Z"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"),
        ("1795530662", "2026-11-24T14:31:02.000Z"),
        ("1795530662.118", "2026-11-24T14:31:02.118Z"),
        ("1795530662118", "2026-11-24T14:31:02.118Z"),
        ("1795530662118118", "2026-11-24T14:31:02.118Z"),
        ("1795530662118118118", "2026-11-24T14:31:02.118Z"),
        // Without a year: the last that is not after the reference, with two hours for clocks that differ.
        ("Nov 24 15:31:02", "2026-11-24T14:31:02.000Z zone year"),
        ("Nov 24 17:00:00", "2026-11-24T16:00:00.000Z zone year"),
        ("Nov 25 15:31:02", "2025-11-25T14:31:02.000Z zone year"),
        ("Jan  1 00:00:00", "2025-12-31T23:00:00.000Z zone year"),
        ("Feb 29 12:00:00", "2024-02-29T11:00:00.000Z zone year"),
        // Without a date: the last day.
        ("15:31:02", "2026-11-24T14:31:02.000Z zone date"),
        ("23:00:00.5", "2026-11-23T22:00:00.500Z zone date"),
        ("2026-02-30T00:00:00Z", "none"),
        ("2026-11-24T25:00:00Z", "none"),
        ("2026-13-24T14:31:02Z", "none"),
        ("2026-11-24", "none"),
        ("12345678", "none"),
        ("99999999999999999999", "none"),
        ("9999-12-31T23:59:59-15:00", "none"),
    ] {
        assert_eq!(render(time(settings(), text)), expected, "{text}");
    }
}

#[test]
fn a_year_is_found_around_new_year() {
    // 2027-01-01T00:30:00Z: a line of the evening before is of the year before, one a minute ahead is of the new.
    let reference_ms = 1_798_763_400_000;
    let at = || Settings { zone: TimeZone::UTC, reference_ms, boot_ms: None };
    assert_eq!(render(time(at(), "Dec 31 23:59:59")), "2026-12-31T23:59:59.000Z zone year");
    assert_eq!(render(time(at(), "Jan  1 00:31:00")), "2027-01-01T00:31:00.000Z zone year");
    assert_eq!(render(time(at(), "Jan  2 00:31:00")), "2026-01-02T00:31:00.000Z zone year");
    assert_eq!(render(time(at(), "23:31:00")), "2026-12-31T23:31:00.000Z zone date");
    // 2026-12-31T23:59:00Z: one a minute ahead is of the year to come.
    let at = || Settings {
        zone: TimeZone::UTC,
        reference_ms: reference_ms - 31 * 60_000,
        boot_ms: None,
    };
    assert_eq!(render(time(at(), "Jan  1 00:01:00")), "2027-01-01T00:01:00.000Z zone year");
}

#[test]
fn the_kernel_has_no_time_where_nobody_knows_when_the_machine_was_started() {
    let mut parser = Parser::new(Settings { boot_ms: None, ..settings() });
    parser.line(b"[   12.345678] usb 1-1: new device");
    assert_eq!(parser.flush().and_then(|e| e.time), None);
}
