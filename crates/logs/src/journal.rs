//! The systemd journal, read through `journalctl -o json`: it is there wherever the journal is, and
//! knows every form of its files. Arguments only, no shell.

use crate::follow::Bell;
use std::{
    collections::BTreeSet,
    io::{self, BufRead as _, BufReader, Read as _},
    process::{Child, ChildStdout, Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    time::{Duration, Instant},
};

/// What is asked for besides the cursor and the time, which come always (systemd.journal-fields(7)).
const FIELDS: &str = "--output-fields=MESSAGE,PRIORITY,_PID,_COMM,_TRANSPORT,SYSLOG_IDENTIFIER,\
_SYSTEMD_UNIT,_SYSTEMD_USER_UNIT,UNIT,USER_UNIT,EXIT_CODE,EXIT_STATUS";
/// An entry is read so far, bytes; a longer one is passed over.
const LINE_BYTES: u64 = 4 << 20;
/// Entries that wait to be taken.
const WAITING: usize = 64;
/// Units that are told of.
const MOST_UNITS: usize = 1_000;

/// Whose entries.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// A unit of the machine's manager, and what that manager says of it.
    Unit(String),
    /// A unit of a user's manager.
    UserUnit(String),
    /// The kernel.
    Kernel,
    /// The manager itself, but for what it says of units.
    Manager,
}

impl Part {
    /// What `journalctl` is to match; alternatives stand between `+`.
    fn matches(&self, into: &mut Vec<String>) {
        if !into.is_empty() {
            into.push("+".to_owned());
        }
        match self {
            Self::Unit(unit) => into.extend([
                format!("_SYSTEMD_UNIT={unit}"),
                "+".to_owned(),
                "_PID=1".to_owned(),
                format!("UNIT={unit}"),
            ]),
            Self::UserUnit(unit) => into.extend([
                format!("_SYSTEMD_USER_UNIT={unit}"),
                "+".to_owned(),
                format!("USER_UNIT={unit}"),
            ]),
            Self::Kernel => into.push("_TRANSPORT=kernel".to_owned()),
            Self::Manager => into.push("_SYSTEMD_UNIT=init.scope".to_owned()),
        }
    }

    /// Whether an entry with such fields is one of them.
    #[must_use]
    pub fn owns<'a>(&self, field: impl Fn(&str) -> Option<&'a str>) -> bool {
        match self {
            Self::Unit(unit) => {
                field("_SYSTEMD_UNIT") == Some(unit)
                    || (field("_PID") == Some("1") && field("UNIT") == Some(unit))
            }
            Self::UserUnit(unit) => {
                field("_SYSTEMD_USER_UNIT") == Some(unit) || field("USER_UNIT") == Some(unit)
            }
            Self::Kernel => field("_TRANSPORT") == Some("kernel"),
            Self::Manager => {
                field("_SYSTEMD_UNIT") == Some("init.scope") && field("UNIT").is_none()
            }
        }
    }
}

/// Where reading begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum From {
    /// At the newest entry, or behind it.
    Newest,
    /// Beside that entry, which is not told again.
    Cursor(String),
    /// At a moment, milliseconds since 1970.
    At(i64),
}

/// To which side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Newest first.
    Older,
    /// Oldest first.
    Newer,
    /// Oldest first, and then whatever comes.
    Follow,
}

/// An entry as `journalctl` writes it, one JSON object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalLine {
    /// Names the entry.
    pub cursor: String,
    /// The object.
    pub json: Vec<u8>,
}

/// What there was to read.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// An entry.
    Line(JournalLine),
    /// Nothing came in time; there may be more.
    Nothing,
    /// There is no more; with what `journalctl` complained of, if it did.
    End(Option<String>),
}

/// Entries one after another. Dropping it ends `journalctl`.
#[derive(Debug)]
pub struct Journal {
    child: Arc<Mutex<Child>>,
    lines: Receiver<JournalLine>,
}

impl Journal {
    /// Begins to read, and rings for each entry that waits.
    ///
    /// # Errors
    /// When `journalctl` is not there.
    pub fn read(
        parts: &[Part],
        from: &From,
        way: Way,
        bell: Option<Arc<Bell>>,
    ) -> io::Result<Self> {
        let mut command = journalctl();
        command.args(["--output=json", "--all", FIELDS]);
        match way {
            Way::Older => command.arg("--reverse"),
            Way::Newer => &mut command,
            Way::Follow => command.arg("--follow"),
        };
        match (from, way) {
            (From::Newest, Way::Older) => {}
            (From::Newest, Way::Newer | Way::Follow) => {
                command.arg("--lines=0");
            }
            (From::Cursor(cursor), _) => {
                command.arg(format!("--after-cursor={cursor}"));
                if way == Way::Follow {
                    // Otherwise it tells ten only.
                    command.arg("--no-tail");
                }
            }
            (From::At(at_ms), Way::Older) => {
                command.arg(format!("--until=@{}", at_ms.div_euclid(1000).saturating_add(1)));
            }
            (From::At(at_ms), Way::Newer | Way::Follow) => {
                command.arg(format!("--since=@{}", at_ms.div_euclid(1000)));
            }
        }
        let mut matches = Vec::new();
        parts.iter().for_each(|part| part.matches(&mut matches));
        let mut child = command.args(matches).spawn()?;
        let out = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let child = Arc::new(Mutex::new(child));
        let (tell, lines) = mpsc::sync_channel(WAITING);
        std::thread::Builder::new().name("ira-journal".to_owned()).spawn(move || {
            let mut out = BufReader::with_capacity(64 << 10, out);
            while let Some(line) = next_line(&mut out) {
                if tell.send(line).is_err() {
                    return;
                }
                bell.iter().for_each(|bell| bell.ring());
            }
            drop(tell);
            bell.iter().for_each(|bell| bell.ring());
        })?;
        Ok(Self { child, lines })
    }

