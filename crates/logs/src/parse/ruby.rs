//! Ruby's `Logger::Formatter`: `I, [2026-11-24T14:31:02.118118 #77]  INFO -- program: message`.

use super::clock::Clock;
use super::detect::Head;
use super::entry::{Entry, Format};
use super::level::Level;
use super::scan::Scan;

pub(super) fn read(head: &Head<'_>, entry: &mut Entry, clock: &mut Clock) -> Option<()> {
    let mut scan = Scan::new(head.text);
    scan.span(|b| b.is_ascii_uppercase()).filter(|l| l.len() == 1)?;
    scan.eat(", [")?;
    let stamp = scan.stamp()?;
    scan.eat(" #")?;
    let pid = scan.digits()?;
    scan.eat("]")?;
    scan.gap()?;
    let word = scan.letters()?;
    scan.eat(" -- ")?;
    let program = scan.until(b':', 256)?;
    entry.format = Format::Ruby;
    entry.time = clock.resolve(stamp);
    entry.tell(Level::from_word(word));
    entry.field("pid", pid);
    entry.field("program", program);
    scan.blanks();
    entry.say(scan.rest);
    Some(())
}
