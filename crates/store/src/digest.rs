//! What follows from a block of frames: series of the machine and of each application, and what
//! happened to applications. Made from the block alone, so that a minute that was rescued
//! after a crash gives the same as one that ended well.

use crate::{
    StoreError,
    block::Replay,
    chunk::{Chunk, Column, Subject},
    correcting::Correcting,
    life::{
        Fact, What, parts,
        watch::{Around, Life, ports},
    },
    names::{Names, NamesCursor},
    streams::Streams,
    tables::{
        applications::Seen,
        series::{APPLICATION_METRICS, HOST_METRICS, Metric},
    },
};
use ira_model::{Application, Corrections, HostRates, HostSample, Usage};
use std::collections::HashMap;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Digest {
    pub(crate) host: Chunk,
    pub(crate) applications: Chunk,
    /// Ascending by time.
    pub(crate) facts: Vec<Fact>,
    /// When the table before its first tick was, milliseconds since boot.
    pub(crate) since_ms: i64,
    pub(crate) seen: Vec<Seen>,
}

struct Running {
    application: Application,
    /// First and last tick with a process, milliseconds since boot.
    span: Option<(i64, i64)>,
    starts: u32,
    /// Start of its oldest process when the block began, milliseconds since boot.
    oldest_before_ms: Option<u64>,
    columns: Vec<Column>,
    processes: u32,
    was: u32,
    life: Life,
    usage: Usage,
}

/// Goes through a block once. `names` are those of the earlier blocks of its epoch; what was found is
/// corrected as the user wants it.
pub(crate) fn digest(
    mut names: Names,
    names_stream: &[u8],
    counters: &Streams,
    epoch: Option<&Streams>,
    corrections: &Corrections,
) -> Result<Digest, StoreError> {
    let mut cursor = NamesCursor::new(names_stream);
    let mut replay = Replay::new(counters, epoch)?;
    let since_ms = replay.since_boot_ms;
    let mut host_columns = columns(&HOST_METRICS);
    let (mut times, mut lengths) = (Vec::new(), Vec::new());
    let mut facts: Vec<Fact> = Vec::new();
    let mut listeners = names.listeners().to_vec();
    let mut running: HashMap<String, Running> = HashMap::new();
    let mut correcting = Correcting::new(corrections);
    let mut parts = parts::Parts::default();
    loop {
        cursor.advance(&mut names, replay.tick)?;
        sum_up(&replay, &names, &mut correcting, &mut running);
        for application in running.values_mut().filter(|one| one.processes > 0) {
            let now_ms = replay.since_boot_ms;
            application.span = Some((application.span.map_or(now_ms, |span| span.0), now_ms));
        }
        if replay.tick > 0 {
            let length_ms = replay.elapsed_ms.cast_signed();
            times.push(replay.since_boot_ms);
            lengths.push(length_ms);
            let (sample, rates) = (replay.host(), replay.host_rates());
            for (column, metric) in host_columns.iter_mut().zip(HOST_METRICS) {
                let value = host_value(metric, &sample, &rates);
                column.push(value.map(|value| stored(metric, value, length_ms)));
            }
            running.values_mut().for_each(|one| one.push(times.len(), length_ms));
        }
        live(&replay, &names, since_ms, &mut running, &mut facts);
        let around = parts::Around { replay: &replay, names: &names, listeners: &listeners };
        let now = |id: &str| {
            let one = running.get(id)?;
            Some((one.application.name.as_str(), one.application.kind, one.processes > 0))
        };
        parts.step(&around, &mut correcting, now, &mut facts);
        if names.listeners_changed(replay.tick) {
            let runs = |id: &str| {
                let one = running.get(id).filter(|one| one.processes > 0);
                one.map(|one| (one.application.name.as_str(), one.life.since_ms()))
            };
            let change = (listeners.as_slice(), names.listeners());
            let pids = change.0.iter().chain(change.1).filter_map(|one| one.pid);
            let whose: HashMap<u32, (String, u64)> =
                pids.filter_map(|pid| Some((pid, correcting.of_pid(&names, pid)?))).collect();
            facts.extend(ports(change, replay.since_boot_ms, &whose, runs));
        }
        if replay.tick == 0 || names.listeners_changed(replay.tick) {
            names.listeners().clone_into(&mut listeners);
        }
        if !replay.advance()? {
            break;
        }
    }
    // Those of one application keep their order.
    facts.sort_by(|a, b| (a.at_ms, &a.application).cmp(&(b.at_ms, &b.application)));
    let mut seen: Vec<Seen> =
        running.iter().filter_map(|(id, application)| application.seen(id)).collect();
    seen.sort_unstable_by(|a, b| a.id.cmp(&b.id));
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
        facts,
        since_ms,
        seen,
    })
}

