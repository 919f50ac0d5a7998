//! The kernel's ring buffer: as `dmesg` prints it (also with `-x` and `-T`), and as `/dev/kmsg` gives it
//! (Documentation/ABI/testing/dev-kmsg).

use super::clock::Clock;
use super::detect::Head;
use super::entry::{Entry, Format, Time};
use super::level::Level;
use super::scan::Scan;
use super::syslog::priority;

pub(super) fn read(head: &Head<'_>, entry: &mut Entry, clock: &mut Clock) -> Option<()> {
    let mut scan = Scan::new(head.text);
    match scan.first()? {
        b'0'..=b'9' if head.at.is_none() => kmsg(&mut scan, entry, clock)?,
        b'<' => {
            let severity = priority(&mut scan)?;
            entry.time = uptime(&mut scan, clock)?;
            entry.tell(Level::from_severity(severity));
        }
        b'[' => entry.time = uptime(&mut scan, clock).or_else(|| civil(&mut scan, clock))?,
        b'k' | b'u' | b'd' | b's' | b'a' | b'l' | b'c' => {
            // dmesg -x: `kern  :info  : [   12.345678] message`
            scan.letters()?;
            scan.blanks();
            scan.eat(":")?;
            let level = Level::from_word(scan.letters()?)?;
            scan.blanks();
            scan.eat(": ")?;
            entry.time = uptime(&mut scan, clock).or_else(|| civil(&mut scan, clock))?;
            entry.tell(Some(level));
        }
        _ => return None,
    }
    entry.format = Format::Kernel;
    scan.blanks();
    entry.say(scan.rest);
    entry.suppose(super::level::guess(scan.rest));
    Some(())
}

/// `[   12.345678]`: seconds since the machine was started.
fn uptime(scan: &mut Scan<'_>, clock: &Clock) -> Option<Option<Time>> {
    let mut ahead = *scan;
    ahead.eat("[")?;
    ahead.blanks();
    let seconds: i64 = ahead.digits().filter(|d| d.len() < 12)?.parse().ok()?;
    ahead.eat(".")?;
    let micros = ahead.digits().filter(|d| d.len() == 6)?;
    let millis: i64 = micros.get(..3)?.parse().ok()?;
    // With CONFIG_PRINTK_CALLER the thread or processor follows: `[   12.345678][    T1]`.
    ahead.eat("]")?;
    ahead.bracketed();
    *scan = ahead;
    Some(clock.since_boot(seconds * 1_000 + millis))
}

/// `[Tue Nov 24 14:31:02 2026]` of `dmesg -T`; Apache's error log has a level in brackets behind it.
fn civil(scan: &mut Scan<'_>, clock: &mut Clock) -> Option<Option<Time>> {
    let mut ahead = *scan;
    ahead.eat("[")?;
    if !ahead.rest.starts_with(|c: char| c.is_ascii_uppercase()) {
        return None;
    }
    let stamp = ahead.stamp()?;
    ahead.eat("] ")?;
    if ahead.rest.starts_with('[') || stamp.nanos != 0 {
        return None;
    }
    *scan = ahead;
    Some(clock.resolve(stamp))
}

/// `6,339,5140900,-;message`: priority, number, microseconds, flags.
fn kmsg(scan: &mut Scan<'_>, entry: &mut Entry, clock: &Clock) -> Option<()> {
    let priority = scan.number()?;
    scan.eat(",")?;
    scan.number()?;
    scan.eat(",")?;
    let micros = i64::try_from(scan.number()?).ok()?;
    scan.eat(",")?;
    scan.until(b';', 64)?;
    entry.time = clock.since_boot(micros / 1_000);
    entry.tell(Level::from_severity(priority % 8));
    Some(())
}
