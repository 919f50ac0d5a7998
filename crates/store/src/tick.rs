//! What the sampler hands over each second.

use ira_model::{
    Application, Attribution, EndedProcess, HostSample, Listener, ProcessDetails, ProcessKey,
    ProcessRates, ProcessSample, per_second,
};
use std::sync::Arc;

/// One start of the machine. Everything that is kept is dated by the time since one of these, which
/// never jumps; when the clock is set, only the date of the start is corrected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Boot {
    /// The kernel's identifier of it.
    pub boot_id: String,
    /// When it was, milliseconds since 1970.
    pub boot_ms: i64,
}

/// What lies between a tick and the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Before {
    /// One period, as it should be.
    Tick = 0,
    /// Nothing is known of the time before: Ira did not run, or the machine was off.
    NotRunning = 1,
    /// The machine was suspended.
    Asleep = 2,
}

impl Before {
    pub(crate) fn from_number(number: i64) -> Self {
        match number {
            0 => Self::Tick,
            2 => Self::Asleep,
            _ => Self::NotRunning,
        }
    }
}

/// A process that is new, or of which something else than counters changed: its parent, what it
/// executes, the application it counts under.
#[derive(Debug, Clone)]
pub struct Introduction {
    /// Its counters now.
    pub sample: ProcessSample,
    /// What is known of it.
    pub details: Arc<ProcessDetails>,
    /// Whom it counts under.
    pub attribution: Arc<Attribution>,
}

/// A process that ended within a tick.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// As the kernel told; its CPU time is what it used within the tick.
    pub process: EndedProcess,
    /// Whom that counts under; empty for none.
    pub application: Arc<Application>,
    /// It is told for this alone: what ran the application starts it no more, as it ended too soon too
    /// often; of the process only how the last one ended is there.
    pub given_up: bool,
}

impl Ended {
    /// What it did in a tick of that length.
    #[must_use]
    pub fn rates(&self, elapsed_ms: u64) -> ProcessRates {
        let used_ms = self.process.user_ms.saturating_add(self.process.system_ms);
        ProcessRates {
            cpu_ratio: per_second(0, used_ms, elapsed_ms).map(|ms| ms / 1000.0),
            ..ProcessRates::default()
        }
    }
}

/// One second, as what differs from the one before. Its buffers are used again.
#[derive(Debug, Clone)]
pub struct Tick {
    /// When the machine was started, milliseconds since 1970, as known now.
    pub boot_ms: i64,
    /// Time since then, milliseconds; grows from tick to tick.
    pub since_boot_ms: i64,
    /// Time since the previous tick, milliseconds.
    pub elapsed_ms: u64,
    /// What lies before it. Rates exist only where that is [`Before::Tick`].
    pub before: Before,
    /// The machine as a whole.
    pub host: HostSample,
    /// Ascending by pid.
    pub introduced: Vec<Introduction>,
    /// Counters that changed, of processes that are not introduced in this tick.
    pub changed: Vec<ProcessSample>,
    /// Processes that were in the table and are not any more.
    pub exited: Vec<ProcessKey>,
    /// What the kernel told of those that ended, and of those no tick ever saw.
    pub ended: Vec<Ended>,
    /// All listening ports, when they differ from before.
    pub listeners: Option<Vec<Listener>>,
}

impl Default for Tick {
    fn default() -> Self {
        Self {
            boot_ms: 0,
            since_boot_ms: 0,
            elapsed_ms: 0,
            before: Before::NotRunning,
            host: HostSample::default(),
            introduced: Vec::new(),
            changed: Vec::new(),
            exited: Vec::new(),
            ended: Vec::new(),
            listeners: None,
        }
    }
}

impl Tick {
    /// Forgets the content and keeps the memory.
    pub fn clear(&mut self) {
        self.introduced.clear();
        self.changed.clear();
        self.exited.clear();
        self.ended.clear();
        self.listeners = None;
    }
}
