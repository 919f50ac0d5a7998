//! Processes that ended since the last tick, also those that no tick ever saw: the kernel's records
//! ([`super::taskstats`]) joined to what the table knew.
//!
//! A process is told of in the tick in which it leaves the list; one that has ended and whose parent
//! has not asked yet is held until then. Where the kernel does not tell, what children used that no
//! tick saw is known from the times that their parent was given when it waited for them.

use super::{
    entry::Entry,
    limits::Refusals,
    source::{Tree, is_denied},
    taskstats::{TaskEnd, Taskstats},
};
use ira_model::{EndedProcess, ExitStatus, ProcessKey};
use rustix::io::Errno;

/// Ended processes that their parents do not ask for; more are not remembered.
const HELD: usize = 4096;
/// How far back the first thread of a process is looked for among the records of a tick.
const NEAR: usize = 4096;
/// The time of start that follows from how long a process lived is as exact as this: the present
/// moves on while a tick is read.
const EXACT_MS: u64 = 200;

/// A process that left the list of processes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Left {
    pub(crate) key: ProcessKey,
    parent_pid: u32,
    /// As last read.
    user_ms: u64,
    system_ms: u64,
    children_ms: u64,
    pub(crate) memory_bytes: Option<u64>,
}

impl Left {
    pub(crate) fn of(entry: &Entry) -> Self {
        let sample = &entry.sample;
        Self {
            key: sample.key,
            parent_pid: sample.parent_pid,
            user_ms: sample.user_ms,
            system_ms: sample.system_ms,
            children_ms: entry.children_ms,
            memory_bytes: sample.memory_bytes,
        }
    }

    /// As one that was killed and of which the kernel told nothing else.
    pub(crate) fn killed(&self) -> EndedProcess {
        EndedProcess {
            key: self.key,
            parent_pid: self.parent_pid,
            name: String::new(),
            user_id: None,
            user_ms: self.user_ms,
            system_ms: self.system_ms,
            status: Some(ExitStatus::Signal(9)),
            out_of_memory: true,
        }
    }

    /// For tests.
    #[cfg(test)]
    pub(crate) fn of_key(key: ProcessKey, memory_bytes: u64) -> Self {
        let (parent_pid, user_ms, system_ms, children_ms) = (1, 0, 0, 0);
        let memory_bytes = Some(memory_bytes);
        Self { key, parent_pid, user_ms, system_ms, children_ms, memory_bytes }
    }
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Exits {
    kernel: Option<Taskstats>,
    /// Ended but still listed, under the key of the list.
    held: Vec<(ProcessKey, TaskEnd)>,
    previous_ms: Option<u64>,
}

impl Exits {
    /// Nothing is told where the kernel is not that of the processes read.
    pub(crate) fn open(proc: &Tree, sys: Option<&Tree>, refusals: &mut Refusals) -> Self {
        let kernel = if proc.is_own() {
            Taskstats::open(sys).map_err(|error| note(error, refusals)).ok()
        } else {
            None
        };
        Self { kernel, held: Vec::new(), previous_ms: None }
    }

    /// For tests: the kernel tells nothing.
    #[cfg(test)]
    pub(crate) fn untold() -> Self {
        Self { kernel: None, held: Vec::new(), previous_ms: None }
    }

    /// Whether the kernel tells of all that end.
    pub(crate) fn tells(&self) -> bool {
        self.kernel.is_some()
    }

    /// Takes what the kernel told since the last call; says whether nothing was lost. The rest is told
    /// of with it in [`Self::tick`].
    pub(crate) fn receive(&mut self, refusals: &mut Refusals) -> bool {
        let Some(kernel) = &mut self.kernel else { return true };
        let Err(error) = kernel.receive() else { return true };
        note(error, refusals);
        if error != Errno::NOBUFS {
            self.kernel = None;
        }
        false
    }

    /// Those that ended did run, to end, and must be read until they have gone.
    pub(crate) fn mark(&self, entries: &mut [Entry]) {
        let ends = self.kernel.iter().flat_map(Taskstats::received).filter(|end| end.is_last);
        let held = self.held.iter().map(|(_, end)| end);
        for end in ends.chain(held) {
            if let Ok(at) = entries.binary_search_by_key(&end.process, |entry| entry.pid)
                && let Some(entry) = entries.get_mut(at)
            {
                entry.idle = false;
            }
        }
    }

