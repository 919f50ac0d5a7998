//! A burst of new processes costs the sampler no reading of their files.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

use ira_engine::{
    Live,
    discovery::{Answer, Discovery, FactSource, Question, Topic},
};
use ira_model::Sample;
use ira_probe::{LinuxProbe, Moment, Probe};
use ira_store::Tick;
use ira_testkit::{FakeProc, FakeProcess};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// Counts what it is asked and answers nothing.
struct Counting(Arc<AtomicUsize>);

impl FactSource for Counting {
    fn ask(&mut self, _: Question) -> bool {
        self.0.fetch_add(1, Ordering::SeqCst);
        true
    }

    fn answers(&mut self) -> Vec<(Topic, Answer)> {
        Vec::new()
    }
}

#[test]
fn a_thousand_new_processes_a_second_are_asked_about_nothing() {
    let mut fake = FakeProc::new();
    fake.add(FakeProcess::new(50, "bash").arguments(&["-bash"]).start_ms(1000));
    let clock = fake.clock();
    let now = move || Moment { at_ms: clock.at_ms(), monotonic_ms: clock.monotonic_ms() };
    let mut probe = LinuxProbe::new(&fake.proc_root(), &fake.sys_root()).unwrap().with_clock(now);
    let asked = Arc::new(AtomicUsize::new(0));
    let discovery = Discovery::new(Box::new(Counting(Arc::clone(&asked))));
    let mut live = Live::new((0, i64::MIN), discovery);
    let (mut sample, mut tick) = (Sample::default(), Tick::default());
    let mut take = |live: &mut Live, probe: &mut LinuxProbe| {
        probe.sample(&mut sample).unwrap();
        let began = Instant::now();
        live.take(&sample, 0, false, &mut tick);
        began.elapsed()
    };
    for _ in 0..6 {
        take(&mut live, &mut probe);
        fake.advance(1000);
    }
    let before = asked.load(Ordering::SeqCst);
    let mut longest = Duration::ZERO;
    let mut first_pid = 1000;
    for _ in 0..4 {
        for pid in first_pid..first_pid + 1000 {
            let process = FakeProcess::new(pid, "node").parent(50);
            fake.add(
                process.arguments(&["node", "server.js"]).working_directory(Some("/srv/shop")),
            );
        }
        longest = longest.max(take(&mut live, &mut probe));
        for pid in first_pid..first_pid + 1000 {
            fake.exit(pid);
        }
        first_pid += 1000;
        fake.advance(1000);
    }
    take(&mut live, &mut probe);
    let questions = asked.load(Ordering::SeqCst) - before;
    assert_eq!(questions, 0, "those that live for a second are never asked about");
    assert!(live.processes.len() < 10, "and are gone");
    eprintln!("deciding about 1000 new processes took {longest:?} at most");
}
