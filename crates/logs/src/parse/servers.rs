//! Error logs of nginx (`ngx_log_error_core`) and of Apache httpd (the default `ErrorLogFormat`s of 2.4 and 2.2).

use super::clock::Clock;
use super::detect::Head;
use super::entry::{Entry, Format};
use super::level::Level;
use super::scan::Scan;

/// `2026/11/24 14:31:02 [error] 77#77: *12 message, client: 10.0.4.37, server: shop, request: "GET / HTTP/1.1"`.
pub(super) fn read_nginx(head: &Head<'_>, entry: &mut Entry, clock: &mut Clock) -> Option<()> {
    let (stamp, rest) = head.at?;
    let mut scan = Scan::new(rest);
    scan.eat(" ")?;
    let level = scan.bracketed_level()?;
    scan.eat(" ")?;
    let pid = scan.digits()?;
    scan.eat("#")?;
    scan.digits()?;
    scan.eat(":")?;
    scan.blanks();
    entry.format = Format::NginxError;
    entry.time = clock.resolve(stamp);
    entry.tell(Some(level));
    entry.field("pid", pid);
    let mut ahead = scan;
    if ahead.eat("*").is_some()
        && let Some(connection) = ahead.digits()
        && ahead.eat(" ").is_some()
    {
        entry.field("connection", connection);
        scan = ahead;
    }
    let (message, context) =
        scan.rest.find(", client: ").map_or((scan.rest, ""), |at| scan.rest.split_at(at));
    entry.say(message);
    let mut context = Scan::new(context);
    while context.eat(", ").is_some() {
        let Some(name) = context.until(b':', 32) else { break };
        context.blanks();
        let value = match context.quoted() {
            Some(value) => value,
            None => match context.span(|b| b != b',') {
                Some(value) => value,
                None => break,
            },
        };
        entry.field(name, value);
    }
    Some(())
}

/// `[Tue Nov 24 14:31:02.118118 2026] [core:error] [pid 77:tid 78] [client 10.0.4.37:4711] AH00126: message`.
pub(super) fn read_apache(head: &Head<'_>, entry: &mut Entry, clock: &mut Clock) -> Option<()> {
    let mut scan = Scan::new(head.text);
    let stamp = scan.bracketed_stamp()?;
    scan.eat(" ")?;
    let place = scan.bracketed()?;
    let (module, level) = place.split_once(':').unwrap_or(("", place));
    // `trace1` to `trace8` are levels, too.
    let level = Level::from_word(level.trim_end_matches(|c: char| c.is_ascii_digit()))?;
    // In brackets Apache writes names only; others (gunicorn) have a number here or a time with a zone before it.
    if !stamp.zone.is_absent()
        || (module.is_empty() && place.bytes().any(|b| b.is_ascii_uppercase()))
    {
        return None;
    }
    entry.field("module", module);
    loop {
        scan.blanks();
        let mut ahead = scan;
        let Some(item) = ahead.bracketed() else { break };
        let Some((name, value)) = item.split_once(' ') else { break };
        match name {
            "pid" => match value.split_once(":tid ") {
                Some((pid, tid)) => {
                    entry.field("pid", pid);
                    entry.field("tid", tid);
                }
                None => entry.field("pid", value),
            },
            "client" | "remote" => entry.field(name, value),
            _ => break,
        }
        scan = ahead;
    }
    entry.format = Format::ApacheError;
    entry.time = clock.resolve(stamp);
    entry.tell(Some(level));
    entry.say(scan.rest);
    Some(())
}