    /// Fills `ended`. Is called after `entries`, ascending by pid, were listed and read; `left` is
    /// who left them in this tick.
    pub(crate) fn tick(
        &mut self,
        entries: &mut [Entry],
        left: &[Left],
        now_ms: u64,
        refusals: &mut Refusals,
        ended: &mut Vec<EndedProcess>,
    ) {
        ended.clear();
        self.receive(refusals);
        let Some(kernel) = &mut self.kernel else { return from_parents(entries, left, ended) };
        let ends = kernel.take();
        let previous_ms = self.previous_ms.replace(now_ms);
        let gone = |key: ProcessKey| left.iter().find(|left| left.key == key);
        self.held.retain(|(key, end)| {
            let is_listed = listed(entries, key.pid).is_some_and(|e| e.sample.key == *key);
            if !is_listed {
                ended.push(joined(end, *key, gone(*key)));
            }
            is_listed
        });
        // Before the first tick nobody knows what was there.
        let Some(previous_ms) = previous_ms else { return };
        for (at, end) in ends.iter().enumerate().filter(|(_, end)| end.is_last) {
            // Threads end together when the process does; a first thread that ended in an earlier
            // tick says nothing of how that was.
            let before = ends.iter().take(at + 1).rev().take(NEAR);
            let status =
                before.filter(|other| other.process == end.process).find_map(|first| first.status);
            let end = TaskEnd { status, ..end.clone() };
            let (latest_ms, earliest_ms) = (
                now_ms.saturating_sub(end.lived_ms) + EXACT_MS,
                previous_ms.saturating_sub(end.lived_ms + EXACT_MS),
            );
            let is_it = |key: ProcessKey| {
                key.pid == end.process
                    // Suspend does not count in how long it lived.
                    && (key.start_ms < previous_ms.min(earliest_ms)
                        || (earliest_ms..=latest_ms).contains(&key.start_ms))
            };
            // A pid may have been given twice in one tick; the first end is that of the one known.
            let is_told = |key| ended.iter().any(|told| told.key == key);
            let left = left.iter().find(|left| is_it(left.key) && !is_told(left.key));
            if let Some(left) = left {
                ended.push(joined(&end, left.key, Some(left)));
            } else if let Some(entry) = listed(entries, end.process).filter(|e| is_it(e.sample.key))
            {
                if self.held.len() < HELD {
                    self.held.push((entry.sample.key, end));
                }
            } else {
                let start_ms = now_ms.saturating_sub(end.lived_ms) / 10 * 10;
                ended.push(joined(&end, ProcessKey { pid: end.process, start_ms }, None));
            }
        }
        kernel.give_back(ends);
    }
}

/// What children used that were not seen, or after they were, one line for each parent.
fn from_parents(entries: &mut [Entry], left: &[Left], ended: &mut Vec<EndedProcess>) {
    for entry in entries {
        let Some(before_ms) = entry.children_before_ms.replace(entry.children_ms) else { continue };
        if before_ms == entry.children_ms {
            continue;
        }
        let of_children = left.iter().filter(|left| left.parent_pid == entry.pid);
        let seen_ms =
            of_children.map(|left| left.user_ms + left.system_ms + left.children_ms).sum();
        let unseen_ms = entry.children_ms.saturating_sub(before_ms).saturating_sub(seen_ms);
        if unseen_ms > 0 {
            ended.push(EndedProcess {
                key: ProcessKey { pid: 0, start_ms: 0 },
                parent_pid: entry.pid,
                name: String::new(),
                user_id: None,
                user_ms: unseen_ms,
                system_ms: 0,
                status: None,
                out_of_memory: false,
            });
        }
    }
}

fn listed(entries: &[Entry], pid: u32) -> Option<&Entry> {
    let at = entries.binary_search_by_key(&pid, |entry| entry.pid).ok()?;
    entries.get(at)
}

/// The record of a process, so that what it used after it was last read is exact in sum: the kernel
/// divides time into user and system by chance of its clock ticks, and `stat` and this record
/// differently.
fn joined(end: &TaskEnd, key: ProcessKey, left: Option<&Left>) -> EndedProcess {
    let (user_ms, system_ms) = left.map_or((0, 0), |left| (left.user_ms, left.system_ms));
    let all_ms = end.cpu_ns.saturating_add(500_000) / 1_000_000;
    let rest_ms = all_ms.saturating_sub(user_ms + system_ms);
    let in_system_ms = match end.user_us.saturating_add(end.system_us) {
        0 => 0,
        both => rest_ms.saturating_mul(end.system_us) / both,
    };
    EndedProcess {
        key,
        parent_pid: end.parent,
        name: String::from_utf8_lossy(&end.comm).into_owned(),
        user_id: Some(end.user_id),
        user_ms: user_ms + rest_ms - in_system_ms,
        system_ms: system_ms + in_system_ms,
        status: end.status,
        out_of_memory: false,
    }
}

fn note(error: Errno, refusals: &mut Refusals) {
    match error {
        Errno::NOBUFS => refusals.exits_lost = true,
        error if is_denied(error) => refusals.exits_denied = true,
        _ => refusals.exits_unsupported = true,
    }
}
