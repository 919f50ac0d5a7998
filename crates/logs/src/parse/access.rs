//! Access logs in the common and the combined form (Apache's `mod_log_config`, nginx's `combined`), also with the virtual
//! host before them and with what people add behind.

use super::clock::Clock;
use super::detect::Head;
use super::entry::{Entry, Format};
use super::level::Level;
use super::scan::Scan;

pub(super) fn read(head: &Head<'_>, entry: &mut Entry, clock: &mut Clock) -> Option<()> {
    let mut scan = Scan::new(head.text);
    let before = scan.until(b'[', 512)?.strip_suffix(' ')?;
    let mut words = before.split(' ');
    let (mut client, mut second, mut third) = (words.next()?, words.next()?, words.next()?);
    if let Some(fourth) = words.next() {
        entry.field("host", client);
        (client, second, third) = (second, third, fourth);
    }
    if words.next().is_some() || client.is_empty() {
        return None;
    }
    let stamp = scan.stamp()?;
    scan.eat("] ")?;
    let from = scan.rest;
    let request = scan.quoted()?;
    scan.eat(" ")?;
    let status = scan.digits().filter(|d| d.len() == 3)?;
    let (mut message, mut bytes) = (from.get(..from.len() - scan.rest.len())?, "");
    if scan.eat(" ").is_some() {
        bytes = scan.word()?;
        message = from.get(..from.len() - scan.rest.len())?;
    }
    entry.format = Format::Access;
    entry.time = clock.resolve(stamp);
    entry.suppose(status.parse().ok().map(Level::from_status));
    entry.field("client", client);
    entry.field("identity", second);
    entry.field("user", third);
    let mut parts = request.split(' ');
    if let (Some(method), Some(path), Some(protocol), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    {
        entry.field("method", method);
        entry.field("path", path);
        entry.field("protocol", protocol);
    } else {
        entry.field("request", request);
    }
    entry.field("status", status);
    entry.field("bytes", bytes);
    scan.blanks();
    for name in ["referer", "agent"] {
        if let Some(value) = scan.quoted() {
            entry.field(name, value);
            scan.blanks();
        }
    }
    entry.message.push_str(client);
    entry.message.push(' ');
    entry.message.push_str(message);
    // What is added behind without quotes is most often how long it took.
    if !scan.rest.is_empty() {
        if !scan.rest.contains('"') {
            entry.message.push(' ');
            entry.message.push_str(scan.rest);
        }
        entry.field("more", scan.rest);
    }
    Some(())
}
