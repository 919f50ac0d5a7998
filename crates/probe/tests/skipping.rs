//! A probe that skips what did not run sees the same as one that reads everything.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use ira_model::{ProcessSample, Sample};
use ira_probe::{LinuxProbe, Moment, Probe};
use ira_testkit::{FakeProc, FakeProcess};
use proptest::prelude::*;

/// A made-up machine seen by both probes.
struct Both {
    fake: FakeProc,
    probes: [LinuxProbe; 2],
    samples: [Sample; 2],
}

impl Both {
    fn new(fake: FakeProc) -> Self {
        let open = || {
            let clock = fake.clock();
            let now = move || Moment { at_ms: clock.at_ms(), monotonic_ms: clock.monotonic_ms() };
            LinuxProbe::new(&fake.proc_root(), &fake.sys_root()).unwrap().with_clock(now)
        };
        let probes = [open().without_skipping(), open()];
        let mut both = Self { fake, probes, samples: Default::default() };
        both.tick();
        both
    }

    fn tick(&mut self) {
        self.fake.advance(1000);
        for (probe, sample) in self.probes.iter_mut().zip(&mut self.samples) {
            probe.sample(sample).unwrap();
        }
    }

    fn skipping(&self, pid: u32) -> ProcessSample {
        *self.samples[1].processes.iter().find(|process| process.key.pid == pid).unwrap()
    }

    /// Everything but what both do in turns of their own: bytes, shares of memory, and looks at titles and groups.
    fn assert_same(&self, when: &str) {
        let [full, skipping] = &self.samples;
        let pids = |sample: &Sample| {
            sample.processes.iter().map(|process| process.key.pid).collect::<Vec<_>>()
        };
        assert_eq!(pids(full), pids(skipping), "the same processes {when}");
        for (a, b) in full.processes.iter().zip(&skipping.processes) {
            let of_turns = ProcessSample {
                read_bytes: a.read_bytes,
                write_bytes: a.write_bytes,
                pss_bytes: a.pss_bytes,
                details_revision: a.details_revision,
                ..*b
            };
            assert_eq!(*a, of_turns, "the same figures {when}");
        }
    }
}

fn grouped() -> FakeProc {
    let mut fake = FakeProc::new();
    for (pid, group) in [(10, "/a"), (11, "/a"), (12, "/b"), (13, "/b/deep/er"), (14, "/")] {
        fake.add(FakeProcess::new(pid, "p").control_group(group));
    }
    fake.account_groups();
    fake
}

#[test]
fn what_did_not_run_is_not_read() {
    let mut both = Both::new(grouped());
    both.tick();
    // Such a thing does not happen, so it shows who was read.
    for pid in [10, 12, 13, 14] {
        both.fake.change(pid, |process| process.threads(7));
    }
    both.fake.spend_cpu(13, 10, 0);
    both.tick();
    let threads = [10, 11, 12, 13, 14].map(|pid| both.skipping(pid).threads);
    let expected = [Some(1), Some(1), Some(7), Some(7), Some(7)];
    assert_eq!(threads, expected, "/b moved with what is below, /a rested, the root never counts");
}

#[test]
fn memory_that_changes_alone_is_seen_within_ten_seconds() {
    let mut both = Both::new(grouped());
    both.fake.change(10, |process| process.memory_bytes(8192));
    let seen = (1..=10).find(|_| {
        both.tick();
        both.skipping(10).memory_bytes == Some(8192)
    });
    assert!(seen.is_some(), "its turn comes");
}

#[test]
fn moves_and_new_groups_are_followed() {
    let mut both = Both::new(grouped());
    both.tick();
    both.fake.change(10, |process| process.control_group("/b"));
    both.tick();
    both.fake.spend_cpu(10, 10, 0);
    both.tick();
    both.assert_same("after it ran in a group that was there");
    both.fake.change(10, |process| process.control_group("/new/one"));
    both.fake.spend_cpu(10, 10, 0);
    both.tick();
    both.assert_same("after it ran in a new one");
    both.fake.change(10, |process| process.control_group("/"));
    both.tick();
    both.fake.spend_cpu(10, 10, 0);
    both.tick();
    both.assert_same("after it ran in the root");
    both.fake.remove_group("/new/one");
    both.fake.change(11, |process| process.control_group("/new/two"));
    both.tick();
    both.fake.spend_cpu(11, 10, 0);
    both.tick();
    both.assert_same("after another group took the place of one that went");
}

#[test]
fn a_move_is_learnt_when_its_new_group_works() {
    let mut both = Both::new(grouped());
    (0..70).for_each(|_| both.tick());
    both.fake.change(10, |process| process.control_group("/b"));
    both.fake.spend_cpu(12, 10, 0);
    both.tick();
    let learnt = &both.samples[1].learnt;
    let (_, details) = learnt.iter().find(|(key, _)| key.pid == 10).expect("at once");
    assert_eq!(details.control_group.as_deref(), Some("/b"), "though it did not run itself");
}

