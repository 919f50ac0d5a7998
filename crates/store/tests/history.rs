//! What goes in as ticks comes out as the same machine at every second, whatever happens between.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use ira_model::{
    Application, ApplicationKind, Attribution, CpuTimes, Evidence, HostSample, ProcessDetails,
    ProcessKey, ProcessSample, ProcessState, Rule,
};
use ira_store::{
    Before, Boot, Introduction, Location, Metric, Reader, Retention, StoreError, Tick, Writer,
};
use proptest::prelude::*;
use std::{collections::BTreeMap, sync::Arc};

const T0: i64 = 1_700_000_000_000;

const BOOT: i64 = T0 - 1_000_000;

fn open(location: &Location) -> Result<Writer, StoreError> {
    let boot = Boot { boot_id: "b".into(), boot_ms: BOOT };
    Writer::open(location, &boot, Retention::default())
}

/// One thing that happens to a process within a second.
#[derive(Debug, Clone)]
enum Act {
    Work { pid: u32, user_ms: u64, write: u64 },
    Grow { pid: u32, kib: u64 },
    Talk { pid: u32, sent: u64 },
    Start { pid: u32 },
    Exit { pid: u32 },
    Exec { pid: u32 },
}

fn acts() -> impl Strategy<Value = Vec<Vec<Act>>> {
    let pid = 1_u32..40;
    let act =
        prop_oneof![
            (pid.clone(), 0_u64..2000, 0_u64..1 << 40)
                .prop_map(|(pid, user_ms, write)| Act::Work { pid, user_ms, write }),
            (pid.clone(), 0_u64..1 << 24).prop_map(|(pid, kib)| Act::Grow { pid, kib }),
            (pid.clone(), 0_u64..1 << 50).prop_map(|(pid, sent)| Act::Talk { pid, sent }),
            pid.clone().prop_map(|pid| Act::Start { pid }),
            pid.clone().prop_map(|pid| Act::Exit { pid }),
            pid.prop_map(|pid| Act::Exec { pid }),
        ];
    proptest::collection::vec(proptest::collection::vec(act, 0..8), 1..140)
}

struct Machine {
    processes: BTreeMap<u32, (ProcessSample, Arc<ProcessDetails>, Arc<Attribution>)>,
    host: HostSample,
    at_ms: i64,
    starts: u64,
}

impl Machine {
    fn new() -> Self {
        Self {
            processes: BTreeMap::new(),
            host: HostSample { cpus: vec![CpuTimes::default(); 2], ..Default::default() },
            at_ms: T0,
            starts: 0,
        }
    }

    fn identity(name: String) -> (Arc<ProcessDetails>, Arc<Attribution>) {
        let application = Application {
            id: format!("process:/bin/{name}"),
            kind: ApplicationKind::Process,
            name: name.clone(),
        };
        let evidence =
            Evidence { rule: Rule::Executable, input: name.clone(), result: "it".into() };
        let details = ProcessDetails {
            arguments: vec![name.clone(), String::new(), "a b".into()],
            name,
            executable: Some("/bin/x".into()),
            user_id: Some(1000),
            has_terminal: true,
            ..Default::default()
        };
        let attribution =
            Attribution { application: Arc::new(application), evidence: Arc::from([evidence]) };
        (Arc::new(details), Arc::new(attribution))
    }

