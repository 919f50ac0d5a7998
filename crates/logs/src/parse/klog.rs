//! klog and glog: `I1124 14:31:02.118118    77 server.go:12] message` (glog's README, "Log line format"), klog's structured
//! form with pairs behind a quoted message included.

use super::clock::Clock;
use super::detect::Head;
use super::entry::{Entry, Format};
use super::level::Level;
use super::logfmt;
use super::scan::Scan;
use super::stamp::klog;

pub(super) fn read(head: &Head<'_>, entry: &mut Entry, clock: &mut Clock) -> Option<()> {
    let level = Level::from_letter(head.text.bytes().next()?)?;
    let (stamp, rest) = klog(head.text.get(1..)?)?;
    let mut scan = Scan::new(rest);
    scan.gap()?;
    let thread = scan.digits()?;
    scan.gap()?;
    let place = scan.until(b']', 256)?;
    if !place.contains(':') {
        return None;
    }
    entry.format = Format::Klog;
    entry.time = clock.resolve(stamp);
    entry.tell(Some(level));
    entry.field("thread", thread);
    entry.field("source", place);
    scan.blanks();
    let mut ahead = scan;
    match ahead.quoted() {
        Some(message) => {
            ahead.blanks();
            if logfmt::take_tail(ahead.rest, entry).is_empty() {
                entry.say(message);
            } else {
                entry.say(scan.rest);
            }
        }
        None => entry.say(scan.rest),
    }
    Some(())
}
