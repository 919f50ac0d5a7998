//! The children of this program: who they are, telling them, and what became of them.

use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, WaitOptions, kill_process, kill_process_group, wait, waitid,
};
use std::collections::HashSet;

/// One that has ended.
pub(super) struct Ended {
    pub(super) pid: u32,
    pub(super) code: Option<i32>,
    pub(super) signal: Option<i32>,
}

/// All children, also those that were left to this program by their parents (proc_pid_children in
/// proc(5)).
pub(super) fn all() -> Vec<Pid> {
    // One thread starts everything, but those who are left to the program may hang on any.
    let Ok(threads) = std::fs::read_dir("/proc/self/task") else { return Vec::new() };
    threads
        .flatten()
        .filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok())
        .flat_map(|text| {
            text.split_whitespace()
                .filter_map(|pid| Pid::from_raw(pid.parse().ok()?))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Sends a signal to all children that were not told yet, each with its group.
pub(super) fn tell(signal: Signal, told: &mut HashSet<Pid>) {
    for pid in all() {
        if told.insert(pid) {
            // One that leads no group of its own is told alone.
            if kill_process_group(pid, signal).is_err() {
                kill_process(pid, signal).ok();
            }
            if signal != Signal::KILL {
                // One that is suspended takes it only when it goes on.
                kill_process(pid, Signal::CONT).ok();
            }
        }
    }
}

/// A child that has ended, and is left as it is.
pub(super) fn ended(pid: u32) -> Option<Ended> {
    let id = WaitId::Pid(Pid::from_raw(pid.cast_signed())?);
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    let status = waitid(id, options).ok()??;
    Some(Ended { pid, code: status.exit_status(), signal: status.terminating_signal() })
}

/// Takes those that have ended, and tells whether there are others.
pub(super) fn reap() -> (Vec<Ended>, bool) {
    let mut ended = Vec::new();
    loop {
        match wait(WaitOptions::NOHANG) {
            Ok(Some((pid, status))) => ended.push(Ended {
                pid: pid.as_raw_nonzero().get().cast_unsigned(),
                code: status.exit_status(),
                signal: status.terminating_signal(),
            }),
            Ok(None) => return (ended, true),
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return (ended, false),
        }
    }
}
