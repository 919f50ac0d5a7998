//! What is kept of one process from tick to tick.

use super::{
    groups::{Membership, TREES},
    shares::Measured,
    stat::Stat,
};
use ira_model::{ProcessKey, ProcessSample, ProcessState};
use rustix::fd::OwnedFd;

/// Where the bytes read and written by a process come from.
#[derive(Debug)]
pub(crate) enum IoSource {
    /// Opened anew each time.
    Opened,
    /// A kept descriptor.
    Kept(OwnedFd),
    /// Refused or not there. Asked for again only after the process executed another program.
    Absent,
}

/// What is to be learnt of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Wanted {
    /// Its details: it is new or executed another program.
    Details,
    /// Whether its details changed: title, control group, user.
    Look,
    /// Nothing.
    Nothing,
}

/// What the search for holders of listening sockets knows of a process.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Looked {
    /// When all its descriptors were last looked at, milliseconds after boot.
    pub(crate) at_ms: Option<u64>,
    /// How many they were.
    pub(crate) descriptors: u32,
    /// A listening socket was found among them once.
    pub(crate) held: bool,
    /// It was there when the sockets were last read.
    pub(crate) was_there: bool,
    /// It may have run since.
    pub(crate) ran: bool,
    /// Its CPU time then, ticks.
    pub(crate) cpu_ticks: u64,
}

/// One process.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) pid: u32,
    /// Spreads slow work over ticks; processes that came one after another differ by one.
    pub(crate) serial: u32,
    /// Whether this process was there at the last pass over it.
    pub(crate) present: bool,
    /// Whether its counters were ever read.
    pub(crate) is_read: bool,
    /// It did not run since the last tick: something that cannot be wrong says so.
    pub(crate) idle: bool,
    /// Its counters were read in this tick.
    pub(crate) is_fresh: bool,
    pub(crate) memberships: [Membership; TREES],
    /// It was found in another control group.
    pub(crate) moved_group: bool,
    pub(crate) stat_file: Option<OwnedFd>,
    /// When its counters are read again though it did not run, milliseconds after boot.
    pub(crate) stat_due_ms: u64,
    pub(crate) io: IoSource,
    /// It may have run since the last read of `io`.
    pub(crate) ran_since_io: bool,
    /// CPU time at the last read of `io`, ticks; `None` before the first.
    pub(crate) io_at_cpu_ticks: Option<u64>,
    /// When `io` is read again though no CPU time was spent, milliseconds after boot.
    pub(crate) io_due_ms: u64,
    pub(crate) look_due_ms: u64,
    /// It may have run since the last look.
    pub(crate) ran_since_look: bool,
    /// Turns for a look passed over since, because it did not run.
    pub(crate) looks_passed: u8,
    pub(crate) wanted: Wanted,
    /// Inode of its network namespace, where that may be seen.
    pub(crate) net_space: Option<u64>,
    /// Its user when it was last looked at.
    pub(crate) user_id: Option<u32>,
    pub(crate) looked: Looked,
    /// Fingerprint of what a look compares.
    pub(crate) looks: u64,
    pub(crate) start_ticks: u64,
    pub(crate) cpu_ticks: u64,
    /// CPU time of its children that ended, milliseconds: now, and at the tick before.
    pub(crate) children_ms: u64,
    pub(crate) children_before_ms: Option<u64>,
    pub(crate) measured: Measured,
    pub(crate) comm: Vec<u8>,
    start_code: u64,
    start_stack: u64,
    pub(crate) process_group: u32,
    pub(crate) session: u32,
    pub(crate) has_terminal: bool,
    pub(crate) is_kernel_thread: bool,
    pub(crate) sample: ProcessSample,
}

impl Entry {
    pub(crate) fn new(pid: u32, serial: u32) -> Self {
        Self {
            pid,
            serial,
            present: true,
            is_read: false,
            idle: false,
            is_fresh: false,
            memberships: [Membership::default(); TREES],
            moved_group: false,
            stat_file: None,
            stat_due_ms: 0,
            io: IoSource::Opened,
            ran_since_io: true,
            io_at_cpu_ticks: None,
            io_due_ms: 0,
            look_due_ms: 0,
            ran_since_look: true,
            looks_passed: 0,
            wanted: Wanted::Details,
            net_space: None,
            user_id: None,
            looked: Looked::default(),
            looks: 0,
            start_ticks: 0,
            cpu_ticks: 0,
            children_ms: 0,
            children_before_ms: None,
            measured: Measured::Never,
            comm: Vec::new(),
            start_code: 0,
            start_stack: 0,
            process_group: 0,
            session: 0,
            has_terminal: false,
            is_kernel_thread: false,
            sample: ProcessSample::new(ProcessKey { pid, start_ms: 0 }),
        }
    }

