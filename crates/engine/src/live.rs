//! The machine as it is now: takes samples, derives rates, attributes processes, and says what
//! differs from the tick before.

mod attribution;
mod ended;

use crate::discovery::{Discovery, Subject, supervised};
use ira_model::{
    Attribution, Corrections, HostRates, HostSample, Listener, ProcessDetails, ProcessKey,
    ProcessRates, ProcessSample, Sample,
};
use ira_store::{Before, Ended, Tick};
use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

/// Ended processes are remembered for so many, so that a slow subscriber can be told of them.
const GONE: usize = 4096;
/// A longer time between two samples is not a second any more: nothing is known of it.
const STALLED_MS: u64 = 10_000;
/// The wall clock is slewed together with the time since boot; what differs by more was set.
const CLOCK_STEP_MS: i64 = 1500;

/// One process now.
#[derive(Debug, Clone)]
pub struct LiveProcess {
    /// Its counters.
    pub sample: ProcessSample,
    /// What it did in the last tick.
    pub rates: ProcessRates,
    /// Who it is.
    pub details: Arc<ProcessDetails>,
    /// Whom it counts under, after the user's corrections.
    pub attribution: Arc<Attribution>,
    /// Whom it counts under without them; this is what is kept.
    pub found: Arc<Attribution>,
    /// The tick in which something of the above changed last.
    pub changed_tick: u64,
    again_at_ms: Option<u64>,
}

impl LiveProcess {
    /// A process that a recording tells of.
    pub(crate) fn told(
        sample: ProcessSample,
        rates: ProcessRates,
        details: Arc<ProcessDetails>,
        attribution: Arc<Attribution>,
    ) -> Self {
        let found = Arc::clone(&attribution);
        Self { sample, rates, details, attribution, found, changed_tick: 1, again_at_ms: None }
    }
}

/// The machine at one tick, derived from its samples.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Number of the tick; 0 before the first.
    pub tick: u64,
    /// Wall clock, milliseconds since 1970.
    pub at_ms: i64,
    /// When the machine was started, milliseconds since 1970.
    pub boot_ms: i64,
    /// The machine as a whole.
    pub host: HostSample,
    /// What it did in that tick; `None` before the second sample.
    pub rates: Option<HostRates>,
    /// Ascending by pid.
    pub processes: Vec<LiveProcess>,
    /// Listening ports.
    pub listeners: Vec<Listener>,
    /// Processes that ended within that tick.
    pub ended: Vec<Ended>,
    /// Length of that tick, milliseconds.
    pub elapsed_ms: u64,
}

/// See the module.
#[derive(Debug)]
pub struct Live {
    /// Wall clock of the last sample, milliseconds since 1970; 0 before the first.
    pub at_ms: i64,
    /// Counts samples.
    pub tick: u64,
    /// When the machine was started, milliseconds since 1970.
    pub boot_ms: i64,
    /// The machine as a whole.
    pub host: HostSample,
    /// What it did in the last tick; `None` before the second sample.
    pub rates: Option<HostRates>,
    /// Ascending by pid.
    pub processes: Vec<LiveProcess>,
    /// Listening ports.
    pub listeners: Vec<Listener>,
    /// Processes that ended within the last tick.
    pub ended: Vec<Ended>,
    /// Length of the last tick, milliseconds.
    pub elapsed_ms: u64,
    floor_ms: i64,
    gone: VecDeque<(u64, ProcessKey)>,
    spare: Vec<LiveProcess>,
    details: HashMap<ProcessKey, Arc<ProcessDetails>>,
    previous_monotonic_ms: u64,
    discovery: Discovery,
    undecided: Vec<usize>,
    corrections: Arc<Corrections>,
    /// The corrections differ from those that the last tick applied.
    corrected_anew: bool,
    /// Whether who listens is to be looked at again in the next tick.
    ports_due: bool,
}

impl Live {
    /// Nothing is known yet but when the machine was started and the earliest that can have been.
    #[must_use]
    pub fn new((boot_ms, floor_ms): (i64, i64), discovery: Discovery) -> Self {
        Self {
            at_ms: 0,
            tick: 0,
            boot_ms,
            floor_ms,
            host: HostSample::default(),
            rates: None,
            processes: Vec::new(),
            listeners: Vec::new(),
            ended: Vec::new(),
            elapsed_ms: 0,
            gone: VecDeque::new(),
            spare: Vec::new(),
            details: HashMap::new(),
            previous_monotonic_ms: 0,
            discovery,
            undecided: Vec::new(),
            corrections: Arc::default(),
            corrected_anew: false,
            ports_due: false,
        }
    }

