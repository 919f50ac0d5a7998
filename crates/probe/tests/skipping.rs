//! A probe that skips what did not run sees the same as one that reads everything.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use ira_model::{ProcessSample, Sample};
use ira_probe::{LinuxProbe, Moment, Probe};
use ira_testkit::{FakeProc, FakeProcess};
use proptest::prelude::*;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command},
};

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

#[test]
fn a_pid_given_out_of_turn_is_found_within_ten_seconds() {
    let mut fake = FakeProc::new();
    fake.add(FakeProcess::new(20, "p"));
    let mut both = Both::new(fake);
    (0..3).for_each(|_| both.tick());
    let shown = |both: &Both, pid| both.samples[1].processes.iter().any(|p| p.key.pid == pid);
    both.fake.add(FakeProcess::new(12, "restored"));
    both.fake.add(FakeProcess::new(21, "in turn"));
    both.tick();
    assert!(shown(&both, 21) && !shown(&both, 12), "only those that came are listed");
    let found = (1..=10).find(|_| {
        both.tick();
        shown(&both, 12)
    });
    assert!(found.is_some(), "all are listed now and then");
    let is_said =
        |both: &Both| both.probes[1].limits().iter().any(|l| l.what.contains("out of turn"));
    assert!(is_said(&both), "and it is said that it was late");
    both.assert_same("when it was found");
}

#[test]
fn one_that_is_listed_late_is_found() {
    let mut fake = FakeProc::new();
    fake.add(FakeProcess::new(20, "p"));
    let mut both = Both::new(fake);
    (0..3).for_each(|_| both.tick());
    both.fake.give_pids_up_to(21);
    both.tick();
    both.fake.add(FakeProcess::new(21, "held up"));
    both.fake.add(FakeProcess::new(22, "the next"));
    both.tick();
    both.assert_same("though its pid was given in the tick before");
    (0..20).for_each(|_| both.tick());
    let said = both.probes[1].limits();
    assert!(!said.iter().any(|l| l.what.contains("out of turn")), "nobody was late: {said:?}");
}

/// A control group of this machine, removed with this value; `None` where none may be made.
struct Group(PathBuf);

impl Group {
    fn make() -> Option<Self> {
        let roots = ["/sys/fs/cgroup", "/sys/fs/cgroup/cpuacct"].map(Path::new);
        let has_times = |root: &&Path| {
            root.join("cgroup.controllers").exists() || root.join("cpuacct.usage").exists()
        };
        let name = format!("ira-test-{}", std::process::id());
        let group = roots.into_iter().find(has_times)?.join(name);
        fs::create_dir(&group).ok()?;
        Some(Self(group))
    }

    fn enter(&self, pid: u32) {
        fs::write(self.0.join("cgroup.procs"), pid.to_string()).unwrap();
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        fs::remove_dir(&self.0).ok();
    }
}

#[test]
fn children_come_and_go_on_this_machine() {
    see_children(None);
    // Those that sleep in there are passed over.
    if let Some(group) = Group::make() {
        see_children(Some(&group));
    }
}

/// What a program sees of its children is what both probes do.
fn see_children(group: Option<&Group>) {
    let open = || LinuxProbe::new(Path::new("/proc"), Path::new("/sys")).unwrap();
    let mut probes = [open().without_skipping(), open()];
    let mut samples = [Sample::default(), Sample::default()];
    let mut children: Vec<Child> = Vec::new();
    for round in 0..24 {
        for _ in 0..4 {
            let child = Command::new("sleep").arg("1000").spawn().unwrap();
            if let Some(group) = group.filter(|_| round % 4 != 3) {
                group.enter(child.id());
            }
            children.push(child);
        }
        if round % 2 == 1 {
            for _ in 0..6 {
                let mut child = children.remove(round % children.len());
                child.kill().unwrap();
                child.wait().unwrap();
            }
        }
        for (probe, sample) in probes.iter_mut().zip(&mut samples) {
            probe.sample(sample).unwrap();
        }
        let mut own: Vec<u32> = children.iter().map(Child::id).collect();
        own.sort_unstable();
        for (sample, how) in samples.iter().zip(["reading all", "skipping"]) {
            let parent = std::process::id();
            let of_parent = sample.processes.iter().filter(|one| one.parent_pid == parent);
            let seen: Vec<u32> = of_parent.map(|one| one.key.pid).collect();
            assert_eq!(seen, own, "{how}, in round {round}");
        }
    }
    for mut child in children {
        child.kill().unwrap();
        child.wait().unwrap();
    }
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
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_both_see_the_same(
        ticks in proptest::collection::vec(proptest::collection::vec(event(), 0..4), 1..25),
        // Without groups everybody is read, and only those that came are listed.
        in_groups: bool,
    ) {
        let mut fake = FakeProc::new();
        for pid in 10..30 {
            fake.add(FakeProcess::new(pid, "p").control_group(group(pid as u8)));
        }
        if in_groups {
            fake.account_groups();
        }
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
