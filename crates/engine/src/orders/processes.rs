//! Orders to processes: each is held before anything is done, then all are told at once.

use super::Outcome;
use ira_model::ProcessKey;
use ira_probe::{IoClass, OrderError, ProcessHandle};
use ira_store::OrderResult;
use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

/// How long a process may take to end after SIGTERM.
pub const STOP_PATIENCE: Duration = Duration::from_secs(10);
/// How long the kernel may take to end one after SIGKILL; one that waits for a device takes longer.
const KILL_PATIENCE: Duration = Duration::from_secs(2);
/// Lines of the detail; the rest is counted.
const LINES: usize = 200;

const SIGKILL: u8 = 9;
const SIGTERM: u8 = 15;
const SIGCONT: u8 = 18;
const SIGSTOP: u8 = 19;

/// What is done to processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProcessAction {
    /// SIGTERM, and SIGKILL to those that are still there after [`STOP_PATIENCE`] where that was asked for.
    Stop {
        /// Whether it was.
        escalate: bool,
    },
    /// A signal.
    Signal(u8),
    /// SIGSTOP.
    Suspend,
    /// SIGCONT.
    Resume,
    /// Priority on the processor, -20 to 19.
    Nice(i32),
    /// Class of access to storage.
    Io(IoClass),
}

/// Does it to all of them. One that has ended needs no stopping; for any other order that is a failure.
#[must_use]
pub fn carry_out(action: ProcessAction, keys: &[ProcessKey], patience: Duration) -> Outcome {
    let mut report = Report::new(keys.len());
    let mut held: Vec<(ProcessKey, ProcessHandle)> = Vec::new();
    for key in keys {
        match ProcessHandle::open(*key) {
            Ok(handle) => held.push((*key, handle)),
            Err(OrderError::Gone { .. }) if matches!(action, ProcessAction::Stop { .. }) => {}
            Err(error) => report.failed(key.pid, &error),
        }
    }
    match action {
        ProcessAction::Stop { escalate } => stop(held, escalate, patience, &mut report),
        ProcessAction::Signal(signal) => each(&held, &mut report, |one| one.signal(signal)),
        ProcessAction::Suspend => each(&held, &mut report, |one| one.signal(SIGSTOP)),
        ProcessAction::Resume => each(&held, &mut report, |one| one.signal(SIGCONT)),
        ProcessAction::Nice(nice) => each(&held, &mut report, |one| one.set_nice(nice)),
        ProcessAction::Io(class) => each(&held, &mut report, |one| one.set_io_class(class)),
    }
    report.outcome()
}

fn each(
    held: &[(ProcessKey, ProcessHandle)],
    report: &mut Report,
    order: impl Fn(&ProcessHandle) -> Result<(), OrderError>,
) {
    for (key, handle) in held {
        if let Err(error) = order(handle) {
            report.failed(key.pid, &error);
        }
    }
}

fn stop(
    held: Vec<(ProcessKey, ProcessHandle)>,
    escalate: bool,
    patience: Duration,
    report: &mut Report,
) {
    let told = tell_to_end(held, SIGTERM, report);
    // One that is suspended takes the signal only when it goes on.
    for (_, handle) in &told {
        handle.signal(SIGCONT).ok();
    }
    let left = wait(told, patience);
    if !escalate {
        for (key, _) in left {
            report.line(key.pid, "still runs: it did not end after SIGTERM");
            report.still_runs = true;
        }
        return;
    }
    let killed = tell_to_end(left, SIGKILL, report);
    for (key, _) in wait(killed, KILL_PATIENCE) {
        report.line(key.pid, "still runs: it waits for a device and ends when that answers");
    }
}

/// Signals all and returns those that took it.
fn tell_to_end(
    held: Vec<(ProcessKey, ProcessHandle)>,
    signal: u8,
    report: &mut Report,
) -> Vec<(ProcessKey, ProcessHandle)> {
    held.into_iter()
        .filter(|(key, handle)| match handle.signal(signal) {
            Ok(()) => true,
            Err(OrderError::Gone { .. }) => false,
            Err(error) => {
                report.failed(key.pid, &error);
                false
            }
        })
        .collect()
}

/// Those that are still there after that time.
fn wait(
    held: Vec<(ProcessKey, ProcessHandle)>,
    at_most: Duration,
) -> Vec<(ProcessKey, ProcessHandle)> {
    let until = Instant::now() + at_most;
    held.into_iter()
        .filter(|(_, handle)| !handle.ends_within(until.saturating_duration_since(Instant::now())))
        .collect()
}

/// What did not work, a line a process.
struct Report {
    all: usize,
    failures: usize,
    text: String,
    still_runs: bool,
}

impl Report {
    fn new(all: usize) -> Self {
        Self { all, failures: 0, text: String::new(), still_runs: false }
    }

    fn failed(&mut self, pid: u32, error: &OrderError) {
        self.line(pid, &error.to_string());
    }

    fn line(&mut self, pid: u32, text: &str) {
        self.failures += 1;
        if self.failures <= LINES {
            let _ = writeln!(self.text, "{pid}: {text}");
        }
    }

    fn outcome(mut self) -> Outcome {
        if self.failures > LINES {
            let _ = writeln!(self.text, "and {} more", self.failures - LINES);
        }
        let result = match self.failures {
            0 => OrderResult::Done,
            some if some < self.all => OrderResult::Partly,
            _ => OrderResult::Failed,
        };
        let detail = self.text.trim_end().to_owned();
        Outcome { result, detail, remedy: None, still_runs: self.still_runs }
    }
}