    /// Takes a sample as the present and fills `tick` with what differs; all of it when `full`.
    /// `slept_ms` is how long the machine was suspended since the last sample.
    pub fn take(&mut self, sample: &Sample, slept_ms: u64, full: bool, tick: &mut Tick) {
        tick.clear();
        self.tick += 1;
        let elapsed_ms = sample.monotonic_ms.saturating_sub(self.previous_monotonic_ms);
        self.date(sample);
        tick.boot_ms = self.boot_ms;
        tick.since_boot_ms = sample.monotonic_ms.cast_signed();
        tick.elapsed_ms = elapsed_ms;
        tick.before = match self.tick {
            1 => Before::NotRunning,
            _ if slept_ms > STALLED_MS / 5 => Before::Asleep,
            _ if elapsed_ms > STALLED_MS || full => Before::NotRunning,
            _ => Before::Tick,
        };
        let known = self.tick > 1 && elapsed_ms > 0 && elapsed_ms <= STALLED_MS;
        self.rates = known.then(|| HostRates::between(&self.host, &sample.host, elapsed_ms));
        self.host.clone_from(&sample.host);
        tick.host.clone_from(&sample.host);
        self.previous_monotonic_ms = sample.monotonic_ms;
        if let Some(listeners) = &sample.listeners {
            self.listeners.clone_from(listeners);
        }
        let all = tick.before != Before::Tick;
        if all || sample.listeners.is_some() {
            tick.listeners = Some(self.listeners.clone());
        }
        self.elapsed_ms = elapsed_ms;
        self.end_all(sample, known, tick);
        self.merge(sample, known.then_some(elapsed_ms), tick);
        self.decide(all, sample.listeners.is_some(), tick);
    }

    /// Dates the present by the time since boot, which never jumps. A clock that was set corrects when
    /// the boot was, and so all of it at once; a clock that says it was before what is kept of
    /// earlier boots is not believed.
    fn date(&mut self, sample: &Sample) {
        let since_boot_ms = sample.monotonic_ms.cast_signed();
        let boot_ms = sample.at_ms.saturating_sub(since_boot_ms).max(self.floor_ms);
        if (boot_ms - self.boot_ms).abs() > CLOCK_STEP_MS {
            self.boot_ms = boot_ms;
        }
        self.at_ms = self.boot_ms.saturating_add(since_boot_ms);
    }

    /// Both lists are ascending by pid: they are gone through side by side.
    fn merge(&mut self, sample: &Sample, elapsed_ms: Option<u64>, tick: &mut Tick) {
        self.details.extend(sample.learnt.iter().map(|(key, details)| (*key, Arc::clone(details))));
        self.undecided.clear();
        let mut next = std::mem::take(&mut self.spare);
        next.reserve(sample.processes.len());
        let mut old = std::mem::take(&mut self.processes);
        {
            let mut before = old.drain(..).peekable();
            for now in &sample.processes {
                while let Some(ended) = before.next_if(|old| old.sample.key < now.key) {
                    self.end(ended.sample.key, tick);
                }
                let learnt = self.details.remove(&now.key);
                match before.next_if(|old| old.sample.key == now.key) {
                    Some(old) => {
                        let changed = self.again(old, now, learnt, elapsed_ms, &mut next);
                        if changed {
                            tick.changed.push(*now);
                        }
                    }
                    None => self.first(now, learnt, elapsed_ms, &mut next),
                }
            }
            for ended in before {
                self.end(ended.sample.key, tick);
            }
        }
        // Details of processes that ended before they were listed.
        self.details.clear();
        self.spare = old;
        self.processes = next;
    }

    /// A process that was there before; says whether its counters changed and nothing else did.
    fn again(
        &mut self,
        mut old: LiveProcess,
        now: &ProcessSample,
        learnt: Option<Arc<ProcessDetails>>,
        elapsed_ms: Option<u64>,
        next: &mut Vec<LiveProcess>,
    ) -> bool {
        let counted = differs(&old.sample, now);
        let rates = match elapsed_ms {
            Some(elapsed_ms) => ProcessRates::between(&old.sample, now, elapsed_ms),
            None => ProcessRates::default(),
        };
        let news = learnt.is_some() || old.sample.parent_pid != now.parent_pid;
        let due = old.again_at_ms.is_some_and(|at| at <= self.host.uptime_ms);
        if counted || news || rates != old.rates {
            old.changed_tick = self.tick;
        }
        old.sample = *now;
        old.rates = rates;
        if let Some(details) = learnt {
            old.details = details;
        }
        if news || due {
            self.undecided.push(next.len());
        }
        next.push(old);
        counted && !news && !due
    }

