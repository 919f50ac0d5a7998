//! Beside a full search of a made-up machine, whatever happens there.

use super::*;
use crate::linux::{
    descriptors::Descriptors, exits::Exits, groups::Groups, listeners::ListenerReader,
    table::ProcessTable, traffic::Traffic,
};
use ira_model::{Listener, Protocol};
use ira_testkit::{FakeProc, FakeProcess};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Ticks from reading to reading, and within which each holder is to be known.
const READING: u64 = 5;
const KNOWN_WITHIN: u64 = 10;

struct Bench {
    fake: FakeProc,
    table: ProcessTable,
    traffic: Traffic,
    reader: ListenerReader,
    refusals: Refusals,
    list: Vec<Listener>,
    ticks: u64,
}

impl Bench {
    fn new(fake: FakeProc) -> Self {
        let tree = Arc::new(Tree::open(&fake.proc_root()).unwrap());
        let mut table = ProcessTable::open(&tree, Descriptors::with_capacity(100)).unwrap();
        table.skip(Some(Groups::open(Tree::open(&fake.sys_root()).ok().as_ref())));
        let traffic = Traffic::new(Arc::clone(&tree));
        let reader = ListenerReader::new(tree);
        let mut bench = Self {
            fake,
            table,
            traffic,
            reader,
            refusals: Refusals::default(),
            list: Vec::new(),
            ticks: 0,
        };
        bench.tick();
        bench
    }

    /// Gives how many links were looked at.
    fn tick(&mut self) -> usize {
        self.fake.advance(1000);
        let now_ms = self.fake.clock().monotonic_ms();
        self.table.tick(&mut Exits::untold(), now_ms, &mut Vec::new()).unwrap();
        let (entries, _) = self.table.entries();
        let list = self.reader.tick(entries, &self.traffic, now_ms, &mut self.refusals);
        self.list = list.unwrap_or(std::mem::take(&mut self.list));
        self.ticks += 1;
        let looked_at = entries.iter().filter(|entry| entry.looked.at_ms == Some(now_ms));
        looked_at.map(|entry| OPEN + entry.looked.descriptors as usize).sum()
    }

    /// Up to the next tick in which the sockets are read; gives the links looked at in that one.
    fn next_reading(&mut self) -> usize {
        while !self.ticks.is_multiple_of(READING) {
            self.tick();
        }
        self.tick()
    }

    fn settle(&mut self) {
        for _ in 0..8 {
            self.tick();
        }
    }

    fn holder(&self, port: u16) -> Option<Option<u32>> {
        self.list.iter().find(|one| one.port == port).map(|one| one.pid)
    }
}

/// A machine of so many processes in groups of ten.
fn machine(processes: u32, descriptors: u64) -> FakeProc {
    let mut fake = FakeProc::new();
    for pid in 100..100 + processes {
        fake.add(FakeProcess::new(pid, "p").control_group(&format!("/g{}", pid / 10)));
        (0..descriptors).for_each(|n| fake.hold(pid, 1_000_000 + n));
    }
    fake.account_groups();
    fake
}

#[test]
fn the_cost_of_new_sockets_is_that_of_who_ran() {
    let mut bench = Bench::new(machine(300, 8));
    let everybody = bench.tick() + (0..20).map(|_| bench.tick()).max().unwrap();
    assert_eq!(everybody, 0, "nothing is looked for");
    for round in 0..6_u16 {
        let open: Vec<_> = (0..20_u16)
            .map(|n| {
                let (pid, port) = (110 + u32::from(n) * 10, 2000 + round * 100 + n);
                bench.fake.spend_cpu(pid, 10, 0);
                (pid, port, bench.fake.listen(pid, Protocol::Tcp, port))
            })
            .collect();
        let looked_at = bench.next_reading();
        for (pid, port, _) in &open {
            assert_eq!(bench.holder(*port), Some(Some(*pid)), "its holder in the same tick");
        }
        assert!(looked_at <= 20 * (OPEN + 20), "of 300, the 20 that made them: {looked_at} links");
        let later: usize = (0..4).map(|_| bench.tick()).sum();
        assert_eq!(later, 0, "and that is all");
        open.iter().for_each(|(_, _, inode)| bench.fake.close(*inode));
    }
}

#[test]
fn one_that_did_not_run_is_found_in_turn() {
    let mut bench = Bench::new(machine(600, 8));
    bench.settle();
    let inode = bench.fake.listen(555, Protocol::Tcp, 80);
    let (mut most, mut ticks) = (bench.next_reading(), 0);
    assert_eq!(bench.holder(80), None, "not listed while its holder is looked for");
    while bench.holder(80).is_none() {
        most = most.max(bench.tick());
        ticks += 1;
        assert!(ticks <= KNOWN_WITHIN, "everybody has had a turn");
    }
    assert_eq!(bench.holder(80), Some(Some(555)), "found");
    let all = 600 * (OPEN + 8);
    assert!(most < all / 5, "a part of all in a tick: {most} of {all}");
    bench.fake.close(inode);
    bench.next_reading();
    assert_eq!(bench.holder(80), None, "it is gone");
}

#[test]
fn what_nobody_holds_is_asked_for_ever_more_seldom() {
    let mut bench = Bench::new(machine(50, 4));
    bench.settle();
    let inode = bench.fake.listen(120, Protocol::Tcp, 80);
    bench.fake.remove("120/fd");
    let mut at = Vec::new();
    for tick in 0..2000 {
        if bench.tick() > 0 {
            at.push(tick);
        }
    }
    assert_eq!(bench.holder(80), Some(None), "it is told as it is");
    at.dedup_by(|b, a| *b - *a < 20);
    let gaps: Vec<_> = at.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let doubles = gaps.windows(2).all(|pair| pair[1] > pair[0] * 3 / 2);
    assert!((4..=7).contains(&at.len()) && doubles, "at {at:?}");
    bench.fake.add(FakeProcess::new(900, "heir"));
    bench.fake.hold(900, inode);
    bench.next_reading();
    assert_eq!(bench.holder(80), Some(Some(900)), "who is new is asked at once");
}

