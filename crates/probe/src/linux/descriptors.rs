//! How many descriptors may be kept open.
//!
//! A kept descriptor halves the cost of a read and costs 4 KiB of kernel memory. `stat` is read
//! each tick, so it comes first; `io` gets what is left.

use super::entry::{Entry, IoSource};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Never more than this, whatever the system permits.
const MOST: u64 = 16_384;
/// Left to the rest of the program: database, sockets, logs.
const RESERVE: u64 = 256;

/// Descriptors in use for processes and how many there may be.
#[derive(Debug)]
pub(crate) struct Descriptors {
    capacity: usize,
    kept_stat: usize,
    kept_io: usize,
    io_capacity: usize,
    /// Held open by others out of the same capacity.
    lent: usize,
}

impl Descriptors {
    /// Raises the soft limit of this program to its hard one.
    pub(crate) fn raise() -> Self {
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        let wanted = maximum.unwrap_or(MOST).min(MOST);
        let mut granted = current.unwrap_or(MOST);
        if granted < wanted
            && setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum }).is_ok()
        {
            granted = wanted;
        }
        Self::with_capacity(usize::try_from(granted.min(MOST).saturating_sub(RESERVE)).unwrap_or(0))
    }

    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self { capacity, kept_stat: 0, kept_io: 0, io_capacity: 0, lent: 0 }
    }

    /// How many control groups may keep open: one of them saves more reads than one process does.
    pub(crate) fn for_groups(&self) -> usize {
        self.capacity / 4
    }

    /// So many are held open by control groups.
    pub(crate) fn lend(&mut self, lent: usize) {
        self.lent = lent;
    }

    fn in_use(&self) -> usize {
        self.kept_stat + self.kept_io + self.lent
    }

    /// Counts what is kept, and gives up `io` where the `stat` of other processes needs the room.
    /// Counting anew each tick is cheap and cannot drift.
    pub(crate) fn balance(&mut self, entries: &mut [Entry]) {
        self.io_capacity = self.capacity.saturating_sub(entries.len() + self.lent);
        self.kept_stat = entries.iter().filter(|entry| entry.stat_file.is_some()).count();
        self.kept_io = 0;
        for entry in entries {
            if matches!(entry.io, IoSource::Kept(_)) {
                if self.kept_io < self.io_capacity {
                    self.kept_io += 1;
                } else {
                    entry.io = IoSource::Opened;
                }
            }
        }
    }

    /// Whether one more `stat` may be kept; counts it.
    pub(crate) fn take_stat(&mut self) -> bool {
        let free = self.in_use() < self.capacity;
        self.kept_stat += usize::from(free);
        free
    }

    /// Whether one more `io` may be kept; counts it.
    pub(crate) fn take_io(&mut self) -> bool {
        let free = self.kept_io < self.io_capacity && self.in_use() < self.capacity;
        self.kept_io += usize::from(free);
        free
    }

    /// The program ran out of descriptors all the same: keeps no more than now.
    pub(crate) fn exhausted(&mut self) {
        self.capacity = self.capacity.min(self.in_use());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fd::OwnedFd;

    fn file() -> OwnedFd {
        std::fs::File::open("/proc/self/stat").unwrap().into()
    }

    #[test]
    fn stat_comes_before_io() {
        let mut descriptors = Descriptors::with_capacity(6);
        let mut entries: Vec<Entry> = (0..3).map(|pid| Entry::new(pid, pid)).collect();
        descriptors.balance(&mut entries);
        for entry in &mut entries {
            assert!(descriptors.take_stat(), "there is room for every stat");
            entry.stat_file = Some(file());
            assert!(descriptors.take_io(), "and as much again for io");
            entry.io = IoSource::Kept(file());
        }
        assert!(!descriptors.take_stat() && !descriptors.take_io(), "six are kept");

        entries.extend((3..5).map(|pid| Entry::new(pid, pid)));
        descriptors.balance(&mut entries);
        let kept = entries.iter().filter(|e| matches!(e.io, IoSource::Kept(_))).count();
        assert_eq!(kept, 1, "two new processes take the room of two io");
        assert!(descriptors.take_stat() && descriptors.take_stat(), "and get their stat");
        assert!(!descriptors.take_stat(), "and no more than that");
    }

    #[test]
    fn the_limit_is_raised_and_a_reserve_left() {
        let descriptors = Descriptors::raise();
        let soft = getrlimit(Resource::Nofile).current.unwrap_or(MOST);
        assert!(
            u64::try_from(descriptors.capacity).unwrap() + RESERVE <= soft.clamp(RESERVE, MOST),
            "{} descriptors of {soft} leave {RESERVE}",
            descriptors.capacity
        );
    }
}
