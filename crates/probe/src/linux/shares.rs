//! Memory of processes with shared pages counted in shares (PSS, proc_pid_smaps(5)).
//!
//! The kernel walks all pages of a process for it, 60 microseconds for a small one and 11-16 a MiB, so
//! that only few are measured in a tick: those whose resident memory changed most, the largest that
//! were not measured yet, and the rest by age. What that may cost is saved up tick by tick; one
//! process cannot be measured in parts, so a large one is paid off over the ticks after it.

use super::{
    entry::{Entry, has_ended},
    limits::Refusals,
    pss,
    source::{PidPath, Tree, is_denied, read_once},
};
use rustix::io::Errno;
use std::{cmp::Reverse, sync::Arc};

/// Saved each tick, and saved at most, nanoseconds. The first is a fiftieth of a percent of a core.
const EACH_TICK_NS: i64 = 200_000;
const AT_MOST_NS: i64 = 2_000_000;
/// Nobody is looked for before so much is saved: to look at all costs as much as to measure one.
const WORTH_NS: i64 = 1_000_000;
/// What measuring takes: for the smallest process, and for each MiB more.
const LEAST_NS: i64 = 60_000;
const EACH_MIB_NS: u64 = 14_000;
/// The same process is not measured again before, milliseconds.
const AGAIN_MS: u64 = 20_000;
/// Resident memory counts as changed as a whole after so long.
const STALE_MS: u64 = 3_600_000;
/// What is not worth being measured again, bytes.
const LITTLE: u64 = 256 << 10;

/// When a process was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Measured {
    #[default]
    Never,
    At {
        ms: u64,
        resident_bytes: u64,
    },
    /// It was refused, and will be until another program is executed.
    Refused,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Shares {
    tree: Arc<Tree>,
    saved_ns: i64,
    buffer: Vec<u8>,
    /// How much each needs it, and its place.
    needs: Vec<(u64, usize)>,
    is_unsupported: bool,
}

impl Shares {
    pub(crate) fn new(tree: Arc<Tree>) -> Self {
        Self {
            tree,
            saved_ns: AT_MOST_NS,
            buffer: Vec::new(),
            needs: Vec::new(),
            is_unsupported: false,
        }
    }

    /// Measures those that need it most, as far as the savings go.
    pub(crate) fn tick(&mut self, entries: &mut [Entry], now_ms: u64, refusals: &mut Refusals) {
        self.saved_ns = (self.saved_ns + EACH_TICK_NS).min(AT_MOST_NS);
        if self.saved_ns < WORTH_NS || self.is_unsupported {
            return;
        }
        let mut needs = std::mem::take(&mut self.needs);
        needs.clear();
        let all = entries.iter().enumerate().map(|(at, entry)| (need(entry, now_ms), at));
        needs.extend(all.filter(|(need, _)| *need > LITTLE));
        needs.sort_unstable_by_key(|(need, at)| (Reverse(*need), *at));
        for (_, at) in &needs {
            if self.saved_ns < LEAST_NS || self.is_unsupported {
                break;
            }
            if let Some(entry) = entries.get_mut(*at) {
                self.saved_ns -= cost_ns(entry.sample.memory_bytes.unwrap_or_default());
                self.measure(entry, now_ms, refusals);
            }
        }
        self.needs = needs;
    }

    fn measure(&mut self, entry: &mut Entry, now_ms: u64, refusals: &mut Refusals) {
        let resident_bytes = entry.sample.memory_bytes.unwrap_or_default();
        entry.measured = Measured::At { ms: now_ms, resident_bytes };
        let path = PidPath::new(entry.pid, "smaps_rollup");
        let outcome = self.tree.file(path.as_c_str()).and_then(|f| read_once(f, &mut self.buffer));
        match outcome {
            Ok(_) => entry.sample.pss_bytes = pss::parse(&self.buffer),
            // It has just ended, or the kernel has no such file (before Linux 4.14).
            Err(Errno::SRCH) => {}
            Err(Errno::NOENT) => {
                let stat = self.tree.file(PidPath::new(entry.pid, "stat").as_c_str());
                self.is_unsupported = stat.is_ok();
                refusals.pss_unsupported |= self.is_unsupported;
            }
            Err(error) => {
                refusals.pss_denied |= is_denied(error);
                entry.measured = Measured::Refused;
            }
        }
    }
}