    fn first(
        &mut self,
        now: &ProcessSample,
        learnt: Option<Arc<ProcessDetails>>,
        elapsed_ms: Option<u64>,
        next: &mut Vec<LiveProcess>,
    ) {
        let rates = match elapsed_ms {
            // Only one that started within the tick used all of its time in it.
            Some(elapsed_ms)
                if now.key.start_ms.saturating_add(elapsed_ms + 1000) >= self.host.uptime_ms =>
            {
                ProcessRates::since_start(now, elapsed_ms)
            }
            _ => ProcessRates::default(),
        };
        self.undecided.push(next.len());
        next.push(LiveProcess {
            sample: *now,
            rates,
            details: learnt.unwrap_or_default(),
            attribution: unknown(),
            found: unknown(),
            changed_tick: self.tick,
            again_at_ms: None,
        });
    }

    fn end(&mut self, key: ProcessKey, tick: &mut Tick) {
        self.discovery.forget(key);
        tick.exited.push(key);
        if self.gone.len() >= GONE {
            self.gone.pop_front();
        }
        self.gone.push_back((self.tick, key));
    }

    /// Whether something that only files tell is still being found out.
    #[must_use]
    pub fn is_finding_out(&self) -> bool {
        self.discovery.is_finding_out()
    }

    /// Remembers applications of earlier runs by their identifiers.
    pub fn remember<'a>(&mut self, ids: impl IntoIterator<Item = &'a str>) {
        self.discovery.remember(ids);
    }

    /// Takes what an engine calls its containers, by their identifiers.
    pub fn containers_are_called<'a>(&mut self, all: impl IntoIterator<Item = (&'a str, &'a str)>) {
        self.discovery.containers_are_called(all);
    }

    /// Corrections that hold from the next tick on.
    pub fn correct_by(&mut self, corrections: Arc<Corrections>) {
        self.corrections = corrections;
        self.corrected_anew = true;
    }

    /// The corrections in force.
    #[must_use]
    pub fn corrections(&self) -> &Arc<Corrections> {
        &self.corrections
    }

    /// A copy of the present that can be looked at in peace.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            tick: self.tick,
            at_ms: self.at_ms,
            boot_ms: self.boot_ms,
            host: self.host.clone(),
            rates: self.rates.clone(),
            processes: self.processes.clone(),
            listeners: self.listeners.clone(),
            ended: self.ended.clone(),
            elapsed_ms: self.elapsed_ms,
        }
    }

    /// The process of a pid.
    #[must_use]
    pub fn process(&self, pid: u32) -> Option<&LiveProcess> {
        find(&self.processes, pid)
    }

    /// The supervisor that runs an application, while it is there.
    #[must_use]
    pub fn supervisor(&self, application: &str) -> Option<ProcessKey> {
        let runs = |one: &&LiveProcess| {
            supervised(&one.details).is_some_and(|runs| runs.id == application)
        };
        self.processes.iter().find(runs).map(|one| one.sample.key)
    }

    /// Processes that ended after a tick; `None` when that is too long ago to say.
    #[must_use]
    pub fn gone_since(&self, tick: u64) -> Option<impl Iterator<Item = ProcessKey> + '_> {
        let full = self.gone.len() >= GONE;
        let forgotten = full && self.gone.front().is_some_and(|(oldest, _)| *oldest > tick);
        (!forgotten)
            .then(|| self.gone.iter().rev().take_while(move |(at, _)| *at > tick).map(|(_, k)| *k))
    }
}

fn find(processes: &[LiveProcess], pid: u32) -> Option<&LiveProcess> {
    processes.get(place(processes, pid)?)
}

fn place(processes: &[LiveProcess], pid: u32) -> Option<usize> {
    processes.binary_search_by_key(&pid, |process| process.sample.key.pid).ok()
}

fn subject_of(process: &LiveProcess) -> Subject {
    Subject {
        key: process.sample.key,
        parent_pid: process.sample.parent_pid,
        details: Arc::clone(&process.details),
    }
}

/// Whether a column that is kept differs.
fn differs(a: &ProcessSample, b: &ProcessSample) -> bool {
    let stored = |s: &ProcessSample| {
        (
            (s.user_ms, s.system_ms, s.memory_bytes, s.state, s.threads, s.read_bytes),
            (s.write_bytes, s.pss_bytes, s.received_bytes, s.sent_bytes),
        )
    };
    stored(a) != stored(b)
}

/// Of a process whose details were not read yet: no application. Its use is not lost, it is in what
/// no application accounts for.
fn unknown() -> Arc<Attribution> {
    use ira_model::Application;
    use std::sync::LazyLock;
    static UNKNOWN: LazyLock<Arc<Attribution>> = LazyLock::new(|| {
        Arc::new(Attribution {
            application: Arc::new(Application::default()),
            evidence: Arc::from([]),
        })
    });
    Arc::clone(&UNKNOWN)
}
