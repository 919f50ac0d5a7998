//! Logs of PostgreSQL (`log_destination = stderr`), MySQL and MariaDB, Redis and Valkey.

use super::clock::Clock;
use super::detect::Head;
use super::entry::{Entry, Format};
use super::level::Level;
use super::scan::Scan;

/// The most bytes of `log_line_prefix` that are looked through for a severity.
const PREFIX_BYTES: usize = 200;

/// `2026-11-24 14:31:22.950 UTC [77] user@database LOG:  message`: a time, whatever `log_line_prefix` has, a severity, and
/// two blanks behind its colon. What explains an entry (`DETAIL`, `STATEMENT`) comes as lines of its own, and joins it.
pub(super) fn read_postgresql(head: &Head<'_>, entry: &mut Entry, clock: &mut Clock) -> Option<()> {
    let (stamp, rest) = head.at?;
    let near = rest.get(..rest.floor_char_boundary(PREFIX_BYTES))?;
    let colon = near.find(":  ")?;
    let prefix = near.get(..colon)?;
    let severity = prefix.get(prefix.rfind(' ')? + 1..)?;
    let prefix = prefix.strip_suffix(severity)?;
    let message = rest.get(colon + 3..)?;
    let level = match severity {
        "LOG" | "INFO" | "NOTICE" => Some(Level::Info),
        "WARNING" => Some(Level::Warn),
        "ERROR" => Some(Level::Error),
        "FATAL" | "PANIC" => Some(Level::Fatal),
        "DETAIL" | "HINT" | "QUERY" | "CONTEXT" | "STATEMENT" | "LOCATION" => None,
        _ if severity.starts_with("DEBUG") && severity.len() <= 6 => Some(Level::Debug),
        _ => return None,
    };
    entry.format = Format::Postgresql;
    entry.time = clock.resolve(stamp);
    let mut scan = Scan::new(prefix);
    scan.blanks();
    if let Some(pid) = scan.bracketed() {
        // `[77-1]` has the line's number behind the process.
        entry.field("pid", pid.split('-').next().unwrap_or_default());
    }
    scan.blanks();
    if let Some((user, database)) =
        scan.rest.trim_end().split_once('@').filter(|(user, _)| !user.contains(' '))
    {
        entry.field("user", user);
        entry.field("database", database.split(' ').next().unwrap_or_default());
    }
    if level.is_none() {
        entry.say(rest.get(colon - severity.len()..)?);
        entry.appendix = true;
    } else {
        entry.tell(level);
        entry.say(message);
    }
    Some(())
}

/// `2026-11-24T14:31:02.118118Z 8 [Warning] [MY-010068] [Server] message`, without the codes before version 8 and in MariaDB.
pub(super) fn read_mysql(head: &Head<'_>, entry: &mut Entry, clock: &mut Clock) -> Option<()> {
    let (stamp, rest) = head.at?;
    let mut scan = Scan::new(rest);
    scan.gap()?;
    let thread = scan.digits();
    if thread.is_some() {
        scan.gap()?;
    }
    let word = scan.bracketed()?;
    if !matches!(word, "Note" | "Warning" | "ERROR" | "Error" | "System")
        || (thread.is_none() && word == "Error")
    {
        return None;
    }
    entry.format = Format::Mysql;
    entry.time = clock.resolve(stamp);
    entry.tell(Level::from_word(word));
    entry.field("thread", thread.unwrap_or_default());
    scan.eat(" ")?;
    let mut ahead = scan;
    if let Some(code) = ahead.bracketed().filter(|c| c.starts_with("MY-")) {
        entry.field("code", code);
        scan = ahead;
        scan.blanks();
        if let Some(subsystem) = scan.bracketed() {
            entry.field("subsystem", subsystem);
        }
        scan.blanks();
    }
    entry.say(scan.rest);
    Some(())
}

/// `77:M 24 Nov 2026 14:31:02.118 * message`: process and role, time, mark of the level.
pub(super) fn read_redis(head: &Head<'_>, entry: &mut Entry, clock: &mut Clock) -> Option<()> {
    let mut scan = Scan::new(head.text);
    let pid = scan.digits()?;
    scan.eat(":")?;
    let role = scan.letters().filter(|r| matches!(*r, "M" | "S" | "C" | "X" | "signal-handler"))?;
    scan.eat(" ")?;
    let stamp = scan.stamp()?;
    scan.eat(" ")?;
    let level = match scan.word()? {
        "." | "-" => Level::Debug,
        "*" => Level::Info,
        "#" => Level::Warn,
        _ => return None,
    };
    entry.format = Format::Redis;
    entry.time = clock.resolve(stamp);
    entry.tell(Some(level));
    entry.field("pid", pid);
    let role = match role {
        "M" => "master",
        "S" => "replica",
        "C" => "child",
        _ => "sentinel",
    };
    entry.field("role", role);
    scan.blanks();
    entry.say(scan.rest);
    Some(())
}