    /// Forgets the process before, whose pid this one has now; its open `stat` is already ours.
    pub(crate) fn become_another(&mut self) {
        let mut next = Self::new(self.pid, self.serial);
        next.stat_file = self.stat_file.take();
        *self = next;
    }

    /// Takes over identity and kinship, and notices another program.
    pub(crate) fn take_identity(&mut self, stat: &Stat<'_>) {
        let executed = self.is_read
            && !stat.is_kernel_thread // the kernel's workers change their names all the time
            && (self.comm != stat.comm
                || moved(self.start_code, stat.start_code)
                || moved(self.start_stack, stat.start_stack));
        if executed {
            self.wanted = Wanted::Details;
            self.io_at_cpu_ticks = None;
            self.measured = Measured::Never;
            self.sample.pss_bytes = None;
            if matches!(self.io, IoSource::Absent) {
                self.io = IoSource::Opened;
            }
        }
        if self.comm != stat.comm {
            self.comm.clear();
            self.comm.extend_from_slice(stat.comm);
        }
        keep_known(&mut self.start_code, stat.start_code);
        keep_known(&mut self.start_stack, stat.start_stack);
        self.start_ticks = stat.start_ticks;
        self.cpu_ticks = stat.user_ticks.saturating_add(stat.system_ticks);
        self.process_group = stat.process_group;
        self.session = stat.session;
        self.has_terminal = stat.has_terminal;
        self.is_kernel_thread = stat.is_kernel_thread;
        self.is_read = true;
    }
}

/// Whether it has ended and is there only until its parent asked how.
pub(crate) fn has_ended(entry: &Entry) -> bool {
    matches!(entry.sample.state, ProcessState::Zombie | ProcessState::Dead)
}

/// An address moves only when another program is executed. It is 0 where it may not be seen, and
/// once the process has ended; neither is a move.
fn moved(before: u64, now: u64) -> bool {
    now != 0 && before != now
}

fn keep_known(kept: &mut u64, now: u64) {
    if now != 0 {
        *kept = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linux::stat;

    fn line(comm: &str, flags: u32, start_code: u64, start_stack: u64) -> Vec<u8> {
        format!(
            "7 ({comm}) S 1 7 7 0 -1 {flags} 0 0 0 0 3 4 0 0 20 0 1 0 50 0 9 0 {start_code} 0 \
             {start_stack} 0"
        )
        .into_bytes()
    }

    fn wanted_after(changed: (&str, u32, u64, u64)) -> Wanted {
        let mut entry = Entry::new(7, 0);
        let flags = changed.1;
        entry.take_identity(&stat::parse(&line("sh", flags, 4096, 8192)).unwrap());
        entry.wanted = Wanted::Nothing;
        let next = line(changed.0, flags, changed.2, changed.3);
        entry.take_identity(&stat::parse(&next).unwrap());
        entry.wanted
    }

    #[test]
    fn another_program_is_noticed() {
        assert_eq!(wanted_after(("sleep", 0, 4096, 8192)), Wanted::Details, "by its name");
        assert_eq!(wanted_after(("sh", 0, 5000, 8192)), Wanted::Details, "by its text");
        assert_eq!(wanted_after(("sh", 0, 4096, 9000)), Wanted::Details, "by its stack");
    }

    #[test]
    fn what_is_no_other_program_is_left_alone() {
        assert_eq!(wanted_after(("sh", 0, 4096, 8192)), Wanted::Nothing, "nothing changed");
        assert_eq!(wanted_after(("sh", 0, 0, 0)), Wanted::Nothing, "it has ended");
        let kernel = 0x0020_0000;
        assert_eq!(
            wanted_after(("kworker/1:2-events", kernel, 4096, 8192)),
            Wanted::Nothing,
            "the kernel's workers are renamed with their work"
        );
    }
}
