//! The table of processes: who is there, read once a tick.
//!
//! Kept as a vector ascending by pid, in step with the listing, so that a tick neither hashes nor
//! allocates.

use super::{
    counters::CounterReader,
    descriptors::Descriptors,
    details::DetailsReader,
    due,
    entry::{Entry, Wanted, has_ended},
    exits::{Exits, Left},
    groups::Groups,
    limits::Refusals,
    pids::PidList,
    recent_pids::RecentPids,
    shares::Shares,
    source::Tree,
};
use crate::ProbeError;
use ira_model::{EndedProcess, ProcessDetails, ProcessKey, ProcessSample};
use std::{mem, ops::RangeInclusive, sync::Arc};

/// Processes whose details are read in one tick at most; the newest wait for the next.
pub(crate) const LEARN_AT_ONCE: usize = 500;
/// A process seen to begin is looked at again so soon: a desktop moves a program to its control
/// group, and a server changes its user, only after they started it. Milliseconds.
const SETTLED_AFTER_MS: u64 = 2_000;

/// All processes are listed at least so often, though those that came and went are known otherwise:
/// clone3(2) can give a pid out of turn. Milliseconds.
const LIST_EVERY_MS: u64 = 10_000;

/// A process whose details were learnt.
pub(crate) type Learnt = (ProcessKey, Arc<ProcessDetails>);

/// Every process of one machine.
#[derive(Debug)]
pub(crate) struct ProcessTable {
    tree: Arc<Tree>,
    pids: PidList,
    recent: RecentPids,
    /// `None` lists and reads everything in each tick.
    groups: Option<Groups>,
    list_due_ms: u64,
    /// Only those that came were listed in the last tick.
    is_in_part: bool,
    /// Pids of processes that ended, whose children got another parent.
    parted: Vec<u32>,
    /// Who left the list in this tick.
    left: Vec<Left>,
    buffer: Vec<u8>,
    listed: Vec<u32>,
    entries: Vec<Entry>,
    counters: CounterReader,
    shares: Shares,
    details: DetailsReader,
    refusals: Refusals,
    next_serial: u32,
    waiting: Vec<(Wanted, u64, usize)>,
    is_first_tick: bool,
}

impl ProcessTable {
    pub(crate) fn open(tree: &Arc<Tree>, descriptors: Descriptors) -> Result<Self, ProbeError> {
        Ok(Self {
            tree: Arc::clone(tree),
            pids: PidList::open(tree)?,
            recent: RecentPids::new(),
            groups: None,
            list_due_ms: 0,
            is_in_part: false,
            parted: Vec::new(),
            left: Vec::new(),
            buffer: Vec::new(),
            listed: Vec::new(),
            entries: Vec::new(),
            counters: CounterReader::new(Arc::clone(tree), descriptors),
            shares: Shares::new(Arc::clone(tree)),
            details: DetailsReader::new(Arc::clone(tree)),
            refusals: Refusals::default(),
            next_serial: 0,
            waiting: Vec::new(),
            is_first_tick: true,
        })
    }

    /// From now on skips what did not run, as these tell.
    pub(crate) fn skip(&mut self, groups: Option<Groups>) {
        self.groups = groups;
    }

    /// Reads every process that may have changed and what is to be learnt of it.
    pub(crate) fn tick(
        &mut self,
        exits: &mut Exits,
        now_ms: u64,
        learnt: &mut Vec<Learnt>,
    ) -> Result<(), ProbeError> {
        self.recent.tick(&self.tree, &mut self.buffer, now_ms);
        self.parted.clear();
        self.left.clear();
        self.list(exits, now_ms)?;
        let descriptors = &mut self.counters.descriptors;
        if let Some(groups) = &mut self.groups {
            groups.mark(&mut self.entries, descriptors.for_groups(), now_ms);
            descriptors.lend(groups.kept());
            exits.mark(&mut self.entries);
        }
        descriptors.balance(&mut self.entries);
        self.read_counters(now_ms);
        self.entries.retain(|entry| entry.present);
        learnt.clear();
        self.learn(now_ms, learnt);
        self.shares.tick(&mut self.entries, now_ms, &mut self.refusals);
        self.is_first_tick = false;
        Ok(())
    }

