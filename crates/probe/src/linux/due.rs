//! What has to be read of a process in this tick, and what may be skipped.
//!
//! Skipping is exact: a process that may have run since its last read is always read. That it did
//! not is told by its control groups ([`super::groups`]), whose CPU time the kernel charges whenever
//! it switches away from a task and at each of its clock ticks. So of a process that began to run
//! less than such a tick (1-10 ms) before, and is still running, the next read tells. Two gaps are
//! known, both of processes that another one moved to a group which is quiet in that tick. Groups do
//! not list who has ended: such a process that does not run since but to end, and that its parent has
//! not asked for yet, looks alive until its turn or the kernel's record of its end tells. And one
//! that runs in there and is moved on within the same tick is in no list of that group: its turn tells.

use super::{
    entry::{Entry, has_ended},
    recent_pids::RecentPids,
};

/// The longest time between two reads of counters, milliseconds. Memory changes without CPU time:
/// the kernel takes it when it runs short, another process unmaps what is shared.
const STAT_EVERY_MS: u64 = 10_000;
/// The longest time between two reads of the bytes read and written by one that ran, milliseconds.
const IO_EVERY_MS: u64 = 10_000;
/// The time between two looks at title, control group and user, milliseconds.
const LOOK_EVERY_MS: u64 = 60_000;
/// A process that did not run can only have been put into another control group, which is mostly
/// seen at once; so many of its turns are passed over.
const LOOKS_PASSED: u8 = 9;

/// Whether the counters of this process must be read in this tick: it may have run, it may be
/// another one by now, or its turn came.
pub(crate) fn counters(entry: &Entry, recent: &RecentPids, now_ms: u64) -> bool {
    !entry.idle
        || !entry.is_read
        || now_ms >= entry.stat_due_ms
        // One that has ended goes, and its pid with it, when its parent runs.
        || has_ended(entry)
        || recent.may_hold(entry.pid)
}

/// Whether the bytes read and written must be read again: the process ran since, or its turn came.
/// Nobody causes I/O without spending CPU time, but less than a clock tick of it is not seen.
pub(crate) fn io(entry: &Entry, now_ms: u64) -> bool {
    !entry.is_kernel_thread
        && (entry.io_at_cpu_ticks != Some(entry.cpu_ticks)
            || (entry.ran_since_io && now_ms >= entry.io_due_ms))
}

/// Whether a look, whose turn came, can be passed over: title and user are changed by the process
/// itself only.
pub(crate) fn pass_look(entry: &Entry) -> bool {
    !entry.ran_since_look && entry.looks_passed < LOOKS_PASSED
}

/// The next turn of a process for its counters.
pub(crate) fn next_stat_ms(entry: &Entry, now_ms: u64) -> u64 {
    next_turn(now_ms, STAT_EVERY_MS, entry.serial)
}

/// The next turn of a process for its bytes.
pub(crate) fn next_io_ms(entry: &Entry, now_ms: u64) -> u64 {
    next_turn(now_ms, IO_EVERY_MS, entry.serial)
}

/// The next turn of a process for a look.
pub(crate) fn next_look_ms(entry: &Entry, now_ms: u64) -> u64 {
    next_turn(now_ms, LOOK_EVERY_MS, entry.serial)
}

/// The first time after `now_ms` that is this process's turn, at most `period_ms` away. Turns are
/// fixed in time and a second apart from process to process, so that they stay spread evenly even
/// when all processes ran at once.
fn next_turn(now_ms: u64, period_ms: u64, serial: u32) -> u64 {
    let phase = (u64::from(serial) * 1000) % period_ms;
    let since = (now_ms % period_ms + period_ms - phase) % period_ms;
    now_ms + period_ms - since
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn turns_are_spread_evenly() {
        let mut load = [0; 10];
        for serial in 0..1000 {
            let due = next_turn(123_456, 10_000, serial);
            load[usize::try_from(due.div_ceil(1000) % 10).unwrap()] += 1;
        }
        assert_eq!(load, [100; 10], "a tenth of the processes each second");
    }

    proptest! {
        #[test]
        fn a_turn_comes_within_its_period(now in 0_u64..1 << 50, serial: u32) {
            let due = next_turn(now, 10_000, serial);
            prop_assert!(due > now && due <= now + 10_000);
            prop_assert_eq!(next_turn(due, 10_000, serial), due + 10_000);
        }
    }
}