/// A column for each metric that is no total; those come last.
fn columns(metrics: &[Metric]) -> Vec<Column> {
    metrics.iter().filter(|metric| !metric.is_total()).map(|_| Column::new()).collect()
}

/// What a tick tells of the lives of applications.
fn live(
    replay: &Replay<'_>,
    names: &Names,
    since_ms: i64,
    running: &mut HashMap<String, Running>,
    facts: &mut Vec<Fact>,
) {
    for (id, one) in running {
        let around = Around { replay, names, was: one.was, processes: one.processes };
        for (at_ms, what) in one.life.step(&around) {
            match what {
                // It was there before, and is named only now.
                What::Began(start_ms) if start_ms < since_ms => {
                    one.oldest_before_ms.get_or_insert(start_ms.cast_unsigned());
                }
                What::Began(_) => one.starts += 1,
                _ => {}
            }
            if matches!(what, What::Ended(_)) {
                // What crashed before it is how it ended, and told once.
                facts.retain(|fact| {
                    !(matches!(fact.what, What::Part(_))
                        && fact.application == *id
                        && Life::follows(fact.at_ms, at_ms))
                });
            }
            let name = one.application.name.clone();
            facts.push(Fact { at_ms, application: id.clone(), name, what });
        }
    }
}

fn sum_up(
    replay: &Replay<'_>,
    names: &Names,
    correcting: &mut Correcting<'_>,
    running: &mut HashMap<String, Running>,
) {
    for application in running.values_mut() {
        application.was = application.processes;
        application.processes = 0;
        application.life.begin();
        application.usage = Usage::default();
    }
    for row in &replay.rows {
        let Some(name) = names.get(row.ordinal) else {
            continue;
        };
        let corrected = correcting.application(names, row.ordinal, name);
        let id = match &corrected {
            Some(application) => application.id.as_str(),
            None => names.text(name.application.id),
        };
        if id.is_empty() {
            continue;
        }
        let application = match running.get_mut(id) {
            Some(application) => application,
            None => running.entry(id.to_owned()).or_insert_with(|| {
                Running::new(match &corrected {
                    Some(application) => (**application).clone(),
                    None => names.application(&name.application),
                })
            }),
        };
        application.processes += 1;
        if replay.tick == 0 {
            let oldest = application.oldest_before_ms.get_or_insert(name.key.start_ms);
            *oldest = name.key.start_ms.min(*oldest);
        }
        application.life.see(row, name);
        application.usage.add(&replay.rates(row), &row.sample);
    }
    for one in names.ended(replay.tick) {
        let application = correcting.ended(names, one);
        if application.is_none() {
            continue;
        }
        let application = running
            .entry(application.id.clone())
            .or_insert_with(|| Running::new((*application).clone()));
        application.usage.add_rates(&one.rates(replay.elapsed_ms));
        application.life.ended(one);
    }
}

impl Running {
    fn new(application: Application) -> Self {
        Self {
            application,
            span: None,
            starts: 0,
            oldest_before_ms: None,
            columns: columns(&APPLICATION_METRICS),
            processes: 0,
            was: 0,
            life: Life::default(),
            usage: Usage::default(),
        }
    }

    /// What is kept of it for good; nothing of one that no tick saw.
    fn seen(&self, id: &str) -> Option<Seen> {
        Some(Seen {
            id: id.to_owned(),
            name: self.application.name.clone(),
            kind: self.application.kind,
            class: self.application.class,
            span: self.span?,
            starts: self.starts,
            oldest_before_ms: self.oldest_before_ms.map(u64::cast_signed),
        })
    }

    /// The values of one tick; ticks before the application came are missing.
    fn push(&mut self, ticks: usize, length_ms: i64) {
        for (column, metric) in self.columns.iter_mut().zip(APPLICATION_METRICS) {
            column.resize(ticks - 1, None);
            let value = usage_value(metric, &self.usage);
            column.push(value.map(|value| stored(metric, value, length_ms)));
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
        _ => None,
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