    fn read_counters(&mut self, now_ms: u64) {
        for entry in &mut self.entries {
            entry.is_fresh = false;
            entry.ran_since_io |= !entry.idle;
            entry.ran_since_look |= !entry.idle;
            entry.looked.ran |= !entry.idle;
            if due::counters(entry, &self.recent, now_ms) {
                let before = entry.is_read.then(|| (Left::of(entry), has_ended(entry)));
                self.counters.read(entry, now_ms, &mut self.refusals);
                let Some((before, had_ended)) = before else { continue };
                let has_left = !entry.present || entry.sample.key != before.key;
                if has_left {
                    self.left.push(before);
                }
                if !had_ended && (has_left || has_ended(entry)) {
                    self.parted.push(entry.pid);
                }
            }
        }
        if self.parted.is_empty() {
            return;
        }
        // A process gets another parent without its doing.
        self.parted.sort_unstable();
        for entry in &mut self.entries {
            let parent = &entry.sample.parent_pid;
            if !entry.is_fresh && entry.present && self.parted.binary_search(parent).is_ok() {
                self.counters.read(entry, now_ms, &mut self.refusals);
            }
        }
    }

    /// Lists who came. Who has gone is found by reading, unless it is passed over as one that did not
    /// run; only where nobody tells of the ends of those must all be listed each time.
    fn list(&mut self, exits: &mut Exits, now_ms: u64) -> Result<(), ProbeError> {
        let is_told = exits.receive(&mut self.refusals);
        let ends_are_seen = self
            .groups
            .as_ref()
            .is_some_and(|groups| is_told && (exits.tells() || !groups.tell(now_ms)));
        let part = self.recent.part().filter(|_| ends_are_seen && now_ms < self.list_due_ms);
        let was_in_part = mem::replace(&mut self.is_in_part, part.is_some());
        let Some(part) = part else {
            self.list_due_ms = now_ms + LIST_EVERY_MS;
            self.pids.read(&mut self.listed)?;
            let first_new = self.next_serial;
            self.follow_listing(0..=u32::MAX);
            if was_in_part && let Some(part) = self.recent.part() {
                let mut new = self.entries.iter().filter(|entry| entry.serial >= first_new);
                self.refusals.starts_late |= new.any(|entry| !part.contains(&entry.pid));
            }
            return Ok(());
        };
        if !part.is_empty() {
            self.pids.read_part(part.clone(), &mut self.listed)?;
            self.follow_listing(part);
        }
        Ok(())
    }

    /// Drops who should be listed and is not, and adds who is new. Both sides ascend by pid.
    fn follow_listing(&mut self, part: RangeInclusive<u32>) {
        let mut listed = self.listed.iter().copied().peekable();
        let mut new = Vec::new();
        let mut add = |pid, serial: &mut u32| {
            new.push(Entry::new(pid, *serial));
            *serial = serial.wrapping_add(1);
        };
        let from = self.entries.partition_point(|entry| entry.pid < *part.start());
        let known = self.entries.iter_mut().skip(from);
        for entry in known.take_while(|entry| entry.pid <= *part.end()) {
            while let Some(pid) = listed.next_if(|pid| *pid < entry.pid) {
                add(pid, &mut self.next_serial);
            }
            entry.present = listed.next_if_eq(&entry.pid).is_some();
            if !entry.present {
                self.parted.push(entry.pid);
                if entry.is_read {
                    self.left.push(Left::of(entry));
                }
            }
        }
        listed.for_each(|pid| add(pid, &mut self.next_serial));
        self.entries.retain(|entry| entry.present);
        if !new.is_empty() {
            self.entries.append(&mut new);
            self.entries.sort_by_key(|entry| entry.pid);
        }
    }