#[derive(Debug, Clone, Copy)]
enum Event {
    /// Opens a socket, and whether that is seen to have taken time.
    Open(bool),
    Close,
    Run,
    /// Begins a child that has its sockets.
    Fork,
    End,
    HandOn(u8),
}

fn event() -> impl Strategy<Value = (u8, Event)> {
    let event = prop_oneof![
        5 => any::<bool>().prop_map(Event::Open),
        3 => Just(Event::Close),
        3 => Just(Event::Run),
        1 => Just(Event::Fork),
        1 => Just(Event::End),
        1 => any::<u8>().prop_map(Event::HandOn),
    ];
    (any::<u8>(), event)
}

/// Who holds which socket: everything is looked at.
fn searched_in_full(fake: &FakeProc) -> BTreeMap<u64, BTreeSet<u32>> {
    let mut holders: BTreeMap<u64, BTreeSet<u32>> = BTreeMap::new();
    for process in std::fs::read_dir(fake.proc_root()).unwrap().flatten() {
        let Ok(pid) = process.file_name().to_string_lossy().parse() else { continue };
        for link in std::fs::read_dir(process.path().join("fd")).into_iter().flatten().flatten() {
            let target = std::fs::read_link(link.path()).unwrap_or_default();
            let name = target.to_string_lossy().into_owned();
            let inode = name.strip_prefix("socket:[").and_then(|rest| rest.strip_suffix(']'));
            if let Some(inode) = inode.and_then(|inode| inode.parse().ok()) {
                holders.entry(inode).or_default().insert(pid);
            }
        }
    }
    holders
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_holders_are_those_of_a_full_search(
        rounds in proptest::collection::vec(proptest::collection::vec(event(), 0..4), 10..50),
        in_groups: bool,
    ) {
        let mut fake = FakeProc::new();
        for pid in 100..120 {
            fake.add(FakeProcess::new(pid, "p").control_group(&format!("/g{}", pid / 3)));
        }
        if in_groups {
            fake.account_groups();
        }
        let mut bench = Bench::new(fake);
        let mut alive: Vec<u32> = (100..120).collect();
        // By port: its inode, since when its holders are as they are, and whether its maker ran.
        let mut open: BTreeMap<u16, (u64, u64, bool)> = BTreeMap::new();
        let (mut next_pid, mut next_port, mut last_reading) = (120, 1, 0);
        for events in &rounds {
            for (whom, event) in events {
                let at = usize::from(*whom) % alive.len();
                let (pid, now) = (alive[at], bench.ticks);
                let fake = &mut bench.fake;
                match event {
                    Event::Open(ran) => {
                        if *ran {
                            fake.spend_cpu(pid, 10, 0);
                        }
                        let inode = fake.listen(pid, Protocol::Tcp, next_port);
                        open.insert(next_port, (inode, now, *ran));
                        next_port += 1;
                    }
                    Event::Close => {
                        let port = open.keys().nth(usize::from(*whom) % open.len().max(1)).copied();
                        if let Some((inode, ..)) = port.and_then(|port| open.remove(&port)) {
                            fake.close(inode);
                        }
                    }
                    Event::Run => fake.spend_cpu(pid, 10, 0),
                    Event::Fork => {
                        let child = FakeProcess::new(next_pid, "child").parent(pid);
                        alive.push(fake.add(child.control_group("/g40")));
                        next_pid += 1;
                        for (inode, holders) in searched_in_full(fake) {
                            if holders.contains(&pid) && inode != 0 {
                                fake.hold(next_pid - 1, inode);
                            }
                        }
                    }
                    Event::End if alive.len() > 3 => {
                        fake.exit(alive.remove(at));
                        let left = searched_in_full(fake);
                        open.retain(|_, (inode, since, ran)| {
                            (*since, *ran) = (now, false);
                            let is_held = left.contains_key(inode);
                            if !is_held {
                                fake.close(*inode);
                            }
                            is_held
                        });
                    }
                    Event::HandOn(to) => {
                        let to = alive[usize::from(*to) % alive.len()];
                        for (inode, _, _) in open.values() {
                            let holders = searched_in_full(fake);
                            if holders.get(inode).is_some_and(|h| h.contains(&pid) && !h.contains(&to)) {
                                fake.hold(to, *inode);
                            }
                        }
                    }
                    Event::End => {}
                }
            }
            bench.tick();
            if !(bench.ticks - 1).is_multiple_of(READING) {
                continue;
            }
            let full = searched_in_full(&bench.fake);
            for (port, (inode, since, ran)) in &open {
                let holder = bench.holder(*port).flatten();
                prop_assert!(holder.is_none_or(|pid| full[inode].contains(&pid)), "{port}: {holder:?}");
                let is_new = *since >= last_reading;
                let is_due = bench.ticks > since + READING + KNOWN_WITHIN || (*ran && is_new && in_groups);
                prop_assert!(holder.is_some() || !is_due, "{port} since {since}, now {}", bench.ticks);
            }
            let ports: Vec<u16> = bench.list.iter().map(|one| one.port).collect();
            prop_assert!(ports.iter().all(|port| open.contains_key(port)), "none that was closed");
            last_reading = bench.ticks;
        }
    }
}
