//! Starting a supervisor, and hearing from it whether its command runs.

use super::{WORD, Work};
use crate::services;
use serde::{Deserialize, Serialize};
use std::{
    io::{self, BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, sync_channel},
    time::{Duration, Instant},
};

/// How long a supervisor may take to say something.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a manager may take to move a process.
const MOVED: Duration = Duration::from_secs(3);
/// Names of units are no longer (systemd.unit(5)).
const LONGEST_UNIT: usize = 255;

/// What a supervisor tells the one who started it, a line each.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Told {
    /// It is there, under that pid, and waits for its work.
    Stays(u32),
    /// Its command runs, and did not end at once.
    Runs,
    /// It does not.
    Fault(String),
}

impl Told {
    pub(super) fn tell(&self) {
        let line = serde_json::to_string(self).unwrap_or_default();
        // Whoever started it may have gone.
        writeln!(io::stdout(), "{line}").ok();
    }
}

/// A supervisor whose command runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// Its pid.
    pub supervisor: u32,
    /// The transient unit it and all it starts are in; else why they are in none.
    pub unit: Result<String, String>,
}

/// Starts a supervisor and returns when its command runs, or did not.
///
/// # Errors
/// What kept the command from running, or what it ended with at once.
pub fn launch(
    program: &Path,
    application: &str,
    name: &str,
    folder: &Path,
    work: &Work,
) -> io::Result<Started> {
    let work = serde_json::to_vec(work)?;
    let mut child = Command::new(program)
        .args([WORD, "--application", application, "--name", name, "--folder"])
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let answers = listen(&mut child)?;
    // Taken out, as waiting closes what is left in.
    let input = child.stdin.take();
    // The first one has done its part when the second is there.
    child.wait()?;
    let supervisor = match hear(&answers)? {
        Told::Stays(pid) => pid,
        other => return Err(unexpected(other)),
    };
    let unit = scope(application, name, supervisor);
    match input {
        Some(mut input) => input.write_all(&work)?,
        None => return Err(io::Error::other("the supervisor takes no work")),
    }
    match hear(&answers)? {
        Told::Runs => Ok(Started { supervisor, unit }),
        other => Err(unexpected(other)),
    }
}

fn unexpected(told: Told) -> io::Error {
    match told {
        Told::Fault(text) => io::Error::other(text),
        other => io::Error::other(format!("the supervisor said {other:?}")),
    }
}

/// Lines of a supervisor as they come.
fn listen(child: &mut Child) -> io::Result<Receiver<Told>> {
    let output = child.stdout.take().ok_or_else(|| io::Error::other("no pipe"))?;
    let (sender, answers) = sync_channel(4);
    std::thread::Builder::new().name("ira-start".to_owned()).spawn(move || {
        // Three lines and the end of the pipe, then this thread ends.
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if let Ok(told) = serde_json::from_str(&line) {
                sender.send(told).ok();
            }
        }
    })?;
    Ok(answers)
}

fn hear(answers: &Receiver<Told>) -> io::Result<Told> {
    answers.recv_timeout(PATIENCE).map_err(|_| {
        io::Error::new(io::ErrorKind::TimedOut, "the supervisor ended, or says nothing")
    })
}

/// Has the manager of this user put it into a transient unit, where there is a manager.
fn scope(application: &str, name: &str, pid: u32) -> Result<String, String> {
    let unit = unit_name(application).ok_or("its identifier is too long for a unit")?;
    let scope = if crate::is_root() { services::Scope::System } else { services::Scope::User };
    services::make_scope(scope, &unit, &format!("{name}, started by Ira"), pid)
        .map_err(|error| error.to_string())?;
    // The manager moves it when it comes to that; what is started before would stay outside.
    let until = Instant::now() + MOVED;
    let is_in = || {
        let group = std::fs::read_to_string(format!("/proc/{pid}/cgroup")).unwrap_or_default();
        group.lines().any(|line| line.ends_with(&unit))
    };
    while !is_in() {
        if Instant::now() >= until {
            return Err(format!("{unit} was made, but it is not in it"));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(unit)
}

/// `ira-` and the identifier, with all but letters, digits, `:`, `_` and `.` as `\xNN` (systemd.unit(5)).
fn unit_name(application: &str) -> Option<String> {
    use std::fmt::Write as _;
    let mut unit = "ira-".to_owned();
    for byte in application.bytes() {
        if byte.is_ascii_alphanumeric() || b":_.".contains(&byte) {
            unit.push(byte.into());
        } else {
            let _ = write!(unit, "\\x{byte:02x}");
        }
    }
    unit.push_str(".scope");
    (unit.len() <= LONGEST_UNIT).then_some(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_has_a_name_that_systemd_takes() {
        let name = unit_name("project:/srv/my-shop é").unwrap();
        assert_eq!(name, r"ira-project:\x2fsrv\x2fmy\x2dshop\x20\xc3\xa9.scope");
        assert_eq!(unit_name(&"x".repeat(300)), None);
    }
}
