//! What follows from a block of frames: series of the machine and of each application, and the
//! starts and ends of applications. Made from the block alone, so that a minute that was rescued
//! after a crash gives the same as one that ended well.

use crate::{
    StoreError,
    block::Replay,
    chunk::{Chunk, Column, Subject},
    names::{Names, NamesCursor},
    streams::Streams,
    tables::{
        events::{StoredEvent, StoredEventKind},
        series::{APPLICATION_METRICS, HOST_METRICS, Metric},
    },
};
use ira_model::{HostRates, HostSample, Usage};
use std::collections::HashMap;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Digest {
    pub(crate) host: Chunk,
    pub(crate) applications: Chunk,
    pub(crate) events: Vec<StoredEvent>,
}

struct Running {
    name: String,
    columns: Vec<Column>,
    processes: u32,
    was: u32,
    /// Start of the process that came last, milliseconds since boot.
    newest_ms: u64,
    usage: Usage,
}

/// Goes through a block once. `names` are those of the earlier blocks of its epoch.
pub(crate) fn digest(
    mut names: Names,
    names_stream: &[u8],
    counters: &Streams,
    epoch: Option<&Streams>,
) -> Result<Digest, StoreError> {
    let mut cursor = NamesCursor::new(names_stream);
    let mut replay = Replay::new(counters, epoch)?;
    let mut host_columns = vec![Column::new(); HOST_METRICS.len()];
    let (mut times, mut lengths) = (Vec::new(), Vec::new());
    let mut events = Vec::new();
    let mut running: HashMap<String, Running> = HashMap::new();
    loop {
        cursor.advance(&mut names, replay.tick)?;
        sum_up(&replay, &names, &mut running);
        if replay.tick > 0 {
            let length_ms = replay.elapsed_ms.cast_signed();
            times.push(replay.since_boot_ms);
            lengths.push(length_ms);
            let (sample, rates) = (replay.host(), replay.host_rates());
            for (column, metric) in host_columns.iter_mut().zip(HOST_METRICS) {
                let value = host_value(metric, &sample, &rates);
                column.push(value.map(|value| stored(metric, value, length_ms)));
            }
            for (id, application) in &mut running {
                application.push(times.len(), length_ms);
                let event = match (application.was, application.processes) {
                    (0, 1..) => Some(StoredEventKind::Started),
                    (1.., 0) => Some(StoredEventKind::Stopped),
                    _ => None,
                };
                if let Some(kind) = event {
                    events.push(StoredEvent {
                        at_ms: application.moment(kind, &replay),
                        kind,
                        application: Some(id.clone()),
                        name: Some(application.name.clone()),
                    });
                }
            }
        }
        if !replay.advance()? {
            break;
        }
    }
    events.sort_by_key(|event| event.at_ms);
    let mut subjects: Vec<Subject> = running
        .into_iter()
        .map(|(id, application)| Subject { id, columns: application.columns })
        .collect();
    subjects.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    Ok(Digest {
        host: Chunk {
            times: times.clone(),
            lengths: lengths.clone(),
            subjects: vec![Subject { id: String::new(), columns: host_columns }],
        },
        applications: Chunk { times, lengths, subjects },
        events,
    })
}

fn sum_up(replay: &Replay<'_>, names: &Names, running: &mut HashMap<String, Running>) {
    for application in running.values_mut() {
        application.was = application.processes;
        application.processes = 0;
        application.usage = Usage::default();
    }
    for row in &replay.rows {
        let Some(name) = names.get(row.ordinal) else {
            continue;
        };
        let id = names.text(name.application.id);
        if id.is_empty() {
            continue;
        }
        let application = match running.get_mut(id) {
            Some(application) => application,
            None => running
                .entry(id.to_owned())
                .or_insert_with(|| Running::new(names.application(&name.application).name)),
        };
        application.processes += 1;
        application.newest_ms = application.newest_ms.max(name.key.start_ms);
        application.usage.add(&replay.rates(row), &row.sample);
    }
    for one in names.ended(replay.tick).iter().filter(|one| !one.application.is_none()) {
        running
            .entry(one.application.id.clone())
            .or_insert_with(|| Running::new(one.application.name.clone()))
            .usage
            .add_rates(&one.rates(replay.elapsed_ms));
    }
}

impl Running {
    fn new(name: String) -> Self {
        Self {
            name,
            columns: vec![Column::new(); APPLICATION_METRICS.len()],
            processes: 0,
            was: 0,
            newest_ms: 0,
            usage: Usage::default(),
        }
    }

    /// The values of one tick; ticks before the application came are missing.
    fn push(&mut self, ticks: usize, length_ms: i64) {
        for (column, metric) in self.columns.iter_mut().zip(APPLICATION_METRICS) {
            column.resize(ticks - 1, None);
            let value = usage_value(metric, &self.usage);
            column.push(value.map(|value| stored(metric, value, length_ms)));
        }
    }

    /// A start is told for when the process began, which discovery may name a little later.
    fn moment(&self, kind: StoredEventKind, replay: &Replay<'_>) -> i64 {
        let (now, began) = (replay.since_boot_ms, self.newest_ms.cast_signed());
        if kind == StoredEventKind::Started && (0..60_000).contains(&(now - began)) {
            began
        } else {
            now
        }
    }
}

/// Seconds keep what accumulated, and gauges as they are.
fn stored(metric: Metric, value: f64, length_ms: i64) -> i64 {
    if metric.accumulates() {
        metric.to_accumulated(value, length_ms)
    } else {
        metric.to_stored(value)
    }
}

fn host_value(metric: Metric, sample: &HostSample, rates: &HostRates) -> Option<f64> {
    match metric {
        Metric::LoadRatio => rates.load_ratio(),
        Metric::CpuRatio => rates.cpu.map(|cpu| cpu.busy_ratio() * sample.cpus.len() as f64),
        Metric::MemoryBytes => Some(sample.memory.used_bytes() as f64),
        Metric::SwapBytes => Some(sample.memory.swap_used_bytes() as f64),
        Metric::ReadBytesPerSec => rates.disk_read_bytes_per_sec,
        Metric::WriteBytesPerSec => rates.disk_write_bytes_per_sec,
        Metric::DiskBusyRatio => rates.disk_busy_ratio,
        Metric::ReceivedBytesPerSec => rates.received_bytes_per_sec,
        Metric::SentBytesPerSec => rates.sent_bytes_per_sec,
        Metric::MemoryPressureRatio => rates.memory_pressure_ratio,
        Metric::PssBytes => None,
    }
}

fn usage_value(metric: Metric, usage: &Usage) -> Option<f64> {
    match metric {
        Metric::CpuRatio => usage.cpu_ratio,
        Metric::MemoryBytes => usage.memory_bytes.map(|bytes| bytes as f64),
        Metric::ReadBytesPerSec => usage.read_bytes_per_sec,
        Metric::WriteBytesPerSec => usage.write_bytes_per_sec,
        Metric::ReceivedBytesPerSec => usage.received_bytes_per_sec,
        Metric::SentBytesPerSec => usage.sent_bytes_per_sec,
        Metric::PssBytes => usage.pss_bytes.map(|bytes| bytes as f64),
        _ => None,
    }
}