    /// Learns details, of new programs before looks, of the oldest first.
    fn learn(&mut self, now_ms: u64, learnt: &mut Vec<Learnt>) {
        let mut waiting = mem::take(&mut self.waiting);
        waiting.clear();
        for (index, entry) in self.entries.iter_mut().enumerate() {
            if entry.wanted == Wanted::Nothing && entry.moved_group {
                entry.wanted = Wanted::Look;
            } else if entry.wanted == Wanted::Nothing && now_ms >= entry.look_due_ms {
                if due::pass_look(entry) {
                    entry.looks_passed += 1;
                    entry.look_due_ms = due::next_look_ms(entry, now_ms);
                } else {
                    entry.wanted = Wanted::Look;
                }
            }
            if entry.wanted != Wanted::Nothing && entry.is_read {
                waiting.push((entry.wanted, entry.start_ticks, index));
            }
        }
        if waiting.len() > LEARN_AT_ONCE {
            waiting.sort_unstable();
        }
        for (_, _, index) in waiting.iter().take(LEARN_AT_ONCE) {
            if let Some(entry) = self.entries.get_mut(*index) {
                entry.moved_group = false;
                let settles = !self.is_first_tick && entry.sample.details_revision == 0;
                entry.ran_since_look = settles;
                entry.looks_passed = 0;
                if let Some(details) = learn_one(&mut self.details, entry, &mut self.refusals) {
                    learnt.push((entry.sample.key, Arc::new(details)));
                }
                entry.look_due_ms = if entry.is_kernel_thread {
                    u64::MAX
                } else if settles {
                    now_ms + SETTLED_AFTER_MS
                } else {
                    due::next_look_ms(entry, now_ms)
                };
            }
        }
        self.waiting = waiting;
    }

    /// Counters of every process, ascending by pid.
    pub(crate) fn samples(&self) -> impl Iterator<Item = ProcessSample> {
        self.entries.iter().filter(|entry| entry.is_read).map(|entry| entry.sample)
    }

    /// The processes, ascending by pid, and where to note what is refused of them.
    pub(crate) fn entries(&mut self) -> (&mut [Entry], &mut Refusals) {
        (&mut self.entries, &mut self.refusals)
    }

    /// Tells of processes that ended since the last tick.
    pub(crate) fn tell_ended(
        &mut self,
        exits: &mut Exits,
        now_ms: u64,
        ended: &mut Vec<EndedProcess>,
    ) {
        exits.tick(&mut self.entries, &self.left, now_ms, &mut self.refusals, ended);
    }

    /// Who left the list in this tick.
    pub(crate) fn left(&self) -> &[Left] {
        &self.left
    }

    pub(crate) fn refusals(&self) -> &Refusals {
        &self.refusals
    }
}

fn learn_one(
    reader: &mut DetailsReader,
    entry: &mut Entry,
    refusals: &mut Refusals,
) -> Option<ProcessDetails> {
    // What is known of a process stays when it ends: a zombie has nothing to look at any more.
    let known = entry.sample.details_revision > 0;
    let details = if has_ended(entry) && known { None } else { reader.learn(entry, refusals) };
    entry.wanted = Wanted::Nothing;
    if details.is_some() {
        entry.sample.details_revision = entry.sample.details_revision.saturating_add(1);
    }
    details
}

#[cfg(test)]
mod tests {
    use super::*;
    use ira_testkit::{FakeProc, FakeProcess};

    /// What a table with room for so many descriptors saw, tick by tick.
    fn seen(capacity: usize) -> Vec<Vec<ProcessSample>> {
        let mut fake = FakeProc::new();
        for pid in 100..120 {
            fake.add(FakeProcess::new(pid, "p").io_bytes(u64::from(pid), 0));
        }
        let tree = Arc::new(Tree::open(&fake.proc_root()).unwrap());
        let descriptors = Descriptors::with_capacity(capacity);
        let mut table = ProcessTable::open(&tree, descriptors).unwrap();
        let mut exits = Exits::untold();
        let mut ticks = Vec::new();
        for round in 0..20 {
            let now_ms = fake.clock().monotonic_ms();
            table.tick(&mut exits, now_ms, &mut Vec::new()).unwrap();
            // Shares of memory are measured as time permits.
            let without = |sample| ProcessSample { pss_bytes: None, ..sample };
            ticks.push(table.samples().map(without).collect());
            fake.advance(1000);
            fake.spend_cpu(100 + round / 2, 10, 20);
            fake.transfer(100 + round / 2, 5, 6);
            match round {
                3 => fake.exit(119),
                5 => assert_eq!(fake.reuse(FakeProcess::new(118, "again")), 118),
                7 => {
                    for pid in 200..230 {
                        fake.add(FakeProcess::new(pid, "more"));
                    }
                }
                _ => {}
            }
        }
        ticks
    }

    #[test]
    fn what_is_kept_open_makes_no_difference() {
        let all = seen(1000);
        for capacity in [0, 1, 15, 21, 30, 45] {
            assert!(seen(capacity) == all, "{capacity} descriptors show the same as 1000");
        }
    }
}
