//! The last lines of a systemd unit, by `journalctl` (journalctl(1)): asked for when somebody looks,
//! bounded in bytes and time. The journal's own files are read by nobody else.

use std::{
    io::Read as _,
    path::Path,
    process::{Command, Stdio},
    sync::mpsc::channel,
    time::{Duration, Instant},
};
use thiserror::Error;

/// Longer answers are cut, at their beginning.
const MOST_BYTES: u64 = 256 * 1024;
/// Characters of a line that are told.
const LINE: usize = 500;
const PATIENCE: Duration = Duration::from_secs(3);

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalLine {
    /// When, milliseconds since 1970; `None` for one that goes on from the line before.
    pub at_ms: Option<i64>,
    /// Who wrote it and what, without control characters, cut at 500 characters.
    pub text: String,
}

/// The last lines of a span, ascending.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JournalTail {
    /// The lines.
    pub lines: Vec<JournalLine>,
    /// This user does not see all of the journal.
    pub denied: bool,
}

/// Why there are no lines.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum JournalError {
    /// The name is none of a unit.
    #[error("{0:?} is no name of a systemd unit")]
    Name(String),
    /// It could not be asked.
    #[error("journalctl: {0}")]
    Failed(String),
    /// It did not answer.
    #[error("journalctl did not answer within 3 s")]
    Late,
}

/// The last lines that a unit wrote within a span, and what systemd said of it; `of_user` for a unit of
/// a user's own manager.
///
/// # Errors
/// See [`JournalError`]. That this user may not see them is no error: see [`JournalTail::denied`].
pub fn unit_journal(
    unit: &str,
    of_user: bool,
    (from_ms, to_ms): (i64, i64),
    lines: u32,
) -> Result<JournalTail, JournalError> {
    read("journalctl".as_ref(), unit, of_user, (from_ms, to_ms), lines)
}

fn read(
    program: &Path,
    unit: &str,
    of_user: bool,
    (from_ms, to_ms): (i64, i64),
    lines: u32,
) -> Result<JournalTail, JournalError> {
    // systemd.unit(5); journalctl would take other characters for a pattern.
    let is_name = |c: char| c.is_ascii_alphanumeric() || ":-_.\\@".contains(c);
    if unit.is_empty() || unit.len() > 255 || !unit.chars().all(is_name) {
        return Err(JournalError::Name(unit.chars().take(80).collect()));
    }
    let fail = |error: std::io::Error| JournalError::Failed(error.to_string());
    let mut child = Command::new(program)
        .args(["--no-pager", "--no-hostname", "--output=short-unix"])
        .arg(format!("--lines={lines}"))
        .arg(format!("--since=@{}", from_ms.div_euclid(1000)))
        .arg(format!("--until=@{}", to_ms.div_euclid(1000).saturating_add(1)))
        .arg(if of_user { format!("_SYSTEMD_USER_UNIT={unit}") } else { format!("--unit={unit}") })
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(fail)?;
    let (sender, receiver) = channel();
    let pipes: [Option<Box<dyn std::io::Read + Send>>; 2] = [
        child.stdout.take().map(|pipe| Box::new(pipe) as Box<_>),
        child.stderr.take().map(|pipe| Box::new(pipe) as Box<_>),
    ];
    for (which, pipe) in pipes.into_iter().enumerate() {
        let (Some(pipe), sender) = (pipe, sender.clone()) else { continue };
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            pipe.take(MOST_BYTES).read_to_end(&mut bytes).ok();
            sender.send((which, bytes)).ok();
        });
    }
    let until = Instant::now() + PATIENCE;
    let mut said = [Vec::new(), Vec::new()];
    for _ in 0..said.len() {
        let left = until.saturating_duration_since(Instant::now());
        let Ok((which, bytes)) = receiver.recv_timeout(left) else {
            child.kill().ok();
            child.wait().ok();
            return Err(JournalError::Late);
        };
        if let Some(place) = said.get_mut(which) {
            *place = bytes;
        }
    }
    // More than anybody reads is cut, and then it ends as it likes.
    let is_cut = said.iter().any(|bytes| bytes.len() as u64 >= MOST_BYTES);
    let status = loop {
        match child.try_wait().map_err(fail)? {
            Some(status) => break Some(status),
            None if is_cut || Instant::now() >= until => {
                child.kill().ok();
                child.wait().ok();
                break None;
            }
            None => std::thread::sleep(Duration::from_millis(1)),
        }
    };
    let [out, complaint] = said.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let denied =
        complaint.contains("not seeing messages") || complaint.contains("insufficient permissions");
    if !is_cut && !denied && status.and_then(|status| status.code()).is_some_and(|code| code != 0) {
        let first = complaint.lines().next().unwrap_or_default();
        return Err(JournalError::Failed(first.chars().take(LINE).collect()));
    }
    let all: Vec<JournalLine> =
        out.lines().filter(|line| !line.starts_with("-- ")).map(line_of).collect();
    let surplus = all.len().saturating_sub(lines as usize);
    Ok(JournalTail { lines: all.into_iter().skip(surplus).collect(), denied })
}