#[test]
fn the_pid_of_an_idle_process_is_given_again() {
    let mut both = Both::new(grouped());
    both.fake.reuse(FakeProcess::new(11, "again").control_group("/b"));
    both.tick();
    both.assert_same("its group shows nothing of it, the pids given do");
}

#[test]
fn another_program_is_learnt_at_once() {
    let mut both = Both::new(grouped());
    (0..3).for_each(|_| both.tick());
    both.fake.execute(10, "other", &["other"]);
    both.tick();
    for sample in &both.samples {
        let learnt = sample.learnt.iter().any(|(key, d)| key.pid == 10 && d.name == "other");
        assert!(learnt, "by either: {:?}", sample.learnt);
    }
}

#[test]
fn orphans_get_another_parent() {
    let mut fake = FakeProc::new();
    fake.add(FakeProcess::new(10, "parent").control_group("/a"));
    fake.add(FakeProcess::new(11, "child").parent(10).control_group("/b"));
    fake.add(FakeProcess::new(12, "parent").control_group("/a"));
    fake.add(FakeProcess::new(13, "child").parent(12).control_group("/b"));
    fake.account_groups();
    let mut both = Both::new(fake);
    both.tick();
    both.fake.exit(10);
    both.fake.change(11, |process| process.parent(1));
    both.fake.become_zombie(12);
    both.fake.change(13, |process| process.parent(1));
    both.tick();
    both.assert_same("though they did not run");
}

/// Something that happens to a process.
#[derive(Debug, Clone, Copy)]
enum Event {
    Run(u64),
    Move(u8),
    Execute,
    End,
    Zombie,
    Again(u8),
    Fork(u8),
}

fn event() -> impl Strategy<Value = (u8, Event)> {
    let event = prop_oneof![
        4 => (1_u64..30).prop_map(Event::Run),
        2 => any::<u8>().prop_map(Event::Move),
        1 => Just(Event::Execute),
        1 => Just(Event::End),
        1 => Just(Event::Zombie),
        1 => any::<u8>().prop_map(Event::Again),
        1 => any::<u8>().prop_map(Event::Fork),
    ];
    (any::<u8>(), event)
}

fn group(choice: u8) -> &'static str {
    let all = ["/", "/a", "/a/x", "/a/y", "/b", "/c/deep/x", "/c/deep/y", "/d"];
    all[usize::from(choice) % all.len()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_both_see_the_same(
        ticks in proptest::collection::vec(proptest::collection::vec(event(), 0..4), 1..25),
    ) {
        let mut fake = FakeProc::new();
        for pid in 10..30 {
            fake.add(FakeProcess::new(pid, "p").control_group(group(pid as u8)));
        }
        fake.account_groups();
        let mut both = Both::new(fake);
        let mut alive: Vec<u32> = (10..30).collect();
        let mut zombies = Vec::new();
        let (mut next, mut last) = (30, 29);
        let mut moved = Vec::new();
        for (round, events) in ticks.iter().enumerate() {
            let (mut gave_pid, mut ran) = (false, Vec::new());
            for (whom, event) in events {
                let at = usize::from(*whom) % alive.len();
                let pid = alive[at];
                let fake = &mut both.fake;
                match event {
                    Event::Run(ticks) => {
                        fake.spend_cpu(pid, ticks * 10, 10);
                        ran.push(pid);
                    }
                    // One that is moved, runs and is moved on before the next tick is not found by
                    // the group it ran in: its turn comes.
                    Event::Move(to) if !(ran.contains(&pid) && moved.contains(&pid)) => {
                        fake.change(pid, |p| p.control_group(group(*to)));
                        moved.push(pid);
                    }
                    Event::Execute => fake.execute(pid, "other", &["other"]),
                    // One that is moved and ends when it runs next is in no list: its turn comes.
                    Event::Zombie if alive.len() > 3 && !moved.contains(&pid) => {
                        fake.become_zombie(pid);
                        zombies.push(alive.remove(at));
                    }
                    Event::End if alive.len() > 3 => {
                        fake.exit(alive.remove(at));
                        zombies.drain(..).for_each(|pid| fake.exit(pid));
                    }
                    // Pids are given in ascending order, round and round.
                    Event::Again(to) if !gave_pid && pid != last => {
                        fake.reuse(FakeProcess::new(pid, "again").control_group(group(*to)));
                        (last, gave_pid) = (pid, true);
                    }
                    Event::Fork(to) if !gave_pid => {
                        alive.push(fake.add(FakeProcess::new(next, "new").control_group(group(*to))));
                        (last, gave_pid) = (next, true);
                        next += 1;
                    }
                    _ => {}
                }
            }
            both.tick();
            both.assert_same(&format!("in round {round}"));
        }
    }
}