/// What the kernel takes to measure so much resident memory; asking a clock would tell of the noise
/// of the machine as well.
fn cost_ns(resident_bytes: u64) -> i64 {
    let walked = (resident_bytes >> 20).saturating_mul(EACH_MIB_NS);
    LEAST_NS.saturating_add(i64::try_from(walked).unwrap_or(i64::MAX))
}

/// How many bytes may be told wrongly of a process.
fn need(entry: &Entry, now_ms: u64) -> u64 {
    let resident = entry.sample.memory_bytes.unwrap_or_default();
    if entry.is_kernel_thread || has_ended(entry) || !entry.is_read {
        return 0;
    }
    match entry.measured {
        Measured::Refused => 0,
        Measured::Never => resident,
        Measured::At { ms, resident_bytes } => {
            let age_ms = now_ms.saturating_sub(ms);
            if age_ms < AGAIN_MS {
                return 0;
            }
            let by_age = u128::from(resident) * u128::from(age_ms) / u128::from(STALE_MS);
            resident.abs_diff(resident_bytes).saturating_add(u64::try_from(by_age).unwrap_or(0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ira_testkit::{FakeProc, FakeProcess};

    fn entry(pid: u32, resident_bytes: u64) -> Entry {
        let mut entry = Entry::new(pid, 0);
        entry.is_read = true;
        entry.sample.memory_bytes = Some(resident_bytes);
        entry
    }

    #[test]
    fn the_largest_comes_first_and_change_before_age() {
        let mut fake = FakeProc::new();
        for pid in [10, 11] {
            fake.add(FakeProcess::new(pid, "p").pss_bytes(u64::from(pid) * 1024));
        }
        let mut shares = Shares::new(Arc::new(Tree::open(&fake.proc_root()).unwrap()));
        shares.saved_ns = WORTH_NS - EACH_TICK_NS; // enough for one
        let mut entries = [entry(10, 50 << 20), entry(11, 80 << 20)];
        let tick = |shares: &mut Shares, entries: &mut [Entry], now_ms| {
            shares.tick(entries, now_ms, &mut Refusals::default());
            [0, 1].map(|at: usize| entries[at].sample.pss_bytes)
        };
        assert_eq!(tick(&mut shares, &mut entries, 1000), [None, Some(11 * 1024)], "the larger");
        shares.saved_ns = AT_MOST_NS;
        let both = [Some(10 * 1024), Some(11 * 1024)];
        assert_eq!(tick(&mut shares, &mut entries, 2000), both, "the other when there is room");
        fake.change(10, |process| process.pss_bytes(1 << 20));
        fake.change(11, |process| process.pss_bytes(2 << 20));
        entries[0].sample.memory_bytes = Some(75 << 20);
        shares.saved_ns = AT_MOST_NS;
        assert_eq!(tick(&mut shares, &mut entries, 9000), both, "not yet again");
        shares.saved_ns = WORTH_NS - EACH_TICK_NS;
        let changed = [Some(1 << 20), both[1]];
        assert_eq!(tick(&mut shares, &mut entries, 32_000), changed, "what changed first");
        shares.saved_ns = -1_000_000_000;
        assert_eq!(tick(&mut shares, &mut entries, 4_000_000), changed, "a debt is paid off first");
    }

    #[test]
    fn a_kernel_without_it_is_asked_once() {
        let mut fake = FakeProc::new();
        fake.add(FakeProcess::new(10, "p").pss_bytes(None));
        let mut shares = Shares::new(Arc::new(Tree::open(&fake.proc_root()).unwrap()));
        let (mut entries, mut refusals) = ([entry(10, 50 << 20)], Refusals::default());
        shares.tick(&mut entries, 1000, &mut refusals);
        assert!(refusals.pss_unsupported && entries[0].sample.pss_bytes.is_none(), "it is said");
        let mut gone = [entry(99, 50 << 20)];
        let mut others = Shares::new(Arc::new(Tree::open(&fake.proc_root()).unwrap()));
        let mut refusals = Refusals::default();
        others.tick(&mut gone, 1000, &mut refusals);
        assert_eq!(refusals, Refusals::default(), "one that has gone is no kernel without it");
    }
}
