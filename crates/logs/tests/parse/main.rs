//! The parser against lines as programs write them, and against anything else.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that stops has done its work"
)]

mod corpus;
mod properties;
mod secrets;
mod times;

use ira_logs::parse::{Entry, Parser, Settings};
use jiff::tz::TimeZone;

/// 2026-11-24T14:40:00Z.
const REFERENCE_MS: i64 = 1_795_531_200_000;

fn settings() -> Settings {
    Settings {
        // Given as a rule, so that no test depends on the machine's database of zones.
        zone: TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap(),
        reference_ms: REFERENCE_MS,
        boot_ms: Some(REFERENCE_MS - 86_400_000),
    }
}

/// The entries of some lines.
fn entries<'a>(lines: impl IntoIterator<Item = &'a [u8]>) -> Vec<Entry> {
    let mut parser = Parser::new(settings());
    let mut entries = Vec::new();
    for line in lines {
        entries.extend(parser.line(line).cloned());
    }
    while let Some(entry) = parser.flush() {
        entries.push(entry.clone());
    }
    entries
}
