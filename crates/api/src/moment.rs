//! The machine at a moment, present or past, seen in one way: what a command says of now it says
//! of an hour ago by the same code.

use crate::{
    Ira,
    wire::{ApiError, ErrorCode},
};
use ira_engine::Snapshot;
use ira_model::{
    Attribution, HostRates, HostSample, Listener, ProcessDetails, ProcessKey, ProcessRates,
    ProcessSample,
};
use ira_store::{Ended, Frame};
use std::collections::HashMap;

/// One process, borrowed from the present or the past.
#[derive(Clone, Copy)]
pub(crate) struct ProcessView<'a> {
    pub(crate) sample: &'a ProcessSample,
    pub(crate) rates: &'a ProcessRates,
    pub(crate) details: &'a ProcessDetails,
    pub(crate) attribution: &'a Attribution,
}

/// See the module.
pub(crate) struct Moment<'a> {
    pub(crate) at_ms: i64,
    pub(crate) boot_ms: i64,
    pub(crate) host: &'a HostSample,
    pub(crate) rates: Option<&'a HostRates>,
    /// Ascending by pid.
    pub(crate) processes: Vec<ProcessView<'a>>,
    pub(crate) listeners: &'a [Listener],
    /// Processes that ended within that second.
    pub(crate) ended: &'a [Ended],
    pub(crate) elapsed_ms: u64,
}

impl Moment<'_> {
    /// The process of a pid that started then. A start may differ by a little: it is told by the
    /// wall clock, which can be set.
    pub(crate) fn process(&self, pid: u32, start_time_ms: i64) -> Option<&ProcessView<'_>> {
        self.processes.iter().find(|process| {
            process.sample.key.pid == pid
                && self.start_time_ms(process.sample.key).abs_diff(start_time_ms) <= 2000
        })
    }

    pub(crate) fn start_time_ms(&self, key: ProcessKey) -> i64 {
        self.boot_ms.saturating_add(key.start_ms.cast_signed())
    }

    /// Listening ports by pid.
    pub(crate) fn ports(&self) -> HashMap<u32, Vec<&Listener>> {
        let mut ports: HashMap<u32, Vec<&Listener>> = HashMap::new();
        for listener in self.listeners {
            if let Some(pid) = listener.pid {
                ports.entry(pid).or_default().push(listener);
            }
        }
        ports
    }
}

impl<'a> From<&'a Snapshot> for Moment<'a> {
    fn from(snapshot: &'a Snapshot) -> Self {
        Self {
            at_ms: snapshot.at_ms,
            boot_ms: snapshot.boot_ms,
            host: &snapshot.host,
            rates: snapshot.rates.as_ref(),
            processes: snapshot
                .processes
                .iter()
                .map(|process| ProcessView {
                    sample: &process.sample,
                    rates: &process.rates,
                    details: &process.details,
                    attribution: &process.attribution,
                })
                .collect(),
            listeners: &snapshot.listeners,
            ended: &snapshot.ended,
            elapsed_ms: snapshot.elapsed_ms,
        }
    }
}

impl<'a> From<&'a Frame> for Moment<'a> {
    fn from(frame: &'a Frame) -> Self {
        Self {
            at_ms: frame.at_ms,
            boot_ms: frame.boot_ms,
            host: &frame.host,
            rates: Some(&frame.rates),
            processes: frame
                .processes
                .iter()
                .map(|process| ProcessView {
                    sample: &process.sample,
                    rates: &process.rates,
                    details: &process.details,
                    attribution: &process.attribution,
                })
                .collect(),
            listeners: &frame.listeners,
            ended: &frame.ended,
            elapsed_ms: frame.elapsed_ms,
        }
    }
}

impl Ira {
    /// Looks at a moment; `None` is now.
    pub(crate) fn at<T>(
        &self,
        at_ms: Option<i64>,
        look: impl FnOnce(&Moment<'_>) -> T,
    ) -> Result<T, ApiError> {
        let Some(at_ms) = at_ms else {
            let snapshot = self.engine.snapshot();
            if snapshot.tick == 0 {
                return Err(ApiError::of(
                    Some(ErrorCode::NotRecorded),
                    "the first sample is being taken; ask again in a second",
                ));
            }
            return Ok(look(&Moment::from(&snapshot)));
        };
        let frame = self.past(|reader| reader.frame_at(at_ms))?.ok_or_else(|| {
            ApiError::of(
                Some(ErrorCode::NotRecorded),
                "nothing is recorded at or before that moment",
            )
        })?;
        Ok(look(&Moment::from(&frame)))
    }
}