    /// The next entry, as long as it comes before then.
    pub fn next_until(&mut self, until: Instant) -> Next {
        match self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(line) => Next::Line(line),
            Err(RecvTimeoutError::Timeout) => Next::Nothing,
            Err(RecvTimeoutError::Disconnected) => Next::End(self.complaint()),
        }
    }

    fn complaint(&self) -> Option<String> {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        let mut said = String::new();
        child.stderr.take()?.take(4096).read_to_string(&mut said).ok()?;
        let failed = !child.wait().ok()?.success();
        let said = said.trim();
        (failed || said.contains("permission")).then(|| said.to_owned())
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        // It may have ended by itself.
        child.kill().ok();
        child.wait().ok();
    }
}

fn journalctl() -> Command {
    let mut command = Command::new("journalctl");
    command
        .args(["--no-pager", "--quiet"])
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn next_line(out: &mut BufReader<ChildStdout>) -> Option<JournalLine> {
    loop {
        let mut json = Vec::new();
        let read = out.by_ref().take(LINE_BYTES).read_until(b'\n', &mut json).ok()?;
        if read == 0 {
            return None;
        }
        if json.pop_if(|last| *last == b'\n').is_none() {
            // Too long: its rest is passed over without being kept.
            out.skip_until(b'\n').ok()?;
            continue;
        }
        if let Some(cursor) = cursor_of(&json) {
            return Some(JournalLine { cursor, json });
        }
    }
}

fn cursor_of(json: &[u8]) -> Option<String> {
    const NAME: &[u8] = b"\"__CURSOR\":\"";
    let at = memchr::memmem::find(json, NAME)?.checked_add(NAME.len())?;
    let rest = json.get(at..)?;
    let end = memchr::memchr(b'"', rest)?;
    String::from_utf8(rest.get(..end)?.to_vec()).ok()
}

/// Whether that can be a cursor: what is given to `journalctl` is no more than one.
#[must_use]
pub fn is_cursor(text: &str) -> bool {
    text.len() <= 500
        && text.starts_with("s=")
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'=' | b';' | b'-'))
}

/// The units that the journal has entries of, at most so many, by name: of the machine, and of users.
///
/// # Errors
/// When `journalctl` is not there, finds no journal, or does not answer in time; the error is its own
/// words.
pub fn units(at_most: Duration) -> io::Result<(BTreeSet<String>, BTreeSet<String>)> {
    let until = Instant::now() + at_most;
    Ok((values("_SYSTEMD_UNIT", until)?, values("_SYSTEMD_USER_UNIT", until)?))
}

fn values(field: &str, until: Instant) -> io::Result<BTreeSet<String>> {
    let mut command = journalctl();
    let mut child = command.arg(format!("--field={field}")).spawn()?;
    let out = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
    let complaints = child.stderr.take();
    let (tell, told) = mpsc::sync_channel(1);
    std::thread::Builder::new().name("ira-journal".to_owned()).spawn(move || {
        let mut text = String::new();
        BufReader::new(out).take(1 << 20).read_to_string(&mut text).ok();
        let mut said = String::new();
        if let Some(complaints) = complaints {
            complaints.take(4096).read_to_string(&mut said).ok();
        }
        tell.send((text, said)).ok();
    })?;
    let answer = told.recv_timeout(until.saturating_duration_since(Instant::now()));
    child.kill().ok();
    let status = child.wait()?;
    let Ok((text, said)) = answer else {
        return Err(io::Error::new(io::ErrorKind::TimedOut, "journalctl does not answer"));
    };
    let said = said.trim();
    if text.is_empty() && !said.is_empty() && !status.success() {
        return Err(io::Error::other(said.to_owned()));
    }
    Ok(text.lines().filter(|line| !line.is_empty()).take(MOST_UNITS).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_matched_as_a_whole_and_known_again() {
        let mut matches = Vec::new();
        Part::Unit("a*b.service".to_owned()).matches(&mut matches);
        Part::Kernel.matches(&mut matches);
        assert_eq!(
            matches,
            [
                "_SYSTEMD_UNIT=a*b.service",
                "+",
                "_PID=1",
                "UNIT=a*b.service",
                "+",
                "_TRANSPORT=kernel"
            ]
        );
        let fields = [("_PID", "1"), ("_SYSTEMD_UNIT", "init.scope"), ("UNIT", "x.service")];
        let field = |name: &str| fields.iter().find(|(n, _)| *n == name).map(|(_, v)| *v);
        assert!(Part::Unit("x.service".to_owned()).owns(field));
        assert!(!Part::Manager.owns(field), "what it says of a unit is that unit's");
        assert!(!Part::Kernel.owns(field));
    }

    #[test]
    fn only_cursors_are_given_on() {
        assert!(is_cursor("s=d0d0;i=1f;b=ab;m=1;t=5;x=9a"));
        assert!(!is_cursor("--file=/etc/shadow"));
        assert!(!is_cursor("s=1 --file"));
        assert!(!is_cursor(""));
        assert_eq!(cursor_of(br#"{"__CURSOR":"s=1;i=2","a":1}"#).as_deref(), Some("s=1;i=2"));
    }
}
