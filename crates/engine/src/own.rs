//! What Ira itself costs, from its own table.

use crate::live::Live;
use std::{collections::VecDeque, time::Duration};

/// The mean is taken over so many ticks.
const TICKS: usize = 60;

/// CPU and memory Ira allows itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Budget {
    /// Share of one core.
    pub cpu_ratio: f64,
    /// Resident bytes of all its processes.
    pub memory_bytes: u64,
}

impl Budget {
    /// Of the recorder alone.
    pub const RECORDER: Self = Self { cpu_ratio: 0.02, memory_bytes: 40 << 20 };
    /// Of the window with its web processes.
    pub const WINDOW: Self = Self { cpu_ratio: 0.07, memory_bytes: 450 << 20 };
}

/// What Ira used.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct OwnCost {
    /// Mean CPU of the last minute, share of one core.
    pub cpu_ratio: Option<f64>,
    /// Resident memory, all processes.
    pub memory_bytes: Option<u64>,
    /// Mean bytes a second to storage in the last minute.
    pub write_bytes_per_sec: Option<f64>,
    /// Memory of this process with shared pages in shares; measured once a minute.
    pub pss_bytes: Option<u64>,
    /// Time the last tick took.
    pub tick: Duration,
    /// Of it: reading the machine.
    pub read: Duration,
    /// Of it: rates, discovery, what changed.
    pub derive: Duration,
    /// Time the recorder took for its last tick, on its own thread.
    pub record: Duration,
    /// Ticks that took longer than their period, since the start.
    pub overruns: u32,
}

/// PSS is slow to read: once in so many ticks.
const PSS_TICKS: u64 = 60;

/// How long the stages of a tick took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stages {
    pub(crate) read: Duration,
    pub(crate) derive: Duration,
    pub(crate) record: Duration,
}

/// Keeps the last minute.
#[derive(Debug, Default)]
pub(crate) struct OwnMeter {
    cpu: VecDeque<f64>,
    written: VecDeque<f64>,
    pub(crate) cost: OwnCost,
}

impl OwnMeter {
    /// Adds a tick.
    pub(crate) fn add(&mut self, live: &Live, stages: Stages, period: Duration) {
        self.cost.read = stages.read;
        self.cost.derive = stages.derive;
        self.cost.record = stages.record;
        self.cost.tick = stages.read + stages.derive;
        if live.tick % PSS_TICKS == 1 {
            self.cost.pss_bytes = ira_probe::own_memory_pss(std::process::id());
        }
        if self.cost.tick > period {
            self.cost.overruns = self.cost.overruns.saturating_add(1);
        }
        let own = std::process::id();
        let (mut cpu, mut written, mut memory) = (None, None, None);
        for process in &live.processes {
            // Web processes are children of the window, as deep as two levels.
            let is_own = process.sample.key.pid == own
                || process.sample.parent_pid == own
                || live
                    .process(process.sample.parent_pid)
                    .is_some_and(|p| p.sample.parent_pid == own);
            if is_own {
                let add = |sum: &mut Option<f64>, part: Option<f64>| {
                    if let Some(part) = part {
                        *sum = Some(sum.unwrap_or_default() + part);
                    }
                };
                add(&mut cpu, process.rates.cpu_ratio);
                add(&mut written, process.rates.write_bytes_per_sec);
                if let Some(bytes) = process.sample.memory_bytes {
                    memory = Some(memory.unwrap_or(0_u64).saturating_add(bytes));
                }
            }
        }
        self.cost.cpu_ratio = mean(&mut self.cpu, cpu);
        self.cost.write_bytes_per_sec = mean(&mut self.written, written);
        self.cost.memory_bytes = memory;
    }
}

fn mean(last: &mut VecDeque<f64>, value: Option<f64>) -> Option<f64> {
    if let Some(value) = value {
        if last.len() >= TICKS {
            last.pop_front();
        }
        last.push_back(value);
    }
    (!last.is_empty()).then(|| last.iter().sum::<f64>() / last.len() as f64)
}
