//! Elixir's `Logger` (`$time $metadata[$level] $message`, the default), and Erlang's reports by `logger_formatter`.

use super::clock::Clock;
use super::detect::Head;
use super::entry::{Entry, Format};
use super::level::Level;
use super::logfmt;
use super::scan::Scan;

pub(super) fn read(head: &Head<'_>, entry: &mut Entry, clock: &mut Clock) -> Option<()> {
    let mut scan = Scan::new(head.text);
    if scan.eat("=").is_some() {
        return report(scan, entry, clock);
    }
    let (stamp, rest) = head.at?;
    if stamp.date.is_some() || !stamp.zone.is_absent() {
        return None;
    }
    scan.rest = rest;
    scan.eat(" ")?;
    while let Some((key, value)) = logfmt::pair(&mut scan) {
        logfmt::field(key, value, entry);
    }
    // In lower case and in brackets: Java and .NET write theirs otherwise.
    let word = scan.bracketed().filter(|w| w.bytes().all(|b| b.is_ascii_lowercase()))?;
    entry.format = Format::Elixir;
    entry.time = clock.resolve(stamp);
    entry.tell(Some(Level::from_word(word)?));
    scan.blanks();
    entry.say(scan.rest);
    Some(())
}

/// `=ERROR REPORT==== 24-Nov-2026::14:31:02.118118 ===`: what it says follows on the next lines.
fn report(mut scan: Scan<'_>, entry: &mut Entry, clock: &mut Clock) -> Option<()> {
    let level = scan.level()?;
    scan.eat(" REPORT====")?;
    scan.blanks();
    let stamp = scan.stamp()?;
    scan.eat(" ===")?;
    entry.format = Format::Elixir;
    entry.time = clock.resolve(stamp);
    entry.tell(Some(level));
    Some(())
}