/// `1700000000.123456 nginx[12]: text`.
fn line_of(line: &str) -> JournalLine {
    let parts = line.split_once(' ');
    let at_ms = parts.and_then(|(seconds, _)| {
        let (whole, part) = seconds.split_once('.')?;
        let thousandths: i64 = part.get(..3)?.parse().ok()?;
        whole.parse::<i64>().ok()?.checked_mul(1000)?.checked_add(thousandths)
    });
    let text = match (at_ms, parts) {
        (Some(_), Some((_, text))) => text,
        _ => line.trim_start(),
    };
    // What was written to the journal is not trusted: no escape sequences.
    let text = text.chars().take(LINE).map(|c| if c.is_control() { ' ' } else { c }).collect();
    JournalLine { at_ms, text }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    /// Something that is run instead of journalctl.
    fn ask(script: &str, unit: &str) -> Result<JournalTail, JournalError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journalctl");
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        // Another test may fork while the script is open for writing (ETXTBSY).
        for _ in 0..100 {
            match read(&path, unit, false, (1_000_500, 2_000_000), 3) {
                Err(JournalError::Failed(text)) if text.contains("busy") => {
                    std::thread::sleep(Duration::from_millis(10));
                }
                other => return other,
            }
        }
        panic!("the script stays busy")
    }

    #[test]
    fn the_last_lines_come_back_without_escape_sequences() {
        let script = "printf '%s\\n' '-- Journal begins' 'x' '1700000000.123456 a[1]: one' \
                      \"1700000001.5 b: $(printf '\\033[31m')red\" '    more'";
        let tail = ask(script, "shop.service").unwrap();
        let told: Vec<_> = tail.lines.iter().map(|one| (one.at_ms, one.text.as_str())).collect();
        assert_eq!(
            told,
            [
                (Some(1_700_000_000_123), "a[1]: one"),
                (None, "1700000001.5 b:  [31mred"),
                (None, "more")
            ]
        );
        let arguments = ask("printf '%s\\n' \"$@\"", "a@b\\x2d.service").unwrap();
        let last = arguments.lines.last().unwrap();
        assert_eq!(last.text, "--unit=a@b\\x2d.service", "an argument, never a shell's");
    }

    #[test]
    fn a_hostile_name_is_never_given_on() {
        for name in ["", "a b", "*.service", "$(reboot)", "x;y", "é", &"a".repeat(300)] {
            let error = ask("exit 0", name).unwrap_err();
            assert!(matches!(error, JournalError::Name(_)), "{name:?}: {error}");
        }
    }

    #[test]
    fn one_that_fails_refuses_floods_or_hangs_is_survived() {
        let failed = ask("echo no such thing >&2; exit 1", "a").unwrap_err();
        assert_eq!(failed, JournalError::Failed("no such thing".into()));
        let hint = "echo 'Hint: You are currently not seeing messages from other users' >&2";
        assert!(ask(hint, "a").unwrap().denied);
        let flood = ask("exec 2>&-; yes 'a b'", "a").unwrap();
        assert_eq!(flood.lines.len(), 3, "bounded");
        let began = Instant::now();
        assert_eq!(ask("exec sleep 100", "a").unwrap_err(), JournalError::Late);
        assert!(began.elapsed() < Duration::from_secs(60), "it is not waited for");
        let absent = read("/nowhere/journalctl".as_ref(), "a", false, (0, 1), 3).unwrap_err();
        assert!(matches!(absent, JournalError::Failed(_)));
    }

    proptest::proptest! {
        #[test]
        fn any_line_is_shown_without_what_cannot_be_seen(
            front in "([0-9]{1,20}\\.[0-9]{0,9})? ?", rest in ".{0,80}\\p{C}{0,3}.{0,80}",
        ) {
            let line = line_of(&format!("{front}{rest}"));
            proptest::prop_assert!(!line.text.chars().any(char::is_control));
            proptest::prop_assert!(line.text.chars().count() <= LINE);
        }
    }
}
