//! A made-up machine that lives second by second.

use ira_model::{
    Application, ApplicationClass, ApplicationKind, Attribution, CpuTimes, Evidence, HostSample,
    ProcessDetails, ProcessKey, ProcessSample, ProcessState, Rule,
};
use ira_store::{Before, Boot, Introduction, Location, Retention, StoreError, Tick, Writer};
use proptest::prelude::*;
use std::{collections::BTreeMap, sync::Arc};

pub(crate) const T0: i64 = 1_700_000_000_000;

pub(crate) const BOOT: i64 = T0 - 1_000_000;

pub(crate) fn open(location: &Location) -> Result<Writer, StoreError> {
    let boot = Boot { boot_id: "b".into(), boot_ms: BOOT };
    Writer::open(location, &boot, Retention::default())
}

/// One thing that happens to a process within a second.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    Work { pid: u32, user_ms: u64, write: u64 },
    Grow { pid: u32, kib: u64 },
    Talk { pid: u32, sent: u64 },
    Start { pid: u32 },
    Exit { pid: u32 },
    Exec { pid: u32 },
}

pub(crate) fn acts() -> impl Strategy<Value = Vec<Vec<Act>>> {
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

pub(crate) struct Machine {
    pub(crate) processes: BTreeMap<u32, (ProcessSample, Arc<ProcessDetails>, Arc<Attribution>)>,
    pub(crate) host: HostSample,
    pub(crate) at_ms: i64,
    pub(crate) starts: u64,
}

impl Machine {
    pub(crate) fn new() -> Self {
        Self {
            processes: BTreeMap::new(),
            host: HostSample { cpus: vec![CpuTimes::default(); 2], ..Default::default() },
            at_ms: T0,
            starts: 0,
        }
    }

    pub(crate) fn identity(name: String) -> (Arc<ProcessDetails>, Arc<Attribution>) {
        let application = Application {
            class: ApplicationClass::Database,
            engine: Some("PostgreSQL".into()),
            version: Some("16".into()),
            ..Application::new(ApplicationKind::Process, &format!("/bin/{name}"), name.clone())
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

    pub(crate) fn second(&mut self, acts: &[Act], before: Before) -> Tick {
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
                        // Within the second before, and no two of a pid alike.
                        let now_ms = (self.at_ms - BOOT).cast_unsigned();
                        let start_ms = now_ms - 999 + self.starts % 999;
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

    pub(crate) fn full(&mut self, before: Before) -> Tick {
        let mut tick = self.second(&[], before);
        for (sample, details, attribution) in self.processes.values().cloned() {
            tick.introduced.push(Introduction { sample, details, attribution });
        }
        tick
    }
}

pub(crate) type Seen = Vec<(ProcessSample, ProcessDetails, Attribution)>;

pub(crate) fn seen(machine: &Machine) -> Seen {
    machine.processes.values().map(|(s, d, a)| (*s, (**d).clone(), (**a).clone())).collect()
}