    fn second(&mut self, acts: &[Act], before: Before) -> Tick {
        let mut tick = Tick { before, elapsed_ms: 1000, ..Tick::default() };
        self.at_ms += 1000;
        (tick.boot_ms, tick.since_boot_ms) = (BOOT, self.at_ms - BOOT);
        self.host.uptime_ms += 1000;
        self.host.cpus[0].user_ms += 300;
        self.host.cpus[0].idle_ms += 700;
        tick.host = self.host.clone();
        let mut changed = BTreeMap::new();
        let mut introduced = BTreeMap::new();
        let mut started = Vec::new();
        for act in acts {
            match *act {
                Act::Work { pid, user_ms, write } => {
                    if let Some((sample, ..)) = self.processes.get_mut(&pid) {
                        sample.user_ms += user_ms;
                        sample.write_bytes = sample.write_bytes.map(|w| w + write);
                        changed.insert(pid, ());
                    }
                }
                Act::Grow { pid, kib } => {
                    if let Some((sample, ..)) = self.processes.get_mut(&pid) {
                        sample.memory_bytes = (kib % 7 != 0).then_some(kib * 1024);
                        sample.state = ProcessState::from_number((kib % 10) as u8);
                        changed.insert(pid, ());
                    }
                }
                Act::Talk { pid, sent } => {
                    if let Some((sample, ..)) = self.processes.get_mut(&pid) {
                        sample.sent_bytes = Some(sample.sent_bytes.unwrap_or(0) + sent);
                        sample.pss_bytes = Some((sent % 4096) * 1024);
                        changed.insert(pid, ());
                    }
                }
                Act::Start { pid } => {
                    if !self.processes.contains_key(&pid) {
                        self.starts += 1;
                        let start_ms = 1_000_000 + self.starts;
                        let mut sample = ProcessSample::new(ProcessKey { pid, start_ms });
                        sample.parent_pid = pid / 2;
                        sample.threads = (pid % 3 != 0).then_some(pid);
                        sample.write_bytes = (pid % 5 != 0).then_some(0);
                        let (details, attribution) = Self::identity(format!("p{}", pid % 6));
                        self.processes.insert(pid, (sample, details, attribution));
                        introduced.insert(pid, ());
                        started.push(ProcessKey { pid, start_ms });
                    }
                }
                Act::Exit { pid } => {
                    if let Some((sample, ..)) = self.processes.remove(&pid) {
                        introduced.remove(&pid);
                        changed.remove(&pid);
                        // One that came and went within the second was never seen.
                        if !started.contains(&sample.key) {
                            tick.exited.push(sample.key);
                        }
                    }
                }
                Act::Exec { pid } => {
                    if let Some(entry) = self.processes.get_mut(&pid) {
                        (entry.1, entry.2) = Self::identity(format!("q{}", self.at_ms % 9));
                        introduced.insert(pid, ());
                    }
                }
            }
        }
        for pid in introduced.keys() {
            changed.remove(pid);
            let (sample, details, attribution) = self.processes[pid].clone();
            tick.introduced.push(Introduction { sample, details, attribution });
        }
        tick.changed = changed.keys().map(|pid| self.processes[pid].0).collect();
        tick
    }

    fn full(&mut self, before: Before) -> Tick {
        let mut tick = self.second(&[], before);
        for (sample, details, attribution) in self.processes.values().cloned() {
            tick.introduced.push(Introduction { sample, details, attribution });
        }
        tick
    }
}

type Seen = Vec<(ProcessSample, ProcessDetails, Attribution)>;

fn seen(machine: &Machine) -> Seen {
    machine.processes.values().map(|(s, d, a)| (*s, (**d).clone(), (**a).clone())).collect()
}

