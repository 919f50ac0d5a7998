//! The sampler: one thread that samples once a period and never touches the disk.

use crate::{
    discovery::{FactSource, NoFacts},
    engine::{Shared, lock},
    own::Stages,
    recorder::Recorder,
};
use ira_model::Sample;
use ira_probe::Probe;
use std::{
    sync::{Arc, PoisonError},
    time::{Duration, Instant},
};

/// Makes the ticks of an engine.
pub struct Sampler {
    shared: Arc<Shared>,
    probe: Box<dyn Probe>,
    sample: Sample,
    /// `sample` was read and not taken yet.
    primed: bool,
    awake_since: Instant,
    asleep_ms: Option<u64>,
}

impl std::fmt::Debug for Sampler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sampler").finish_non_exhaustive()
    }
}

/// Who finds out what only files tell of the processes that a probe reads.
pub(crate) fn facts_of(probe: &dyn Probe) -> Box<dyn FactSource> {
    match probe.processes_root() {
        #[cfg(target_os = "linux")]
        Some(root) => Box::new(crate::discovery::FactService::new(root.to_owned())),
        _ => Box::new(NoFacts::default()),
    }
}

impl Sampler {
    /// One that has read `sample` already.
    pub(crate) fn new(shared: Arc<Shared>, probe: Box<dyn Probe>, sample: Sample) -> Self {
        Self { shared, probe, sample, primed: true, awake_since: Instant::now(), asleep_ms: None }
    }

    /// Waits until what only files tell is found out, so long at most: for those who look once and
    /// cannot come back.
    pub fn wait_for_facts(&self, at_most: Duration) {
        let until = Instant::now() + at_most;
        while lock(&self.shared.live).is_finding_out() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Samples once.
    ///
    /// # Errors
    /// When the machine cannot be read.
    pub fn tick(&mut self) -> anyhow::Result<()> {
        let began = Instant::now();
        if !std::mem::take(&mut self.primed) {
            self.probe.sample(&mut self.sample)?;
        }
        let read = began.elapsed();
        let slept_ms = self.slept();
        let record = {
            let recorder = lock(&self.shared.recorder);
            let mut tick = recorder.as_ref().map(Recorder::empty_tick).unwrap_or_default();
            let full = recorder.as_ref().is_some_and(Recorder::wants_full);
            {
                let mut live = lock(&self.shared.live);
                if let Some(corrections) = recorder.as_ref().map(Recorder::corrections)
                    && !Arc::ptr_eq(&corrections, live.corrections())
                {
                    live.correct_by(corrections);
                }
                live.take(&self.sample, slept_ms, full, &mut tick);
            }
            if let Some(recorder) = recorder.as_ref() {
                recorder.hand_over(tick);
            }
            recorder.as_ref().map(Recorder::last_record).unwrap_or_default()
        };
        let stages = Stages { read, derive: began.elapsed() - read, record };
        let number = {
            let live = lock(&self.shared.live);
            lock(&self.shared.own).add(&live, stages, self.shared.options.period);
            if live.tick % 60 == 1 {
                *lock(&self.shared.limits) = self.probe.limits();
            }
            live.tick
        };
        self.shared.ticks.send_replace(number);
        Ok(())
    }

    /// How long the machine was suspended since the last call: the sampled clock runs on meanwhile,
    /// [`Instant`] does not.
    fn slept(&mut self) -> u64 {
        let awake_ms = self.awake_since.elapsed().as_millis() as u64;
        let asleep_ms = self.sample.monotonic_ms.saturating_sub(awake_ms);
        let before = self.asleep_ms.replace(asleep_ms);
        before.map_or(0, |before| asleep_ms.saturating_sub(before))
    }

    /// Ticks until the engine stops.
    pub(crate) fn run(mut self) {
        let period = self.shared.options.period;
        // The second sample comes early, so that rates are there at once.
        let mut due = Instant::now() + period / 4;
        loop {
            if let Err(error) = self.tick() {
                tracing::error!("no sample: {error:#}");
            }
            let now = Instant::now();
            while due <= now {
                due += period;
            }
            let stopping = lock(&self.shared.stopping);
            let wait = |stop: &mut bool| !*stop;
            let (stopping, _) = self
                .shared
                .wake
                .wait_timeout_while(stopping, due - now, wait)
                .unwrap_or_else(PoisonError::into_inner);
            if *stopping {
                return;
            }
            due += period;
        }
    }
}