fn check(reader: &mut Reader, expected: &[(i64, Seen)]) {
    for (at_ms, expected) in expected {
        let frame = reader.frame_at(*at_ms).unwrap().unwrap();
        assert_eq!(frame.at_ms, *at_ms, "the second asked for");
        let mut found: Seen = frame
            .processes
            .iter()
            .map(|p| (p.sample, (*p.details).clone(), (*p.attribution).clone()))
            .collect();
        // The revision is the sampler's own and is not kept.
        found.iter_mut().for_each(|(sample, ..)| sample.details_revision = 0);
        assert_eq!(&found, expected, "at {at_ms}");
        assert_eq!(frame.rates.cpu.map(|cpu| (cpu.busy_ratio() * 100.0).round()), Some(30.0));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn every_second_comes_back(seconds in acts(), restart_at in 0_usize..140, crash: bool) {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::in_folder(folder.path());
        let mut machine = Machine::new();
        let mut writer = open(&location).unwrap();
        writer.record(&machine.full(Before::NotRunning)).unwrap();
        let mut reader = Reader::new(location.clone());
        let mut expected = Vec::new();
        for (number, acts) in seconds.iter().enumerate() {
            if number == restart_at {
                if !crash {
                    writer.flush().unwrap();
                }
                drop(writer);
                writer = open(&location).unwrap();
                writer.record(&machine.full(Before::NotRunning)).unwrap();
            }
            writer.record(&machine.second(acts, Before::Tick)).unwrap();
            expected.push((machine.at_ms, seen(&machine)));
        }
        check(&mut reader, &expected);
        drop(writer);
        let mut after = Reader::new(location.clone());
        check(&mut after, &expected);
        let first = expected.first().map(|(at_ms, _)| *at_ms);
        prop_assert_eq!(after.range().unwrap().map(|r| r.0), first);
        let gaps = after.gaps(0, i64::MAX).unwrap();
        prop_assert_eq!(gaps.len(), if restart_at > 0 && restart_at < seconds.len() { 2 } else { 1 });
    }
}

#[test]
fn before_the_first_second_there_is_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::in_folder(folder.path());
    let mut reader = Reader::new(location.clone());
    assert!(reader.frame_at(T0).unwrap().is_none(), "no database yet");
    assert!(reader.range().unwrap().is_none());
    let mut machine = Machine::new();
    let mut writer = open(&location).unwrap();
    writer.record(&machine.full(Before::NotRunning)).unwrap();
    writer.record(&machine.second(&[], Before::Tick)).unwrap();
    assert!(reader.frame_at(T0).unwrap().is_none(), "before the first second");
    assert_eq!(reader.frame_at(i64::MAX).unwrap().unwrap().at_ms, T0 + 2000, "the last one");
}

#[test]
fn series_of_a_day_come_from_rollups_and_agree_with_the_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::in_folder(folder.path());
    let mut machine = Machine::new();
    machine.at_ms = BOOT + 5 * 3_600_000 + 40_000;
    let start = machine.at_ms;
    let mut writer = open(&location).unwrap();
    writer.record(&machine.full(Before::NotRunning)).unwrap();
    writer.record(&machine.second(&[Act::Start { pid: 7 }], Before::Tick)).unwrap();
    for second in 0..2 * 3600 + 300_u64 {
        let user_ms = if second % 60 == 5 { 900 } else { 100 };
        let work = Act::Work { pid: 7, user_ms, write: 512 };
        writer.record(&machine.second(&[work], Before::Tick)).unwrap();
    }
    let mut reader = Reader::new(location.clone());
    let mut mean = |points| {
        let series = reader
            .series(Some("process:/bin/p1"), &[Metric::CpuRatio], start, machine.at_ms, points)
            .unwrap();
        let buckets: Vec<_> = series.buckets[0].iter().flatten().collect();
        let mean = buckets.iter().map(|b| b.mean()).sum::<f64>() / buckets.len() as f64;
        let max = buckets.iter().map(|b| b.max).fold(0.0, f64::max);
        (series.resolution_ms, mean, max)
    };
    let (fine, fine_mean, fine_max) = mean(4000);
    let (coarse, coarse_mean, coarse_max) = mean(100);
    assert_eq!((fine, coarse), (1000, 60_000), "each span has its tier");
    assert!((fine_mean - 0.1133).abs() < 0.002, "58 x 0.1 and 1 x 0.9 a minute: {fine_mean}");
    assert!((fine_mean - coarse_mean).abs() < 0.002, "{fine_mean} and {coarse_mean} agree");
    assert!((fine_max - 0.9).abs() < 0.001 && (coarse_max - 0.9).abs() < 0.001, "peaks stay");
    let events = reader.events(0, i64::MAX, Some("process:/bin/p1"), 10).unwrap();
    assert_eq!(events.len(), 1, "it started once: {events:?}");
}
